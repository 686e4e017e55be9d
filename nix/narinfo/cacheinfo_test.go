package narinfo_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/narinfo"
)

func TestCacheInfo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want narinfo.CacheInfo
		same bool // printed like text
	}{
		"all":          {"StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 40\n", narinfo.CacheInfo{StoreDir: "/nix/store", WantMassQuery: true, Priority: 40}, true},
		"as Nix":       {"StoreDir: /nix/store\n", narinfo.CacheInfo{StoreDir: "/nix/store"}, true},
		"nothing":      {"", narinfo.CacheInfo{}, true},
		"loosely":      {"junk\nPriority:40\n\nStoreDir :x\nStoreDir:  /s \r\nX: y", narinfo.CacheInfo{StoreDir: "/s", Priority: 40}, false},
		"no mass":      {"WantMassQuery: 0\n", narinfo.CacheInfo{}, false},
		"negative":     {"Priority: -5\n", narinfo.CacheInfo{Priority: -5}, true},
		"last counts":  {"Priority: 1\nPriority: 2\n", narinfo.CacheInfo{Priority: 2}, false},
		"without more": {"StoreDir\nPriority", narinfo.CacheInfo{}, false},
	} {
		got, err := narinfo.ParseCacheInfo([]byte(test.text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(&test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		text, err := got.MarshalText()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if test.same {
			if diff := cmp.Diff(test.text, string(text)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

func TestCacheInfoErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"\nStoreDir: store\n", "\nStoreDir: /nix/store/\n", "\nStoreDir:\n", "\nPriority: high\n", "\nPriority: 3000000000\n", "\nPriority:\n",
	} {
		_, err := narinfo.ParseCacheInfo([]byte(text))
		var wrong *narinfo.ParseError
		if !errors.As(err, &wrong) || wrong.Line != 2 {
			t.Errorf("%q: error %v", text, err)
		}
	}
	var wrong *narinfo.ParseError
	if _, err := narinfo.ParseCacheInfo(make([]byte, narinfo.MaxCacheInfoSize+1)); !errors.As(err, &wrong) {
		t.Errorf("too long: error %v", err)
	}
	for _, info := range []narinfo.CacheInfo{{StoreDir: "x"}, {StoreDir: "/a\nb"}, {Priority: 1 << 40}} {
		if _, err := info.MarshalText(); !errors.As(err, new(*narinfo.FieldError)) {
			t.Errorf("%v: error %v", info, err)
		}
	}
}
