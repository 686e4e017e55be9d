# install-systemd-boot TOPLEVEL: writes a menu entry for every generation of the
# system profile and makes the one that is TOPLEVEL the default.
#
# Set above: root, profile, fault, timeout, limit. The shell does what it can by
# itself: with some hundred generations, each process for each of them counts.
set -eu
PATH=/usr/bin:/bin
default=$1
loader=$root/boot/loader
fresh=$loader/entries.new

if [ "$fault" = bootloader ]; then
	echo "error: $root/boot: No space left on device" >&2
	exit 1
fi

# write_entry NAME TITLE VERSION TOPLEVEL
write_entry() {
	{ read -r kernel && read -r initrd; } <<-EOF
		$(readlink -f "$4/kernel" "$4/initrd")
	EOF
	read -r parameters <"$4/kernel-params" || : # it does not end in a newline
	printf '%s\n' "title $2" 'sort-key nixos' "version $3" "linux $kernel" "initrd $initrd" \
		"options init=$4/init $parameters" >"$fresh/$1.conf"
}

# list_generations PROFILE: `number link date` of the newest $limit, oldest first.
list_generations() {
	set -- "$1" "$1"-*-link
	prefix=$1-
	shift
	[ -L "$1" ] || return 0
	stat -c '%n %y' -- "$@" | while read -r link date _; do
		number=${link#"$prefix"}
		number=${number%-link}
		# Another profile's name may begin with this one's.
		case $number in *[!0-9]*) continue ;; esac
		echo "$number $link $date"
	done | sort -n | if [ "$limit" = 0 ]; then cat; else tail -n "$limit"; fi
}

# add_profile PROFILE NAME TITLE: entries for its generations and for their
# specialisations. NAME is what the names of the files begin with.
add_profile() {
	while read -r number link date; do
		[ -n "$number" ] || continue
		system=$(readlink "$link")
		entry=$2-$number
		read -r label <"$system/nixos-version" || :
		version="Generation $number NixOS $label, built on $date"
		write_entry "$entry" "$3" "$version" "$system"
		[ "$system" != "$default" ] || default_entry=$entry.conf
		for specialisation in "$system"/specialisation/*; do
			[ -e "$specialisation" ] || continue
			name=${specialisation##*/}
			write_entry "$entry-specialisation-$name" "$3 ($name)" "$version" "$(readlink -f "$specialisation")"
		done
	done <<-EOF
		$(list_generations "$1")
	EOF
}

default_entry=
rm -rf "$fresh"
mkdir -p "$fresh" "$loader/entries"

add_profile "$profile" nixos-generation NixOS

# Profiles of `nixos-rebuild --profile-name`.
for other in "${profile%/*}"/system-profiles/*; do
	case $other in *-link | *.lock) continue ;; esac
	[ -L "$other" ] || continue
	add_profile "$other" "nixos-${other##*/}-generation" "NixOS [${other##*/}]"
done

# Entries of generations that are gone. Other systems' entries stay.
for file in "$loader"/entries/nixos-*.conf; do
	[ ! -e "$file" ] || [ -e "$fresh/${file##*/}" ] || rm "$file"
done
set -- "$fresh"/*.conf
[ ! -e "$1" ] || mv -f "$@" "$loader/entries/"
rmdir "$fresh"

# A specialisation is no generation: the default stays what it was.
if [ -z "$default_entry" ] && [ -e "$loader/loader.conf" ]; then
	default_entry=$(sed -n 's/^default //p' "$loader/loader.conf")
fi
printf 'timeout %s\ndefault %s\neditor 0\n' "$timeout" "$default_entry" >"$loader/loader.conf.new"
mv -f "$loader/loader.conf.new" "$loader/loader.conf"
