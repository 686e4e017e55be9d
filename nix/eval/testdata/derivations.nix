# What derivations are made of, each in a derivation of its own. Its paths depend on
# the store directory, so there is no expected output: a real Nix is asked.
let
  make = attrs: derivation ({ system = "x86_64-linux"; builder = "/bin/sh"; } // attrs);
  dep = make { name = "dep-1.0"; outputs = [ "out" "dev" ]; };
  note = builtins.toFile "note.txt" "some text\n";
  withReference = builtins.toFile "refers.txt" "see ${note}\n";
in
{
  conversions = make { name = "conversions"; a = null; b = true; c = false; d = [ 1 2.5 "x" [ ] [ "y" null ] ./derivations.nix ]; e = -3; f = 1.0e10; };
  source = make { name = "source"; src = ./derivation-source; file = ./derivation-source/run.sh; text = "${./derivation-source}/a.txt"; };
  filtered = make {
    name = "filtered";
    src = builtins.filterSource (path: type: type == "directory" || baseNameOf path != "a.txt") ./derivation-source;
    path = builtins.path { path = ./derivation-source; name = "renamed"; filter = path: type: type != "directory"; };
    flat = builtins.path { path = ./derivation-source/a.txt; recursive = false; };
    known = builtins.path { path = ./derivation-source/a.txt; recursive = false; sha256 = builtins.hashFile "sha256" ./derivation-source/a.txt; };
  };
  texts = make { name = "texts"; inherit note withReference; };
  contexts = make {
    name = "contexts";
    sub = builtins.substring 0 10 "${dep}/bin";
    joined = builtins.concatStringsSep ":" [ dep dep.dev note ];
    replaced = builtins.replaceStrings [ "@out@" "@dev@" ] [ "${dep}" "${dep.dev}" ] "@out@/x";
    plain = builtins.unsafeDiscardStringContext dep.dev.outPath;
    drv = builtins.unsafeDiscardOutputDependency dep.drvPath;
    appended = builtins.appendContext "x" (builtins.getContext dep.dev.outPath);
  };
  closure = make { name = "closure"; all = dep.drvPath; };
  nested = make { name = "nested"; all = (make { name = "middle"; inherit dep withReference; }).drvPath; };
  ignored = make { name = "ignored"; __ignoreNulls = true; a = null; b = [ null ]; };
  structured = make { name = "structured"; __structuredAttrs = true; __ignoreNulls = true; gone = null; set = { b = 1; a = [ dep ./derivation-source ]; "\"" = 0.5; }; outputs = [ "out" "doc" ]; args = [ dep.dev ]; };
  overridden = make { name = "overridden"; value = { __toString = self: "text of ${self.name}"; name = dep; }; path = { outPath = ./derivation-source; }; };
  fixed = make { name = "fixed"; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; outputHashMode = "recursive"; };
  algorithm = make { name = "algorithm"; outputHash = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="; outputHashAlgo = "sha1"; };
  fetched = import <nix/fetchurl.nix> { url = "https://example.org/x.tar.gz"; sha256 = "0000000000000000000000000000000000000000000000000000"; };
  unpacked = import <nix/fetchurl.nix> { url = "https://example.org/x.tar.gz"; hash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; unpack = true; name = "x"; };
  placeholder = make { name = "placeholder"; self = placeholder "out"; };
  versions = make { name = "versions"; matched = builtins.toJSON (builtins.match "(.*)-([0-9.]+)(-.*)?" "dep-1.0"); xml = builtins.toXML { inherit dep; list = [ 1 "a<b" null ]; }; };
}
