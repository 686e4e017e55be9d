# Small derivations that a system is put together from.
{ lib, system }:
rec {
  # Runs a script with its environment; the script writes $out.
  runCommand = name: environment: script:
    derivation ({
      inherit name system;
      builder = "/bin/sh";
      args = [ "-eu" ] ++ (if builtins.isPath script then [ script ] else [ "-c" script ]);
      PATH = "/usr/bin:/bin";
      preferLocalBuild = true;
    } // environment);

  writeText = name: text: runCommand name { inherit text; } ''printf %s "$text" >"$out"'';

  # An executable with variables in front of a script that is kept in a file.
  writeScript = name: variables: file:
    runCommand name
      { header = "#!/bin/sh\n" + lib.shellVariables variables; inherit file; }
      ''{ printf '%s\n' "$header"; cat "$file"; } >"$out"; chmod +x "$out"'';
}
