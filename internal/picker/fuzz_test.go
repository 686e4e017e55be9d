package picker

import (
	"errors"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"luminousnix/internal/operation"
)

// FuzzKeys sends keys, sizes and answers in any order, each made of two bytes, and
// checks what the screen shows.
func FuzzKeys(f *testing.F) {
	f.Add([]byte("kfkokxs\x50anaK\x0e"), uint8(0))
	f.Add([]byte("kps\x01K\x01K\x01K\x01a a a "), uint8(1))
	f.Add([]byte("kxKxs\x28K\x02K\x03p\x10E k1a "), uint8(2))
	f.Fuzz(func(t *testing.T, actions []byte, which uint8) {
		s := []*fake{newFake(), crowd(230), strange()}[which%3]
		d := sit(s, 80, 24)
		d.model.style.on = which&4 != 0
		d.hold = which&8 == 0
		for len(actions) >= 2 && !d.quit {
			fuzzAction(d, s, actions[0], actions[1])
			actions = actions[2:]
			if err := d.check(); err != nil {
				t.Fatal(err)
			}
		}
		s.err = nil
		for len(d.held) > 0 && !d.quit {
			d.answer(0)
		}
		if err := d.check(); err != nil {
			t.Fatal(err)
		}
		checkEnd(t, d, s)
	})
}

// checkEnd checks a desk where nothing more is to come.
func checkEnd(t *testing.T, d *desk, s *fake) {
	t.Helper()
	m := &d.model
	if d.quit {
		isChoice := func(e operation.FoundEntry) bool {
			return m.choice == Choice{e.Attribute, e.Kind == operation.KindOption}
		}
		if m.choice != (Choice{}) && !slices.ContainsFunc(s.entries, isChoice) {
			t.Errorf("chosen was %+v", m.choice)
		}
		return
	}
	if len(m.waiting) > 0 {
		t.Errorf("%v still wait", m.waiting)
	}
	if m.problem == "" && m.query != m.typed() {
		t.Errorf("hits of %q, but %q is typed", m.query, m.typed())
	}
	if e := m.hit(); e != nil && m.page.id != idOf(e) {
		t.Errorf("the page is of %+v, but %+v is selected", m.page.id, idOf(e))
	}
}

func fuzzAction(d *desk, s *fake, action, n byte) {
	names := strings.Fields("up down left right home end pgup pgdown enter tab esc backspace delete space " +
		"ctrl+o ctrl+c ctrl+n ctrl+p ctrl+u ctrl+k ctrl+w ctrl+a ctrl+e alt+b alt+f alt+d i j k / q x")
	texts := []string{"x", "fox", "pack", "日本語", "👨\u200d👩", "\u0301", "🇩", "🇪", "\x1b[31m\n", "\ufe0f", "\u1161", strings.Repeat("x", 90)}
	switch action % 8 {
	case 0, 1:
		d.send(named(names[int(n)%len(names)]))
	case 2:
		d.send(tea.KeyPressMsg{Text: texts[int(n)%len(texts)], Code: tea.KeyExtended})
	case 3:
		d.send(named(string(rune(' ' + n%95))))
	case 4:
		d.send(resized(int(n)%130, int(n)*7%40))
	case 5:
		d.send(tea.PasteMsg{Content: texts[int(n)%len(texts)]})
	case 6:
		if len(d.held) > 0 {
			d.answer(int(n) % len(d.held))
		}
	case 7:
		s.err, s.infoErr = nil, nil
		if n%4 == 0 {
			s.err = errors.New("no search")
		}
		if n%4 == 1 {
			s.infoErr = errors.New("no page")
		}
	}
}
