package language_test

import (
	"os"
	"strings"
	"testing"

	"luminousnix/internal/language"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		setting string
		env     map[string]string
		want    language.Language
	}{
		{"auto", nil, language.Auto},
		{"en", map[string]string{"LANG": "de_DE.UTF-8"}, language.English},
		{"de", map[string]string{"LANG": "en_GB.UTF-8"}, language.German},
		{"auto", map[string]string{"LANG": "de_AT.UTF-8"}, language.AutoGerman},
		{"auto", map[string]string{"LANG": "de_AT.UTF-8", "LC_ALL": "C"}, language.Auto},
		{"auto", map[string]string{"LANG": "fr_FR", "LC_MESSAGES": "de"}, language.AutoGerman},
		{"auto", map[string]string{"LANG": "den_CA"}, language.Auto},
	} {
		if got := language.Of(test.setting, func(name string) string { return test.env[name] }); got != test.want {
			t.Errorf("%s with %v is %d, want %d", test.setting, test.env, got, test.want)
		}
	}
}

func TestMarked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"installiere firefox":        true,
		"Firefox INSTALLIEREN!":      true,
		"räum auf":                   true,
		"raeum auf":                  true,
		"was ist ein Paket?":         true,
		"install firefox":            false,
		"instal":                     false,
		"what changed":               false,
		"":                           false,
		"tier":                       false, // the end of a word in the list
		"# Words of":                 false,
		"einstellungenzurückhaltung": true,
	} {
		if got := language.Marked(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestIsGerman(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		language                language.Language
		marked                  bool
		onlyGerman, onlyEnglish int
		want                    bool
	}{
		{language.Auto, true, 2, 1, true},
		{language.Auto, true, 1, 1, false},
		{language.Auto, false, 2, 0, false},
		{language.AutoGerman, true, 1, 1, true},
		{language.AutoGerman, true, 0, 0, false},
		{language.German, false, 0, 0, true},
		{language.German, true, 1, 2, false},
		{language.English, true, 5, 0, false},
	} {
		if got := test.language.IsGerman(test.marked, test.onlyGerman, test.onlyEnglish); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

// Every word of the file is found: each is on the line of its letter.
func TestEveryWordIsFound(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("german.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(content), "\n\n")
	words := 0
	for _, word := range strings.Fields(list) {
		if len(word) == 1 {
			continue // the letter of a line
		}
		words++
		if len(word) > 20 || !language.Marked("x "+word+".") {
			t.Errorf("%q is not found", word)
		}
	}
	if words < 300 {
		t.Errorf("%d words", words)
	}
}

func FuzzMarked(f *testing.F) {
	f.Add("the ÄÖ installiere")
	f.Fuzz(func(_ *testing.T, text string) { language.Marked(text) })
}

func BenchmarkMarked(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		language.Marked("the update broke my wifi, take me back to the generation before")
	}
}
