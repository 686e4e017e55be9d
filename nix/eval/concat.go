package eval

import "unsafe"

// tail is the string that the worker concatenated last, if it is long. There may
// be room behind it, which no other string has.
type tail struct{ text []byte }

// concat returns a + b. A long string that grows again and again is not copied
// each time.
func (w *worker) concat(a, b string) string {
	const long = 1 << 10
	switch {
	case len(a) < long:
		return a + b
	case len(b) == 0:
		return a
	}
	if last := w.tail.text; len(last) == len(a) && unsafe.StringData(a) == unsafe.SliceData(last) {
		w.tail.text = append(last, b...)
	} else {
		w.tail.text = make([]byte, 0, len(a)+len(b))
		w.tail.text = append(append(w.tail.text, a...), b...)
	}
	return unsafe.String(unsafe.SliceData(w.tail.text), len(w.tail.text))
}
