package eval

import (
	"path"
	"strings"
)

// findFile looks <name> up in the entries. Only the first entry counts that has
// the file. What is found has no links in its path.
func (w *worker) findFile(entries []SearchEntry, name string, pos Pos) (string, error) {
	for _, entry := range entries {
		rest, ok := searchSuffix(entry.Prefix, name)
		if !ok {
			continue
		}
		base, ok, err := w.searched(entry.Path, pos)
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		found, err := resolve(w.inputs, path.Join(base, rest), true)
		if err != nil {
			continue
		}
		if _, err := w.inputs.Lstat(found); err == nil {
			return found, nil
		} else if restricted(err) {
			return "", w.readError(err, pos, found)
		}
	}
	if rest, ok := strings.CutPrefix(name, "nix/"); ok {
		return internalDir + rest, nil
	}
	if w.options.Pure {
		return "", w.fail(KindThrow, pos, "cannot look up '<%s>' in pure evaluation mode (use '--impure' to override)", name)
	}
	return "", w.fail(KindThrow, pos, "file '%s' was not found in the Nix search path (add it using $NIX_PATH or -I)", name)
}

// searchSuffix returns what of the name is to be looked for in an entry.
func searchSuffix(prefix, name string) (string, bool) {
	if prefix == "" {
		return name, true
	}
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	return rest, true
}

// internalDir is where <nix/…> is if the search path does not have it. No file
// system has it: see internalFile.
const internalDir = "/__corepkgs__/"

// internalFile returns the text of a file that is part of the evaluator.
func internalFile(file string) (text string, ok bool) {
	if file == internalDir+"fetchurl.nix" {
		return fetchurlText, true
	}
	return "", false
}

// fetchurlText is <nix/fetchurl.nix>, with which the first packages of a
// distribution are downloaded: by Nix itself, since there are no others yet. All
// of its attributes go into the hash of the derivation, needed or not.
const fetchurlText = `let
  pick = given:
    if given.sri != "" then { value = given.sri; algorithm = ""; }
    else if given.sha512 != "" then { value = given.sha512; algorithm = "sha512"; }
    else if given.sha1 != "" then { value = given.sha1; algorithm = "sha1"; }
    else if given.md5 != "" then { value = given.md5; algorithm = "md5"; }
    else { value = given.sha256; algorithm = "sha256"; };
in
{ url, name ? baseNameOf (toString url)
, hash ? "", md5 ? "", sha1 ? "", sha256 ? "", sha512 ? ""
, outputHash ? (pick { sri = hash; inherit sha512 sha1 md5 sha256; }).value
, outputHashAlgo ? (pick { sri = hash; inherit sha512 sha1 md5 sha256; }).algorithm
, executable ? false, unpack ? false, impure ? false
, system ? ""
}:
derivation ({
  inherit name url executable unpack;
  system = "builtin";
  builder = "builtin:fetchurl";
  outputHashMode = if executable || unpack then "recursive" else "flat";
  urls = [ url ];
  preferLocalBuild = true;
  impureEnvVars = [ "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" ];
} // (if impure then { __impure = true; } else { inherit outputHash outputHashAlgo; }))
`
