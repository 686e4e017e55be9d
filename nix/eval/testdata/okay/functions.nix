let
  f = { a, b ? a + 1, ... }@args: [ a b (args.c or "no c") ];
  g = args@{ a ? 1 }: args;
  counter = {
    __functor = self: x: self.start + x;
    start = 10;
  };
in
[
  (f { a = 1; })
  (f { a = 1; b = 5; c = 3; })
  (g { })
  (counter 5)
  (map counter [ 1 2 ])
  (builtins.functionArgs f)
  (x: x)
  builtins.map
  (builtins.map (x: x))
  ((a: b: c: [ a b c ]) 1 2 3)
]
