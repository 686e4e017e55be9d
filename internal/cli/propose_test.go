package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// model is a server that answers what a script or a test has it say, and keeps what it
// was asked.
type model struct {
	mu    sync.Mutex
	says  string
	asked []string
	*httptest.Server
}

func newModel() *model {
	m := &model{}
	m.Server = httptest.NewServer(m)
	return m
}

func (m *model) say(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.says, m.asked = text, nil
}

func (m *model) questions() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

// ServeHTTP answers as an OpenAI-compatible server does.
func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	m.asked = append(m.asked, string(body))
	says := m.says
	m.mu.Unlock()
	switch says {
	case "slow":
		<-r.Context().Done()
		return
	case "fail":
		http.Error(w, "no", http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"choices": []any{map[string]any{"message": map[string]string{"role": "assistant", "content": says}}},
	})
}

// modelKey is where a script's model is among the values of its environment.
type modelKey struct{}

// modelSays starts the script's model, if it has none yet, configures it, and has it
// answer the text of a file from now on.
func modelSays(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: model FILE|slow|fail")
	}
	m := ts.Value(modelKey{}).(*model)
	text := args[0]
	if text != "slow" && text != "fail" {
		text = ts.ReadFile(text)
	}
	m.say(text)
	ts.Setenv("LUMINOUS_NIX_LLM_URL", m.URL)
	ts.Setenv("LUMINOUS_NIX_LLM_MODEL", "tiny")
	ts.Setenv("HTTP_PROXY", "http://192.0.2.1:1") // nothing answers there
}

// modelAsked checks how often the script's model was asked since it was last told what
// to say.
func modelAsked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: asked N")
	}
	asked := ts.Value(modelKey{}).(*model).questions()
	if got := fmt.Sprint(len(asked)); got != args[0] {
		ts.Fatalf("the model was asked %s times, want %s", got, args[0])
	}
	for _, question := range asked {
		for _, secret := range []string{ts.Getenv("HOME"), ts.Getenv("WORK")} {
			if strings.Contains(question, secret) {
				ts.Fatalf("the model was told %q:\n%s", secret, question)
			}
		}
	}
}

// TestProposalAtTerminal: what a model proposes is asked about even where it is harmless
// and even with --yes, and done when a person says so; the audit log keeps where it
// came from.
func TestProposalAtTerminal(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	m := newModel()
	t.Cleanup(m.Close)
	p := profile.Profile(nix.SystemProfile)
	const back, pin = `{"operation":"rollback","arguments":{"steps":1}}`, `{"operation":"pin-generation","arguments":{"generation":1}}`
	for _, test := range []struct {
		says, typed string
		flags       []string
		status      int
		current     int
		shown       string
	}{
		{back, "n\n", nil, 7, 3, "Go back from generation 3 to generation 2"},
		{back, "n\n", []string{"--yes"}, 7, 3, "Go back from generation 3 to generation 2"},
		{pin, "n\n", nil, 7, 3, "generation 1"},
		{back, "y\n", nil, 0, 2, "Go back from generation 3 to generation 2"},
	} {
		m.say(test.says)
		cmd := nix.Command(t.Context(), binary, append(test.flags, "beam me up scotty")...)
		cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1", "NO_COLOR=1",
			"LUMINOUS_NIX_LLM_URL="+m.URL, "LUMINOUS_NIX_LLM_MODEL=tiny")
		screen, status := runAtTerminal(t, cmd, "Do this? [y/N] ", test.typed)
		state, err := p.Read()
		if err != nil || status != test.status || state.Current != test.current {
			t.Errorf("%s, typed %q: status %d, generation %d, %v; want %d, %d\n%s", test.says, test.typed, status, state.Current, err, test.status, test.current, screen)
		}
		for _, want := range []string{"asking the language model tiny at 127.0.0.1:", "Proposed by the language model tiny: ", test.shown, "Do this?"} {
			if !strings.Contains(screen, want) {
				t.Errorf("%s, typed %q: the screen lacks %q:\n%s", test.says, test.typed, want, screen)
			}
		}
	}
	audit, err := auditOf(nix)
	if err != nil || strings.Count(string(audit), `"sentence":"beam me up scotty","proposedBy":"llm"`) != 2 {
		t.Errorf("the audit log, %v:\n%s", err, audit)
	}
}

// auditOf reads the audit log of a machine.
func auditOf(nix *testbed.Nix) ([]byte, error) {
	state := nix.Root + "/var/lib"
	if os.Geteuid() != 0 {
		state = nix.Home + "/.local/state"
	}
	return os.ReadFile(state + "/luminous-nix/audit.jsonl")
}

// TestProposalAtPrompt: what refers to a proposal is asked about and marked as it is, and
// Ctrl-C ends the wait for a model and not the conversation.
func TestProposalAtPrompt(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	m := newModel()
	t.Cleanup(m.Close)
	cmd := nix.Command(t.Context(), binary)
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_LLM_URL="+m.URL, "LUMINOUS_NIX_LLM_MODEL=tiny")
	s := talk(t, cmd, 80)
	m.say("slow")
	s.typed("beam me up scotty\r")
	s.expect("asking the language model tiny")
	s.typed("\x03")
	s.expect("interrupted")
	s.expect("ask-nix> ")
	m.say(`{"operation":"pin-generation","arguments":{"generation":1}}`)
	for _, said := range []string{"beam me up scotty", "again", "do it"} {
		s.typed(said + "\r")
		s.expect("Do this? [y/N] ")
		s.says("n", "nothing was changed")
	}
	s.says("no, I meant 2", "`do it` carries it out.")
	s.typed("do it\r")
	s.expect("Do this? [y/N] ")
	s.says("y", "Generation 2 is pinned")
	audit, err := auditOf(nix)
	if n := strings.Count(string(audit), `"proposedBy":"llm"`); err != nil || n == 0 || n != strings.Count(string(audit), "pin-generation") {
		t.Errorf("the audit log, %v:\n%s", err, audit)
	}
}
