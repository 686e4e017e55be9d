{ config, lib, pkgs, ... }:
let
  cfg = config.virtualisation.docker;
in
{
  options.virtualisation.docker.enable = lib.mkEnableOption "Docker, which runs applications in containers";

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ pkgs.docker ];
    systemd.services.docker = {
      description = "Docker Application Container Engine";
      serviceConfig.ExecStart = "${pkgs.docker}/bin/dockerd";
      wantedBy = [ "multi-user.target" ];
    };
  };
}
