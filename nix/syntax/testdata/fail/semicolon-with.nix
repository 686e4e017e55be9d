{ environment.systemPackages = with pkgs [ git ]; }
