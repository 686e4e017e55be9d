let
  x = "let";
  set = {
    x = "with";
    y = "with";
  };
in
[
  (with set; [ x y ])
  (with set; with { y = "inner"; }; y)
  (let y = "lexical"; in with set; y)
  (let map = f: "shadowed"; in map 1)
  (rec { y = x; }.y)
  (let inherit (set) y; in y)
  (let { body = 1; })
  (let __sub = a: b: "subtracted"; in 5 - 3)
]
