# The functions of nixpkgs' installShellFiles that package.nix calls.
installManPage() {
	install -Dm644 -t "$out/share/man/man1" "$@"
}

installShellCompletion() {
	local name=$2
	[ "$1" = --cmd ]
	shift 2
	while [ $# -gt 0 ]; do
		case $1 in
		--bash) install -Dm644 "$2" "$out/share/bash-completion/completions/$name.bash" ;;
		--zsh) install -Dm644 "$2" "$out/share/zsh/site-functions/_$name" ;;
		--fish) install -Dm644 "$2" "$out/share/fish/vendor_completions.d/$name.fish" ;;
		*) return 1 ;;
		esac
		shift 2
	done
}
