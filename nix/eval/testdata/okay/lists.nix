let
  list = builtins.genList (x: x) 10;
in
{
  sorted = builtins.sort (a: b: a.k < b.k) [ { k = 2; v = 1; } { k = 1; v = 2; } { k = 2; v = 3; } { k = 1; v = 4; } ];
  sum = builtins.foldl' (a: b: a + b) 0 list;
  even = builtins.filter (x: x / 2 * 2 == x) list;
  parts = builtins.partition (x: x > 5) list;
  groups = builtins.groupBy (x: if x > 5 then "big" else "small") list;
  closure = builtins.genericClosure {
    startSet = [ { key = 1; } ];
    operator = x: if x.key > 20 then [ ] else [ { key = x.key * 2; } { key = x.key * 3; } ];
  };
  all = builtins.all (x: x < 10) list;
  any = builtins.any (x: x > 10) list;
  elem = builtins.elem 3 list;
  concat = builtins.concatLists [ [ 1 ] [ ] [ 2 3 ] ] ++ builtins.concatMap (x: [ x x ]) [ 1 2 ];
  tail = builtins.tail [ 1 2 3 ];
  zipped = builtins.zipAttrsWith (name: values: values) [ { a = 1; } { a = 2; b = 3; } ];
}
