{ with = 1; }
