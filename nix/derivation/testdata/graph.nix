# A graph of 600 derivations: every one needs up to four earlier ones, every
# fifth is a fixed-output one, every seventh has structured attributes.
let
  count = 600;
  all = builtins.genList make count;
  modulo = a: b: a - b * (a / b);
  needed = i: if i == 0 then [ ] else map (k: modulo (i * k + 3 * k) i) [ 1 7 13 29 ];
  pick = i: n: let d = builtins.elemAt all n; in
    if d ? dev && modulo i 2 == 0 then d.dev else d;
  make = i: derivation ({
    name = "node-${toString i}";
    system = "x86_64-linux";
    builder = "/bin/sh";
    args = [ "-c" "echo \"${toString i}\"\n" ];
    inputs = map (pick i) (needed i);
    script = builtins.toFile "script-${toString (i / 10)}" (toString (i / 10));
    text = builtins.concatStringsSep "\n" (builtins.genList (n: "line ${toString n}\tof \"${toString i}\"") 40);
  } // (if modulo i 5 == 1 then {
    outputHashMode = if modulo i 2 == 0 then "flat" else "recursive";
    outputHashAlgo = "sha256";
    outputHash = builtins.hashString "sha256" (toString (i / 10));
  } else {
    outputs = if modulo i 3 == 0 then [ "out" "dev" ] else [ "out" ];
    __structuredAttrs = modulo i 7 == 0;
  }));
in all
