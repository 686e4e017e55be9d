# The derivations in store/ are what Nix 2.8 makes of this file with the
# experimental features ca-derivations and impure-derivations:
#   nix-instantiate --store DIRECTORY golden.nix
let
  sys = "x86_64-linux";
  d = a: derivation ({ system = sys; builder = "/bin/sh"; } // a);
  source = builtins.toFile "source.txt" "a \"source\"\n";
in rec {
  simple = d { name = "simple"; args = [ "-c" "echo hello > $out" ]; };
  escapes = d { name = "escapes"; "odd\"\\name" = "a\nb\rc\td\"e\\f$g"; args = [ "\t" "" "é→" ]; inherit source; };
  many = d { name = "many-1.0"; outputs = [ "out" "dev" "lib" ]; args = [ "-c" "touch $out $dev $lib" ]; };
  flat = d { name = "flat.tar.gz"; outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "0000000000000000000000000000000000000000000000000000"; url = "https://example.org/a"; input = simple; };
  sha1 = d { name = "sha1"; outputHashMode = "flat"; outputHashAlgo = "sha1"; outputHash = "0123456789abcdef0123456789abcdef01234567"; };
  md5 = d { name = "md5"; outputHashMode = "recursive"; outputHashAlgo = "md5"; outputHash = "0123456789abcdef0123456789abcdef"; };
  sha512 = d { name = "sha512"; outputHash = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="; };
  recursive = d { name = "recursive"; outputHashMode = "recursive"; outputHashAlgo = "sha256"; outputHash = "1111111111111111111111111111111111111111111111111111"; };
  structured = d { name = "structured"; __structuredAttrs = true; outputs = [ "out" "doc" ]; list = [ 1 2.5 true null "x" ]; set = { b = "\"q\""; a = many.dev; }; };
  floating = d { name = "floating"; __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; outputs = [ "out" "dev" ]; };
  deferred = d { name = "deferred"; outputs = [ "out" "man" ]; inherit floating; };
  impure = d { name = "impure"; __impure = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; };
  afterImpure = d { name = "after-impure"; __impure = true; inherit impure; };
  top = d { name = "top"; inputs = [ simple many.lib many.dev flat recursive structured.doc escapes ]; inherit source; };
  flat2 = d { name = "flat.tar.gz"; outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "0000000000000000000000000000000000000000000000000000"; url = "https://example.org/mirror"; };
  twice = d { name = "twice"; inputs = [ flat flat2 ]; };
  closure = d { name = "closure"; drvs = top.drvPath; };
}
