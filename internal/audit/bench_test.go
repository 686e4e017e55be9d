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

// BenchmarkRead reads the newest changes, and verifies all, of a log of 1,000 changes of
// 5 KB each.
func BenchmarkRead(b *testing.B) {
	l := audit.Log{Path: filepath.Join(b.TempDir(), "audit.jsonl"), Now: time.Now}
	for range 1000 {
		entry, err := l.Begin(audit.Line{Time: time.Now(), Plan: &operation.Plan{Summary: strings.Repeat("x", 5000)}}, cut)
		if err == nil {
			err = entry.End(audit.Outcome{})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Run("newest", func(b *testing.B) {
		for b.Loop() {
			if lines, err := l.Newest(20); err != nil || len(lines) < 40 {
				b.Fatal(len(lines), err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if c, err := l.Verify(); err != nil || len(c.Problems) > 0 || c.Lines != 2000 {
				b.Fatalf("%+v, %v", c, err)
			}
		}
	})
}
