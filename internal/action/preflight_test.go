package action

import (
	"os"
	"path/filepath"
	"testing"
)

// TestBatteryLow: logind says whether the machine runs on its battery, or else the battery
// itself; how full it is always does the battery.
func TestBatteryLow(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	const low, none = "the battery is at 12 % and not being charged", ""
	for name, test := range map[string]struct {
		capacity, status string
		external         *bool
		want             string
	}{
		"on the battery, logind":  {"12", "Not charging", &no, low},
		"on the mains, logind":    {"12", "Discharging", &yes, none},
		"enough, logind":          {"20", "Discharging", &no, none},
		"discharging, no logind":  {"12", "Discharging", nil, low},
		"charging, no logind":     {"12", "Charging", nil, none},
		"unreadable level":        {"", "Discharging", &no, none},
		"no battery, as it seems": {"-", "", nil, none},
	} {
		dir := t.TempDir()
		battery := filepath.Join(dir, "BAT0")
		if err := os.Mkdir(battery, 0o700); err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string]string{"capacity": test.capacity, "status": test.status} {
			if err := os.WriteFile(filepath.Join(battery, file), []byte(text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := batteryLow(dir, test.external); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if got := batteryLow(t.TempDir(), &no); got != none {
		t.Errorf("without a battery: %q", got)
	}
}
