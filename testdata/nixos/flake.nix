# The same packages and systems for users of flakes; it has no inputs, so that
# nothing is ever fetched for it.
{
  description = "A small NixOS for tests";

  outputs = { self }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      eachSystem = f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) systems);
    in
    {
      lib = import ./lib // { nixosSystem = import ./nixos/lib/eval-config.nix; };
      legacyPackages = eachSystem (system: import ./. { inherit system; });
    };
}
