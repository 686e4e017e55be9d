# Option types.
#
# A type has: name; description, as in "list of string"; check, which looks at
# one definition's outermost value; merge, from a location and the definitions
# that count to the option's value; and, for the documentation, the options
# inside of it, given its location and declaring file, with the placeholder that
# stands for names in that location.
{ lib }:
let
  inherit (builtins)
    all concatMap concatStringsSep elem isAttrs isBool isFunction isInt isList isPath isString
    length map mapAttrs zipAttrsWith;

  mkType = attributes: {
    merge = mergeEqual;
    options = _: { };
    placeholder = [ ];
    description = attributes.name;
  } // attributes;

  # For values that cannot be combined: any number of definitions, one value.
  mergeEqual = location: definitions:
    let
      value = (lib.head definitions).value;
    in
    if all (d: d.value == value) definitions then value
    else throw "The option `${lib.showOption location}' has conflicting definition values:${lib.showDefinitions definitions}";

  mergeOnce = location: definitions:
    if length definitions == 1 then (lib.head definitions).value
    else throw "The option `${lib.showOption location}' can be set only once, but is set several times:${lib.showDefinitions definitions}";

  attrsOfThose = present: type: mkType {
    name = "attrsOf";
    description = "attribute set of ${type.description}";
    check = isAttrs;
    emptyValue = { };
    merge = location: definitions:
      let
        tagged = d: mapAttrs (_: value: { inherit (d) file; inherit value; }) d.value;
        found = zipAttrsWith (_: values: values) (map tagged definitions);
      in
      mapAttrs (name: lib.mergeDefinitions (location ++ [ name ]) type)
        (lib.filterAttrs (_: present) found);
    inherit (type) options;
    placeholder = [ "<name>" ] ++ type.placeholder;
  };

  isPathLike = value:
    isPath value || lib.isDerivation value || (isString value && lib.hasPrefix "/" value);
in
rec {
  bool = mkType { name = "bool"; description = "boolean"; check = isBool; };
  int = mkType { name = "int"; description = "signed integer"; check = isInt; };
  str = mkType { name = "str"; description = "string"; check = isString; };
  path = mkType { name = "path"; check = isPathLike; };
  package = mkType { name = "package"; check = value: lib.isDerivation value; };

  port = mkType {
    name = "port";
    description = "port number";
    check = value: isInt value && value >= 0 && value <= 65535;
  };

  enum = values: mkType {
    name = "enum";
    description = "one of ${concatStringsSep ", " (map lib.showValue values)}";
    check = value: elem value values;
  };

  # Text whose definitions are put below one another.
  lines = mkType {
    name = "lines";
    description = "text, line by line";
    check = isString;
    merge = _: definitions: lib.concatMapStringsSep "\n" (d: d.value) definitions;
  };

  # Any value, taken as it is.
  raw = mkType { name = "raw"; description = "raw value"; check = _: true; merge = mergeOnce; };
  anything = raw // { name = "anything"; description = "anything"; merge = mergeEqual; };

  nullOr = type: mkType {
    name = "nullOr";
    description = "null or ${type.description}";
    check = value: value == null || type.check value;
    merge = location: definitions:
      if all (d: d.value == null) definitions then null
      else if all (d: d.value != null) definitions then type.merge location definitions
      else mergeEqual location definitions;
    inherit (type) options placeholder;
  };

  either = first: second: mkType {
    name = "either";
    description = "${first.description} or ${second.description}";
    check = value: first.check value || second.check value;
    merge = location: definitions:
      if all (d: first.check d.value) definitions then first.merge location definitions
      else if all (d: second.check d.value) definitions then second.merge location definitions
      else mergeEqual location definitions;
  };

  listOf = type: mkType {
    name = "listOf";
    description = "list of ${type.description}";
    nestedTypes.elemType = type;
    check = isList;
    emptyValue = [ ];
    # An element may be a property: [ (mkIf c x) ] has one element or none.
    merge = location: definitions:
      let
        element = d: index: value:
          let
            live = lib.discharge [ { inherit (d) file; inherit value; } ];
          in
          lib.optional (live != [ ])
            (lib.mergeDefinitions (location ++ [ "<${toString index}>" ]) type live);
      in
      concatMap (d: lib.concatLists (lib.imap (element d) d.value)) definitions;
    inherit (type) options;
    placeholder = [ "*" ] ++ type.placeholder;
  };

  attrsOf = attrsOfThose (values: lib.discharge values != [ ]);

  # The same, but with the names of definitions that turn out not to count. So
  # one value can be asked for while another is still being made.
  lazyAttrsOf = attrsOfThose (_: true);

  # A set of options of its own. The module learns its attribute's name as `name`.
  submodule = module: mkType {
    name = "submodule";
    check = value: isAttrs value || isFunction value || isPath value;
    emptyValue = { };
    merge = location: definitions:
      (evalSubmodule module location (map definitionModule definitions)).config;
    options = { location, file }:
      let
        module' = { _file = file; imports = lib.toList module; };
      in
      removeAttrs (evalSubmodule module' location [ ]).options [ "_module" ];
  };

  # A module that is kept as one, to be evaluated by whoever reads the option.
  deferredModule = mkType {
    name = "deferredModule";
    description = "module";
    check = value: isAttrs value || isFunction value || isPath value;
    emptyValue = { };
    merge = _: definitions: {
      imports = map (d: { _file = d.file; imports = [ d.value ]; }) definitions;
    };
  };

  # Sets are taken as definitions, so that a submodule may have an option
  # that is called `config` or `options`.
  definitionModule = d:
    if isAttrs d.value then { _file = d.file; config = d.value; }
    else { _file = d.file; imports = [ d.value ]; };

  evalSubmodule = module: location: modules: lib.evalModules {
    modules = lib.toList module ++ modules;
    specialArgs.name = lib.last location;
    prefix = location;
  };
}
