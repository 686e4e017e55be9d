{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.nginx;

  host = {
    options = {
      root = mkOption {
        type = types.str;
        default = "/var/empty";
        example = "/srv/www";
        description = "The directory whose files this host serves.";
      };
      port = mkOption {
        type = types.port;
        default = 80;
        description = "The port on which this host is served.";
      };
    };
  };

  server = name: h: "server { listen ${toString h.port}; server_name ${name}; root ${h.root}; }";
in
{
  options.services.nginx = {
    enable = lib.mkEnableOption "the nginx web server";
    virtualHosts = mkOption {
      type = types.attrsOf (types.submodule host);
      default = { };
      example = lib.literalExpression "{ \"example.org\".root = \"/srv/www\"; }";
      description = "The web sites to serve, by name.";
    };
    appendConfig = mkOption {
      type = types.lines;
      default = "";
      description = "Text to put at the end of the configuration file.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.etc."nginx/nginx.conf".text =
      lib.concatLines (lib.mapAttrsToList server cfg.virtualHosts ++ [ cfg.appendConfig ]);
    systemd.services.nginx = {
      description = "Nginx Web Server";
      serviceConfig.ExecStart = "${pkgs.nginx}/bin/nginx -c /etc/nginx/nginx.conf";
      wantedBy = [ "multi-user.target" ];
    };
  };
}
