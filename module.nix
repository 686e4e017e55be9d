# ask-nix on a NixOS: the program with its manual pages and completions, its settings, its
# folder of state, and what it may do without a password.
#
#   imports = [ ./module.nix ];
#   programs.ask-nix = { enable = true; settings.persona = "technical"; };
{ config, lib, pkgs, ... }:
let
  cfg = config.programs.ask-nix;
  toml = pkgs.formats.toml { };

  # A setting that does not exist, or a value that is none, fails the build of the system
  # and not ask-nix afterwards: the program itself reads the file. `settings` reads nothing
  # else.
  checked = pkgs.runCommand "ask-nix-config.toml" { } ''
    mkdir -p root/etc/luminous-nix
    cp ${toml.generate "config.toml" cfg.settings} root/etc/luminous-nix/config.toml
    HOME=/homeless-shelter ${lib.getExe cfg.package} settings --root "$PWD/root" >/dev/null
    cp root/etc/luminous-nix/config.toml "$out"
  '';
in
{
  options.programs.ask-nix = {
    enable = lib.mkEnableOption "ask-nix, which manages this NixOS in plain words";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.ask-nix or (pkgs.callPackage ./package.nix { });
      defaultText = lib.literalExpression "pkgs.ask-nix";
      description = "The ask-nix to use.";
    };

    settings = lib.mkOption {
      type = toml.type;
      default = { };
      example = lib.literalExpression "{ persona = \"technical\"; cache.ttl = 600; }";
      description = ''
        The settings for all users, in /etc/luminous-nix/config.toml: `ask-nix settings`
        lists them. Those of a user, in ~/.config/luminous-nix/config.toml, weigh more.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    # Manual pages and completions are below share of the package, where NixOS looks for
    # them.
    environment.systemPackages = [ cfg.package ];

    environment.etc."luminous-nix/config.toml" = lib.mkIf (cfg.settings != { }) { source = checked; };

    # Of the machine: the journal of a switch, pins, the audit log. All may look inside,
    # and each file says who may read it.
    systemd.tmpfiles.rules = [ "d /var/lib/luminous-nix 0755 root root -" ];

    # Nothing more than to start what NixOS has listening anyway: becoming root still takes
    # a password.
    security.polkit.extraConfig = ''
      // ask-nix: members of wheel may start Nix's daemon when it does not answer.
      polkit.addRule(function(action, subject) {
        if (action.id == "org.freedesktop.systemd1.manage-units" &&
            action.lookup("verb") == "start" &&
            ["nix-daemon.socket", "nix-daemon.service"].indexOf(action.lookup("unit")) >= 0 &&
            subject.isInGroup("wheel")) {
          return polkit.Result.YES;
        }
      });
    '';
  };
}
