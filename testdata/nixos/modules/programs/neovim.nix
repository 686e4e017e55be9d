{ config, lib, pkgs, ... }:
let
  cfg = config.programs.neovim;
in
{
  options.programs.neovim = {
    enable = lib.mkEnableOption "Neovim";
    defaultEditor = lib.mkOption {
      type = lib.types.bool;
      default = false;
      example = true;
      description = "Whether to make Neovim the editor that other programs start.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ pkgs.neovim ];
    environment.etc."set-environment".text = lib.mkIf cfg.defaultEditor "export EDITOR=nvim\n";
  };
}
