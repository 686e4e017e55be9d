# nixosSystem: evaluates a system from its modules and those of this NixOS.
{ modules, system ? builtins.currentSystem, specialArgs ? { } }:
let
  lib = import ../../lib;

  evaluate = modules:
    let
      eval = lib.evalModules {
        modules = import ../../modules/module-list.nix ++ [ platform ] ++ modules;
        specialArgs = { modulesPath = toString ../../modules; } // specialArgs;
      };
      platform = {
        _file = "nixos/lib/eval-config.nix";
        nixpkgs.system = lib.mkDefault system;
        # A specialisation is the same system with a little more.
        _module.args.extendModules = more: evaluate (modules ++ more);
      };
    in
    {
      inherit (eval) config options;
      inherit (eval.config.nixpkgs) pkgs;
      extendModules = more: evaluate (modules ++ more.modules);
    };
in
evaluate modules
