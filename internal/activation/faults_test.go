package activation_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"luminousnix/internal/activation"
	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
)

// TestDiskFull fills the disk of the journal at each step. The machine is in the old or
// in the new state all the same; a journal that could not be closed is when there is
// space again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	for step, fault := range map[activation.Step]testbed.Fault{
		activation.StepBegin:    testbed.NoFault,
		activation.StepProfile:  testbed.NoFault,
		activation.StepActivate: testbed.NoFault,
		activation.StepVerify:   testbed.NoFault,
		activation.StepRevert:   testbed.FaultActivate,
	} {
		t.Run(string(step), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			r := b.build(fault)
			b.smallDisk()
			full := filepath.Join(b.Dir, "full")
			b.Reached = func(s activation.Step) {
				if s == step {
					fill(t, full)
				}
			}
			report := b.run(r)
			b.Reached = nil
			if err := os.Remove(full); err != nil {
				t.Fatal(err)
			}
			switch report.Outcome {
			case operation.OutcomeSwitched, operation.OutcomeReverted, operation.OutcomeUnchanged:
			default:
				t.Errorf("%+v", report)
			}
			if pending, err := activation.Find(b.Dir); err != nil {
				t.Fatal(err)
			} else if pending != nil {
				again, err := activation.Resume(t.Context(), b.Machine, operation.ChangeID{}, operation.Silent)
				if err != nil || again.Outcome == operation.OutcomeStuck {
					t.Fatalf("%+v, %v", again, err)
				}
				report = again
			}
			if report.Outcome == operation.OutcomeSwitched {
				b.check(4, string(r.Toplevel))
			} else {
				b.check(3, b.old)
			}
		})
	}
}

// smallDisk puts the journal on a disk of its own.
func (b *bed) smallDisk() {
	b.Helper()
	if err := os.MkdirAll(b.Dir, 0o755); err != nil {
		b.Fatal(err)
	}
	if err := unix.Mount("tmpfs", b.Dir, "tmpfs", 0, "mode=755,size=64k"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := unix.Unmount(b.Dir, unix.MNT_DETACH); err != nil {
			b.Error(err)
		}
	})
}

// fill writes until nothing fits any more.
func fill(t *testing.T, name string) {
	file, err := os.Create(name)
	if err != nil {
		t.Error(err)
		return
	}
	defer file.Close()
	for size := 4096; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
	}
}
