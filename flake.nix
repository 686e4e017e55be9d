{
  description = "ask-nix: manages NixOS in plain words, and natively";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      eachSystem = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
    in
    {
      overlays.default = final: _: { ask-nix = final.callPackage ./package.nix { }; };

      packages = eachSystem (pkgs: rec {
        ask-nix = pkgs.callPackage ./package.nix { };
        default = ask-nix;
      });

      # It has its package from the overlay, if there is that, and else makes it.
      nixosModules.default = ./module.nix;
    };
}
