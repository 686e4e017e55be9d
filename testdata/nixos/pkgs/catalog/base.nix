# What every system is made of.
{ pkgs, licenses }:
with licenses;
{
  glibc = {
    description = "The C library of the GNU system";
    homepage = "https://www.gnu.org/software/libc/";
    license = lgpl21Plus;
    mainProgram = "ldd";
    programs = [ "ldd" "getent" "iconv" ];
    size = 320;
  };

  zlib = {
    description = "Library for lossless compression";
    homepage = "https://zlib.net";
    license = licenses.zlib;
    programs = [ ];
    uses = [ pkgs.glibc ];
    size = 16;
  };

  ncurses = {
    description = "Library for text interfaces on any terminal";
    homepage = "https://www.gnu.org/software/ncurses/";
    license = mit;
    mainProgram = "tput";
    programs = [ "tput" "clear" "reset" ];
    uses = [ pkgs.glibc ];
    size = 60;
  };

  readline = {
    description = "Library for editing a line of input";
    homepage = "https://savannah.gnu.org/projects/readline/";
    license = gpl3Plus;
    programs = [ ];
    uses = [ pkgs.ncurses ];
    size = 24;
  };

  openssl = {
    description = "Library and tool for TLS and cryptography";
    homepage = "https://www.openssl.org/";
    license = asl20;
    uses = [ pkgs.glibc ];
    size = 90;
  };

  bash = {
    description = "The GNU project's shell";
    homepage = "https://www.gnu.org/software/bash/";
    license = gpl3Plus;
    programs = [ "bash" "sh" ];
    uses = [ pkgs.readline ];
    size = 40;
  };

  coreutils = {
    description = "Basic tools for files, text and the shell";
    homepage = "https://www.gnu.org/software/coreutils/";
    license = gpl3Plus;
    mainProgram = "ls";
    programs = [ "cat" "cp" "ls" "mkdir" "mv" "rm" "sort" ];
    uses = [ pkgs.glibc ];
    size = 48;
  };

  findutils = {
    description = "Tools that look for files in directories";
    homepage = "https://www.gnu.org/software/findutils/";
    license = gpl3Plus;
    mainProgram = "find";
    programs = [ "find" "xargs" ];
    uses = [ pkgs.glibc ];
  };

  gnugrep = {
    description = "Tool that prints lines matching a pattern";
    homepage = "https://www.gnu.org/software/grep/";
    license = gpl3Plus;
    mainProgram = "grep";
    uses = [ pkgs.glibc ];
  };

  gnused = {
    description = "Editor for streams of text";
    homepage = "https://www.gnu.org/software/sed/";
    license = gpl3Plus;
    mainProgram = "sed";
    uses = [ pkgs.glibc ];
  };

  gawk = {
    description = "The AWK language for processing text";
    homepage = "https://www.gnu.org/software/gawk/";
    license = gpl3Plus;
    uses = [ pkgs.readline ];
  };

  gnutar = {
    description = "Archiver for whole directory trees";
    homepage = "https://www.gnu.org/software/tar/";
    license = gpl3Plus;
    mainProgram = "tar";
    uses = [ pkgs.glibc ];
  };

  gzip = {
    description = "Compression program for single files";
    homepage = "https://www.gnu.org/software/gzip/";
    license = gpl3Plus;
    programs = [ "gzip" "gunzip" "zcat" ];
    uses = [ pkgs.glibc ];
  };

  xz = {
    description = "Compression with a high ratio";
    homepage = "https://tukaani.org/xz/";
    license = publicDomain;
    programs = [ "xz" "unxz" ];
    uses = [ pkgs.glibc ];
  };

  less = {
    description = "Pager for reading text on a terminal";
    homepage = "https://www.greenwoodsoftware.com/less/";
    license = gpl3Plus;
    uses = [ pkgs.ncurses ];
  };

  util-linux = {
    description = "Essential tools for disks, mounts and processes";
    homepage = "https://www.kernel.org/pub/linux/utils/util-linux/";
    license = gpl2Plus;
    mainProgram = "mount";
    programs = [ "mount" "umount" "lsblk" "flock" ];
    uses = [ pkgs.ncurses ];
    size = 36;
  };

  shadow = {
    description = "Tools for accounts and passwords";
    homepage = "https://github.com/shadow-maint/shadow";
    license = bsd3;
    mainProgram = "passwd";
    programs = [ "passwd" "su" "useradd" ];
    uses = [ pkgs.glibc ];
  };

  iproute2 = {
    description = "Tools for addresses, routes and traffic of networks";
    homepage = "https://wiki.linuxfoundation.org/networking/iproute2";
    license = gpl2Plus;
    mainProgram = "ip";
    programs = [ "ip" "ss" ];
    uses = [ pkgs.glibc ];
  };

  dbus = {
    description = "Message bus by which programs talk to each other";
    homepage = "https://www.freedesktop.org/wiki/Software/dbus/";
    license = gpl2Plus;
    mainProgram = "dbus-send";
    programs = [ "dbus-daemon" "dbus-send" ];
    uses = [ pkgs.glibc ];
  };

  # Only a name and an interface version: nothing here runs as process 1.
  systemd = {
    description = "Manager of the system and its services";
    homepage = "https://www.freedesktop.org/wiki/Software/systemd/";
    license = lgpl21Plus;
    mainProgram = "systemctl";
    programs = [ "systemctl" "journalctl" "busctl" "loginctl" "systemd-escape" "systemd-run" ];
    forwards = [ "systemctl" "journalctl" "busctl" "loginctl" "systemd-escape" "systemd-run" ];
    uses = [ pkgs.dbus pkgs.util-linux pkgs.openssl ];
    size = 220;
  };

  nix = {
    description = "Package manager with a store, generations and rollbacks";
    homepage = "https://nixos.org/";
    license = lgpl21Plus;
    programs = [ "nix" "nix-env" "nix-store" ];
    uses = [ pkgs.openssl pkgs.sqlite pkgs.xz ];
    size = 110;
  };
}
