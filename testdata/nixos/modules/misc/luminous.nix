# What a test chooses about the system it builds. No real NixOS has these.
{ lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  options.luminous = {
    release = mkOption {
      type = types.enum [ "25.05" "25.11" ];
      default = "25.11";
      example = "25.05";
      description = "The release whose package versions the system has.";
    };
    layout = mkOption {
      type = types.enum [ "new" "22.05" ];
      default = "new";
      example = "22.05";
      description = ''
        Which files the system consists of: those of new releases, or of 22.05, with no
        boot.json, no name, and a switch-to-configuration that takes no lock,
        knows no `check` and makes no checks before.
      '';
    };
    switchProgram = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = lib.literalExpression "./nixpkgs/nixos/modules/system/activation/switch-to-configuration.pl";
      description = ''
        A real switch-to-configuration, as nixpkgs has it: a script in Perl with
        placeholders, which become those of a Debian.
      '';
    };
    root = mkOption {
      type = types.str;
      default = "";
      example = "/tmp/testbed/root";
      description = "The directory that stands for / when the system is activated.";
    };
    profile = mkOption {
      type = types.str;
      default = "/nix/var/nix/profiles/system";
      description = "The system profile whose generations the boot menu lists.";
    };
    fault = mkOption {
      type = types.enum [ "none" "hang" "check" "bootloader" "init" "activate" "unit" "kill" ];
      default = "none";
      example = "unit";
      description = ''
        The step at which switching to this system fails: it hangs before it
        changes anything, a pre-switch check fails, the boot loader cannot be
        installed, process 1 is of another kind, an activation snippet fails,
        a unit does not start, or the switch is killed when the units have been
        stopped and the system activated.
      '';
    };
  };
}
