package narinfo_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/nix/narinfo"
	"luminousnix/nix/store"
)

// A key that Nix made for this test, with its public half.
const (
	secretText = "k-1:MlSVVATuhk3OPJ+CvpfMq/L54UTYAQzdfkf93OsmFK3inflWo46pFRwI61oanxjlMOyES9tk7yyhS1UtHqje8Q=="
	publicText = "k-1:4p35VqOOqRUcCOtaGp8Y5TDshEvbZO8soUtVLR6o3vE="
)

func secretKey(t testing.TB, text string) narinfo.SecretKey {
	t.Helper()
	key, err := narinfo.ParseSecretKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeys(t *testing.T) {
	t.Parallel()
	key := secretKey(t, secretText+"\n")
	public, err := narinfo.ParsePublicKey(" " + strings.TrimRight(publicText, "="))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{key.Name(), key.Secret(), key.Public().String(), public.Name(), public.String()}
	if diff := cmp.Diff([]string{"k-1", secretText, publicText, "k-1", publicText}, got); diff != "" {
		t.Error(diff)
	}
	if key.Public() != public {
		t.Error("the public halves differ")
	}
	zero := []any{narinfo.SecretKey{}.Secret(), narinfo.SecretKey{}.Public(), narinfo.PublicKey{}.String(), narinfo.SecretKey{}.IsZero()}
	if diff := cmp.Diff([]any{"", narinfo.PublicKey{}, "", true}, zero, cmp.Comparer(func(a, b narinfo.PublicKey) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestKeyErrors(t *testing.T) {
	t.Parallel()
	digits := strings.TrimPrefix(secretText, "k-1:")
	other, err := narinfo.GenerateKey("k-2")
	if err != nil {
		t.Fatal(err)
	}
	mixed, err := base64.StdEncoding.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	otherDigits, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(other.Secret(), "k-2:"))
	if err != nil {
		t.Fatal(err)
	}
	copy(mixed[32:], otherDigits[32:])
	for name, text := range map[string]string{
		"empty":          "",
		"no name":        digits,
		"empty name":     ":" + digits,
		"empty key":      "k:",
		"space in name":  "k 1:" + digits,
		"swapped":        digits + ":k",
		"swapped, space": digits + " :k",
		"colon in name":  "k:1:" + digits,
		"too short":      "k:" + digits[:80],
		"too long":       "k:" + strings.TrimRight(digits, "=") + "AAAA",
		"not base 64":    "k:" + strings.Replace(digits, "M", "!", 1),
		"other public":   "k:" + base64.StdEncoding.EncodeToString(mixed),
		"public half":    publicText,
	} {
		_, err := narinfo.ParseSecretKey(text)
		var wrong *narinfo.KeyError
		if !errors.As(err, &wrong) || !wrong.Secret {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		checkSilent(t, name, fmt.Sprintf("%v %+v %#v", err, wrong, wrong))
	}
	for _, text := range []string{"", "k", ":" + publicText, "k:AAAA", "k:!", secretText} {
		_, err := narinfo.ParsePublicKey(text)
		var wrong *narinfo.KeyError
		if !errors.As(err, &wrong) || wrong.Secret {
			t.Errorf("%q: error %v", text, err)
			continue
		}
		// People mistake one key for the other.
		checkSilent(t, "public", fmt.Sprintf("%v %+v %#v", err, wrong, wrong))
	}
	for _, name := range []string{"", "a b", "a:b", "a\n"} {
		if _, err := narinfo.GenerateKey(name); !errors.As(err, new(*narinfo.KeyError)) {
			t.Errorf("%q: error %v", name, err)
		}
	}
}

// checkSilent looks for pieces of the secret in a text.
func checkSilent(t *testing.T, name, text string) {
	t.Helper()
	digits := strings.TrimPrefix(secretText, "k-1:")
	for i := 0; i+6 < len(digits); i++ {
		if strings.Contains(text, digits[i:i+6]) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	type holder struct {
		Key    narinfo.SecretKey
		hidden narinfo.SecretKey
		list   []narinfo.SecretKey
	}
	key := secretKey(t, secretText)
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secretText, "k-1:"))
	if err != nil {
		t.Fatal(err)
	}
	held := holder{key, key, []narinfo.SecretKey{key}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X"} {
		for _, value := range []any{key, &key, held, &held} {
			text := fmt.Sprintf(verb, value)
			checkSilent(t, verb, text)
			for _, form := range []string{"%d %d %d", "%x%x%x", "%X%X%X", "%#x, %#x, %#x"} {
				if strings.Contains(text, fmt.Sprintf(form, raw[0], raw[1], raw[2])) {
					t.Errorf("%s: %s", verb, text)
				}
			}
		}
	}
}

func TestSignAndVerify(t *testing.T) {
	t.Parallel()
	key := secretKey(t, secretText)
	namesake, err := narinfo.GenerateKey("k-1")
	if err != nil {
		t.Fatal(err)
	}
	other, err := narinfo.GenerateKey("k-2")
	if err != nil {
		t.Fatal(err)
	}
	info := fullInfo(t).PathInfo
	sign := func(k narinfo.SecretKey, i store.PathInfo) string {
		t.Helper()
		signature, err := k.Sign(&i)
		if err != nil {
			t.Fatal(err)
		}
		return signature
	}
	unsorted := info
	unsorted.References = []store.Path{path(app), path(dep), path(dep)}
	longer := info
	longer.NarSize++
	signature := sign(key, info)
	all := []narinfo.PublicKey{other.Public(), namesake.Public(), key.Public()}
	for name, test := range map[string]struct {
		info       store.PathInfo
		signatures []string
		want       []narinfo.PublicKey
	}{
		"one":        {info, []string{signature}, []narinfo.PublicKey{key.Public()}},
		"unsorted":   {unsorted, []string{signature}, []narinfo.PublicKey{key.Public()}},
		"namesakes":  {info, []string{sign(namesake, info), signature}, []narinfo.PublicKey{namesake.Public(), key.Public()}},
		"two":        {info, []string{"junk", signature, sign(other, info)}, []narinfo.PublicKey{other.Public(), key.Public()}},
		"none":       {info, nil, nil},
		"malformed":  {info, []string{"", "k-1", "k-1:", "k-1:!", "k-1:AAAA", ":" + signature, "k-2" + signature[3:]}, nil},
		"of another": {longer, []string{signature}, nil},
		"hashless":   {store.PathInfo{Path: path(app)}, []string{signature}, nil},
	} {
		test.info.Signatures = test.signatures
		got := narinfo.Verify(&test.info, all)
		if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b narinfo.PublicKey) bool { return a == b })); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for name, sign := range map[string]func() (string, error){
		"no hash": func() (string, error) { return key.Sign(&store.PathInfo{Path: path(app), NarSize: 1}) },
		"no size": func() (string, error) { return key.Sign(&store.PathInfo{Path: path(app), NarHash: info.NarHash}) },
		"no key":  func() (string, error) { return narinfo.SecretKey{}.Sign(&info) },
	} {
		if signature, err := sign(); !errors.Is(err, narinfo.ErrNothingToSign) {
			t.Errorf("%s: %q, error %v", name, signature, err)
		}
	}
}

func TestContentAddressed(t *testing.T) {
	t.Parallel()
	address := store.ContentAddress{Method: store.Recursive, Hash: hash(t, narHash)}
	references := store.References{Others: []store.Path{path(dep)}, Self: true}
	p, err := dir.PathFor("app", address, references)
	if err != nil {
		t.Fatal(err)
	}
	right := store.PathInfo{Path: p, ContentAddress: address, References: []store.Path{p, path(dep)}}
	for name, test := range map[string]struct {
		change func(*store.PathInfo)
		want   bool
	}{
		"right":            {func(*store.PathInfo) {}, true},
		"other reference":  {func(i *store.PathInfo) { i.References = []store.Path{p} }, false},
		"no reference":     {func(i *store.PathInfo) { i.References = nil }, false},
		"other method":     {func(i *store.PathInfo) { i.ContentAddress.Method = store.Flat }, false},
		"text with itself": {func(i *store.PathInfo) { i.ContentAddress.Method = store.Text }, false},
		"no address":       {func(i *store.PathInfo) { i.ContentAddress = store.ContentAddress{} }, false},
		"other path":       {func(i *store.PathInfo) { i.Path = path(app) }, false},
		"no path":          {func(i *store.PathInfo) { i.Path = "x" }, false},
	} {
		info := right
		test.change(&info)
		if got := narinfo.ContentAddressed(&info); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSignaturesRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[!-9;-~]{1,20}`).Draw(t, "name")
		made, err := narinfo.GenerateKey(name)
		if err != nil {
			t.Fatal(err)
		}
		key, err := narinfo.ParseSecretKey(made.Secret())
		if err != nil {
			t.Fatal(err)
		}
		public, err := narinfo.ParsePublicKey(made.Public().String())
		if err != nil {
			t.Fatal(err)
		}
		info := drawInfo(t).PathInfo
		signature, err := key.Sign(&info)
		if err != nil {
			t.Fatal(err)
		}
		info.Signatures = append(info.Signatures, signature)
		if signed := narinfo.Verify(&info, []narinfo.PublicKey{public}); len(signed) != 1 || signed[0] != public {
			t.Fatalf("signed by %v", signed)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add(secretText)
	f.Add(publicText)
	f.Add(" k:\n=")
	f.Fuzz(func(t *testing.T, text string) {
		secret, err := narinfo.ParseSecretKey(text)
		if err == nil {
			again, err := narinfo.ParseSecretKey(secret.Secret())
			if err != nil || again.Secret() != secret.Secret() {
				t.Errorf("error %v", err)
			}
		} else if !errors.As(err, new(*narinfo.KeyError)) {
			t.Errorf("error %v", err)
		}
		public, err := narinfo.ParsePublicKey(text)
		if err == nil {
			again, err := narinfo.ParsePublicKey(public.String())
			if err != nil || again != public {
				t.Errorf("error %v", err)
			}
		} else if !errors.As(err, new(*narinfo.KeyError)) {
			t.Errorf("error %v", err)
		}
	})
}
