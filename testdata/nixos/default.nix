# The package set: `import <nixpkgs> { }`.
#
# release chooses among the sets of versions in pkgs/versions, as different
# revisions of a real nixpkgs would. config knows allowUnfree.
{
  system ? builtins.currentSystem,
  release ? "25.11",
  config ? { },
  overlays ? [ ],
}:
import ./pkgs { inherit system release config overlays; }
