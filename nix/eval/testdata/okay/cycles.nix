let
  set = { inherit set; n = 1; };
in
[ set set { inherit set; } ]
