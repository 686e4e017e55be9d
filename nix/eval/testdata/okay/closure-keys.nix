# Keys of genericClosure: numbers in order, floats among integers, text and lists.
let
  keys = list: map (x: x.key) (builtins.genericClosure {
    startSet = map (key: { inherit key; }) list;
    operator = x: [ ];
  });
in
{
  inOrder = builtins.length (builtins.genericClosure {
    startSet = [ { key = 0; } ];
    operator = x: if x.key < 20000 then [ { key = x.key + 1; } { key = x.key; } ] else [ ];
  });
  numbers = keys [ 1 2 2.0 1.5 3 1.5 3.0 1 2.5 ];
  text = keys [ "b" "a" "b" "c" "a" ];
  lists = keys [ [ 1 "x" ] [ 1 "x" ] [ 0 "y" ] [ 2 ] [ 0 "y" ] ];
}
