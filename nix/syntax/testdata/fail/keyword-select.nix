b.if
