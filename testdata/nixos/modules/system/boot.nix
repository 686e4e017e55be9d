# The kernel and what it is started with.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.boot;
  kernel = cfg.kernelPackages.kernel;
in
{
  options = {
    boot = {
      kernelPackages = mkOption {
        type = types.raw;
        default = pkgs.linuxPackages;
        defaultText = lib.literalExpression "pkgs.linuxPackages";
        example = lib.literalExpression "pkgs.linuxPackages_latest";
        description = "The kernel, and the packages that are built for it.";
      };
      kernelParams = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "quiet" ];
        description = "Parameters on the kernel's command line.";
      };
      initrd.availableKernelModules = mkOption {
        type = types.listOf types.str;
        default = [ "ext4" ];
        example = [ "nvme" "ext4" ];
        description = "Kernel modules that are needed to mount the root file system.";
      };
    };
    hardware.firmware = mkOption {
      type = types.listOf types.package;
      default = [ ];
      description = "Packages with firmware files for devices.";
    };
  };

  config = {
    boot.kernelParams = [ "loglevel=4" ];

    system.build = {
      inherit kernel;

      modulesTree = pkgs.runCommand "linux-${kernel.version}-modules" { inherit kernel; } ''
        mkdir -p "$out/lib/modules"
        ln -s "$kernel"/lib/modules/* "$out/lib/modules/"
      '';

      initialRamdisk = pkgs.runCommand "initrd-linux-${kernel.version}"
        { inherit kernel; modules = cfg.initrd.availableKernelModules; }
        ''
          mkdir "$out"
          echo "initrd of $kernel with $modules" >"$out/initrd"
        '';

      firmware = pkgs.runCommand "firmware" { packages = config.hardware.firmware; } ''
        mkdir -p "$out/lib/firmware"
        for package in $packages; do
          ln -s "$package"/lib/firmware/* "$out/lib/firmware/"
        done
      '';
    };
  };
}
