# Precedences and the sides to which operators group.
a: b: c: f: [
  (a -> b -> c) (a || b && c) (a == b && b != c) (!a ? x || b) (a // b // c)
  (a - b - c) (a * b + c) (a + b * c) (a ++ b ++ c) (-a * b) (- -a) (a < b == (b >= c))
  (a + !b + c) (a <= b) (a > b) (-f a) (f a b + c) ((a - b) c) ((f a) b) (!a == b) (a / b)
  (a ? x.y."z w".${b} ? c) (a ? b && c)
]
