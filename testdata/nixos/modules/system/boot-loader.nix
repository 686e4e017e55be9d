# The boot menu, in the shape that systemd-boot has it.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.boot.loader;
in
{
  options.boot.loader = {
    systemd-boot = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = "Whether to install systemd-boot and a menu entry for each generation.";
      };
      configurationLimit = mkOption {
        type = types.nullOr types.int;
        default = null;
        example = 20;
        description = "How many of the newest generations the menu lists; null means all.";
      };
    };
    timeout = mkOption {
      type = types.int;
      default = 5;
      description = "For how many seconds the menu is shown.";
    };
    configurationName = mkOption {
      type = types.str;
      default = "";
      example = "Stable 25.11";
      description = "A name for this system in the menu.";
    };
  };

  config.system.build.installBootLoader =
    if !cfg.systemd-boot.enable then pkgs.writeScript "install-no-bootloader" { } ./no-boot-loader.sh
    else pkgs.writeScript "install-systemd-boot.sh"
      {
        inherit (config.luminous) root profile fault;
        inherit (cfg) timeout;
        limit = if cfg.systemd-boot.configurationLimit == null then 0 else cfg.systemd-boot.configurationLimit;
      }
      ./boot-loader.sh;
}
