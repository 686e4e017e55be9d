{ config, lib, pkgs, ... }:
let
  cfg = config.programs.firefox;
in
{
  options.programs.firefox = {
    enable = lib.mkEnableOption "the Firefox web browser";
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.firefox;
      defaultText = lib.literalExpression "pkgs.firefox";
      description = "The Firefox to use.";
    };
  };

  config.environment.systemPackages = lib.mkIf cfg.enable [ cfg.package ];
}
