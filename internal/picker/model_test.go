package picker

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
)

func resized(width, height int) tea.Msg { return tea.WindowSizeMsg{Width: width, Height: height} }

// TestKeys presses keys and looks at where that leads.
func TestKeys(t *testing.T) {
	t.Parallel()
	type state struct {
		Typed    string
		Selected string
		InList   bool
		Reading  bool
		Quit     bool
		Choice   Choice
	}
	tests := []struct {
		keys string
		want state
	}{
		{"", state{}},
		{"fox", state{Typed: "fox", Selected: "firefox"}},
		{"fox<down>", state{Typed: "fox", Selected: "programs.firefox.enable"}},
		{"fox<ctrl+n><ctrl+n><ctrl+n><ctrl+p><ctrl+p><ctrl+p><ctrl+p>", state{Typed: "fox", Selected: "firefox"}},
		{"fox<pgdown>", state{Typed: "fox", Selected: "librewolf-unwrapped"}},
		{"fox<pgdown><pgup>", state{Typed: "fox", Selected: "firefox"}},
		// editing
		{"fix<left><backspace>o", state{Typed: "fox", Selected: "firefox"}},
		{"ox<home>f<end>", state{Typed: "fox", Selected: "firefox"}},
		{"web browser<ctrl+w>", state{Typed: "web ", Selected: "programs.firefox.enable"}},
		{"zz fox<home><alt+d><delete>", state{Typed: "fox", Selected: "firefox"}},
		{"fox zz<alt+b><ctrl+k>", state{Typed: "fox ", Selected: "firefox"}},
		{"fox<ctrl+u>", state{}},
		{"日本<backspace>", state{Typed: "日"}},
		{"e\u0301<backspace>", state{}},
		{"z<left>\u0301", state{Typed: "z"}},
		// the list
		{"fox<tab>", state{Typed: "fox", Selected: "firefox", InList: true}},
		{"<tab>", state{}},
		{"zzz<tab>", state{Typed: "zzz"}},
		{"fox<tab>jjk", state{Typed: "fox", Selected: "programs.firefox.enable", InList: true}},
		{"fox<tab><end>", state{Typed: "fox", Selected: "librewolf-unwrapped", InList: true}},
		{"fox<tab><end><home>", state{Typed: "fox", Selected: "firefox", InList: true}},
		{"fox<tab>/", state{Typed: "fox", Selected: "firefox"}},
		{"fox<tab><tab>", state{Typed: "fox", Selected: "firefox"}},
		{"fox<tab><esc>", state{Typed: "fox", Selected: "firefox"}},
		{"fo<tab>x", state{Typed: "fox", Selected: "firefox"}},
		{"foxy<tab>", state{Typed: "foxy"}},
		{"fox<tab><space>", state{Typed: "fox ", Selected: "firefox"}},
		{"foxz<backspace><tab>j<backspace>", state{Typed: "fo", Selected: "firefox"}},
		// installing
		{"foxi", state{Typed: "foxi"}},
		{"fox<tab>i", state{Typed: "fox", Selected: "firefox", InList: true, Quit: true, Choice: Choice{Install: "firefox"}}},
		{"fox<ctrl+o>", state{Typed: "fox", Selected: "firefox", Quit: true, Choice: Choice{Install: "firefox"}}},
		{"fox<down><ctrl+o>", state{
			Typed: "fox", Selected: "programs.firefox.enable", Quit: true,
			Choice: Choice{Install: "programs.firefox.enable", IsOption: true},
		}},
		{"<ctrl+o>", state{}},
		{"zzz<ctrl+o>", state{Typed: "zzz"}},
		// the page
		{"fox<enter>", state{Typed: "fox", Selected: "firefox", Reading: true}},
		{"fox<tab><enter>", state{Typed: "fox", Selected: "firefox", InList: true, Reading: true}},
		{"fox<enter>abc<down>", state{Typed: "fox", Selected: "firefox", Reading: true}},
		{"fox<enter><esc>", state{Typed: "fox", Selected: "firefox"}},
		{"fox<enter>q", state{Typed: "fox", Selected: "firefox"}},
		{"fox<enter><backspace>", state{Typed: "fox", Selected: "firefox"}},
		{"fox<enter>i", state{Typed: "fox", Selected: "firefox", Reading: true, Quit: true, Choice: Choice{Install: "firefox"}}},
		{"fox<enter><ctrl+o>", state{Typed: "fox", Selected: "firefox", Reading: true, Quit: true, Choice: Choice{Install: "firefox"}}},
		{"<enter>", state{}},
		{"zzz<enter>", state{Typed: "zzz"}},
		// leaving
		{"<esc>", state{Quit: true}},
		{"fox<esc>", state{}},
		{"fox<esc><esc>", state{Quit: true}},
		{"fox<alt+esc>", state{Quit: true}},
		{"fox<enter><alt+esc>", state{}},
		{"<alt+esc>", state{Quit: true}},
		{"fox<ctrl+c>", state{Typed: "fox", Selected: "firefox", Quit: true}},
		{"fox<enter><ctrl+c>", state{Typed: "fox", Selected: "firefox", Reading: true, Quit: true}},
		// nothing comes after the end
		{"fox<ctrl+o><ctrl+c>", state{Typed: "fox", Selected: "firefox", Quit: true, Choice: Choice{Install: "firefox"}}},
	}
	for _, test := range tests {
		t.Run(test.keys, func(t *testing.T) {
			t.Parallel()
			for _, late := range []bool{false, true} {
				d := sit(newFake(), 80, 24)
				d.hold = late
				d.press(test.keys)
				for len(d.held) > 0 { // answers that come after all keys
					d.answer(0)
				}
				got := state{d.model.prompt.text(), "", d.model.inList, d.model.reading, d.quit, d.model.choice}
				if e := d.model.hit(); e != nil {
					got.Selected = e.Attribute
				}
				if late && strings.Contains(test.keys, "<ctrl+c>") {
					continue // leaves at once
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("late answers: %v (-want +got):\n%s", late, diff)
				}
			}
		})
	}
}

func TestLeavingDoesNotWait(t *testing.T) {
	t.Parallel()
	d := sit(newFake(), 80, 24)
	d.hold = true
	d.press("fox<enter><ctrl+o><ctrl+c>")
	d.hold = false
	d.answer(len(d.held) - 1)
	if !d.quit || d.model.choice != (Choice{}) {
		t.Errorf("quit %v with %+v", d.quit, d.model.choice)
	}
}

func TestLateAnswersAreDropped(t *testing.T) {
	t.Parallel()
	d := sit(newFake(), 80, 24)
	d.press("libre")
	d.hold = true
	d.press("<backspace><ctrl+u>fox")
	if len(d.held) != 4 || d.model.query != "" {
		t.Fatalf("%d questions; hits of %q, although nothing was typed in between", len(d.held), d.model.query)
	}
	newest := len(d.held) - 1
	d.answer(newest)
	want := d.screen()
	for len(d.held) > 0 { // the older ones come late
		d.answer(0)
	}
	if diff := cmp.Diff(want, d.screen()); diff != "" {
		t.Errorf("a late answer changes the screen (-want +got):\n%s", diff)
	}
	if got := d.model.hit().Attribute; got != "firefox" {
		t.Errorf("%s is selected", got)
	}
}

// TestOldHitsStay: while an answer is to come, only the prompt changes.
func TestOldHitsStay(t *testing.T) {
	t.Parallel()
	d := sit(newFake(), 80, 24)
	d.press("fo")
	before := strings.Split(d.screen(), "\n")
	d.hold = true
	d.press("x")
	after := strings.Split(d.screen(), "\n")
	last := len(before) - 2 // has the cursor
	if diff := cmp.Diff(before[1:last], after[1:last]); diff != "" {
		t.Errorf("the hits flicker (-before +after):\n%s", diff)
	}
	// So does the page, until the one of the next hit is there.
	d.answer(0)
	d.press("<down>")
	if got := d.model.page.entry.Attribute; got != "firefox" {
		t.Errorf("the page is of %q", got)
	}
	d.answer(0)
	if got := d.model.page.entry.Attribute; got != "programs.firefox.enable" {
		t.Errorf("the page is of %q", got)
	}
}

func TestLoadingMore(t *testing.T) {
	t.Parallel()
	f := crowd(250)
	d := sit(f, 80, 24)
	d.press("package")
	f.searches = nil
	for range 89 {
		d.press("<down>")
	}
	if f.searches != nil {
		t.Errorf("too early: %q", f.searches)
	}
	d.press("<down>")
	if diff := cmp.Diff([]string{"package 200"}, f.searches); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d.model.selected != 90 || len(d.model.found.Results) != 200 {
		t.Errorf("hit %d of %d", d.model.selected, len(d.model.found.Results))
	}
	d.press("<tab><end><end><end><end>")
	if diff := cmp.Diff([]string{"package 200", "package 300"}, f.searches); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := d.model.hit().Attribute; got != "package0249" {
		t.Errorf("%s is selected", got)
	}
	// Another query begins small again.
	d.press("0")
	if got := f.searches[len(f.searches)-1]; got != "package0 100" {
		t.Errorf("asked for %q", got)
	}
}

// TestTypingAhead: keys that come after one that waits wait too.
func TestTypingAhead(t *testing.T) {
	t.Parallel()
	d := sit(newFake(), 80, 24)
	d.hold = true
	d.press("fox<down>")
	d.press("<backspace><ctrl+o>") // of the hits of "fo", of which the first is selected
	if got := d.model.prompt.text(); got != "fox" || len(d.held) != 3 {
		t.Errorf("typed %q with %d questions", got, len(d.held))
	}
	d.answer(2)
	if got := d.model.prompt.text(); got != "fo" || d.model.done {
		t.Errorf("typed %q", got)
	}
	for len(d.held) > 0 {
		d.answer(0)
	}
	if d.model.choice.Install != "firefox" {
		t.Errorf("chosen %+v", d.model.choice)
	}
}

// TestErrors: a failed search is shown, its keys are dropped, and the next one works.
func TestErrors(t *testing.T) {
	t.Parallel()
	f := newFake()
	d := sit(f, 80, 24)
	d.press("fo")
	f.err = errors.New("no\ncatalogue")
	d.hold = true
	d.press("x<ctrl+o>")
	d.hold = false
	d.answer(0)
	if d.quit {
		t.Error("what was typed ahead is done in spite of the error")
	}
	if !strings.Contains(d.screen(), "\nerror: no catalogue") || !strings.Contains(d.screen(), "\n> firefox") {
		t.Errorf("no error, or no old hits:\n%s", d.screen())
	}
	f.err = nil
	d.press("<backspace>x")
	if strings.Contains(d.screen(), "error") || d.model.found.Query != "fox" {
		t.Errorf("no recovery:\n%s", d.screen())
	}
}

// TestMoreFails: an error of loading more leaves what is there, and isn't repeated
// with each key.
func TestMoreFails(t *testing.T) {
	t.Parallel()
	f := crowd(150)
	d := sit(f, 80, 24)
	d.press("package<tab>")
	f.err, f.searches = errors.New("broken"), nil
	d.press("<end>kjkj")
	if len(f.searches) != 1 || len(d.model.found.Results) != 100 || !strings.Contains(d.screen(), "error: broken") {
		t.Errorf("%q:\n%s", f.searches, d.screen())
	}
}

func TestTypedBeforehand(t *testing.T) {
	t.Parallel()
	d := &desk{model: newModel(newFake(), Options{Query: "fox\n", NoColor: true})}
	d.do(d.model.Init())
	d.send(resized(80, 24))
	if e := d.model.hit(); e == nil || e.Attribute != "firefox" {
		t.Errorf("not searched for:\n%s", d.screen())
	}
}

func TestPaste(t *testing.T) {
	t.Parallel()
	d := sit(newFake(), 80, 24)
	d.press("f<tab>")
	d.send(tea.PasteMsg{Content: "o\x1bx\n"})
	if got := d.model.prompt.text(); got != "fox " || d.model.inList {
		t.Errorf("typed %q", got)
	}
	d.send(tea.PasteMsg{Content: strings.Repeat("long ", 200)})
	if got := d.model.prompt.text(); got != "fox " {
		t.Errorf("typed %d bytes", len(got))
	}
}

// TestWrongPlaces: answers with nothing, or about other names, are no problem.
func TestWrongPlaces(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.infos["firefox"] = operation.Info{
		Packages: []operation.PackageDetails{{Attribute: "other"}},
		Renamed:  &operation.Renamed{Old: "phoenix", New: []string{"firefox"}, Reason: "the name was taken"},
	}
	d := sit(f, 80, 24)
	d.press("fox<enter>")
	for _, want := range []string{"Web browser built from Firefox source tree", "phoenix → firefox the name was taken", "other"} {
		if !strings.Contains(d.screen(), want) {
			t.Errorf("no %q in\n%s", want, d.screen())
		}
	}
}
