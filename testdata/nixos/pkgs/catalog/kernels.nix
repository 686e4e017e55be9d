# Kernels: the two long-term ones that every release has, and the newest.
{ licenses, ... }:
let
  kernel = {
    pname = "linux";
    description = "Linux kernel";
    homepage = "https://www.kernel.org/";
    license = licenses.gpl2;
    mainProgram = "";
    programs = [ ];
    size = 600;
    builder = ../build/kernel.sh;
  };
in
{
  linux_6_6 = kernel;
  linux_6_12 = kernel;
  linux_6_17 = kernel;
}
