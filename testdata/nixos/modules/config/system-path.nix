# The packages that everybody on the machine has: /run/current-system/sw.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
in
{
  options = {
    environment.systemPackages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      example = lib.literalExpression "[ pkgs.firefox pkgs.git ]";
      description = "Packages for all users of the system.";
    };
    environment.defaultPackages = mkOption {
      type = types.listOf types.package;
      default = [ pkgs.perl pkgs.rsync ];
      defaultText = lib.literalExpression "[ pkgs.perl pkgs.rsync ]";
      description = "Packages for all users that are not needed, but expected.";
    };
    system.path = mkOption {
      type = types.package;
      internal = true;
      description = "The tree of links to the packages' files.";
    };
  };

  config = {
    environment.systemPackages = with pkgs; [
      bash coreutils findutils gawk gnugrep gnused gnutar gzip iproute2 less nano nix shadow
      systemd util-linux xz
    ] ++ config.environment.defaultPackages;

    system.path = pkgs.runCommand "system-path"
      { paths = lib.unique config.environment.systemPackages; }
      ./system-path.sh;
  };
}
