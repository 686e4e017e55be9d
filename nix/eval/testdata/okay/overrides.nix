[
  (rec { __overrides = { x = 2; z = 5; }; x = 1; y = x; }.y)
  (rec { x = 1; y = x; } // { x = 3; }).y
]
