# The people who use the machine.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;

  user = { name, config, ... }: {
    options = {
      isNormalUser = mkOption {
        type = types.bool;
        default = false;
        description = "Whether this is a person, with a home directory and a shell.";
      };
      description = mkOption {
        type = types.str;
        default = "";
        example = "Rose Miller";
        description = "The user's full name.";
      };
      uid = mkOption {
        type = types.int;
        default = 1000;
        example = 1001;
        description = "The user's number.";
      };
      home = mkOption {
        type = types.str;
        default = "/home/${name}";
        defaultText = lib.literalExpression "\"/home/\${name}\"";
        description = "The user's home directory.";
      };
      shell = mkOption {
        type = types.either types.package types.str;
        default = "/run/current-system/sw/bin/bash";
        example = lib.literalExpression "pkgs.fish";
        description = "The user's shell.";
      };
      extraGroups = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "wheel" "networkmanager" ];
        description = "Groups that the user is a member of.";
      };
      packages = mkOption {
        type = types.listOf types.package;
        default = [ ];
        example = lib.literalExpression "[ pkgs.tuxpaint ]";
        description = "Packages for this user only.";
      };
    };
  };

  users = config.users.users;
  shellOf = u: if lib.isDerivation u.shell then lib.getExe u.shell else u.shell;
  passwd = name: u:
    "${name}:x:${toString u.uid}:100:${u.description}:${u.home}:${shellOf u}\n";
  personalPath = name: u: lib.nameValuePair "profiles/per-user/${name}" {
    source = pkgs.runCommand "user-environment" { paths = lib.unique u.packages; } ./system-path.sh;
  };
  withPackages = lib.filterAttrs (_: u: u.packages != [ ]) users;
in
{
  options.users.users = mkOption {
    type = types.attrsOf (types.submodule user);
    default = { };
    example = lib.literalExpression "{ rose = { isNormalUser = true; extraGroups = [ \"wheel\" ]; }; }";
    description = "The accounts of the machine.";
  };

  config = {
    users.users.root = { uid = 0; home = "/root"; description = "System administrator"; };

    environment.etc = {
      # Not /etc/passwd: the accounts of a test's root are only for show.
      "nixos-users".text = lib.concatStrings (lib.mapAttrsToList passwd users);
    } // lib.listToAttrs (lib.mapAttrsToList personalPath withPackages);

    system.activationScripts.users = "echo 'setting up users...'";
  };
}
