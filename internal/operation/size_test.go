package operation_test

import (
	"testing"

	"luminousnix/internal/operation"
)

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"1": 1, "500000": 500000, "12B": 12, "1K": 1 << 10, "1k": 1 << 10, "1kB": 1000, "10GiB": 10 << 30, "10G": 10 << 30,
		"10 GB": 10_000_000_000, "1.5 TiB": 3 << 39, "2e": 2 << 60, "0.5KiB": 512,
	} {
		if got, err := operation.ParseSize(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "GiB", "-1", "0", "1 X", "1.2.3G", "1 GiBB", "9e9", "1e30", "99E", "1K1", "0.1"} {
		if got, err := operation.ParseSize(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}
