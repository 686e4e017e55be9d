# ask-nix as a package: `pkgs.callPackage ./package.nix { }`. It takes a Go that is not
# older than go.mod says.
{
  lib,
  stdenv,
  buildGoModule,
  installShellFiles,
}:
let
  # The version stands in one place only, where the program has it from.
  version = lib.head (builtins.match ".*const Version = \"([^\"]+)\".*" (builtins.readFile ./internal/engine/version.go));

  # What is not a source, and would only have it built anew.
  isSource = path: _: !builtins.elem (baseNameOf path) [ ".git" ".build" ".cache" "result" ];
in
buildGoModule {
  pname = "ask-nix";
  inherit version;
  src = builtins.path { path = ./.; name = "ask-nix-source"; filter = isSource; };

  # Of the folder that `go mod vendor` makes; internal/packaging computes it anew.
  vendorHash = "sha256-73TPJFXKaIt6uiJ2NooN3nydGk2TTxEGRGEkWD+Gf20=";

  subPackages = [ "cmd/ask-nix" "cmd/man" ];
  # A static program. Releases of nixpkgs do not agree on which attribute says so.
  preBuild = "export CGO_ENABLED=0";
  ldflags = [ "-s" "-w" ];
  # The tests want a Nix of their own to talk to: `make test`.
  doCheck = false;

  nativeBuildInputs = [ installShellFiles ];
  # What the program says of itself is had by running it.
  postInstall = lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    mkdir man
    $out/bin/man man
    installManPage man/*.1
    installShellCompletion --cmd ask-nix \
      --bash <($out/bin/ask-nix completion bash) \
      --zsh <($out/bin/ask-nix completion zsh) \
      --fish <($out/bin/ask-nix completion fish)
  '' + ''
    rm $out/bin/man
  '';

  meta = {
    description = "Manages NixOS in plain words, and natively";
    license = lib.licenses.mit;
    mainProgram = "ask-nix";
    platforms = [ "x86_64-linux" "aarch64-linux" ];
  };
}
