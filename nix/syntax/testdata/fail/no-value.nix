{ networking.hostName "foo"; }
