package intent

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// mostTime is what understanding any sentence may take.
const mostTime = slowdown * 20 * time.Millisecond

// quickest is the least time of a few tries, since another process may have had
// the processor.
func quickest(sentence string) time.Duration {
	least := time.Hour
	for range 8 {
		start := time.Now()
		_, _ = Understand(sentence, testNow)
		least = min(least, time.Since(start))
		if least < mostTime {
			break
		}
	}
	return least
}

// No sentence takes long, whatever it is made of.
func TestWorstSentences(t *testing.T) {
	t.Parallel()
	g := englishGrammar()
	random := rand.New(rand.NewPCG(1, 2))
	var sentences []string
	for range 200 {
		words := make([]string, 1+random.IntN(maxTokens))
		few := 1 + random.IntN(len(g.words)-1)
		if random.IntN(2) == 0 {
			few = min(few, 8)
		}
		offset := random.IntN(len(g.words))
		for i := range words {
			words[i] = g.words[1+(offset+random.IntN(few))%(len(g.words)-1)]
			if random.IntN(4) == 0 {
				words[i] += string(rune('a' + random.IntN(26)))
			}
		}
		sentences = append(sentences, strings.Join(words, " "))
	}
	for _, start := range []string{"install", "search for", "what is", "why is", "how do I", "which packages", "is there", "delete generations", "the", "error", "go back because"} {
		for _, word := range []string{" curl", " curl and", " the", " 5", " update", " generations", " xyzzyq", " not", " what", " is", " install curl,"} {
			sentences = append(sentences, start+strings.Repeat(word, maxTokens-4))
		}
	}
	worst, slowest := time.Duration(0), ""
	for _, sentence := range sentences {
		if took := quickest(sentence); took > worst {
			worst, slowest = took, sentence
		}
	}
	t.Logf("the slowest took %v: %.60q…", worst, slowest)
	if worst > mostTime {
		t.Errorf("%v for %q", worst, slowest)
	}
}
