package answers_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/answers"
	"luminousnix/internal/language"
)

// TestGermanTopics holds the German topics to the form, and to the English ones: the same
// ids, commands that are among them, and links to what is there.
func TestGermanTopics(t *testing.T) {
	t.Parallel()
	english := map[string]answers.Topic{}
	for _, topic := range answers.Topics() {
		english[topic.ID] = topic
	}
	known, lines := map[string]bool{}, 0
	for _, topic := range answers.German() {
		known[topic.ID] = true
	}
	for _, topic := range answers.German() {
		same, ok := english[topic.ID]
		if !ok || same.Subject != topic.Subject {
			t.Errorf("%s is no topic of %s in English", topic.ID, topic.Subject)
		}
		if topic.Title == "" || len(topic.Asks) < 3 || len(topic.Text) < 3 || len(topic.Text) > 8 || len(topic.See) == 0 || len(topic.Tries) == 0 {
			t.Errorf("%s lacks something", topic.ID)
		}
		lines += 1 + len(topic.Asks) + len(topic.Text) + len(topic.Tries) + 1
		for _, sentence := range topic.Text {
			if !strings.HasSuffix(sentence, ".") || len(sentence) > 260 {
				t.Errorf("%s: %q is no sentence, or a long one", topic.ID, sentence)
			}
		}
		for _, try := range topic.Tries {
			if try.Say == "" || try.Command != "" && !strings.HasPrefix(try.Command, "ask-nix ") {
				t.Errorf("%s: %+v", topic.ID, try)
			}
		}
		for _, id := range topic.See {
			if !known[id] || id == topic.ID {
				t.Errorf("%s leads to %q", topic.ID, id)
			}
		}
	}
	if len(known) < 25 || len(known) != len(answers.German()) {
		t.Errorf("%d topics, %d ids", len(answers.German()), len(known))
	}
	if diff := cmp.Diff(linesOf(t, "de/*.txt"), lines); diff != "" {
		t.Errorf("lines of the files and of the topics differ (-files +topics):\n%s", diff)
	}
}

// linesOf counts the lines of topics in files.
func linesOf(t *testing.T, pattern string) (lines int) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(content)) {
			if filepath.Base(name) != "words.txt" && strings.TrimSpace(line) != "" && line[0] != '#' {
				lines++
			}
		}
	}
	return lines
}

// TestGermanQuestions has questions that are none of the phrasings.
func TestGermanQuestions(t *testing.T) {
	t.Parallel()
	for question, topic := range map[string]string{
		"was passiert, wenn ich Generation 4 lösche?":           "safe-delete-generations",
		"Was passiert eigentlich wenn ich Generation 7 loesche": "safe-delete-generations",
		"was sind Flakes?":                                  "flake",
		"Wozu braucht man Flakes?":                          "flake",
		"was ist eine Derivation?":                          "derivation",
		"wie installiere ich vlc?":                          "install",
		"wie kann ich vlc wieder entfernen?":                "remove",
		"ist es eigentlich sicher, jetzt zu aktualisieren?": "safe-update",
		"wie gehe ich zwei Generationen zurück?":            "roll-back",
		"löscht ein Rollback meine Fotos und Dateien?":      "personal-files",
		"wie öffne ich Port 443?":                           "firewall",
		"muss ich den Rechner neu starten?":                 "reboot",
		"worin unterscheiden sich Kanäle und Flakes?":       "channels-or-flakes",
		"erkläre mir den Nix-Store":                         "store",
	} {
		for _, l := range []language.Language{language.Auto, language.AutoGerman, language.German} {
			matches, certainty := answers.SearchIn(l, question)
			if certainty == answers.Unknown || len(matches) == 0 || matches[0].ID != topic {
				t.Errorf("%q (%d): %v (%v), want %s", question, l, ids(matches), certainty, topic)
			}
		}
	}
	for _, topic := range answers.German() {
		for _, ask := range append(slices.Clone(topic.Asks), topic.Title) {
			if matches, certainty := answers.SearchIn(language.German, ask); certainty == answers.Unknown || !slices.Contains(ids(matches), topic.ID) {
				t.Errorf("%q does not find %s, but %v", ask, topic.ID, ids(matches))
			}
		}
	}
	for _, question := range []string{"wie wird das Wetter?", "was kostet ein Bier?", "wer hat die Wahl gewonnen?", "wie koche ich Nudeln?", "warum ist der Himmel blau?"} {
		if matches, certainty := answers.SearchIn(language.Auto, question); certainty == answers.Sure {
			t.Errorf("%q is answered by %s", question, matches[0].ID)
		}
	}
}

// TestEnglishQuestionsStayEnglish finds for each question in English what is found without
// German.
func TestEnglishQuestionsStayEnglish(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"testdata/questions.tsv", "testdata/heldout.tsv"} {
		for _, a := range questions(t, file) {
			want, _ := answers.Search(a.question)
			for _, l := range []language.Language{language.Auto, language.AutoGerman} {
				if got, _ := answers.SearchIn(l, a.question); !slices.Equal(ids(want), ids(got)) {
					t.Errorf("%q (%d): %v, want %v", a.question, l, ids(got), ids(want))
				}
			}
		}
	}
}
