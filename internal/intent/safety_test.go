package intent

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"luminousnix/internal/operation"
)

func lines(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(data), "\n"), "\n")
}

// changes lists the operations of a reading that change something.
func changes(reading Reading) []operation.Name {
	var names []operation.Name
	for _, op := range reading.Operations {
		if spec, ok := operation.Lookup(op.Name); !ok || spec.Changing {
			names = append(names, op.Name)
		}
	}
	return names
}

func TestHarmlessSentencesChangeNothing(t *testing.T) {
	t.Parallel()
	for _, sentence := range lines(t, "testdata/harmless.txt") {
		reading, err := Understand(sentence, testNow)
		if names := changes(reading); names != nil {
			t.Errorf("%q would do %v (%.2f)", sentence, reading.Operations, reading.Confidence)
		}
		if (err == nil) != (len(reading.Operations) > 0) {
			t.Errorf("%q: error %v with %d operations", sentence, err, len(reading.Operations))
		}
	}
}

// testdata/exceptions.txt holds requests with an exception, a condition, a correction or the
// like in them, and what only looks like a request: what is done without
// it, or the excepted thing itself, is the opposite of what was said. All of these are asked
// about, or only the part that nothing is excepted from is done.
func TestExceptionsAreNotDone(t *testing.T) {
	t.Parallel()
	for _, sentence := range lines(t, "testdata/exceptions.txt") {
		reading, _ := Understand(sentence, testNow)
		if names := changes(reading); names != nil {
			t.Errorf("%q would do %v", sentence, reading.Operations)
		}
	}
}

// Apostrophes by themselves have been the end of it.
func TestOddWords(t *testing.T) {
	t.Parallel()
	for _, sentence := range []string{"show me nixos ’s version", "keep ’s", "I want to free disk ’s space", "why did n't you clean up the old generations", "n't", "'s", "’", "' 's n't", "don't n't"} {
		_, _ = Understand(sentence, testNow)
	}
}

// testdata/hostile.txt was written by somebody who knew the names of the operations only:
// requests with something in them that no request has. None of them may change anything.
// A line in quotation marks is a string of Go.
func TestHostileSentencesChangeNothing(t *testing.T) {
	t.Parallel()
	all := lines(t, "testdata/hostile.txt")
	if len(all) < 300 {
		t.Errorf("%d sentences, want 300 and more", len(all))
	}
	for _, line := range all {
		sentence := line
		if text, err := strconv.Unquote(line); err == nil && line[0] == '"' {
			sentence = text
		}
		reading, err := Understand(sentence, testNow)
		if names := changes(reading); names != nil {
			t.Errorf("%.100q would do %v", sentence, names)
		}
		if failure := operation.AsError(err); failure != nil && failure.Hint == "" {
			t.Errorf("%.100q: %s, without a hint", sentence, failure.Message)
		}
	}
}

func TestInjectionsAreRefused(t *testing.T) {
	t.Parallel()
	sentences := append(lines(t, "testdata/injections.txt"),
		"install firefox\nrm -rf /",
		"install firefox\r\nreboot",
		"install fire\x00fox",
		"install firefox\x1b[2J",
		"install fire\u202efox",  // right-to-left override
		"install fire\u200bfox",  // zero-width space
		"install firefox\u2028x", // line separator
		"install fire\u00adfox",  // soft hyphen
		"install fire\u0301fox",  // combining accent
		"install \xff\xfe",
		"install "+strings.Repeat("a", 200),
		"install "+strings.Repeat("firefox ", 2000),
		"search "+strings.Repeat("x", 20_000),
		"search for fire\x07fox",
	)
	for _, sentence := range sentences {
		reading, err := Understand(sentence, testNow)
		if err == nil {
			t.Errorf("%.80q is read as %v", sentence, reading.Operations)
			continue
		}
		failure := operation.AsError(err)
		if failure.Code != operation.CodeRefused || failure.Hint == "" {
			t.Errorf("%.80q: code %s, %s, hint %q; want refused with a hint", sentence, failure.Code, failure.Message, failure.Hint)
		}
		for _, a := range failure.Alternatives {
			if spec, _ := operation.Lookup(a.Name); spec.Changing {
				t.Errorf("%.80q offers %v", sentence, a.Operation)
			}
		}
	}
}
