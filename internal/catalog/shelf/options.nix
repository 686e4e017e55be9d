# Lists the options of a NixOS in the form of a channel's options.json:
#
#   { "services.x.enable" = { description, type, declarations, default, example, … }; … }
#
# It is what lib.optionAttrSetToDocList and the manual make of the modules, for trees
# of 2017 and of today. But what cannot be evaluated is left out, field by field, so
# that one bad option costs nothing but itself.
{ tree, system }:
let
  inherit (builtins)
    attrNames concatLists concatMap concatStringsSep deepSeq elem filter isAttrs isFunction isList isString listToAttrs
    map mapAttrs match replaceStrings stringLength substring toJSON tryEval typeOf unsafeDiscardStringContext;

  lib = import (tree + "/lib");

  # The modules see packages that know what they are called: defaults are then told
  # as pkgs.nginx instead of a path in the store, and none of them is made.
  evaluate = arguments: import (tree + "/nixos/lib/eval-config.nix") ({ inherit system; modules = [ ]; } // arguments);
  inherit (evaluate { specialArgs.pkgs = named "pkgs" (evaluate { }).pkgs; }) options;

  named = name: mapAttrs (attribute: value:
    let
      own = "${name}.${attribute}";
    in
    if !isAttrs value then value
    else named own value // (if isDerivation value then { outPath = "\${${own}}"; ${mark} = own; } else { })
  );
  mark = " name"; # which no attribute has

  isDerivation = value: value.type or null == "derivation";

  # --- text ---

  # What a value is, or something else if it cannot be evaluated.
  attempt = otherwise: value:
    let
      tried = tryEval (deepSeq value value);
    in
    if tried.success then tried.value else otherwise;

  plain = text: unsafeDiscardStringContext text;

  # A description or an expression: literalExpression, mdDoc and others are sets with
  # a text.
  text = value:
    if isString value then plain value
    else if isAttrs value && value ? text then plain value.text
    else "";

  isLiteral = value: value ? _type && isString (value.text or null);

  quote = string:
    let
      # ''${pkgs. is not from the string, but of a package in it.
      special = [ "\\" "\"" "\n" "\r" "\t" "\${pkgs." "\${" ];
      escaped = [ "\\\\" "\\\"" "\\n" "\\r" "\\t" "\${pkgs." "\\\${" ];
    in
    "\"${replaceStrings special escaped (plain string)}\"";

  # A value as an expression. Values may be large, and refer to themselves.
  show = depth: value:
    if isString value then quote value
    else if isFunction value then "<function>"
    else if isList value then
      if value == [ ] then "[ ]"
      else if depth == 0 then "[ … ]"
      else "[ ${concatStringsSep " " (map (show (depth - 1)) value)} ]"
    else if !isAttrs value then
      if typeOf value == "path" then toString value else toJSON value
    else if value ? ${mark} then value.${mark}
    else if isDerivation value then "<derivation ${plain (value.name or "")}>"
    else if isLiteral value then plain value.text
    else if attrNames value == [ ] then "{ }"
    else if depth == 0 then "{ … }"
    else
      "{ ${concatStringsSep " " (map (name: "${showName name} = ${show (depth - 1) value.${name}};") (attrNames value))} }";

  showName = name: if match "[A-Za-z_][A-Za-z0-9_'-]*" name == null then quote name else name;

  expression = value: shorten (show 6 value);

  most = 2000;
  shorten = string: if stringLength string > most then "${substring 0 most string} …" else string;

  # --- options ---

  isOption = value: value._type or null == "option";

  optionsIn = value:
    if !isAttrs value then [ ]
    else if isOption value then [ value ]
    else concatMap (name: attempt' [ ] (optionsIn value.${name})) (attrNames value);

  # Of a list of options, which are more than can be evaluated wholly.
  attempt' = otherwise: list:
    let
      tried = tryEval list;
    in
    if tried.success then tried.value else otherwise;

  # Those of submodules are options too. "shallow" shows the option without them,
  # "transparent" them without the option.
  document = option:
    let
      visible = option.visible or true;
      shown = visible == true || visible == "shallow";
      inner = (option.type.getSubOptions or (_: { })) option.loc;
    in
    (if shown && !(option.internal or false) then [ (entry option) ] else [ ])
    ++ (if visible == true || visible == "transparent" then documents inner else [ ]);

  documents = options:
    concatLists (map (option: attempt [ ] (document option))
      (filter (option: attempt false (!elem "_module" option.loc)) (optionsIn options)));

  # defaultText was a text once, and is a literalExpression today.
  entry = option: {
    name = plain (lib.showOption option.loc);
    value = {
      description = attempt "" (text (option.description or ""));
      type = attempt "" (text (option.type.description or ""));
      declarations = attempt [ ] (map declaration option.declarations);
      readOnly = attempt false (option.readOnly or false);
    }
    // field "default" (option ? defaultText || option ? default) (
      if isString (option.defaultText or null) then plain option.defaultText
      else expression (option.defaultText or option.default)
    )
    // field "example" (option ? example) (expression option.example)
    // field "relatedPackages" (isList (option.relatedPackages or null)) (related option.relatedPackages);
  };

  field = name: there: value:
    let
      tried = attempt "" value;
    in
    if there && tried != "" then { ${name} = tried; } else { };

  declaration = file:
    let
      path = plain (toString file);
      below = stringLength tree + 1;
    in
    if substring 0 below path == tree + "/" then substring below (-1) path else path;

  related = packages:
    concatStringsSep " " (map
      (package:
        "pkgs." + (
          if isAttrs package then concatStringsSep "." (package.path or [ package.name ])
          else if isList package then concatStringsSep "." package
          else package
        ))
      packages);
in
listToAttrs (documents options)
