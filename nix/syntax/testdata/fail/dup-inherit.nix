{ inherit a; inherit (x) a; }
