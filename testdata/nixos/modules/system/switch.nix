# bin/switch-to-configuration: how a built system becomes the running one.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  inherit (config.luminous) root fault;

  check = name: text: ''
    ( ${text} ) || { echo "error: pre-switch check '${name}' failed" >&2; exit 1; }
  '';
in
{
  options.system.preSwitchChecks = mkOption {
    type = types.attrsOf types.lines;
    default = { };
    example = { diskSpace = "test -w /boot"; };
    description = "Commands for /bin/sh; when one of them fails, nothing is switched.";
  };

  config = {
    system.preSwitchChecks.luminousFault = lib.mkIf (fault == "check") "false";

    system.build.preSwitchChecks = pkgs.runCommand "pre-switch-checks"
      { text = "#!/bin/sh\n" + lib.concatStrings (lib.mapAttrsToList check config.system.preSwitchChecks); }
      ''printf %s "$text" >"$out"; chmod +x "$out"'';

    # Everything but the toplevel, which does not know its own path yet.
    system.build.switchHeader = lib.shellVariables {
      inherit root fault;
      inherit (config.luminous) layout;
      installBootLoader = config.system.build.installBootLoader;
      preSwitchChecks = config.system.build.preSwitchChecks;
    };
  };
}
