# What buildGoModule of nixpkgs does, as far as package.nix can tell.
for input in $nativeBuildInputs; do
	source "$input"
done
export HOME=$PWD GOPROXY=off GOTOOLCHAIN=local GOFLAGS="-mod=readonly -buildvcs=false -trimpath"
cp -r "$src" sources
chmod -R u+w sources
cd sources
mkdir -p "$out/bin"
eval "$preBuild"
for package in $subPackages; do
	go build -ldflags "$ldflags" -o "$out/bin/" "./$package"
done
eval "$postInstall"
mkdir -p "$out/share/doc/$pname" # by which the small NixOS knows a package
