package catalog

import (
	"context"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/catalog/listing"
)

// channels is how many channels the made-up catalogue has.
const channels = 10

// BenchmarkScale does the key presses of BenchmarkKeyPress in a catalogue of ten
// channels, and in the snapshot's, in turns, and reports what grows, and how much.
func BenchmarkScale(b *testing.B) {
	small := snapshotCatalog(b)
	start := time.Now()
	large := openChannels(b)
	took := time.Since(start)
	presses := keyPresses(b, small, "all")
	var inSmall, inLarge rounds
	for b.Loop() {
		inSmall.run(presses, pressIn(small))
		inLarge.run(presses, pressIn(large))
	}
	was, is := inSmall.spread(), inLarge.spread()
	is.report(b, "")
	b.ReportMetric(took.Seconds(), "s-build")
	b.ReportMetric(float64(large.Len()), "entries")
	b.ReportMetric(float64(large.image.terms), "terms")
	b.ReportMetric(mebibytes(large), "MiB")
	b.ReportMetric(is.at(0.5)/was.at(0.5), "times-median")
	b.ReportMetric(is.at(0.99)/was.at(0.99), "times-p99")
	b.ReportMetric(float64(large.Len())/float64(small.Len()), "times-entries")
	b.ReportMetric(float64(large.image.terms)/float64(small.image.terms), "times-terms")
	b.ReportMetric(mebibytes(large)/mebibytes(small), "times-MiB")
}

// mebibytes is the size of the index.
func mebibytes(c *Catalog) float64 {
	return float64(len(c.image.content)+len(c.image.sums)) / (1 << 20)
}

// openChannels builds the catalogue of all channels.
func openChannels(b *testing.B) *Catalog {
	b.Helper()
	var all []listing.Entry
	for _, part := range Snapshot().Parts {
		err := part.Read(context.Background(), func(int64) {}, func(e listing.Entry) error {
			all = append(all, e)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	src := Source{Name: "channels", Date: "2025-01-02", ID: "channels"}
	for n := range channels {
		src.Parts = append(src.Parts, channel(n).part(all))
	}
	path := filepath.Join(b.TempDir(), "channels.index")
	if err := Build(context.Background(), path, src, nil); err != nil {
		b.Fatal(err)
	}
	debug.FreeOSMemory()
	c, err := OpenFile(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}

// A channel is a variation of the snapshot; number 0 is the snapshot itself. In the
// others versions differ and 15 % of the names do. All else is the same, so that each
// list of postings is ten times as long.
type channel int

func (ch channel) part(all []listing.Entry) Part {
	return Part{Read: func(_ context.Context, _ func(int64), yield func(listing.Entry) error) error {
		for _, e := range all {
			if ch > 0 {
				ch.vary(&e)
			}
			if err := yield(e); err != nil {
				return err
			}
		}
		return nil
	}}
}

// vary makes an entry this channel's. Attributes are told apart by signs that are no
// part of words: a set or a path of its own for each channel would put its packages
// among the libraries, and its options outside of services.
func (ch channel) vary(e *listing.Entry) {
	sign := strings.Repeat("_", int(ch))
	if e.Kind == listing.Package {
		end := ch.syllable(e.Attribute)
		e.Attribute += end + sign
		e.Name += end
		e.Version += fmt.Sprintf(".%d", ch)
		return
	}
	// A module is renamed with all its options.
	module := firstParts(e.Attribute, 2)
	e.Attribute = module + ch.syllable(module) + sign + e.Attribute[len(module):]
}

// syllable is what a name ends with in this channel: mostly nothing.
func (ch channel) syllable(name string) string {
	h := fnv.New32a()
	fmt.Fprint(h, int(ch), name)
	sum := h.Sum32()
	if sum%100 >= 15 {
		return ""
	}
	const consonants, vowels = "bcdfghjklmnpqrstvwxz", "aeiou"
	sum /= 100
	return string([]byte{consonants[sum%20], vowels[sum/20%5]})
}
