package audit_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
)

// BenchmarkChange writes both lines of a change into the log of many changes, of 5 KB each.
func BenchmarkChange(b *testing.B) {
	for _, changes := range []int{0, 1000} {
		b.Run(fmt.Sprint(changes), func(b *testing.B) {
			l := audit.Log{Path: filepath.Join(b.TempDir(), "audit.jsonl"), Now: time.Now}
			one := func() {
				entry, err := l.Begin(audit.Line{Time: time.Now(), Plan: &operation.Plan{Summary: strings.Repeat("x", 5000)}}, cut)
				if err == nil {
					err = entry.End(audit.Outcome{})
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			for range changes {
				one()
			}
			for b.Loop() {
				one()
			}
		})
	}
}
