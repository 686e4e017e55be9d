package progress

// Columns is how wide text is, for tests.
var Columns = columns

// Draw draws a frame now.
func (l *Live) Draw() { l.draw() }
