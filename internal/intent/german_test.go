package intent

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/language"
	"luminousnix/internal/operation"
)

// languages are the ways to find the language of a sentence that have German in them.
var languages = [...]language.Language{language.Auto, language.AutoGerman, language.German}

// testdata/german.tsv has the sentences of the user guide in German, each in several ways,
// and sentences that ask for nothing.
func TestGerman(t *testing.T) {
	t.Parallel()
	all := load(t, "testdata/german.tsv")
	harmless := 0
	for _, s := range all {
		harmless += one(s.Want[0].Name == operation.None || s.Want[0].Name == operation.AnswerQuestion)
		want := s.Want
		if want[0].Name == operation.None {
			want = nil
		}
		for _, l := range languages {
			reading, err := UnderstandIn(l, s.Text, testNow)
			if diff := cmp.Diff(want, reading.Operations); diff != "" {
				t.Errorf("%q (%d, %v, -want +got):\n%s", s.Text, l, err, diff)
				break
			}
		}
	}
	if len(all) < 490 || harmless < 190 {
		t.Errorf("%d sentences, %d of them harmless", len(all), harmless)
	}
}

// A request in German stays one with words around it that say nothing, and is none with
// words that take it back.
func TestGermanFrames(t *testing.T) {
	t.Parallel()
	for _, s := range load(t, "testdata/german.tsv") {
		if s.Want[0].Name == operation.None || s.Want[0].Name == operation.AnswerQuestion {
			continue
		}
		for _, frame := range []string{"Bitte %", "% bitte", "%, danke!", "Hallo, %"} {
			text := strings.Replace(frame, "%", strings.TrimRight(s.Text, "."), 1)
			if s.Want[0].Name == operation.Help || s.Want[0].Arguments.Text != "" {
				break // "Hallo, danke!" is none, and a name may be more than a word
			}
			reading, err := Understand(text, testNow)
			if diff := cmp.Diff(s.Want, reading.Operations); diff != "" {
				t.Errorf("%q (%v, -want +got):\n%s", text, err, diff)
			}
		}
		for _, frame := range []string{
			"% nicht", "bitte nicht %", "auf keinen Fall %", "lieber nicht: %", "% lieber nicht", "niemals %", "% oder nicht", "was wäre wenn %", "soll ich %?",
			"sollte ich %", "wenn %", "falls es regnet, %", "er sagte %", "er sagte: %", "mein Chef meint, %", "der Befehl heißt %", "ich habe gestern %",
			"% war ein Fehler", "% ist gefährlich", "bevor ich %", "ich würde %", "übersetze: %", "% wenn es sicher ist", "angenommen %", "warum %?", "ohne dass du %", "ich will nicht dass du %",
		} {
			text := strings.Replace(frame, "%", strings.TrimRight(s.Text, ".?!"), 1)
			for _, l := range languages {
				if reading, _ := UnderstandIn(l, text, testNow); len(changes(reading)) > 0 {
					t.Errorf("%q would do %v", text, reading.Operations)
				}
			}
		}
	}
}

// No sentence of the corpus that is English is read as anything else, whatever the locale.
func TestEnglishStaysEnglish(t *testing.T) {
	t.Parallel()
	for i, s := range load(t, "corpus/en.tsv") {
		if slowdown > 1 && i%10 != 0 {
			continue // with the race detector
		}
		for _, l := range languages[:2] {
			g, sure := choose(l, s.Text)
			if g == englishGrammar() {
				continue
			}
			if s.Want[0].Name != operation.None && sure {
				t.Errorf("%q is read as German", s.Text)
			}
			want, _ := UnderstandIn(language.English, s.Text, testNow)
			if got, _ := UnderstandIn(l, s.Text, testNow); !cmp.Equal(want.Operations, got.Operations) {
				t.Errorf("%q (-English +German):\n%s", s.Text, cmp.Diff(want.Operations, got.Operations))
			}
		}
	}
}

// What changes nothing in English changes nothing with German preferred.
func TestGermanIsNoWayIn(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"harmless", "hostile", "injections", "exceptions"} {
		for _, line := range lines(t, "testdata/"+file+".txt") {
			if text, err := strconv.Unquote(line); err == nil && line[0] == '"' {
				line = text
			}
			sentences := []string{line}
			for _, verb := range [][2]string{{"install ", "installiere "}, {"remove ", "entferne "}, {"update ", "aktualisiere "}, {"delete ", "lösche "}, {"search for ", "suche nach "}} {
				if rest, ok := strings.CutPrefix(line, verb[0]); ok && file != "exceptions" && file != "harmless" {
					sentences = append(sentences, verb[1]+rest)
				}
			}
			for _, sentence := range sentences {
				for _, l := range languages {
					reading, err := UnderstandIn(l, sentence, testNow)
					if len(changes(reading)) > 0 {
						t.Errorf("%q would do %v", sentence, reading.Operations)
					}
					failure := operation.AsError(err)
					if file == "injections" && sentence == line && (failure == nil || failure.Code != operation.CodeRefused) {
						t.Errorf("%q (%d): %v, %v; want it refused", sentence, l, reading.Operations, err)
					}
					if file == "injections" && failure != nil && slices.ContainsFunc(failure.Alternatives, func(a operation.Alternative) bool { return changing(a.Operation) }) {
						t.Errorf("%q (%d) offers %v", sentence, l, failure.Alternatives)
					}
				}
			}
		}
	}
}

func FuzzGerman(f *testing.F) {
	for _, text := range []string{
		"installiere vim, git und htop und zeig dann meine Generationen", "das Update hat mein WLAN kaputt gemacht, geh zurück auf letzten Dienstag",
		"lösche Generationen 5 bis 9 und 12, behalte die letzten 3", "zurück auf den 24.12.2024", "räum auf’s", "ß ä ö ü 's",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, sentence string) {
		for _, l := range languages {
			reading, err := UnderstandIn(l, sentence, testNow)
			if (err == nil) != (len(reading.Operations) > 0) {
				t.Errorf("%q: %v with error %v", sentence, reading.Operations, err)
			}
			for _, op := range reading.Operations {
				if err := op.Validate(); err != nil {
					t.Errorf("%q: %v", sentence, err)
				}
			}
		}
	})
}

func BenchmarkCompileGerman(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		compile(germanPhrases)
	}
}

func BenchmarkUnderstandGerman(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Understand("das Update hat mein WLAN kaputt gemacht, bring mich zurück", testNow); err != nil {
			b.Fatal(err)
		}
	}
}
