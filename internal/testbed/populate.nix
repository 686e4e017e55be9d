# Many cheap generations of a system, for benchmarks. They have what a list of
# generations reads of each and refer to some packages, of an older release in
# the first half and of a newer one in the second.
{ first, count }:
let
  releases = map (release: import <nixpkgs> { inherit release; }) [ "25.05" "25.11" ];

  remainder = number: divisor: number - number / divisor * divisor;
  pick = list: number: builtins.elemAt list (remainder number (builtins.length list));

  # 25.05.20250107.00002a0: no real date, but it grows with the number.
  pad = width: text:
    if builtins.stringLength text < width then pad width "0${text}" else text;
  version = pkgs: number:
    "${pkgs.release}.2025${pad 4 (toString number)}.${pad 7 (toString (number * 7))}";

  # What is linked into the generations that have this kernel.
  bootFiles = pkgs: kernel: pkgs.runCommand "boot-${kernel.name}" { inherit kernel; } ''
    mkdir "$out"
    ln -s "$kernel" "$out/kernel-modules"
    ln -s "$kernel/bzImage" "$out/kernel"
    echo "initrd of $kernel" >"$out/initrd"
    printf loglevel=4 >"$out/kernel-params"
  '';

  generation = index:
    let
      number = first + index;
      pkgs = builtins.elemAt releases (index * 2 / count);
      label = version pkgs number;
    in
    pkgs.runCommand "nixos-system-nixos-${label}"
      {
        inherit label;
        boot = bootFiles pkgs
          (pick [ pkgs.linuxPackages pkgs.linuxPackages_6_6 pkgs.linuxPackages_latest ] (number / 10)).kernel;
        packages = [ pkgs.coreutils pkgs.openssl ]
          ++ map (pick [ pkgs.git pkgs.vim pkgs.htop pkgs.jq pkgs.curl pkgs.tmux pkgs.sqlite ]) [ number (number + 2) ];
        specialisation = if remainder number 5 == 0 then "gaming" else "";
        revision = builtins.hashString "sha1" label;
      }
      ''
        mkdir -p "$out/sw/bin" "$out/sw/share/doc" "$out/specialisation"
        ln -s "$boot"/* "$out/"
        [ -z "$specialisation" ] || ln -s "$boot" "$out/specialisation/$specialisation"
        for package in $packages; do set -- "$@" "$package"/share/doc/*; done
        ln -s "$@" "$out/sw/share/doc/"
        printf %s "$label" >"$out/nixos-version"
        printf '%s\n' '#!/bin/sh' 'case "$1" in' '  --configuration-revision)' "    echo \"$revision\"" '    ;;' \
          '  *)' "    echo \"$label\"" '    ;;' 'esac' >"$out/sw/bin/nixos-version"
        chmod +x "$out/sw/bin/nixos-version"
      '';
in
builtins.genList generation count
