# Builds a kernel: an image to boot and a tree of modules under its release.
modules=$out/lib/modules/$version
mkdir -p "$modules/kernel/fs/ext4" "$modules/kernel/drivers/net" "$out/share/doc/$pname"
echo "$pname $version" >"$out/share/doc/$pname/README"
yes "$pname $version" | head -c "${size}k" >"$out/bzImage"
echo "ext4 of $version" >"$modules/kernel/fs/ext4/ext4.ko"
echo "e1000 of $version" >"$modules/kernel/drivers/net/e1000.ko"
printf '%s:\n' kernel/fs/ext4/ext4.ko kernel/drivers/net/e1000.ko >"$modules/modules.dep"
