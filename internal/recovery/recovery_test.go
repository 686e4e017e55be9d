package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/internal/activation"
	"luminousnix/internal/build"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/internal/recovery"
	"luminousnix/nix/daemon"
	"luminousnix/nix/fetch"
	"luminousnix/nix/storedb"
)

// troubles are all that there are.
var troubles = []operation.Trouble{
	operation.TroubleNetwork, operation.TroubleUnreachable, operation.TroubleDiskFull, operation.TroubleDaemon, operation.TroubleNoDaemon,
	operation.TroubleSilent, operation.TroubleLocked, operation.TroublePermission, operation.TroubleSwitch, operation.TroubleMemory,
	operation.TroubleHash, operation.TroubleBuild, operation.TroubleOther,
}

// TestDecideIsBounded lets one failure follow another, whatever they are, as the engine
// does: it comes to an end within the bounds, and nothing is done that must not be.
func TestDecideIsBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := recovery.Policy{
			Patience: time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "patience")),
			Rand:     func() float64 { return rapid.Float64Range(0, 0.999).Draw(t, "random") },
		}
		s := recovery.State{
			Begun: rapid.Bool().Draw(t, "begun"), Repeatable: rapid.Bool().Draw(t, "repeatable"),
			Asks: rapid.Bool().Draw(t, "asks"), Agreed: rapid.Bool().Draw(t, "agreed"), Systemd: rapid.Bool().Draw(t, "systemd"),
		}
		forbidden := s.Begun && !s.Repeatable || p.Patience == 0
		for {
			trouble := rapid.SampledFrom(troubles).Draw(t, "trouble")
			s.Ended = rapid.IntRange(0, 9).Draw(t, "ended") == 0
			step := p.Decide(trouble, s)
			if step.Remedy == "" {
				if step.Wait != 0 {
					t.Fatalf("it waits %s for nothing", step.Wait)
				}
				if trouble == operation.TroubleNetwork && len(s.Made) == 0 && !s.Ended && !forbidden && s.Since == 0 {
					t.Fatal("a network is not given a second chance")
				}
				if s.Ended || rapid.Bool().Draw(t, "enough") {
					return
				}
				continue
			}
			switch {
			case s.Ended:
				t.Fatalf("%s although nobody waits", step.Remedy)
			case forbidden:
				t.Fatalf("%s although it may have been begun, or nothing is to be tried again", step.Remedy)
			case s.Since+step.Wait > p.Deadline():
				t.Fatalf("%s after %s, and the deadline is %s", step.Remedy, s.Since+step.Wait, p.Deadline())
			case step.Remedy == operation.RemedyRecover && !s.Asks:
				t.Fatal("a switch is brought to an end and nobody was asked")
			case (step.Remedy == operation.RemedyCleanUp || step.Remedy == operation.RemedyFewerJobs) && !s.Asks && !s.Agreed:
				t.Fatalf("%s and nobody has agreed", step.Remedy)
			}
			s.Made = append(s.Made, step.Remedy)
			s.Since += step.Wait + time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "took"))
			wantBounds(t, s.Made)
		}
	})
}

func wantBounds(t *rapid.T, made []operation.Remedy) {
	count := map[operation.Remedy]int{}
	for _, remedy := range made {
		count[remedy]++
	}
	if again := count[operation.RemedyRetry] + count[operation.RemedySubstituters]; again > recovery.Retries {
		t.Fatalf("it was tried again %d times: %v", again, made)
	}
	for remedy, n := range count {
		if remedy != operation.RemedyRetry && n > 1 {
			t.Fatalf("%s %d times", remedy, n)
		}
	}
}

// TestDecide is what comes after what, without chance in it.
func TestDecide(t *testing.T) {
	t.Parallel()
	p := recovery.Policy{Patience: 10 * time.Second}
	for name, test := range map[string]struct {
		trouble operation.Trouble
		state   recovery.State
		want    []string // until nothing is done
	}{
		"network":              {operation.TroubleNetwork, recovery.State{}, []string{"retry 1s", "other-substituters 2s", "retry 4s"}},
		"network, begun":       {operation.TroubleNetwork, recovery.State{Begun: true}, nil},
		"network, repeatable":  {operation.TroubleNetwork, recovery.State{Begun: true, Repeatable: true}, []string{"retry 1s", "other-substituters 2s", "retry 4s"}},
		"network, late":        {operation.TroubleNetwork, recovery.State{Since: time.Minute}, nil},
		"network, ended":       {operation.TroubleNetwork, recovery.State{Ended: true}, nil},
		"no such server":       {operation.TroubleUnreachable, recovery.State{}, nil},
		"daemon":               {operation.TroubleDaemon, recovery.State{}, []string{"retry 100ms", "retry 200ms", "retry 400ms"}},
		"daemon, systemd":      {operation.TroubleDaemon, recovery.State{Systemd: true}, []string{"retry 100ms", "retry 200ms", "retry 400ms", "start-daemon 0s"}},
		"no daemon":            {operation.TroubleNoDaemon, recovery.State{}, nil},
		"no daemon, systemd":   {operation.TroubleNoDaemon, recovery.State{Systemd: true}, []string{"start-daemon 0s"}},
		"no daemon any more":   {operation.TroubleNoDaemon, recovery.State{Made: []operation.Remedy{operation.RemedyRetry}}, []string{"retry 1s", "retry 2s"}},
		"silent":               {operation.TroubleSilent, recovery.State{Systemd: true}, nil},
		"locked":               {operation.TroubleLocked, recovery.State{}, []string{"retry 1s", "retry 2s", "retry 4s"}},
		"disk full":            {operation.TroubleDiskFull, recovery.State{}, nil},
		"disk full, a person":  {operation.TroubleDiskFull, recovery.State{Asks: true}, []string{"clean-up 0s"}},
		"disk full, --yes":     {operation.TroubleDiskFull, recovery.State{Agreed: true}, []string{"clean-up 0s"}},
		"memory":               {operation.TroubleMemory, recovery.State{Asks: true}, []string{"fewer-jobs 0s"}},
		"switch, a person":     {operation.TroubleSwitch, recovery.State{Asks: true}, []string{"recover-switch 0s"}},
		"switch, --yes":        {operation.TroubleSwitch, recovery.State{Agreed: true}, nil},
		"hash":                 {operation.TroubleHash, recovery.State{Asks: true, Agreed: true}, nil},
		"build":                {operation.TroubleBuild, recovery.State{Asks: true, Agreed: true}, nil},
		"permission":           {operation.TroublePermission, recovery.State{Asks: true, Agreed: true}, nil},
		"nobody knows":         {operation.TroubleOther, recovery.State{Asks: true, Agreed: true}, nil},
		"locked after network": {operation.TroubleLocked, recovery.State{Made: []operation.Remedy{operation.RemedyRetry, operation.RemedySubstituters}}, []string{"retry 4s"}},
	} {
		var got []string
		for s := test.state; ; {
			step := p.Decide(test.trouble, s)
			if step.Remedy == "" {
				break
			}
			got = append(got, fmt.Sprintf("%s %s", step.Remedy, step.Wait))
			s.Made = append(slices.Clone(s.Made), step.Remedy)
			s.Since += step.Wait
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestClassify goes by types, whatever is said around them.
func TestClassify(t *testing.T) {
	t.Parallel()
	unix := func(err error) error {
		return fmt.Errorf("connecting: %w", &net.OpError{Op: "dial", Net: "unix", Err: err})
	}
	built := func(kind daemon.Kind, status daemon.BuildStatus) error {
		return &build.FailedError{Err: &daemon.BuildError{Kind: kind, Status: status}}
	}
	for _, test := range []struct {
		want operation.Trouble
		err  error
	}{
		{operation.TroubleOther, errors.New("No space left on device, connection refused, database is locked")},
		{operation.TroubleOther, fmt.Errorf("waiting: %w", context.Canceled)},
		{operation.TroubleOther, operation.Errorf(operation.CodeNetwork, "somebody says so")},
		{operation.TroubleDiskFull, &fs.PathError{Op: "write", Path: "/x", Err: syscall.ENOSPC}},
		{operation.TroubleDiskFull, syscall.EDQUOT},
		{operation.TroubleDiskFull, operation.Errorf(operation.CodeRefused, "no").WithCause(&operation.SpaceError{})},
		{operation.TroubleDiskFull, &daemon.Error{Kind: daemon.KindDiskFull}},
		{operation.TroubleDiskFull, built(daemon.KindDiskFull, daemon.StatusPermanentFailure)},
		{operation.TroubleLocked, fmt.Errorf("%w; with the nix programs: %w", storedb.ErrBusy, errors.New("no"))},
		{operation.TroubleLocked, operation.Errorf(operation.CodeFailed, "%w; %w", storedb.ErrBusy, errors.New("no"))},
		{operation.TroubleLocked, &daemon.Error{Kind: daemon.KindBusy}},
		{operation.TroubleSwitch, operation.Errorf(operation.CodeFailed, "half-way").WithCause(activation.ErrInterrupted)},
		{operation.TroubleNoDaemon, unix(syscall.ENOENT)},
		{operation.TroubleDaemon, unix(syscall.ECONNREFUSED)},
		{operation.TroublePermission, unix(syscall.EACCES)},
		{operation.TroubleDaemon, fmt.Errorf("building: %w", daemon.ErrHungUp)},
		{operation.TroubleDaemon, daemon.ErrClosed},
		{operation.TroubleSilent, fmt.Errorf("%w within 1s", host.ErrSilent)},
		{operation.TroubleNetwork, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}},
		{operation.TroubleNetwork, &fetch.NetworkError{Err: syscall.ECONNRESET}},
		{operation.TroubleNetwork, &fetch.StatusError{Code: 503}},
		{operation.TroubleOther, &fetch.StatusError{Code: 404}},
		{operation.TroubleUnreachable, &fetch.NetworkError{Err: &net.DNSError{IsNotFound: true}}},
		{operation.TroubleUnreachable, &evaluation.OfflineError{}},
		{operation.TroubleNetwork, &daemon.Error{Kind: daemon.KindNetwork}},
		{operation.TroubleNetwork, built(daemon.KindOther, daemon.StatusTransientFailure)},
		{operation.TroubleHash, built(daemon.KindHashMismatch, daemon.StatusTransientFailure)},
		{operation.TroubleHash, &build.FailedError{Mismatch: true, Err: &daemon.BuildError{Status: daemon.StatusTransientFailure}}},
		{operation.TroubleBuild, &build.FailedError{Mismatch: true, Err: &daemon.BuildError{Kind: daemon.KindBuildFailed, Status: daemon.StatusPermanentFailure}}},
		{operation.TroubleDiskFull, &build.FailedError{Full: true, Err: &daemon.BuildError{Status: daemon.StatusTransientFailure}}},
		{operation.TroubleBuild, built(daemon.KindBuildFailed, daemon.StatusPermanentFailure)},
		{operation.TroubleMemory, built(daemon.KindOutOfMemory, daemon.StatusPermanentFailure)},
		{operation.TroubleMemory, syscall.ENOMEM},
		{operation.TroublePermission, operation.Errorf(operation.CodePermission, "not you")},
		{operation.TroublePermission, &fs.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}},
	} {
		if got := recovery.Classify(test.err); got != test.want {
			t.Errorf("%T %v is %s, want %s", test.err, test.err, got, test.want)
		}
	}
}

// TestNothingThatSwitchesIsRepeatable: nor what goes by steps, or is done elsewhere.
func TestNothingThatSwitchesIsRepeatable(t *testing.T) {
	t.Parallel()
	for _, name := range []operation.Name{
		operation.SwitchSystem, operation.BootSystem, operation.TestSystem, operation.UpdateSystem, operation.Rollback,
		operation.SwitchGeneration, operation.RecoverSwitch, operation.ConfirmSwitch, operation.RebuildRemotely, operation.Undo,
		operation.DeleteGenerations, operation.CancelJob, operation.Migrate, operation.RemovePackages, "no-such-operation",
	} {
		if recovery.Repeatable(operation.New(name, operation.Arguments{})) {
			t.Errorf("%s would be repeated", name)
		}
	}
	for _, spec := range operation.All() {
		if !spec.Changing && !recovery.Repeatable(operation.New(spec.Name, operation.Arguments{})) {
			t.Errorf("%s changes nothing", spec.Name)
		}
	}
}

// TestAnswering keeps to the servers that answer, in their order, and to what is no server.
func TestAnswering(t *testing.T) {
	t.Parallel()
	status := func(code int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		t.Cleanup(s.Close)
		return s.URL
	}
	held := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-held }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(held) })
	gone := httptest.NewServer(nil)
	gone.Close()
	good, bare := status(http.StatusOK), status(http.StatusNotFound)
	got := recovery.Answering(t.Context(), []string{silent.URL, status(500), "file:///cache", gone.URL, bare, good + "?priority=10"}, 200*time.Millisecond)
	if diff := cmp.Diff([]string{"file:///cache", bare, good + "?priority=10"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAdvise(t *testing.T) {
	t.Parallel()
	for _, trouble := range troubles {
		plain, told := operation.Errorf(operation.CodeFailed, "it failed"), operation.Errorf(operation.CodeNetwork, "it failed").WithHint("Do this.")
		recovery.Advise(plain, trouble)
		recovery.Advise(told, trouble)
		if network := trouble == operation.TroubleNetwork || trouble == operation.TroubleUnreachable; network &&
			(plain.Code != operation.CodeNetwork || plain.Hint == "" || told.Hint != "Do this.") {
			t.Errorf("%s: %+v, %+v", trouble, plain, told)
		}
		if plain.Message != "it failed" {
			t.Errorf("%s changes what happened: %s", trouble, plain.Message)
		}
	}
}
