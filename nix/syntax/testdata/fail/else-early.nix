if 7 else
