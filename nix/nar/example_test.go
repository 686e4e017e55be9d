package nar_test

import (
	"bytes"
	"fmt"
	"io"
	"log"

	"luminousnix/nix/nar"
)

// Writes an archive of a folder with one file, and reads it again.
func Example() {
	var archive bytes.Buffer
	w := nar.NewWriter(&archive)
	content := "Hello\n"
	for _, header := range []*nar.Header{
		{Path: "", Type: nar.Directory},
		{Path: "greeting", Type: nar.Regular, Size: int64(len(content))},
		{Path: "link", Type: nar.Symlink, Target: "greeting"},
	} {
		if err := w.WriteHeader(header); err != nil {
			log.Fatal(err)
		}
		if header.Type == nar.Regular {
			if _, err := io.WriteString(w, content); err != nil {
				log.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	r := nar.NewReader(&archive)
	for {
		header, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %q %q%s\n", header.Type, header.Path, text, header.Target)
	}
	// Output:
	// directory "" ""
	// regular "greeting" "Hello\n"
	// symlink "link" ""greeting
}
