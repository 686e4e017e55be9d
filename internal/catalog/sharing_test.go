package catalog

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sharers is the number of processes that search in one index at a time.
const sharers = 50

// sharedIndex names the index in the environment of such a process.
const sharedIndex = "LUMINOUS_NIX_SHARED_INDEX"

// BenchmarkSharing reports how much memory the mappings of one index take in many
// processes that have searched in it: as each sees it, summed up, and in truth, where
// what several have in common counts once (Pss).
func BenchmarkSharing(b *testing.B) {
	index := filepath.Join(b.TempDir(), "snapshot.index")
	if err := Build(context.Background(), index, Snapshot(), nil); err != nil {
		b.Fatal(err)
	}
	var seen, taken, private float64
	for b.Loop() {
		seen, taken, private = 0, 0, 0
		processes := make([]*sharer, sharers)
		for i := range processes {
			processes[i] = startSharer(b, index)
		}
		for _, p := range processes {
			p.expect(b, "ready")
		}
		for _, p := range processes {
			var rss, pss, own float64
			fmt.Fprintln(p.in)
			p.expect(b, "%f %f %f", &rss, &pss, &own)
			seen, taken, private = seen+rss, taken+pss, private+own
		}
		for _, p := range processes {
			p.stop(b)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(sharers, "processes")
	b.ReportMetric(seen/1024, "MiB-Rss")
	b.ReportMetric(taken/1024, "MiB-Pss")
	b.ReportMetric(private/1024, "MiB-private-dirty")
}

// A sharer is a process that runs TestSharer.
type sharer struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startSharer(b *testing.B, index string) *sharer {
	b.Helper()
	p := &sharer{Cmd: exec.Command(os.Args[0], "-test.run=^TestSharer$")}
	p.Env = append(os.Environ(), sharedIndex+"="+index)
	in, inErr := p.StdinPipe()
	out, outErr := p.StdoutPipe()
	if inErr != nil || outErr != nil {
		b.Fatal(inErr, outErr)
	}
	p.in, p.out = in, bufio.NewReader(out)
	if err := p.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.Process.Kill() }) // of use only if something fails
	return p
}

// expect reads a line of that form.
func (p *sharer) expect(b *testing.B, form string, values ...any) {
	b.Helper()
	if _, err := fmt.Fscanf(p.out, form+"\n", values...); err != nil {
		b.Fatal(err)
	}
}

func (p *sharer) stop(b *testing.B) {
	b.Helper()
	p.in.Close()
	_, err := io.Copy(io.Discard, p.out)
	if err == nil {
		err = p.Wait()
	}
	if err != nil {
		b.Error(err)
	}
}

// TestSharer is a process of BenchmarkSharing: it searches, says that it is ready,
// tells on request what its mapping takes, and ends with its input.
func TestSharer(t *testing.T) {
	index := os.Getenv(sharedIndex)
	if index == "" {
		t.Skip("this is for BenchmarkSharing")
	}
	c, err := OpenFile(index)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, query := range []string{"firefox", "video editors", "vaultwardn", "services.nginx.", "self hosted password manager"} {
		find(c, Query{Text: query})
	}
	fmt.Println("ready")
	in := bufio.NewReader(os.Stdin)
	in.ReadString('\n')
	rss, pss, private := mappingOf(t, index)
	fmt.Println(rss, pss, private)
	in.ReadString('\n')
}

// mappingOf reads how many KiB this process has of a mapped file: resident, its share
// of that, and what it has changed.
func mappingOf(t *testing.T, path string) (rss, pss, private int) {
	t.Helper()
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	_, mapping, ok := strings.Cut(string(smaps), path)
	if !ok {
		t.Fatalf("%s is not mapped", path)
	}
	for line := range strings.Lines(mapping) {
		name, value, _ := strings.Cut(line, ":")
		field := map[string]*int{"Rss": &rss, "Pss": &pss, "Private_Dirty": &private}[name]
		if field != nil {
			fmt.Sscan(value, field)
		}
		if name == "VmFlags" {
			break // the last line of a mapping
		}
	}
	return rss, pss, private
}
