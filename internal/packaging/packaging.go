// Package packaging checks what ask-nix is given to people as: package.nix, flake.nix and
// module.nix at the top of the repository. They are evaluated by our own evaluator and by
// Nix, and a NixOS with ask-nix is built. Its tests are all there is to it.
//
// What nixpkgs gives those files is in testdata: as little as goes. With NIXPKGS=TREE,
// they are evaluated with a real one as well.
package packaging
