# How switch-to-configuration looks at units and changes them: through systemd, where
# that runs and the root is its own. Elsewhere a unit "runs" when its file is in a
# directory; it is the file that it was started with.
new_units=$toplevel/etc/systemd/system

if [ -z "$root" ] && [ -d /run/systemd/system ]; then
	old_units=/etc/systemd/system

	# Debian's own units are not NixOS's to change.
	running_units() {
		systemctl list-units --type=service --state=active,activating,reloading --plain --no-legend --full |
			while read -r unit _; do
				[ ! -e "$old_units/$unit" ] || echo "$unit"
			done
	}
	stop_units() { systemctl stop -- "$@"; }
	restart_systemd() { systemctl daemon-reexec; }
	# Units that failed before get another chance, and are not held against this switch.
	reload_systemd() { systemctl reset-failed; systemctl daemon-reload; }
	reload_units() { systemctl reload -- "$@"; }
	restart_units() { systemctl restart -- "$@"; }
	start_units() { systemctl start -- "$@"; }
	failed_units() {
		systemctl list-units --state=failed --plain --no-legend --full | while read -r unit _; do echo "$unit"; done
	}
	explain_units() { systemctl status --no-pager --full -- "$@"; }
	note() { logger -t nixos -- "$1"; }
else
	old_units=$root/run/systemd/running
	did_not_start=

	running_units() {
		for file in "$old_units"/*.service; do
			[ ! -e "$file" ] || echo "${file##*/}"
		done
	}
	stop_units() { for unit in "$@"; do rm -f "$old_units/$unit"; done; }
	restart_systemd() { :; }
	reload_systemd() { :; }
	reload_units() { start_units "$@"; }
	restart_units() { start_units "$@"; }
	# The one thing that is known to fail is the program that does nothing else.
	start_units() {
		mkdir -p "$old_units"
		for unit in "$@"; do
			if grep -q '^ExecStart=/bin/false' "$new_units/$unit"; then
				did_not_start="$did_not_start $unit"
				rm -f "$old_units/$unit"
			else
				cp -f "$new_units/$unit" "$old_units/$unit"
			fi
		done
	}
	failed_units() { echo $did_not_start; }
	explain_units() { :; }
	note() { :; }
fi
