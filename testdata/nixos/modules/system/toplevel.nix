# The system itself: one directory with everything that it is made of.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  inherit (config.system) build;
  inherit (config.system.nixos) label;

  specialisations = lib.mapAttrs (_: s: s.toplevel) config.specialisation;
  interface = if config.luminous.fault == "init" then "runit 2" else "systemd 2";
  init = "${placeholder "out"}/init";

  # What boot loaders read instead of guessing from the directory. The
  # specialisations' own files go below it when the system is built.
  bootspec = {
    init = init;
    initrd = "${build.initialRamdisk}/initrd";
    kernel = "${build.kernel}/bzImage";
    kernelParams = config.boot.kernelParams;
    label = "NixOS ${label} (Linux ${build.kernel.version})";
    system = config.nixpkgs.system;
    toplevel = placeholder "out";
  };
in
{
  options.system.extraDependencies = mkOption {
    type = types.listOf types.package;
    default = [ ];
    description = "Packages that are kept as long as the system is, without being part of it.";
  };

  config.system.build.toplevel = pkgs.runCommand "nixos-system-${config.networking.hostName}-${label}"
    {
      inherit (build) kernel modulesTree initialRamdisk firmware etc activationScript switchHeader;
      inherit (config.system) path;
      inherit (config.boot.loader) configurationName;
      inherit label interface;
      inherit (config.luminous) layout;
      platform = config.nixpkgs.system;
      systemd = pkgs.systemd;
      kernelParams = lib.concatStringsSep " " config.boot.kernelParams;
      extraDependencies = config.system.extraDependencies;
      bootspec = builtins.toJSON bootspec;
      specialisations = lib.mapAttrsToList (name: toplevel: "${name}=${toplevel}") specialisations;
      switchProgram = if config.luminous.switchProgram == null then "" else config.luminous.switchProgram;
      inherit (build) installBootLoader preSwitchChecks;
      unitsScript = ./units.sh;
      switchScript = ./switch-to-configuration.sh;
    }
    ./toplevel.sh;
}
