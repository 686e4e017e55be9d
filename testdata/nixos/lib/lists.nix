# Lists.
{ lib }:
let
  inherit (builtins) elem elemAt foldl' genList isList length;
in
{
  inherit (builtins) concatLists concatMap elem filter head length map sort tail;

  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  toList = value: if isList value then value else [ value ];
  last = list: elemAt list (length list - 1);

  # imap f [ a b ] = [ (f 1 a) (f 2 b) ]
  imap = f: list: genList (i: f (i + 1) (elemAt list i)) (length list);

  # The first of equal elements stays where it is.
  unique = foldl' (seen: value: if elem value seen then seen else seen ++ [ value ]) [ ];
}
