# switch-to-configuration ACTION: makes $toplevel the running system, or the one
# that is booted next.
#
# Set above: toplevel, root, fault, layout, installBootLoader, preSwitchChecks. All that
# changes is below $root. Exit status, as of the real one: 0 done; 1 wrong
# usage, not a NixOS, a check or the boot loader failed; 2 the activation
# script failed; 4 units failed; 11 (EAGAIN) somebody else is switching; 100
# process 1 is of a kind that cannot be switched.
set -u
PATH=/usr/bin:/bin
action=${1-}

case $action$layout in
switch* | boot* | test* | dry-activate* | checknew) ;;
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
if [ "$layout" != 22.05 ] && ! flock --exclusive --nonblock 9; then
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

if [ "${NIXOS_NO_CHECK:-}" != 1 ] && [ "$layout" != 22.05 ]; then
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
	# Below a root of a test it would only cost time.
	[ -n "$root" ] || sync -f /nix/store
	;;
esac
[ "$action" != boot ] || exit 0

current=$root/run/current-system/init-interface-version
if [ -e "$current" ] && ! cmp -s "$current" "$toplevel/init-interface-version"; then
	echo "error: process 1 cannot become that of the new configuration while it runs; use 'boot' and restart" >&2
	exit 100
fi

# --- units ---
# units.sh, which is in front of this, knows how to look at them and change them.

# join WORDS…: with commas.
join() { echo "$*" | sed 's/ /, /g'; }

# tell WHAT UNITS…: says so unless there are none.
tell() {
	what=$1
	shift
	[ $# = 0 ] || echo "$what the following units: $(join "$@")"
}

# has UNIT SETTING: the new unit file has this line.
has() { grep -qx "$2" "$new_units/$1"; }

to_stop= to_skip= to_reload= to_restart= to_start=
running=$(running_units)
for unit in $running; do
	file=$new_units/$unit
	if [ ! -e "$file" ]; then
		to_stop="$to_stop $unit"
	elif cmp -s "$old_units/$unit" "$file"; then
		: # as it was
	elif has "$unit" X-ReloadIfChanged=true; then
		to_reload="$to_reload $unit"
	elif has "$unit" X-RestartIfChanged=false; then
		to_skip="$to_skip $unit"
	elif has "$unit" X-StopIfChanged=false; then
		to_restart="$to_restart $unit"
	else
		to_stop="$to_stop $unit" to_start="$to_start $unit"
	fi
done
for file in "$new_units"/multi-user.target.wants/*.service; do
	[ -e "$file" ] || continue
	case " $(echo $running) " in
	*" ${file##*/} "*) ;;
	*) to_start="$to_start ${file##*/}" ;;
	esac
done

if [ "$action" = dry-activate ]; then
	tell "would stop" $to_stop
	"$toplevel/dry-activate"
	tell "would NOT restart" $to_skip
	tell "would reload" $to_reload
	tell "would restart" $to_restart
	tell "would start" $to_start
	exit 0
fi

result=0
note "switching to system configuration $toplevel"

tell stopping $to_stop
[ -z "$to_stop" ] || stop_units $to_stop
tell "NOT restarting" $to_skip

echo "activating the configuration..."
old_systemd=$(readlink "$root/run/current-system/systemd")
"$toplevel/activate" 9>&- || result=2

[ "$fault" != kill ] || kill -KILL $$

# What is there to start does not depend on the activation having gone well.
if [ "$old_systemd" != "$(readlink "$toplevel/systemd")" ]; then
	restart_systemd || result=2
fi
reload_systemd || result=3
tell reloading $to_reload
[ -z "$to_reload" ] || reload_units $to_reload || result=4
tell restarting $to_restart
[ -z "$to_restart" ] || restart_units $to_restart || result=4
tell starting $to_start
[ -z "$to_start" ] || start_units $to_start || result=4

failed=$(failed_units)
if [ -n "$failed" ]; then
	echo "warning: the following units failed: $(join $failed)" >&2
	explain_units $failed >&2
	result=4
fi
if [ "$result" = 0 ]; then
	note "finished switching to system configuration $toplevel"
else
	note "switching to system configuration $toplevel failed (status $result)"
fi
exit $result
