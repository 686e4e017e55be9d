package daemontest

import "time"

// unlimited is more than is ever sent.
const unlimited = 1<<63 - 1

// slowPiece is how much is sent at a time when writes are slow.
const slowPiece = 8

// limitedWriter sends to a client, and stops where a fault says so.
type limitedWriter struct {
	conn  *connection
	left  int64         // bytes until it stops
	stall bool          // stop by silence in place of hanging up
	delay time.Duration // before each piece, 0 for whole writes
}

func (l *limitedWriter) Write(p []byte) (int, error) {
	sent := 0
	for len(p) > 0 {
		piece := p[:min(int64(len(p)), l.left)]
		if l.delay > 0 {
			piece = piece[:min(len(piece), slowPiece)]
			if err := l.conn.sleep(l.delay); err != nil {
				return sent, err
			}
		}
		n, err := l.conn.net.Write(piece)
		sent += n
		if err != nil {
			return sent, err
		}
		p = p[n:]
		if l.left != unlimited {
			l.left -= int64(n)
		}
		if l.left == 0 {
			return sent, l.end()
		}
	}
	return sent, nil
}

// end is what happens when nothing more may be sent.
func (l *limitedWriter) end() error {
	if l.stall {
		stop := l.conn.watch()
		defer stop()
		<-l.conn.ctx.Done()
	}
	l.conn.hangUp()
	return errHungUp
}
