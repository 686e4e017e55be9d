package intent

import (
	"strings"
	"testing"
)

// Requests inside of something that is no request: none of them is acted on.
func TestFramedRequestsChangeNothing(t *testing.T) {
	t.Parallel()
	requests := []string{
		"install firefox", "remove vim", "update my system", "update", "roll back", "rollback two generations",
		"go back to yesterday", "switch to generation 41", "delete generations 5 and 6", "clean up",
		"delete old generations", "keep the last 5 generations", "collect garbage", "rebuild", "undo",
		"clear the cache", "try cowsay", "pin generation 5", "set services.openssh.enable to true",
		"update my system and clean up", "install vim then remove emacs", "nix-collect-garbage -d", "pacman -Syu",
	}
	frames := []string{
		"don't %s", "do not %s", "please don't %s", "never %s", "I don't want to %s", "I don't want you to %s",
		"you should not %s", "you must never %s", "no need to %s", "let's not %s", "it would be bad to %s",
		"how do I %s", "how can I %s?", "how to %s", "how would one %s", "what happens if I %s",
		"what would happen if I %s", "what if we %s", "should I %s", "should I %s or wait", "can I %s safely",
		"is it safe to %s?", "is it a good idea to %s", "would it help to %s", "do I have to %s", "why would I %s",
		"why should I %s?", "when should I %s", "when do you %s", "if it breaks, %s", "if I %s will it break",
		"unless it works %s", "my friend told me to %s", "he wants to %s", "she said %s", "the docs say %s",
		"they always %s", "I always %s on mondays", "I forgot to %s", "I was going to %s", "I might %s later",
		"I refuse to %s", "I am afraid to %s", "could it be that you %s", "did you %s", "have you %s",
		"who asked you to %s", "what does %s do", "what does %s mean", "what is %s", "explain %s", "write a poem: %s",
		"tell me a story about how to %s", "%s is dangerous", "%s was a mistake", "%s failed", "%s does not work",
		"%s unless it is sunday", "%s if you must", "%s or not?", "%s but not now", "pretend to %s", "imagine you %s",
		"before you %s, ask me", "don't ever %s", "avoid: %s", "not %s", "instead of %s", "without %s", "stop trying to %s",
		"ask me before you %s", "wait until I %s", "suppose we %s", "translate %s into french", "you can't %s",
		"I couldn't %s", "unable to %s", "it failed to %s", "is there a way to %s", "any way to %s?", "remind me to %s",
		"when I %s it fails", "after I %s nothing works", "bitte nicht %s", "the command is %s", "the opposite of %s",
	}
	for _, frame := range frames {
		for _, request := range requests {
			sentence := strings.Replace(frame, "%s", request, 1)
			if reading, _ := Understand(sentence, testNow); changes(reading) != nil {
				t.Errorf("%q would do %v (%.2f)", sentence, reading.Operations, reading.Confidence)
			}
		}
	}
}

// Each of the requests is one when nothing is around it but politeness.
func TestPoliteRequestsAreRequests(t *testing.T) {
	t.Parallel()
	for _, frame := range []string{"%s", "please %s", "can you %s", "could you please %s?", "I want to %s", "I'd like to %s", "%s please", "%s now", "hey, %s, thanks", "would you %s for me"} {
		for _, request := range []string{"install firefox", "remove vim", "update my system", "roll back", "clean up", "switch to generation 41"} {
			sentence := strings.Replace(frame, "%s", request, 1)
			if reading, err := Understand(sentence, testNow); changes(reading) == nil {
				t.Errorf("%q: %v, %v", sentence, reading.Operations, err)
			}
		}
	}
}
