# The library handed to packages and modules as `lib`.
#
# One file for each subject. The files see one another through the fixed point
# `lib`, so none of them has to know where another one keeps a function.
let
  lib =
    import ./lists.nix { inherit lib; }
    // import ./attrsets.nix { inherit lib; }
    // import ./strings.nix { inherit lib; }
    // import ./options.nix { inherit lib; }
    // import ./properties.nix { inherit lib; }
    // import ./modules.nix { inherit lib; }
    // {
      types = import ./types.nix { inherit lib; };
      licenses = import ./licenses.nix;
    };
in
lib
