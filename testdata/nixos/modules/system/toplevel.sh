# Puts a system together. See toplevel.nix for what the variables hold.
mkdir -p "$out/bin" "$out/specialisation"

ln -s "$kernel/bzImage" "$out/kernel"
ln -s "$modulesTree" "$out/kernel-modules"
ln -s "$initialRamdisk/initrd" "$out/initrd"
ln -s "$firmware/lib/firmware" "$out/firmware"
ln -s "$etc/etc" "$out/etc"
ln -s "$path" "$out/sw"
ln -s "$systemd" "$out/systemd"

# None of these ends in a newline.
printf %s "$label" >"$out/nixos-version"
printf %s "$kernelParams" >"$out/kernel-params"
printf %s "$interface" >"$out/init-interface-version"
printf %s "$platform" >"$out/system"
[ "$layout" = 22.05 ] || printf %s "$configurationName" >"$out/configuration-name"
printf %s "$extraDependencies" >"$out/extra-dependencies"

# The second stage of the boot: what a kernel, or a container, starts as process 1.
cat >"$out/init" <<EOF
#!/bin/sh
systemConfig=$out
PATH=/usr/bin:/bin
echo "booting system configuration $out"
"$out/activate"
ln -sfn "$out" /run/booted-system
exec /lib/systemd/systemd "\$@"
EOF
printf '#!/bin/sh\nsystemConfig=%s\n%s' "$out" "$activationScript" >"$out/activate"
printf '#!/bin/sh\necho "would activate the configuration..."\n' >"$out/dry-activate"
if [ -n "$switchProgram" ]; then
	# Debian has in /usr what each is a package of its own for.
	sed -e "s|@out@|$out|g" -e "s|@toplevel@|$out|g" -e "s|@installBootLoader@|$installBootLoader|g" \
		-e "s|@preSwitchCheck@|$preSwitchChecks|g" -e 's|@shell@|/bin/sh|g' -e 's|@su@|/bin/su|g' \
		-e 's|@localeArchive@||g' -e 's|@distroId@|nixos|g' -e '1s|@perl@$|/usr/bin/perl|' \
		-e 's!@\(perl\|systemd\|coreutils\|utillinux\)@!/usr!g' \
		"$switchProgram" >"$out/bin/switch-to-configuration"
	if grep '@[a-zA-Z]*@' "$out/bin/switch-to-configuration"; then
		echo "what these placeholders of $switchProgram stand for is not known" >&2
		exit 1
	fi
else
	{
		printf '#!/bin/sh\ntoplevel=%s\n%s' "$out" "$switchHeader"
		cat "$unitsScript" "$switchScript"
	} >"$out/bin/switch-to-configuration"
fi
chmod +x "$out/init" "$out/activate" "$out/dry-activate" "$out/bin/switch-to-configuration"

for pair in $specialisations; do
	ln -s "${pair#*=}" "$out/specialisation/${pair%%=*}"
done

if [ "$layout" = 22.05 ]; then
	printf '#!/bin/sh\n' >"$out/append-initrd-secrets"
	chmod +x "$out/append-initrd-secrets"
	exit
fi

# boot.json: the bootspec of this system and, by name, those of its variants.
{
	printf '{"org.nixos.bootspec.v1":%s,"org.nixos.specialisation.v1":{' "$bootspec"
	separator=
	for pair in $specialisations; do
		name=${pair%%=*} system=${pair#*=}
		printf '%s"%s":' "$separator" "$name"
		cat "$system/boot.json"
		separator=,
	done
	printf '}}'
} >"$out/boot.json"
