{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.postgresql;
in
{
  options.services.postgresql = {
    enable = lib.mkEnableOption "the PostgreSQL database server";
    package = mkOption {
      type = types.package;
      default = pkgs.postgresql;
      defaultText = lib.literalExpression "pkgs.postgresql";
      description = "The PostgreSQL to use.";
    };
    dataDir = mkOption {
      type = types.str;
      default = "/var/lib/postgresql";
      description = "The directory of the data.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    systemd.services.postgresql = {
      description = "PostgreSQL Server";
      serviceConfig.ExecStart = "${cfg.package}/bin/postgres -D ${cfg.dataDir}";
      wantedBy = [ "multi-user.target" ];
    };
  };
}
