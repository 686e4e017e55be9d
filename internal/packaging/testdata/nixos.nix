# The options of NixOS that module.nix sets and the small NixOS of the tests does not have.
# Their values end where NixOS has them, in /etc.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  options = {
    security.polkit.extraConfig = mkOption { type = types.lines; default = ""; };
    systemd.tmpfiles.rules = mkOption { type = types.listOf types.str; default = [ ]; };
  };
  config.environment.etc = {
    "polkit-1/rules.d/10-nixos.rules".text = config.security.polkit.extraConfig;
    "tmpfiles.d/00-nixos.conf".text = lib.concatLines config.systemd.tmpfiles.rules;
  };
}
