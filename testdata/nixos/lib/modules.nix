# The module system.
#
# A module is a set { imports, options, config }, or just the config, or a
# function from the module arguments to one of these, or a path to a file with
# one of these. evalModules collects all modules, merges their option
# declarations into one tree, and gives every option the value that its type
# makes of the definitions found for it.
#
# Everything hangs on laziness: modules receive the finished `config` while it is
# still being made. It works because the shape of the tree depends on
# declarations only, never on the value of an option.
{ lib }:
let
  inherit (builtins)
    attrNames concatMap concatStringsSep functionArgs genericClosure isAttrs isFunction isPath
    isString length map mapAttrs typeOf zipAttrsWith;

  # [ { file, value = { a, b } } ] -> { a = [ { file, value } ]; b = … }
  byName = found:
    zipAttrsWith (_: values: values)
      (map (item: mapAttrs (_: value: { inherit (item) file; inherit value; }) item.value) found);

  showDefinitions = definitions:
    concatStringsSep "" (map (d: "\n- In `${d.file}': ${lib.showValue d.value}") definitions);

  # --- collecting modules ---

  # A node of the import graph. Files are known by their path, so that a module
  # imported twice counts once; anonymous modules by where they were written.
  node = call: parent: index: module:
    if isPath module || isString module then {
      key = toString module;
      value = normalise (toString module) (call (import module));
    }
    else {
      key = "${parent.key}:anonymous-${toString index}";
      value = normalise parent.value.file (call module);
    };

  collect = call: modules:
    map (found: found.value) (genericClosure {
      startSet = lib.imap (node call { key = "top"; value.file = "<configuration>"; }) modules;
      operator = parent: lib.imap (node call parent) parent.value.imports;
    });

  normalise = parentFile: body:
    let
      file = toString (body._file or parentFile);
      isProperty = body ? _type;
      isStructured = !isProperty && (body ? options || body ? config);
      rest = removeAttrs body [ "_file" "imports" "options" "config" ];
    in
    if !isAttrs body then
      throw "The module `${file}' is a ${typeOf body}; a module is a set or a function to one."
    else if isStructured && rest != { } then
      throw "The module `${file}' has the attributes ${concatStringsSep ", " (attrNames rest)} beside `options' or `config'; move them into `config'."
    else {
      inherit file;
      imports = if isProperty then [ ] else body.imports or [ ];
      options = if isStructured then body.options or { } else { };
      config = if isStructured then body.config or { } else if isProperty then body else rest;
    };

  # --- declarations ---

  declare = location: found:
    mapAttrs
      (name: declarations:
        let
          here = location ++ [ name ];
          options = lib.filter (d: lib.isOption d.value) declarations;
          files = map (d: d.file) declarations;
        in
        if options == [ ] then declare here declarations
        else if length declarations > 1 then
          throw "The option `${lib.showOption here}' is declared more than once: in ${concatStringsSep " and " files}."
        else { type = lib.types.raw; } // (lib.head options).value // { loc = here; declarations = files; })
      (byName found);

  # --- definitions ---

  # The definitions of one set of options, name by name.
  definitionsIn = location: definitions:
    let
      plain = d:
        if isAttrs d.value then d
        else throw "The option `${lib.showOption location}' is a set of options, but `${d.file}' defines it as a ${typeOf d.value}.";
    in
    byName (map plain (concatMap lib.pushDown definitions));

  resolve = location: tree: definitions:
    let
      found = definitionsIn location definitions;
    in
    mapAttrs
      (name: entry:
        if lib.isOption entry then optionValue entry (found.${name} or [ ])
        else resolve (location ++ [ name ]) entry (found.${name} or [ ]))
      tree;

  optionValue = option: definitions:
    let
      default = {
        file = lib.head option.declarations;
        value = lib.mkOptionDefault option.default;
      };
      value = mergeDefinitions option.loc option.type
        (definitions ++ lib.optional (option ? default) default);
    in
    if option.readOnly or false && length definitions > 1 then
      throw "The option `${lib.showOption option.loc}' is read-only, but is set several times:${showDefinitions definitions}"
    else (option.apply or (final: final)) value;

  # The one place where definitions become a value; types call it for what is
  # inside of them.
  mergeDefinitions = location: type: definitions:
    let
      live = lib.discharge definitions;
      wrong = lib.filter (d: !type.check d.value) live;
    in
    if live == [ ] then
      type.emptyValue or (throw "The option `${lib.showOption location}' is used but not defined.")
    else if wrong != [ ] then
      throw "A definition for option `${lib.showOption location}' is not of type `${type.description}':${showDefinitions wrong}"
    else type.merge location live;

  # Definitions of options that nobody declared.
  undeclared = location: tree: definitions:
    let
      found = definitionsIn location definitions;
    in
    concatMap
      (name:
        let
          here = location ++ [ name ];
        in
        if !(tree ? ${name}) then [ { loc = here; definitions = found.${name}; } ]
        else if lib.isOption tree.${name} then [ ]
        else undeclared here tree.${name} found.${name})
      (attrNames found);

  # Arguments that modules can add to, as `_module.args.<name>`.
  internalModule = {
    _file = "<module system>";
    options._module.args = lib.mkOption {
      type = lib.types.lazyAttrsOf lib.types.raw;
      default = { };
      internal = true;
      description = "Further arguments for modules.";
    };
  };
in
{
  inherit mergeDefinitions showDefinitions;

  # prefix is the location of a submodule, for its messages.
  evalModules = { modules, specialArgs ? { }, prefix ? [ ] }:
    let
      known = specialArgs // { inherit lib config options; };

      # Only the named arguments are looked up in `_module.args`: asking for all
      # of its names would need the modules that are about to be called.
      call = body:
        if isFunction body then
          body (known // mapAttrs (name: _: known.${name} or config._module.args.${name}) (functionArgs body))
        else body;

      collected = collect call ([ internalModule ] ++ modules);
      options = declare prefix (map (m: { inherit (m) file; value = m.options; }) collected);
      definitions = map (m: { inherit (m) file; value = m.config; }) collected;
      config = resolve prefix options definitions;

      unknown = undeclared prefix options definitions;
      first = lib.head unknown;
      checked =
        if unknown == [ ] then config
        else throw "The option `${lib.showOption first.loc}' does not exist. It is set here:${showDefinitions first.definitions}";
    in
    {
      inherit options;
      config = removeAttrs checked [ "_module" ];
    };
}
