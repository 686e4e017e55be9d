let
  bottom = throw "evaluated";
  inf = n: [ n (inf (n + 1)) ];
in
[
  (builtins.length [ bottom bottom ])
  (builtins.head [ 1 bottom ])
  ({ a = 1; b = bottom; }.a)
  ((x: 1) bottom)
  (true || bottom)
  (false && bottom)
  (false -> bottom)
  (builtins.tryEval bottom)
  (builtins.tryEval (assert false; 1))
  (builtins.head (builtins.elemAt (inf 0) 1))
  (builtins.isList (builtins.genList (x: bottom) 3))
  ([ 1 ] == [ 1 2 ] || true)
]
