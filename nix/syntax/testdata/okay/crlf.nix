{
  a = "x
yz";
  # c
  b = ''
    q
  '';
}
