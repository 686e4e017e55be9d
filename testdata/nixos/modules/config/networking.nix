# The machine's name and its firewall.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.networking;
in
{
  options.networking = {
    hostName = mkOption {
      type = types.str;
      default = "nixos";
      example = "workstation";
      description = "The name of the machine.";
    };
    firewall = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = "Whether to refuse connections to ports that are not allowed.";
      };
      allowedTCPPorts = mkOption {
        type = types.listOf types.port;
        default = [ ];
        example = [ 22 80 ];
        description = "TCP ports on which connections are accepted.";
      };
    };
  };

  config = {
    environment.etc = {
      hostname.text = cfg.hostName + "\n";
      hosts.text = "127.0.0.1 localhost\n127.0.0.2 ${cfg.hostName}\n";
    };
    systemd.services.firewall = lib.mkIf cfg.firewall.enable {
      description = "Firewall";
      environment.PORTS = lib.concatMapStringsSep "," toString cfg.firewall.allowedTCPPorts;
      serviceConfig.ExecStart = "/bin/sh -c 'exec sleep infinity'";
      wantedBy = [ "multi-user.target" ];
    };
  };
}
