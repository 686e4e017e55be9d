# Makes packages of the catalog's descriptions and one release's versions.
#
# The catalog says what a package is; the release, which version of it there is
# and whether there is one at all. Overlays see the set before and after them,
# as functions `final: prev: { … }`.
{ system, release, config, overlays }:
let
  lib = import ../lib;
  versions = import (./versions + "/${release}.nix");
  mkPackage = import ./build/package.nix { inherit lib system config; };

  subjects = [
    ./catalog/base.nix
    ./catalog/terminal.nix
    ./catalog/development.nix
    ./catalog/servers.nix
    ./catalog/desktop.nix
    ./catalog/kernels.nix
  ];

  stage = final:
    let
      catalog = lib.mergeAttrsList
        (map (file: import file { pkgs = final; inherit (lib) licenses; }) subjects);
      released = lib.filterAttrs (name: _: versions.packages ? ${name}) catalog;
      describe = name: description:
        mkPackage ({ pname = name; version = versions.packages.${name}; } // description);
    in
    lib.mapAttrs describe released
    // import ./kernel-sets.nix { pkgs = final; }
    // import ./build/writers.nix { inherit lib system; }
    // {
      inherit lib system release;
      # nixpkgs' own set of these; systems take their name and revision from it.
      nixosRelease = { inherit (versions) codeName versionSuffix revision; };
    };

  extend = previous: overlay: final: let before = previous final; in before // overlay final before;
  extended = builtins.foldl' extend stage overlays;
  pkgs = extended pkgs;
in
pkgs
