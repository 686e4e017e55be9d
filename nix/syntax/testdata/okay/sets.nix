x: y: {
  b = 2; a = 1; inherit x; inherit (y) d c; inherit (x) e; inherit (y);
  "quoted name" = 3; "plain" = 4; "" = 5; if_ = 6; "if" = 7; or = 8; ${x} = 9; "i${x}" = 10;
  ${"constant"} = 11; ${("paren")} = 12; a' = 13; a-b = 14;
}
