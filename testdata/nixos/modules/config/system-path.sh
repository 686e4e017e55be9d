# Links the files of all packages into one tree. Where two packages have a file
# of the same name, the first one's is taken.

# link DIRECTORY: the entries of this directory in each of $paths. One ln for
# all of them: a process for each would take most of the build.
link() {
	directory=$1
	names=' '
	set --
	for path in $paths; do
		for entry in "$path/$directory"/*; do
			name=${entry##*/}
			[ -e "$entry" ] || continue
			case $names in *" $name "*) continue ;; esac
			names="$names$name "
			set -- "$@" "$entry"
		done
	done
	[ $# = 0 ] || ln -s "$@" "$out/$directory/"
}

mkdir -p "$out/bin" "$out/share/doc"
link bin
# Every package has a directory here, so every one is referred to directly.
link share/doc
