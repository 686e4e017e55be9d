# Services that listen.
{ pkgs, licenses }:
with licenses;
{
  openssh = {
    description = "Secure logins and file transfer over a network";
    homepage = "https://www.openssh.com/";
    license = bsd3;
    mainProgram = "ssh";
    programs = [ "ssh" "sshd" "scp" "ssh-keygen" ];
    daemons = [ "sshd" ];
    uses = [ pkgs.openssl pkgs.zlib ];
    size = 50;
  };

  nginx = {
    description = "Web server and reverse proxy";
    homepage = "http://nginx.org";
    license = bsd3;
    daemons = [ "nginx" ];
    uses = [ pkgs.openssl pkgs.zlib ];
    size = 30;
  };

  postgresql = {
    description = "Object-relational SQL database";
    homepage = "https://www.postgresql.org";
    license = licenses.postgresql;
    mainProgram = "psql";
    programs = [ "psql" "postgres" "pg_dump" ];
    daemons = [ "postgres" ];
    uses = [ pkgs.openssl pkgs.readline pkgs.zlib ];
    size = 240;
  };

  docker = {
    description = "Runs applications in containers";
    homepage = "https://www.docker.com/";
    license = asl20;
    programs = [ "docker" "dockerd" ];
    daemons = [ "dockerd" ];
    uses = [ pkgs.iproute2 ];
    size = 350;
  };

  networkmanager = {
    description = "Looks after wired and wireless connections";
    homepage = "https://networkmanager.dev";
    license = gpl2Plus;
    mainProgram = "nmcli";
    programs = [ "nmcli" "nmtui" "NetworkManager" ];
    daemons = [ "NetworkManager" ];
    uses = [ pkgs.dbus pkgs.curl ];
    size = 80;
  };
}
