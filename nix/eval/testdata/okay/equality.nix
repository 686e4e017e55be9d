let
  f = x: x;
  s = { inherit f; };
in
[
  (f == f)
  (s == s)
  ([ f ] == [ f ])
  ({ inherit f; } == { inherit f; })
  (1 == 1.0)
  ("a" == "a")
  ({ a = 1; } == { a = 1.0; })
  (null == false)
  ({ type = "derivation"; outPath = "x"; a = 1; } == { type = "derivation"; outPath = "x"; a = 2; })
  ([ 1 2 ] < [ 1 3 ])
  ("a" < "b")
  (/a < /b)
]
