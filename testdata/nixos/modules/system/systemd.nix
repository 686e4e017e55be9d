# Units for systemd.
{ config, lib, pkgs, ... }:
let
  inherit (lib) escapeShellArg mkOption types;

  service = {
    options = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = "Whether the unit is part of the system.";
      };
      description = mkOption {
        type = types.str;
        default = "";
        description = "What the unit is, in a few words.";
      };
      after = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "network.target" ];
        description = "Units that are started before this one.";
      };
      wantedBy = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "multi-user.target" ];
        description = "Units that start this one.";
      };
      environment = mkOption {
        type = types.attrsOf types.str;
        default = { };
        example = { LANG = "C"; };
        description = "Variables for the unit's processes.";
      };
      serviceConfig = mkOption {
        type = types.attrsOf (types.either types.str (types.either types.int types.bool));
        default = { };
        example = { Restart = "always"; };
        description = "Settings of the [Service] section.";
      };
    };
  };

  setting = name: value: "${name}=${if builtins.isBool value then lib.boolToString value else toString value}";

  unitText = s: lib.concatLines (
    [ "[Unit]" "Description=${s.description}" ]
    ++ map (unit: "After=${unit}") s.after
    ++ [ "" "[Service]" ]
    ++ lib.mapAttrsToList (name: value: ''Environment="${name}=${value}"'') s.environment
    ++ lib.mapAttrsToList setting s.serviceConfig
  );

  install = name: s:
    "printf %s ${escapeShellArg (unitText s)} >\"$out\"/${escapeShellArg "${name}.service"}\n"
    + lib.concatMapStrings
      (target: ''
        mkdir -p "$out/${target}.wants"
        ln -s ${escapeShellArg "../${name}.service"} "$out/${target}.wants/"
      '')
      s.wantedBy;

  enabled = lib.filterAttrs (_: s: s.enable) config.systemd.services;
in
{
  options.systemd.services = mkOption {
    type = types.attrsOf (types.submodule service);
    default = { };
    description = "Services that systemd looks after.";
  };

  config = {
    environment.etc."systemd/system".source = pkgs.runCommand "system-units" { }
      ("mkdir \"$out\"\n" + lib.concatStrings (lib.mapAttrsToList install enabled)
        # A real switch starts the new units by starting the targets that it finds here.
        + lib.optionalString (config.luminous.switchProgram != null)
          (''
            ln -s /lib/systemd/system/multi-user.target "$out/"
            printf '[Unit]\nDescription=What is started again before the other units\n' >"$out/sysinit-reactivation.target"
          ''));

    # A program that always fails: the unit that the fault `unit` is about.
    systemd.services.broken = lib.mkIf (config.luminous.fault == "unit") {
      description = "A service that does not start";
      serviceConfig.ExecStart = "/bin/false";
      serviceConfig.Type = "oneshot"; # so that starting it waits for its end
      wantedBy = [ "multi-user.target" ];
    };
  };
}
