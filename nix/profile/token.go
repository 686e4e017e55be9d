package profile

import (
	"errors"
	"fmt"
)

// Token says which generation was current when a profile was read, so that a
// change which was made up from it is only done while that is still true; see
// [Profile.CreateIf]. The zero value says that there was no profile. Tokens can
// be compared with ==.
type Token struct {
	Link   string // what the profile's link said
	Target string // what the generation's link said, "" when it was not there
}

// Token returns the token of what was read.
func (s State) Token() Token {
	token := Token{Link: s.Target}
	for _, g := range s.Generations {
		if g.Number == s.Current {
			token.Target = g.Target
		}
	}
	return token
}

// ChangedError means that somebody else has changed the profile since it was
// read. Nothing was done: read it again.
type ChangedError struct {
	Profile   Profile
	Read, Now Token
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("profile %s has changed since it was read: it was %s and is %s",
		e.Profile, e.Read.describe(), e.Now.describe())
}

func (t Token) describe() string {
	if t == (Token{}) {
		return "not there"
	}
	return fmt.Sprintf("%s (%s)", t.Link, t.Target)
}

// unchanged compares the profile with what was read of it. The caller holds the
// lock.
func (p Profile) unchanged(read Token) error {
	state, err := p.Read()
	if err != nil && !errors.Is(err, ErrNotExist) {
		return err
	}
	if now := state.Token(); now != read {
		return &ChangedError{Profile: p, Read: read, Now: now}
	}
	return nil
}
