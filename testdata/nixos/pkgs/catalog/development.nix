# Compilers, interpreters, and the tools around them.
{ pkgs, licenses }:
with licenses;
{
  git = {
    description = "Version control for source code";
    homepage = "https://git-scm.com/";
    license = gpl2;
    uses = [ pkgs.curl pkgs.openssl pkgs.perl ];
    size = 180;
  };

  perl = {
    description = "The Perl programming language";
    homepage = "https://www.perl.org/";
    license = gpl2Plus;
    uses = [ pkgs.glibc ];
    size = 200;
  };

  gcc = {
    description = "Compilers for C, C++ and other languages";
    homepage = "https://gcc.gnu.org/";
    license = gpl3Plus;
    programs = [ "gcc" "g++" "cpp" ];
    uses = [ pkgs.glibc pkgs.zlib ];
    size = 700;
  };

  gnumake = {
    description = "Builds programs from their sources by rules";
    homepage = "https://www.gnu.org/software/make/";
    license = gpl3Plus;
    mainProgram = "make";
    uses = [ pkgs.glibc ];
  };

  go = {
    description = "The Go programming language";
    homepage = "https://go.dev/";
    license = bsd3;
    programs = [ "go" "gofmt" ];
    uses = [ pkgs.glibc ];
    size = 500;
  };

  rustc = {
    description = "Compiler of the Rust programming language";
    homepage = "https://www.rust-lang.org/";
    license = mit;
    programs = [ "rustc" "rustdoc" ];
    uses = [ pkgs.gcc ];
    size = 600;
  };

  cargo = {
    description = "Package manager and build tool for Rust";
    homepage = "https://crates.io";
    license = mit;
    uses = [ pkgs.rustc pkgs.openssl pkgs.curl ];
    size = 90;
  };

  nodejs = {
    description = "Runs JavaScript outside of the browser";
    homepage = "https://nodejs.org";
    license = mit;
    mainProgram = "node";
    programs = [ "node" "npm" "npx" ];
    uses = [ pkgs.openssl pkgs.zlib ];
    size = 300;
  };

  python3 = {
    description = "The Python programming language";
    homepage = "https://www.python.org";
    license = psfl;
    programs = [ "python3" "python" "pydoc3" ];
    uses = [ pkgs.openssl pkgs.readline pkgs.sqlite pkgs.zlib ];
    size = 260;
  };

  sqlite = {
    description = "SQL database in a single file";
    homepage = "https://www.sqlite.org/";
    license = publicDomain;
    mainProgram = "sqlite3";
    uses = [ pkgs.readline pkgs.zlib ];
    size = 40;
  };

  vscode = {
    description = "Microsoft's editor for source code";
    homepage = "https://code.visualstudio.com/";
    license = unfree;
    mainProgram = "code";
    uses = [ pkgs.gtk3 ];
    size = 400;
  };
}
