x: [ ./. ./a ../a/../b a/b /abs/./x ~/home ./a/${x} ./${x}/b ./a${x}b.c ~/${x} <nixpkgs> <a/b> 1/2 a+b/c.d /${x} ]
