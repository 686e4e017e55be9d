{
  services.nginx.enable = true
  services."my ssh".enable = true;
}
