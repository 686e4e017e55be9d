# switch-to-configuration ACTION: makes $toplevel the running system, or the one
# that is booted next.
#
# Set above: toplevel, root, fault, installBootLoader, preSwitchChecks. All that
# changes is below $root. Exit status, as of the real one: 0 done; 1 wrong
# usage, not a NixOS, a check or the boot loader failed; 2 the activation
# script failed; 4 units failed; 11 (EAGAIN) somebody else is switching; 100
# process 1 is of a kind that cannot be switched.
set -u
PATH=/usr/bin:/bin
action=${1-}

case $action in
switch | boot | test | dry-activate | check) ;;
*)
	cat >&2 <<-EOF
		Usage: $0 [check|switch|boot|test|dry-activate]
		check         only see whether a switch would be refused
		switch        run this configuration now and at every boot
		boot          run it from the next boot on
		test          run it now, until the next boot
		dry-activate  say what a switch would do
	EOF
	exit 1
	;;
esac

if [ ! -e "$root/etc/NIXOS" ]; then
	echo "error: not a NixOS: $root/etc/NIXOS is missing" >&2
	exit 1
fi

mkdir -p "$root/run/nixos" "$root/run/log"
exec 9>"$root/run/nixos/switch-to-configuration.lock"
if ! flock --exclusive --nonblock 9; then
	echo "error: could not acquire lock: another switch is running" >&2
	exit 11
fi

# Every run that got the lock leaves a line: the action, the system, the status.
trap 'status=$?; echo "$action $toplevel $status" >>"$root/run/log/switch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ "$fault" = hang ]; then
	echo "hanging before the first change..."
	# In short sleeps, which see a signal soon and leave no process behind.
	tenths=6000
	while [ "$tenths" -gt 0 ]; do
		sleep 0.1
		tenths=$((tenths - 1))
	done
fi

if [ "${NIXOS_NO_CHECK:-}" != 1 ]; then
	"$preSwitchChecks" 9>&- || exit 1
fi
[ "$action" != check ] || exit 0

# --- boot loader ---

case $action in
switch | boot)
	echo "updating the boot menu..."
	if ! "$installBootLoader" "$toplevel" 9>&-; then
		echo "error: failed to install the boot loader" >&2
		exit 1
	fi
	# A real one waits for the disk here; a test's root need not survive a power cut.
	;;
esac
[ "$action" != boot ] || exit 0

current=$root/run/current-system/init-interface-version
if [ -e "$current" ] && ! cmp -s "$current" "$toplevel/init-interface-version"; then
	echo "error: process 1 cannot become that of the new configuration while it runs; use 'boot' and restart" >&2
	exit 100
fi

# --- units ---
# A unit "runs" when its file is in $running; it is the file it was started with.

running=$root/run/systemd/running
units=$toplevel/etc/systemd/system
mkdir -p "$running"

# join WORDS…: with commas.
join() { echo "$*" | sed 's/ /, /g'; }

to_stop= to_restart= to_start=
for file in "$running"/*.service; do
	[ -e "$file" ] || continue
	unit=${file##*/}
	if [ ! -e "$units/$unit" ]; then
		to_stop="$to_stop $unit"
	elif ! cmp -s "$file" "$units/$unit"; then
		to_restart="$to_restart $unit"
	fi
done
for file in "$units"/multi-user.target.wants/*.service; do
	[ -e "$file" ] || continue
	[ -e "$running/${file##*/}" ] || to_start="$to_start ${file##*/}"
done

if [ "$action" = dry-activate ]; then
	[ -z "$to_stop" ] || echo "would stop the following units: $(join $to_stop)"
	"$toplevel/dry-activate"
	[ -z "$to_restart" ] || echo "would restart the following units: $(join $to_restart)"
	[ -z "$to_start" ] || echo "would start the following units: $(join $to_start)"
	exit 0
fi

# start UNITS…: notes those that do not come up. The one thing that is known to
# fail is the program that does nothing else.
failed=
start() {
	for unit in "$@"; do
		if grep -q '^ExecStart=/bin/false' "$units/$unit"; then
			failed="$failed $unit"
			rm -f "$running/$unit"
		else
			cp -f "$units/$unit" "$running/$unit"
		fi
	done
}

result=0

if [ -n "$to_stop" ]; then
	echo "stopping the following units: $(join $to_stop)"
	for unit in $to_stop; do rm -f "$running/$unit"; done
fi

echo "activating the configuration..."
"$toplevel/activate" 9>&- || result=2

# What is there to start does not depend on the activation having gone well.
if [ -n "$to_restart" ]; then
	echo "restarting the following units: $(join $to_restart)"
	start $to_restart
fi
if [ -n "$to_start" ]; then
	echo "starting the following units: $(join $to_start)"
	start $to_start
fi

if [ -n "$failed" ]; then
	echo "warning: the following units failed: $(join $failed)" >&2
	result=4
fi
exit $result
