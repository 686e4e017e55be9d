package syntax

// The classes of bytes that the lexer knows, as bits.
const (
	identStart uint8 = 1 << iota
	identChar
	pathChar
	schemeChar
	uriChar
	digit
	space
)

// The classes that many bytes share.
const (
	letter     = identStart | identChar | pathChar | schemeChar | uriChar
	number     = identChar | pathChar | schemeChar | uriChar | digit
	dotOrPlus  = pathChar | schemeChar | uriChar
	minus      = identChar | pathChar | schemeChar | uriChar
	underscore = identStart | identChar | pathChar | uriChar
	quote      = identChar | uriChar
)

// classes are the classes of every byte.
var classes = [256]uint8{
	'\t': space, '\n': space, '\r': space, ' ': space,
	'0': number, '1': number, '2': number, '3': number, '4': number, '5': number, '6': number,
	'7': number, '8': number, '9': number,
	'A': letter, 'B': letter, 'C': letter, 'D': letter, 'E': letter, 'F': letter, 'G': letter,
	'H': letter, 'I': letter, 'J': letter, 'K': letter, 'L': letter, 'M': letter, 'N': letter,
	'O': letter, 'P': letter, 'Q': letter, 'R': letter, 'S': letter, 'T': letter, 'U': letter,
	'V': letter, 'W': letter, 'X': letter, 'Y': letter, 'Z': letter,
	'a': letter, 'b': letter, 'c': letter, 'd': letter, 'e': letter, 'f': letter, 'g': letter,
	'h': letter, 'i': letter, 'j': letter, 'k': letter, 'l': letter, 'm': letter, 'n': letter,
	'o': letter, 'p': letter, 'q': letter, 'r': letter, 's': letter, 't': letter, 'u': letter,
	'v': letter, 'w': letter, 'x': letter, 'y': letter, 'z': letter,
	'_':  underscore,
	'\'': quote,
	'-':  minus,
	'.':  dotOrPlus, '+': dotOrPlus,
	'%': uriChar, '/': uriChar, '?': uriChar, ':': uriChar, '@': uriChar, '&': uriChar, '=': uriChar, '$': uriChar, ',': uriChar, '!': uriChar, '~': uriChar, '*': uriChar,
}
