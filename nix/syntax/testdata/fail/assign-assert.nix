assert a = 1; 2
