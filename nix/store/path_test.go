package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/store"
)

const hash = "0c0kr2hp1mjqm8b2q7yjl9y0zc3f2mhi"

func Example() {
	p, rest, err := store.DefaultDir.Split("/nix/store/" + hash + "-hello-2.12.1/bin/hello")
	if err != nil {
		panic(err)
	}
	pname, version := store.SplitName(p.Name())
	fmt.Println(pname, version, rest)
	// Output: hello 2.12.1 /bin/hello
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		why  string // "" means good
	}{
		{"/x/store/" + hash + "-hello-2.12.1", ""},
		{"/x/store/" + hash + "-a", ""},
		{"/x/store/" + hash + "-", "a hash of 32 characters, a dash and a name are needed"},
		{"/x/store/" + hash, "a hash of 32 characters, a dash and a name are needed"},
		{"/nix/store/" + hash + "-hello", "it is not in the store directory /x/store"},
		{"/x/store/" + hash + "-hello/bin", `the name may not contain '/'`},
		{"/x/store/e" + hash[1:] + "-hello", `the hash may not contain 'e'`},
		{"/x/store/" + hash + "-" + strings.Repeat("n", 212), "the name is longer than 211 characters"},
		{"/x/store/../etc/passwd", "a hash of 32 characters, a dash and a name are needed"},
	} {
		_, err := store.Dir("/x/store").Parse(test.text)
		why := ""
		var wrong *store.ParseError
		if errors.As(err, &wrong) {
			why = wrong.Why
		}
		if diff := cmp.Diff(test.why, why); diff != "" {
			t.Errorf("%s: %s", test.text, diff)
		}
	}
}

func TestSplitName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"hello-2.12.1":           {"hello", "2.12.1"},
		"gtk+3-3.24":             {"gtk+3", "3.24"},
		"nixos-system-box-25.05": {"nixos-system-box", "25.05"},
		"python3.12-numpy-2.0":   {"python3.12-numpy", "2.0"},
		"source":                 {"source", ""},
		"trailing-":              {"trailing-", ""},
	} {
		pname, version := store.SplitName(name)
		if diff := cmp.Diff(want, [2]string{pname, version}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
