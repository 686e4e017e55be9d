# The system of a small office server.
{ config, pkgs, lib, ... }:

let
  domain = "example.org"; # also in the certificate
in
{
  imports = [
    ./hardware-configuration.nix # written by the installer
    ./users.nix
  ];

  # Boot
  boot.loader.systemd-boot.enable = true; # UEFI
  boot.loader.efi.canTouchEfiVariables = true;

  networking = {
    hostName = "office";
    firewall.allowedTCPPorts = [ 22 80 443 ];
  };

  # Everything that everybody needs.
  environment.systemPackages = with pkgs; [
    git # for /etc/nixos
    vim
    (python3.withPackages (ps: [ ps.requests ]))

    # network
    curl
    wget # old scripts
  ];

  services.openssh = {
    enable = true;
    settings.PasswordAuthentication = false;
  };
  services.nginx.enable = true;

  fonts.packages = lib.mkForce [ ];

  users.users.${domain} = { };
  users.groups = import ./groups.nix;
  systemd.services.backup = lib.mkIf config.services.openssh.enable {
    wantedBy = [ "multi-user.target" ];
  };

  hardware.firmware = [ pkgs.a ] ++ lib.optionals true [ pkgs.b ];

  system.stateVersion = "24.11";
}
