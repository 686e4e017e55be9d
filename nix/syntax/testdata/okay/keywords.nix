f: x: let or = f; in [
  (let a = 1; b.c = 2; in a) (let { body = x; }) (rec { a = b; b = 1; }) (with x; with f; f)
  (assert x; f) (if x then f else if f then x else f) (let in x) __curPos
  (x.a or x.b or f) (f or x) (x.a.b or f x) (f or) (x.or) (f x.or or 1)
]
