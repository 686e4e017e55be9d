# Variants of the system: built with it, chosen in the boot menu or by a switch.
{ config, lib, extendModules, ... }:
let
  inherit (lib) mkOption types;

  variant = { config, ... }: {
    options.configuration = mkOption {
      type = types.deferredModule;
      default = { };
      example = lib.literalExpression "{ programs.firefox.enable = true; }";
      description = "What this variant has beyond the system that it belongs to.";
    };
    options.toplevel = mkOption {
      type = types.package;
      internal = true;
      # Without its own specialisations, which would be this one again.
      default = (extendModules [
        config.configuration
        { _file = "specialisation"; specialisation = lib.mkOverride 0 { }; }
      ]).config.system.build.toplevel;
      description = "The variant as a system.";
    };
  };
in
{
  options.specialisation = mkOption {
    type = types.attrsOf (types.submodule variant);
    default = { };
    example = lib.literalExpression "{ gaming.configuration = { boot.kernelPackages = pkgs.linuxPackages_latest; }; }";
    description = "Variants of this system.";
  };
}
