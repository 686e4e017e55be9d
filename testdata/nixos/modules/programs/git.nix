{ config, lib, pkgs, ... }:
let
  cfg = config.programs.git;
in
{
  options.programs.git = {
    enable = lib.mkEnableOption "git, a distributed version control system";
    config = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      default = { };
      example = { "init.defaultBranch" = "main"; };
      description = "Settings for all users, written to /etc/gitconfig.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ pkgs.git ];
    environment.etc.gitconfig.text =
      lib.concatLines (lib.mapAttrsToList (name: value: "${name} = ${value}") cfg.config);
  };
}
