# The tree of /etc.
{ config, lib, pkgs, ... }:
let
  inherit (lib) escapeShellArg mkOption types;

  entry = { name, ... }: {
    options = {
      target = mkOption {
        type = types.str;
        default = name;
        defaultText = lib.literalExpression "name";
        description = "The path below /etc.";
      };
      text = mkOption {
        type = types.nullOr types.lines;
        default = null;
        description = "The content of the file.";
      };
      source = mkOption {
        type = types.nullOr types.path;
        default = null;
        description = "A file or directory that the path is a link to.";
      };
    };
  };

  # The whole tree is one derivation. A derivation for each file, as in a real
  # NixOS, would take longer to build than everything else together.
  install = e:
    let
      path = ''"$out"/etc/${escapeShellArg e.target}'';
    in
    lib.optionalString (dirOf e.target != ".") "mkdir -p \"$out\"/etc/${escapeShellArg (dirOf e.target)}\n"
    + (
      if e.text != null then "printf %s ${escapeShellArg e.text} >${path}\n"
      else if e.source != null then "ln -s ${e.source} ${path}\n"
      else throw "environment.etc.\"${e.target}\" has neither a text nor a source."
    );
in
{
  options.environment.etc = mkOption {
    type = types.attrsOf (types.submodule entry);
    default = { };
    example = lib.literalExpression "{ motd.text = \"Welcome!\\n\"; }";
    description = "Files to put into /etc.";
  };

  config.system.build.etc = pkgs.runCommand "etc" { }
    ("mkdir -p \"$out/etc\"\n" + lib.concatMapStrings install (lib.attrValues config.environment.etc));
}
