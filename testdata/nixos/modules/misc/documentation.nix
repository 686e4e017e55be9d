# options.json, where the manual and tools look options up. Built on demand only.
{ lib, options, pkgs, ... }:
let
  entry = option: lib.nameValuePair option.name (removeAttrs option [ "name" ]);
  # The declaring files without their place in the file system.
  modulesDirectory = toString ../. + "/";
  relative = file: lib.replaceStrings [ modulesDirectory ] [ "nixos/modules/" ] file;
  tidy = option: option // { declarations = map relative option.declarations; };
  document = lib.listToAttrs (map (option: entry (tidy option)) (lib.optionList options));
in
{
  system.build.manual.optionsJSON = pkgs.runCommand "options.json"
    { json = builtins.unsafeDiscardStringContext (builtins.toJSON document); }
    ''
      mkdir -p "$out/share/doc/nixos"
      printf %s "$json" >"$out/share/doc/nixos/options.json"
    '';
}
