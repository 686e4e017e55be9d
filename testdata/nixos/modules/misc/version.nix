# What the system says about its own version.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.system.nixos;
  inherit (config.system) configurationRevision;

  json = builtins.toJSON (
    { nixosVersion = cfg.version; nixpkgsRevision = cfg.revision; }
    // lib.optionalAttrs (configurationRevision != null) { inherit configurationRevision; }
  );
in
{
  options.system = {
    nixos = {
      release = mkOption {
        type = types.str;
        readOnly = true;
        default = config.luminous.release;
        defaultText = lib.literalExpression "config.luminous.release";
        description = "The NixOS release, as in 25.11.";
      };
      version = mkOption {
        type = types.str;
        default = cfg.release + pkgs.nixosRelease.versionSuffix;
        defaultText = lib.literalExpression "release with the date and revision of nixpkgs";
        example = "25.11.20251120.c0ffee1";
        description = "The full NixOS version.";
      };
      codeName = mkOption {
        type = types.str;
        readOnly = true;
        default = pkgs.nixosRelease.codeName;
        defaultText = lib.literalExpression "the release's code name";
        description = "The release's code name.";
      };
      revision = mkOption {
        type = types.str;
        default = pkgs.nixosRelease.revision;
        defaultText = lib.literalExpression "the revision of nixpkgs";
        description = "The git revision of nixpkgs that the system was built from.";
      };
      tags = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "with-new-driver" ];
        description = "Words to tell this system from others; they go in front of the label.";
      };
      label = mkOption {
        type = types.str;
        default = lib.concatStringsSep "-" (lib.sort builtins.lessThan cfg.tags ++ [ cfg.version ]);
        defaultText = lib.literalExpression "the tags and the version";
        example = "before-the-migration";
        description = "The name of the system in the boot menu and in its store path.";
      };
    };
    configurationRevision = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "8d1f0b6c2a7e4953bb0f6e1d2c3a4b5c6d7e8f90";
      description = "The git revision of the configuration that the system was built from.";
    };
    stateVersion = mkOption {
      type = types.str;
      default = cfg.release;
      defaultText = lib.literalExpression "config.system.nixos.release";
      example = "25.05";
      description = "The release whose formats the data on this machine has.";
    };
  };

  config = {
    environment.etc."os-release".text = lib.concatLines [
      ''BUG_REPORT_URL="https://github.com/NixOS/nixpkgs/issues"''
      ''BUILD_ID="${cfg.version}"''
      ''HOME_URL="https://nixos.org/"''
      "ID=nixos"
      "NAME=NixOS"
      ''PRETTY_NAME="NixOS ${cfg.release} (${cfg.codeName})"''
      ''VERSION="${cfg.release} (${cfg.codeName})"''
      "VERSION_CODENAME=${lib.replaceStrings [ "W" "X" ] [ "w" "x" ] cfg.codeName}"
      ''VERSION_ID="${cfg.release}"''
    ];

    environment.systemPackages = [
      # The revision stands in the script as text, so that it can be read
      # without running anything. A real one keeps its placeholder when there is none.
      (pkgs.runCommand "nixos-version"
        {
          inherit (cfg) version codeName revision;
          inherit json;
          configurationRevision =
            if configurationRevision == null then "@configurationRevision@" else configurationRevision;
          script = ./nixos-version.sh;
        }
        ./nixos-version-build.sh)
    ];
  };
}
