package network_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"luminousnix/nix/network"
)

// TestGuard: the guard is asked before each connection, and what it forbids is not made.
// It is of the whole process, so all is in one test.
func TestGuard(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer s.Close()
	var mu sync.Mutex
	var seen []string
	forbidden := errors.New("not today")
	network.SetGuard(func(kind, address string) error {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, kind+" "+address)
		if strings.HasSuffix(address, ":53") || strings.Contains(address, "forbidden") {
			return forbidden
		}
		return nil
	})
	defer network.SetGuard(nil)
	client := http.Client{Transport: network.NewTransport()}
	answer, err := client.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if _, err := client.Get("http://forbidden.invalid/"); !errors.Is(err, forbidden) {
		t.Errorf("a connection that is forbidden: %v", err)
	}
	if _, err := client.Get("http://name.invalid/"); err == nil {
		t.Error("there is no such name")
	}
	missing := filepath.Join(t.TempDir(), "socket")
	if _, err := (network.Dialer{}).DialContext(t.Context(), "unix", missing); err == nil {
		t.Error("nobody listens there")
	}
	for _, want := range []string{"tcp " + strings.TrimPrefix(s.URL, "http://"), "tcp forbidden.invalid:80", "tcp name.invalid:80", "unix " + missing} {
		if !slices.Contains(seen, want) {
			t.Errorf("nobody was asked about %s, but about %v", want, seen)
		}
	}
	network.SetGuard(nil)
	before := len(seen)
	if answer, err = client.Get(s.URL); err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if asked != 2 || len(seen) != before {
		t.Errorf("%d requests, and asked about %v without a guard", asked, seen[before:])
	}
	if network.Transport() != network.Transport() {
		t.Error("the transport is not shared")
	}
}
