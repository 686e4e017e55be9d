// Command train makes internal/intent/learn/model.bin from the sentences and concepts
// of the repository. It is run by `go generate ./internal/intent/learn`.
package main

import (
	"log"

	"luminousnix/internal/intent"
)

func main() {
	log.SetFlags(0)
	if err := intent.WriteModel(".."); err != nil { // below internal/intent, as go generate starts it
		log.Fatal(err)
	}
}
