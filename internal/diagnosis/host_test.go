package diagnosis_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/diagnosis"
	"luminousnix/internal/testbed/hosts"
)

// unit is a script that makes a service, starts it, and shows what systemd says.
func unit(name, settings string) string {
	return `printf '[Service]\n` + settings + `\n' >/run/systemd/system/` + name + `.service; systemctl daemon-reload; systemctl start ` + name + `; `
}

// journalOf shows what systemd has written down of a unit.
func journalOf(name string) string {
	return `sleep 3; journalctl --sync; journalctl --no-pager -o cat -u ` + name
}

func hostProvocations() []provocation {
	return []provocation{
		{"unit-missing", `systemctl start nope.service`},
		{"unit-missing", `systemctl restart nope.service`},
		{"unit-missing", `systemctl enable nope.service`},
		{"unit-missing", `systemctl status nope.service`},
		{"units-failed", unit("withers", "Type=oneshot\\nExecStart=/bin/false")},
		{"units-failed", unit("slow", "Type=oneshot\\nTimeoutStartSec=1\\nExecStart=/bin/sleep 9")},
		{"units-failed", unit("dies", "Type=oneshot\\nExecStart=/bin/false") + journalOf("dies")},
		{"unit-exec", unit("absent", "ExecStart=/nix/nope") + journalOf("absent")},
		{"unit-start-limit", unit("again", "Restart=always\\nRestartSec=10ms\\nExecStart=/bin/false") + journalOf("again")},
		{"mount-failed", `d='/run/systemd/system/dev-disk-by\x2duuid-1234\x2dABCD.device.d'; mkdir -p /data "$d"; printf '[Unit]\nJobRunningTimeoutSec=1\n' >"$d/short.conf"; printf '[Mount]\nWhat=/dev/disk/by-uuid/1234-ABCD\nWhere=/data\n' >/run/systemd/system/data.mount; systemctl daemon-reload; systemctl start data.mount; journalctl --sync; journalctl --no-pager -o cat -n 5`},
		{"permission", `setpriv --reuid=65534 --clear-groups cat /etc/shadow`},
		{"no-bus", `setpriv --reuid=65534 --clear-groups env -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR=/nope systemctl --user status`},
	}
}

// TestHostErrors has systemd fail on a simulated host. With -record it writes
// testdata/hosts.txt, which TestMessages reads.
func TestHostErrors(t *testing.T) {
	t.Parallel()
	h := hosts.New(t)
	var out strings.Builder
	for _, p := range hostProvocations() {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		said, _ := h.Command(ctx, "sh", "-c", p.script).CombinedOutput() // it fails
		cancel()
		text := strings.TrimSpace(string(said))
		if id := diagnosis.Explain(text).ID; id != p.id {
			t.Errorf("%s\n%s\nis taken for %q, want %q", p.script, text, id, p.id)
			continue
		}
		fmt.Fprintf(&out, "== %s | systemd of Debian 12\n%s\n", p.id, text)
	}
	if *record {
		if err := os.WriteFile("testdata/hosts.txt", []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
