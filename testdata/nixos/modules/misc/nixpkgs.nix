# The packages that the other modules know as `pkgs`.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.nixpkgs;
in
{
  options.nixpkgs = {
    system = mkOption {
      type = types.str;
      example = "aarch64-linux";
      description = "The platform that the system is built for and runs on.";
    };
    config.allowUnfree = mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether packages with unfree licences may be used.";
    };
    overlays = mkOption {
      type = types.listOf types.raw;
      default = [ ];
      example = lib.literalExpression "[ (final: prev: { hello = prev.hello.overrideAttrs (old: { version = \"3.0\"; }); }) ]";
      description = "Changes to the set of packages.";
    };
    pkgs = mkOption {
      type = types.raw;
      internal = true;
      readOnly = true;
      description = "The resulting set of packages.";
    };
  };

  config = {
    nixpkgs.pkgs = import ../.. {
      inherit (config.luminous) release;
      inherit (cfg) system config overlays;
    };
    _module.args.pkgs = cfg.pkgs;
  };
}
