# Kernels as boot.kernelPackages takes them: a set for each, with its `kernel`.
{ pkgs }:
let
  packagesFor = kernel: { inherit kernel; };
in
{
  linuxPackages = packagesFor pkgs.linux_6_12;
  linuxPackages_6_6 = packagesFor pkgs.linux_6_6;
  linuxPackages_6_12 = packagesFor pkgs.linux_6_12;
  linuxPackages_latest = packagesFor (pkgs.linux_6_17 or pkgs.linux_6_12);
}
