let
  a = {
    b.c = 1;
    b.d = 2;
    "quoted name" = 3;
    ${"dyn" + "amic"} = 4;
    ${null} = 5;
  };
  inherit (a.b) c;
in
{
  inherit a c;
  rec' = rec {
    x = y + 1;
    y = 2;
  };
  updated = a // { b = null; };
  has = [
    (a ? b.c)
    (a ? b.x)
    (a.b ? "c")
    (1 ? a)
  ];
  or' = a.x.y or "none";
  names = builtins.attrNames a;
  removed = removeAttrs a [ "b" "none" ];
  mapped = builtins.mapAttrs (n: v: n + toString v) { x = 1; y = 2; };
  both = builtins.intersectAttrs { x = 1; y = 2; } { y = 3; z = 4; };
  fromList = builtins.listToAttrs [
    { name = "x"; value = 1; }
    { name = "x"; value = 2; }
  ];
}
