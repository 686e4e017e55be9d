# What is done to make a system the running one, apart from its services.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  inherit (config.luminous) root fault;

  # A snippet that fails does not stop the ones after it; the script remembers.
  snippet = name: text: ''
    _localstatus=0
    ${text}
    if [ "$_localstatus" -gt 0 ]; then
      printf "activation snippet '%s' failed (%s)\n" ${lib.escapeShellArg name} "$_localstatus" >&2
      _status=$_localstatus
    fi
  '';
in
{
  options.system = {
    activationScripts = mkOption {
      type = types.attrsOf types.lines;
      default = { };
      example = { hello = "echo hello || _localstatus=$?"; };
      description = ''
        Snippets for /bin/sh that run, in the order of their names, whenever a
        system is activated. One that goes wrong sets _localstatus.
      '';
    };
    build = mkOption {
      type = types.lazyAttrsOf types.raw;
      default = { };
      internal = true;
      description = "Everything that can be built of this system.";
    };
  };

  config = {
    system.activationScripts = {
      etc = builtins.readFile ./activate-etc.sh;
      luminousFault = lib.mkIf (fault == "activate") ''
        echo "cannot do what I was told to" >&2
        _localstatus=1
      '';
    };

    # Reads $systemConfig, which toplevel.sh puts in front.
    system.build.activationScript = ''
      root=${lib.escapeShellArg root}
      PATH=/usr/bin:/bin
      _status=0
      ${lib.concatStrings (lib.mapAttrsToList snippet config.system.activationScripts)}
      # The new system is the current one even if a snippet failed.
      mkdir -p "$root/run"
      ln -sfn "$systemConfig" "$root/run/current-system"
      exit $_status
    '';
  };
}
