x: {
  a.b.c = 1; a.b.d = 2; a = { e = 3; inherit x; };
  b = rec { c = 1; d = c; }; b.e = 2;
  c = { d = 1; }; c = rec { e = 2; };
  d = ({ e = 1; }); d.f.${x} = 2; d.f.${x} = 3;
  ${x}.y = 1; ${x}.z = 2;
  e = { inherit (x) y; }; e = { inherit (x.x) z; inherit (x.y) w; };
}
