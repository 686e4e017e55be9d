# What package.nix and module.nix take of nixpkgs and the small NixOS of the tests does not
# have, as an overlay. A program of Go is built for real, by the Go that runs the test: its
# modules and what it has compiled are taken from where they are on this machine.
{ go, cache, modules }:
final: prev:
let
  inherit (prev) lib;

  # A table is written after the plain values, as TOML wants it.
  isTable = builtins.isAttrs;
  lines = set: lib.concatLines
    (lib.mapAttrsToList (name: value: "${name} = ${builtins.toJSON value}") (lib.filterAttrs (_: value: !isTable value) set));
  tables = set: lib.concatStrings
    (lib.mapAttrsToList (name: value: "[${name}]\n${lines value}") (lib.filterAttrs (_: isTable) set));
in
{
  stdenv = { hostPlatform = { }; buildPlatform.canExecute = _: true; };
  installShellFiles = ./install-shell-files.sh;

  callPackage = file: given:
    let f = import file; in f (builtins.intersectAttrs (builtins.functionArgs f) final // given);

  formats.toml = { }: {
    type = lib.types.attrsOf lib.types.anything;
    generate = name: value: prev.writeText name (lines value + tables value);
  };

  buildGoModule = p: derivation {
    name = "${p.pname}-${p.version}";
    inherit (prev.hello) system;
    inherit (p) pname version src subPackages ldflags nativeBuildInputs preBuild postInstall;
    builder = "/bin/bash";
    args = [ "-eu" ./build-go-module.sh ];
    PATH = "${go}/bin:/usr/bin:/bin";
    GOCACHE = cache;
    GOMODCACHE = modules;
  } // { inherit (p) pname version meta vendorHash; };
}
