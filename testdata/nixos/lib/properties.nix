# Properties: what a definition may say about itself besides its value.
#
# A property wraps a value. It can stand for one option or for a whole set of
# them; modules.nix pushes the outer ones down until they reach single options.
{ lib }:
let
  inherit (builtins) concatMap foldl' isAttrs map mapAttrs sort;

  kind = value: if isAttrs value then value._type or null else null;
in
rec {
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };

  # The smallest priority wins. Plain definitions have 100.
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkForce = mkOverride 50;
  mkDefault = mkOverride 1000;
  mkOptionDefault = mkOverride 1500;

  # The smallest order comes first in lists and lines. Plain definitions have 1000.
  mkOrder = order: content: { _type = "order"; inherit order content; };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  # pushDown turns one definition { file, value } of a set of options into
  # definitions whose values are plain sets: `mkIf c { a = 1; }` becomes
  # `{ a = mkIf c 1; }`. That keeps conditions lazy: which options a module
  # defines can be known before any condition is.
  pushDown = definition:
    let
      value = definition.value;
      wrap = property: map (inner: inner // { value = mapAttrs (_: property) inner.value; })
        (pushDown (definition // { value = value.content; }));
    in
    if kind value == "merge" then concatMap (content: pushDown (definition // { value = content; })) value.contents
    else if kind value == "if" then wrap (mkIf value.condition)
    else if kind value == "override" then wrap (mkOverride value.priority)
    else if kind value == "order" then wrap (mkOrder value.order)
    else [ definition ];

  # discharge turns the definitions of one option into those that count:
  # conditions decided, only the strongest priority, in their order.
  discharge = definitions:
    let
      unwrapped = concatMap unwrap definitions;
      strongest = foldl' (least: d: if d.priority < least then d.priority else least) 9999 unwrapped;
    in
    sort (a: b: a.order < b.order) (lib.filter (d: d.priority == strongest) unwrapped);

  unwrap = definition:
    let
      d = { priority = 100; order = 1000; } // definition;
      value = d.value;
      inside = change: unwrap (d // { value = value.content; } // change);
    in
    if kind value == "merge" then concatMap (content: unwrap (d // { value = content; })) value.contents
    else if kind value == "if" then lib.optionals value.condition (inside { })
    else if kind value == "override" then inside { inherit (value) priority; }
    else if kind value == "order" then inside { inherit (value) order; }
    else [ d ];
}
