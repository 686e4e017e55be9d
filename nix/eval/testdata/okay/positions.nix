let
  set = {
    here = 1;
  };
  name = p: p // { file = baseNameOf p.file; };
in
[
  (name __curPos)
  (name (builtins.unsafeGetAttrPos "here" set))
  (builtins.unsafeGetAttrPos "missing" set)
]
