# Fills in nixos-version.sh. None of the values can contain a `|`.
mkdir -p "$out/bin" "$out/share/doc/nixos-version"
echo "nixos-version $version" >"$out/share/doc/nixos-version/README"
sed -e "s|@revision@|$revision|" \
	-e "s|@configurationRevision@|$configurationRevision|g" \
	-e "s|@json@|$json|" \
	-e "s|@version@|$version|" \
	-e "s|@codeName@|$codeName|" \
	"$script" >"$out/bin/nixos-version"
chmod +x "$out/bin/nixos-version"
