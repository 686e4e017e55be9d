{ lib, pkgs config }: 1
