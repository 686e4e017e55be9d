package audit

import (
	"encoding/json"
	"fmt"
	"os"
)

// head says where the chain ends. It is written after each line and does not wait for the
// disk, so that after a power cut it may say less than the log has, and never more. That
// lines are missing at the end is seen by it alone.
type head struct {
	Lines int64  `json:"lines"` // the number of the last line
	Hash  string `json:"hash"`  // of the last line
	First int64  `json:"first"` // the number of the oldest line that is kept

	// Where it is as it was left the log need not be read: these are the file of the last
	// line, its size, and where those lines begin that may belong to a change which is not
	// over.
	File   uint64 `json:"file"` // inode
	Size   int64  `json:"size"`
	Recent int64  `json:"recent"`
}

// headSize is that of its file, so that writing it never changes that.
const headSize = 256

func (l Log) headPath() string { return l.Path + ".head" }

// readHead reads it; ok is false where it is not as it was written.
func readHead(file *os.File) (h head, ok bool) {
	text := make([]byte, headSize+1)
	n, _ := file.ReadAt(text, 0) // at the end, or there is none
	return parseHead(text[:n])
}

func parseHead(text []byte) (h head, ok bool) {
	if len(text) != headSize || json.Unmarshal(text, &h) != nil || len(h.Hash) != hashSize || h.Lines < 1 || h.First < 1 {
		return head{}, false
	}
	return h, true
}

func (h head) write(file *os.File) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(fmt.Appendf(nil, "%-*s\n", headSize-1, text), 0)
	return err
}
