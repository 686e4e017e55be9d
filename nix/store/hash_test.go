package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/nix/store"
)

func ExampleParseHash() {
	h, err := store.ParseHash("sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
	if err != nil {
		panic(err)
	}
	fmt.Println(h)
	fmt.Println(h == store.Sum(store.SHA256, []byte("abc")))

	_, err = store.ParseHash("sha1:kpcd173cq987hw957sx6m0868wv3x6de")
	fmt.Println(err)
	// Output:
	// sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s
	// true
	// "sha1:kpcd173cq987hw957sx6m0868wv3x6de" is not a hash: at character 37, 'e' is no digit of nix32
}

func algorithms() []store.Algorithm {
	return []store.Algorithm{store.MD5, store.SHA1, store.SHA256, store.SHA512, store.BLAKE3}
}

// encodings are all texts that ParseHash takes for h.
func encodings(h store.Hash) []string {
	prefix := string(h.Algorithm()) + ":"
	return []string{h.SRI(), prefix + h.Base64(), prefix + h.Nix32(), prefix + h.Base16(), prefix + strings.ToUpper(h.Base16())}
}

// TestKnown has the hashes of "abc" as Nix 2.8 prints them; BLAKE3's is from the
// test vectors of its authors.
func TestKnown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		algorithm             store.Algorithm
		base16, nix32, base64 string
	}{
		{
			store.MD5, "900150983cd24fb0d6963f7d28e17f72",
			"3jgzhjhz9zjvbb0kyj7jc500ch", "kAFQmDzST7DWlj99KOF/cg==",
		},
		{
			store.SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d",
			"kpcd173cq987hw957sx6m0868wv3x6d9", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
		},
		{
			store.SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
			"1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
		},
		{
			store.SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
			"2gs8k559z4rlahfx0y688s49m2vvszylcikrfinm30ly9rak69236nkam5ydvly1ai7xac99vxfc4ii84hawjbk876blyk1jfhkbbyx",
			"3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==",
		},
		{
			store.BLAKE3, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
			"11cxppanr71mzl1xnyax8rccaj5milx2fx9vnvzk6la672nb6dv4", "ZDezrDhGUTP/tjt1JzqNtUjFWEZdedsD/TWcbNW9nYU=",
		},
	} {
		h := store.Sum(test.algorithm, []byte("abc"))
		got := []string{h.Base16(), h.Nix32(), h.Base64()}
		if diff := cmp.Diff([]string{test.base16, test.nix32, test.base64}, got); diff != "" {
			t.Errorf("%s: %s", test.algorithm, diff)
		}
		for _, text := range encodings(h) {
			if back, err := store.ParseHash(text); err != nil || back != h {
				t.Errorf("%s: %v, %v", text, back, err)
			}
		}
	}
}

// TestParseWithoutPadding takes the SRI form without some or all of its padding, as Nix does.
func TestParseWithoutPadding(t *testing.T) {
	t.Parallel()
	h := store.Sum(store.SHA512, []byte("abc"))
	digits := strings.TrimSuffix(h.SRI(), "==")
	for _, text := range []string{digits, digits + "="} {
		if got, err := store.ParseHash(text); err != nil || got != h {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{digits + "===", digits[:len(digits)-1] + "==", strings.Replace(digits, "sha512-", "sha512:", 1)} {
		if got, err := store.ParseHash(text); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestParseHashErrors(t *testing.T) {
	t.Parallel()
	abc := store.Sum(store.SHA256, []byte("abc"))
	none := "; there are md5, sha1, sha256, sha512 and blake3"
	for _, test := range []struct {
		text   string
		offset int
		why    string
	}{
		{"", -1, "it does not begin with an algorithm, as in sha256:… or sha256-…"},
		{abc.Nix32(), -1, "it does not begin with an algorithm, as in sha256:… or sha256-…"},
		{":" + abc.Nix32(), 0, `"" is no algorithm` + none},
		{"sha3:" + abc.Nix32(), 0, `"sha3" is no algorithm` + none},
		{"SHA256:" + abc.Nix32(), 0, `"SHA256" is no algorithm` + none},
		{"sha256:", -1, "a digest of sha256 has 64 characters in base 16, 52 in nix32 or 44 in base 64, not 0"},
		{"sha1:" + abc.Nix32(), -1, "a digest of sha1 has 40 characters in base 16, 32 in nix32 or 28 in base 64, not 52"},
		{"sha256-" + abc.Nix32(), -1, "sha256- is followed by 44 characters of base 64, not 52"},
		{"sha256:u" + abc.Nix32()[1:], 7, "'u' is no digit of nix32"},
		{"sha256:2" + abc.Nix32()[1:], 7, "'2' makes the number larger than 256 bits"},
		{"sha256:" + abc.Base16()[:63] + "g", 70, "'g' is no digit of base 16"},
		{"sha256:\xff" + abc.Base16()[1:], 7, "byte 0xff is no digit of base 16"},
		{"sha256-" + abc.Base64()[:43] + "0", 50, "'0' stands where the padding '=' must be"},
		{"sha256-" + abc.Base64()[:42] + "1=", 49, "'1' has bits that the digest has no room for"},
		{"sha256-\n" + abc.Base64()[1:], 7, `'\n' is no digit of base 64`},
		{"sha256-_" + abc.Base64()[1:], 7, "'_' is no digit of base 64"},
	} {
		_, err := store.ParseHash(test.text)
		var got *store.HashError
		if !errors.As(err, &got) {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(&store.HashError{Text: test.text, Offset: test.offset, Why: test.why}, got); diff != "" {
			t.Errorf("%q: %s", test.text, diff)
		}
	}
}

func TestParseHashOf(t *testing.T) {
	t.Parallel()
	abc := store.Sum(store.SHA256, []byte("abc"))
	for _, text := range append(encodings(abc), abc.Base16(), abc.Nix32(), abc.Base64()) {
		if got, err := store.ParseHashOf(store.SHA256, text); err != nil || got != abc {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for text, why := range map[string]string{
		store.Sum(store.SHA1, nil).SRI(): "the algorithm is sha1 where sha256 is needed",
		"sha256:sha256:" + abc.Nix32():   "a digest of sha256 has 64 characters in base 16, 52 in nix32 or 44 in base 64, not 59",
	} {
		_, err := store.ParseHashOf(store.SHA256, text)
		var got *store.HashError
		if !errors.As(err, &got) || got.Why != why {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := store.ParseHashOf("crc32", "00000000"); err == nil {
		t.Error("crc32 is taken")
	}
}

func TestNewHash(t *testing.T) {
	t.Parallel()
	for _, a := range algorithms() {
		if got, err := store.ParseAlgorithm(string(a)); err != nil || got != a {
			t.Errorf("%s: %v, %v", a, got, err)
		}
		want := store.Sum(a, []byte("x"))
		digest := want.Digest()
		got, err := store.NewHash(a, digest)
		digest[0]++ // must not reach into the hash
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", a, got, err)
		}
		if _, err := store.NewHash(a, digest[1:]); err == nil {
			t.Errorf("%s: a short digest is taken", a)
		}
	}
	if _, err := store.NewHash("", nil); err == nil {
		t.Error("no algorithm is taken")
	}
}

func TestCompress(t *testing.T) {
	t.Parallel()
	h, err := store.NewHash(store.MD5, []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
	if err != nil {
		t.Fatal(err)
	}
	want := []byte{0 ^ 5 ^ 10 ^ 15, 1 ^ 6 ^ 11, 2 ^ 7 ^ 12, 3 ^ 8 ^ 13, 4 ^ 9 ^ 14}
	if diff := cmp.Diff(want, h.Compress(5)); diff != "" {
		t.Error(diff)
	}
}

func TestHashJSON(t *testing.T) {
	t.Parallel()
	type object struct{ A, B store.Hash }
	want := object{A: store.Sum(store.SHA1, nil)}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"A":"sha1:143xibwh31h9bvxzalr0sjvbbvpa6ffs","B":""}`, string(text)); diff != "" {
		t.Error(diff)
	}
	var got object
	if err := json.Unmarshal(text, &got); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	var wrong *store.HashError
	if err := json.Unmarshal([]byte(`{"A":"x"}`), &got); !errors.As(err, &wrong) {
		t.Errorf("%v", err)
	}
}

func drawHash(t *rapid.T) store.Hash {
	a := rapid.SampledFrom(algorithms()).Draw(t, "algorithm")
	h, err := store.NewHash(a, rapid.SliceOfN(rapid.Byte(), a.Size(), a.Size()).Draw(t, "digest"))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHashRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHash(t)
		for _, text := range encodings(h) {
			if back, err := store.ParseHash(text); err != nil || back != h {
				t.Fatalf("%s: %v, %v", text, back, err)
			}
		}
	})
}

func FuzzParseHash(f *testing.F) {
	for _, a := range algorithms() {
		for _, text := range encodings(store.Sum(a, []byte("abc"))) {
			f.Add(text)
		}
	}
	f.Add("sha256-")
	f.Add("blake3-ZDezrDhGUTP/tjbNW9qNtUjFWEZdedsD/TWcbNW9nYU")
	f.Add("md5:\xff")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := store.ParseHash(text)
		if err != nil {
			var wrong *store.HashError
			if !errors.As(err, &wrong) || wrong.Offset >= len(text) && text != "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		for _, own := range encodings(h) {
			if own == text || strings.Contains(own, "-") && len(text) < len(own) && strings.TrimRight(own, "=") == strings.TrimRight(text, "=") {
				return // the SRI form may lack some of its padding
			}
		}
		if !strings.EqualFold(string(h.Algorithm())+":"+h.Base16(), text) {
			t.Fatalf("%q is parsed as %s, which has no such text", text, h)
		}
	})
}
