package intent

// wordID numbers the words of a grammar; 0 is no word.
type wordID uint16

// wordFlag tells which of the %lists a word is on.
type wordFlag uint16

const (
	isFiller wordFlag = 1 << iota
	isArticle
	isFunction
	isDoubt
	isReserved
	isPlace
	isKind
	isNoTypo
	inPattern // a literal of a class or a pattern
)

func listFlag(name string) wordFlag {
	switch name {
	case "filler":
		return isFiller
	case "article":
		return isArticle
	case "function":
		return isFunction
	case "doubt":
		return isDoubt
	case "reserved":
		return isReserved
	case "place":
		return isPlace
	case "kind":
		return isKind
	case "nottypo":
		return isNoTypo
	}
	return 0
}

// vocabulary numbers the words of a grammar. Words are found by hash, and their
// inflected forms by their first three letters, which stemming does not touch.
type vocabulary struct {
	words  []string   // by wordID
	flags  []wordFlag // by wordID
	table  [4096]wordID
	prefix [1024]wordID // the last word with these first letters
	before []wordID     // by wordID: the one before with the same prefix hash
}

func newVocabulary() vocabulary {
	const room = 2048
	return vocabulary{
		words:  make([]string, 1, room),
		flags:  make([]wordFlag, 1, room),
		before: make([]wordID, 1, room),
	}
}

// hash is FNV-1a.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h ^ h>>15
}

// place is where a word is in the table, or would be.
func (v *vocabulary) place(word string) *wordID {
	for i := hash(word); ; i++ {
		at := &v.table[i%uint32(len(v.table))]
		if *at == 0 || v.words[*at] == word {
			return at
		}
	}
}

// id is 0 for a word that is not in the vocabulary.
func (v *vocabulary) id(word string) wordID { return *v.place(word) }

// intern gives a word its number and adds to its flags.
func (v *vocabulary) intern(word string, flag wordFlag) wordID {
	at := v.place(word)
	if *at == 0 {
		*at = wordID(len(v.words))
		head := v.prefixed(word)
		v.words = append(v.words, word)
		v.flags = append(v.flags, 0)
		v.before = append(v.before, *head)
		*head = *at
	}
	v.flags[*at] |= flag
	return *at
}

// prefixed is the head of the chain of words that may begin like word.
func (v *vocabulary) prefixed(word string) *wordID {
	return &v.prefix[hash(word[:min(3, len(word))])%uint32(len(v.prefix))]
}
