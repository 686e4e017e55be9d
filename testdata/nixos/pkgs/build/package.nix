# mkPackage: a description from the catalog as a package.
#
#   pname, version          what it is called
#   description, homepage   for people
#   license                 one of lib.licenses
#   mainProgram             defaults to pname
#   programs                what goes into bin/, defaults to the main program
#   forwards                those of them that run the machine's own, where systemd runs
#   daemons                 those of them that stay once they are started
#   uses                    packages it refers to at run time
#   size                    of its data file, in KiB
#   builder                 a script for /bin/sh instead of package.sh
{ lib, system, config }:
let
  unfreeAllowed = config.allowUnfree or false || builtins.getEnv "NIXPKGS_ALLOW_UNFREE" == "1";

  mkPackage = description:
    let
      p = {
        homepage = "https://example.org/${p.pname}";
        mainProgram = p.pname;
        programs = [ p.mainProgram ];
        daemons = [ ];
        forwards = [ ];
        uses = [ ];
        size = 4;
        builder = ./package.sh;
      } // description;

      meta = {
        inherit (p) description homepage license mainProgram;
        unfree = !p.license.free;
        available = p.license.free || unfreeAllowed;
        platforms = [ "x86_64-linux" "aarch64-linux" ];
      };

      refuseUnfree = throw ''
        Package ‘${p.pname}-${p.version}’ has an unfree license (‘${p.license.fullName}’); refusing to evaluate it unless that is allowed:
        by nixpkgs.config.allowUnfree in the configuration or NIXPKGS_ALLOW_UNFREE=1 in the environment.'';

      package = derivation {
        name = "${p.pname}-${p.version}";
        inherit system;
        inherit (p) pname version mainProgram programs daemons forwards uses size;
        builder = if meta.available then "/bin/sh" else refuseUnfree;
        args = [ "-eu" p.builder ];
        PATH = "/usr/bin:/bin";
        preferLocalBuild = true;
      };
    in
    package // {
      inherit meta;
      inherit (p) pname version;
      # overrideAttrs (old: { version = "…"; })
      overrideAttrs = change: mkPackage (p // change p);
    };
in
mkPackage
