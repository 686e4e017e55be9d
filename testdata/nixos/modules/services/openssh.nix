{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.openssh;
in
{
  options.services.openssh = {
    enable = lib.mkEnableOption "the OpenSSH server, for logins over the network";
    ports = mkOption {
      type = types.listOf types.port;
      default = [ 22 ];
      example = [ 2222 ];
      description = "The ports to listen on.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = true;
      description = "Whether the firewall lets connections to these ports pass.";
    };
    settings.PasswordAuthentication = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Whether a password is enough to log in.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ pkgs.openssh ];
    environment.etc."ssh/sshd_config".text = lib.concatLines (
      map (port: "Port ${toString port}") cfg.ports
      ++ [ "PasswordAuthentication ${if cfg.settings.PasswordAuthentication then "yes" else "no"}" ]
    );
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall cfg.ports;
    systemd.services.sshd = {
      description = "SSH Daemon";
      serviceConfig.ExecStart = "${pkgs.openssh}/bin/sshd -D -f /etc/ssh/sshd_config";
      wantedBy = [ "multi-user.target" ];
    };
  };
}
