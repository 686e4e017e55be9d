package action

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// recalls reports whether anything is kept, and what was kept is used.
func (m *Machine) recalls() bool { return !m.NoCache && m.Cache.TTL() != 0 }

// Recall reads what was kept under the parts of a key, which are all that it depends on;
// ok is false where nothing was.
func (m *Machine) Recall(key []string, into any) (ok bool) {
	content, ok := m.recallText(key)
	return ok && json.Unmarshal(content, into) == nil
}

// recallText is Recall of a text, for what JSON would take too long to read.
func (m *Machine) recallText(key []string) (text []byte, ok bool) {
	if !m.recalls() {
		return nil, false
	}
	return m.Cache.Get(keyOf(key))
}

// Remember keeps a value under the parts of a key; bytes are kept as they are. That it
// cannot be kept is no error.
func (m *Machine) Remember(key []string, value any) { m.remember(key, value, m.Cache.Put) }

// RememberForAWhile keeps a value of which nobody can tell whether it is still right but
// by asking a server again, for the time to live.
func (m *Machine) RememberForAWhile(key []string, value any) { m.remember(key, value, m.Cache.PutFor) }

func (m *Machine) remember(key []string, value any, put func(string, []byte) error) {
	if !m.recalls() {
		return
	}
	var err error
	content, isText := value.([]byte)
	if !isText {
		content, err = json.Marshal(value)
	}
	if err == nil {
		err = put(keyOf(key), content)
	}
	if err != nil {
		m.Log.Debug("not kept", "error", err)
	}
}

// keyOf is short, since some keys are of all roots of a store.
func keyOf(parts []string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
