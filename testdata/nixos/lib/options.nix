# Declaring options, and listing the declared ones for documentation.
{ lib }:
let
  inherit (builtins) attrNames concatMap isAttrs isBool isFunction isString map toJSON;

  # A value as it could stand in a configuration, where that is possible.
  render = value:
    if isAttrs value && value ? _text then value._text
    else if isFunction value then "<function>"
    else if lib.isDerivation value then "<derivation ${value.name}>"
    else if isAttrs value && value == { } then "{ }"
    else toJSON value;
in
rec {
  mkOption = attributes: attributes // { _type = "option"; };

  isOption = value: isAttrs value && (value._type or null) == "option";

  mkEnableOption = subject: mkOption {
    type = lib.types.bool;
    default = false;
    example = true;
    description = "Whether to enable ${subject}.";
  };

  # Text for the documentation, where a default cannot be shown as a value.
  literalExpression = text: { _text = text; };

  showValue = render;

  # Every visible option below a tree, the options of submodules included.
  optionList = tree:
    concatMap
      (name:
        let
          node = tree.${name};
          inner = node.type.options {
            location = node.loc ++ node.type.placeholder;
            file = lib.head node.declarations;
          };
        in
        if !isOption node then optionList node
        else lib.optional (!(node.internal or false)) (document node) ++ optionList inner)
      (lib.filter (name: name != "_module") (attrNames tree));

  document = option:
    {
      name = lib.showOption option.loc;
      inherit (option) loc declarations;
      description = option.description or "";
      type = option.type.description;
      readOnly = option.readOnly or false;
    }
    // lib.optionalAttrs (option ? default || option ? defaultText) {
      default = { _type = "literalExpression"; text = render (option.defaultText or option.default); };
    }
    // lib.optionalAttrs (option ? example) {
      example = { _type = "literalExpression"; text = render option.example; };
    };
}
