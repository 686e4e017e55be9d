let
  x = "in the middle";
in
[
  "a${x}b"
  "\${x} $${x} \n\t\"\\"
  ''
    first ${x}
      indented
    ''${x} ''\t tab '''
  ''
  ("a" + "b")
  (toString [ 1 2.5 true false null "x" [ "nested" ] ])
  (builtins.substring 1 3 "abcdef")
  (builtins.concatStringsSep ", " [ "a" "b" ])
  (builtins.replaceStrings [ "a" "" ] [ "1" "-" ] "banana")
]
