# Attribute sets.
{ lib }:
let
  inherit (builtins) attrNames concatMap filter foldl' listToAttrs map;
in
rec {
  inherit (builtins) attrNames attrValues listToAttrs mapAttrs;

  nameValuePair = name: value: { inherit name value; };

  filterAttrs = keep: set:
    removeAttrs set (filter (name: !keep name set.${name}) (attrNames set));

  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);

  optionalAttrs = condition: set: if condition then set else { };

  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);

  # The sets from left to right; a later one wins.
  mergeAttrsList = foldl' (merged: set: merged // set) { };

  isDerivation = value: (value.type or null) == "derivation";

  # The store path of a package's main program.
  getExe = package: "${package}/bin/${package.meta.mainProgram or package.pname}";
}
