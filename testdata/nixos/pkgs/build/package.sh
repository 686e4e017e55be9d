# Builds a package that looks like one: programs that say what they are, a note
# of what it uses (which makes the references of its closure), and some data.
mkdir -p ${programs:+"$out/bin"} "$out/lib" "$out/share/doc/$pname"

{
	echo "$pname $version"
	for dependency in $uses; do echo "uses $dependency"; done
} >"$out/share/doc/$pname/README"

for program in $programs; do
	forward=
	case " $forwards " in
	*" $program "*) forward="[ ! -d /run/systemd/system ] || exec /usr/bin/$program \"\$@\"" ;;
	esac
	cat >"$out/bin/$program" <<-EOF
		#!/bin/sh
		# Stands for $program of $pname; needs ${uses:-nothing}.
		$forward
		echo "$program ($pname) $version"
	EOF
	case " $daemons " in
	*" $program "*) echo 'exec /bin/sleep infinity' >>"$out/bin/$program" ;;
	esac
	chmod +x "$out/bin/$program"
done

# The content differs from package to package, but compresses well.
yes "$pname $version" | head -c "${size}k" >"$out/lib/$pname.data"
