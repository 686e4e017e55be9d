let
  named = { __toString = self: "named ${self.name}"; name = "x"; };
  out = { outPath = "/nix/store/out"; };
in
[
  "${named}"
  "${out}/bin"
  (toString out)
  (toString named)
  (/. + "/etc")
  (/a + "b")
  ("a" + toString /b)
  (/a/b + "/../c")
]
