{ config, lib, pkgs, ... }:
let
  cfg = config.networking.networkmanager;
in
{
  options.networking.networkmanager.enable = lib.mkEnableOption "NetworkManager, which looks after network connections";

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ pkgs.networkmanager ];
    systemd.services.NetworkManager = {
      description = "Network Manager";
      serviceConfig.ExecStart = "${pkgs.networkmanager}/bin/NetworkManager";
      wantedBy = [ "multi-user.target" ];
    };
  };
}
