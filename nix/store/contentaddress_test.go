package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/nix/store"
)

func ExampleParseContentAddress() {
	ca, err := store.ParseContentAddress("fixed:r:sha1:kpcd173cq987hw957sx6m0868wv3x6d9")
	if err != nil {
		panic(err)
	}
	fmt.Println(ca.Method, ca.Hash.SRI())
	// Output: nar sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0=
}

func TestContentAddressText(t *testing.T) {
	t.Parallel()
	abc1, abc256 := store.Sum(store.SHA1, []byte("abc")), store.Sum(store.SHA256, []byte("abc"))
	for text, want := range map[string]store.ContentAddress{
		"text:" + abc256.String():                 {Method: store.Text, Hash: abc256},
		"fixed:" + abc1.String():                  {Method: store.Flat, Hash: abc1},
		"fixed:r:" + abc256.String():              {Method: store.Recursive, Hash: abc256},
		"fixed:git:" + abc1.String():              {Method: store.Git, Hash: abc1},
		"fixed:git:sha256:" + abc256.Nix32():      {Method: store.Git, Hash: abc256},
		"fixed:md5:3jgzhjhz9zjvbb0kyj7jc500ch":    {Method: store.Flat, Hash: store.Sum(store.MD5, []byte("abc"))},
		"fixed:blake3:" + blake3("abc").Nix32():   {Method: store.Flat, Hash: blake3("abc")},
		"fixed:r:blake3:" + blake3("abc").Nix32(): {Method: store.Recursive, Hash: blake3("abc")},
	} {
		var got store.ContentAddress
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if back, err := want.MarshalText(); err != nil || string(back) != text {
			t.Errorf("%s: %s, %v", text, back, err)
		}
	}
	got := store.ContentAddress{Method: store.Flat, Hash: abc1}
	if err := got.UnmarshalText(nil); err != nil || !got.IsZero() {
		t.Errorf("empty: %v, %v", got, err)
	}
	if text, err := got.MarshalText(); err != nil || len(text) != 0 {
		t.Errorf("empty: %q, %v", text, err)
	}
}

func blake3(s string) store.Hash { return store.Sum(store.BLAKE3, []byte(s)) }

func TestContentAddressErrors(t *testing.T) {
	t.Parallel()
	digest := store.Sum(store.SHA1, nil).Nix32()
	none := "; there are md5, sha1, sha256, sha512 and blake3"
	for _, test := range []struct {
		text, why string
		offset    int // of the HashError within, -2 if there is none
	}{
		{"sha1:" + digest, "it begins neither with text: nor with fixed:", -2},
		{"fixed:", "it has no algorithm before the digest", -2},
		{"fixed:r", "it has no algorithm before the digest", -2},
		{"fixed:sha7:" + digest, `at character 7, "sha7" is no algorithm` + none, 6},
		{"fixed:r:git:sha1:" + digest, `at character 9, "git" is no algorithm` + none, 8},
		{"text:sha1:" + digest, `text is hashed with sha256, not "sha1"`, -2},
		{"fixed:git:md5:3jgzhjhz9zjvbb0kyj7jc500ch", `Git's objects are hashed with sha1 or sha256, not "md5"`, -2},
		{"fixed:r:sha1:" + digest[1:] + "e", "at character 45, 'e' is no digit of nix32", 44},
		{"fixed:sha1:sha1:" + digest, "a digest of sha1 has 40 characters in base 16, 32 in nix32 or 28 in base 64, not 37", -1},
	} {
		_, err := store.ParseContentAddress(test.text)
		var got *store.ContentAddressError
		if !errors.As(err, &got) || got.Text != test.text {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(test.why, got.Why); diff != "" {
			t.Errorf("%q: %s", test.text, diff)
		}
		offset := -2
		var inner *store.HashError
		if errors.As(err, &inner) {
			offset = inner.Offset
		}
		if offset != test.offset {
			t.Errorf("%q: the offset is %d", test.text, offset)
		}
	}
	if text, err := (store.ContentAddress{Method: "zip", Hash: blake3("")}).MarshalText(); err == nil {
		t.Errorf("an unknown method is written: %s", text)
	}
}

func drawContentAddress(t *rapid.T) store.ContentAddress {
	ca := store.ContentAddress{Method: store.Flat, Hash: drawHash(t)}
	methods := []store.Method{store.Flat, store.Recursive}
	if a := ca.Hash.Algorithm(); a == store.SHA256 {
		methods = append(methods, store.Text, store.Git)
	} else if a == store.SHA1 {
		methods = append(methods, store.Git)
	}
	ca.Method = rapid.SampledFrom(methods).Draw(t, "method")
	return ca
}

func TestContentAddressRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ca := drawContentAddress(t)
		if back, err := store.ParseContentAddress(ca.String()); err != nil || back != ca {
			t.Fatalf("%s: %v, %v", ca, back, err)
		}
	})
}

func FuzzParseContentAddress(f *testing.F) {
	f.Add("text:sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s")
	f.Add("fixed:r:sha1:kpcd173cq987hw957sx6m0868wv3x6d9")
	f.Add("fixed:git:sha1:qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")
	f.Add("fixed:md5:900150983cd24fb0d6963f7d28e17f72")
	f.Fuzz(func(t *testing.T, text string) {
		ca, err := store.ParseContentAddress(text)
		if err != nil {
			var wrong *store.ContentAddressError
			if !errors.As(err, &wrong) {
				t.Fatalf("%#v", err)
			}
			return
		}
		if back, err := store.ParseContentAddress(ca.String()); err != nil || back != ca {
			t.Fatalf("%q: %s, %v, %v", text, ca, back, err)
		}
		if _, err := store.DefaultDir.PathFor("name", ca, store.References{}); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
