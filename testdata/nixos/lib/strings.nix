# Strings.
{ lib }:
let
  inherit (builtins) concatStringsSep map match replaceStrings stringLength substring;
in
rec {
  inherit (builtins) concatStringsSep replaceStrings stringLength substring;

  concatStrings = concatStringsSep "";
  concatLines = lines: concatStrings (map (line: line + "\n") lines);
  concatMapStrings = f: list: concatStrings (map f list);
  concatMapStringsSep = separator: f: list: concatStringsSep separator (map f list);

  boolToString = value: if value then "true" else "false";

  optionalString = condition: text: if condition then text else "";

  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;

  # One word for /bin/sh, whatever it contains.
  escapeShellArg = value: "'" + replaceStrings [ "'" ] [ "'\\''" ] (toString value) + "'";

  # `name=value` lines, ready to stand at the top of a shell script.
  shellVariables = variables:
    concatLines (lib.mapAttrsToList (name: value: "${name}=${escapeShellArg value}") variables);

  # An option's location as people write it: services.nginx.virtualHosts."my.host".
  showOption = location:
    let
      part = name: if match "[a-zA-Z_<][a-zA-Z0-9_'>-]*" name != null then name else ''"${name}"'';
    in
    concatMapStringsSep "." part location;
}
