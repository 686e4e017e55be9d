package engine

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"luminousnix/internal/build"
	"luminousnix/internal/cache"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/metrics"
)

// exporter takes files, by their names with slashes.
type exporter interface {
	put(name string, content []byte) error
	close() error
}

// ExportData writes what ask-nix keeps of whoever asks into a new folder: text and JSON, as
// it is kept where that is so, with an index of it, kinds.json. What can be made again is
// in the index only.
func (e *Engine) ExportData(dir string) (kinds []Kept, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return e.export(&folder{root})
}

// ExportTar is ExportData for an archive.
func (e *Engine) ExportTar(to io.Writer) (kinds []Kept, err error) {
	return e.export(&archive{tar.NewWriter(to), e.now()})
}

func (e *Engine) export(to exporter) (all []Kept, err error) {
	for _, k := range e.kinds() {
		kept, measured := k.measure()
		all = append(all, kept)
		err = errors.Join(err, measured)
		if measured == nil && !k.Remade {
			err = errors.Join(err, e.exportKind(to, k))
		}
	}
	index, marshalled := json.MarshalIndent(struct {
		Kinds []Kept `json:"kinds"`
	}{all}, "", "  ")
	return all, errors.Join(err, marshalled, to.put("kinds.json", append(index, '\n')), to.close())
}

// exportKind writes the files of a kind below its name.
func (e *Engine) exportKind(to exporter, k kind) error {
	switch k.Kind {
	case "metrics":
		return e.exportMetrics(to)
	case "build-times":
		return e.exportBuildTimes(to)
	}
	places, err := k.places()
	for _, place := range places {
		if filepath.Base(place) == evaluation.CacheName { // and its log
			continue
		}
		err = errors.Join(err, files(place, func(file string, info fs.FileInfo) error {
			if !info.Mode().IsRegular() {
				return nil
			}
			content, err := os.ReadFile(file)
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
				return nil
			}
			if err != nil {
				return err
			}
			within, err := filepath.Rel(filepath.Dir(place), file)
			if err != nil {
				return err
			}
			name := path.Join(k.Kind, filepath.ToSlash(within))
			if e.host.SystemState() != e.host.StateHome() && filepath.Dir(place) == e.host.SystemState() {
				name = path.Join(k.Kind, "system", filepath.ToSlash(within))
			}
			switch k.Kind {
			case "conversation":
				name += ".jsonl"
			case "cache":
				answer, ok := cache.Answer(content)
				if !ok {
					return nil
				}
				name, content = path.Join(k.Kind, e.answersName(place), filepath.ToSlash(within)+".json"), append(answer, '\n')
			}
			return to.put(name, content)
		}))
	}
	return err
}

// answersName tells folders of answers apart, which have the same names in them.
func (e *Engine) answersName(dir string) string {
	switch dir {
	case e.host.AnswersDir(true):
		return "persistent"
	case e.host.AnswersDir(false):
		return ""
	}
	return "run"
}

// exportMetrics writes the counts as JSON, and as Prometheus reads them.
func (e *Engine) exportMetrics(to exporter) error {
	counted, err := e.Metrics()
	if _, damaged := metrics.IsDamaged(err); err != nil && !damaged {
		return err
	}
	text, err := json.MarshalIndent(counted, "", "  ")
	if err != nil {
		return err
	}
	return to.put("metrics/metrics.json", append(text, '\n'))
}

// exportBuildTimes writes the builds as a table.
func (e *Engine) exportBuildTimes(to exporter) error {
	file := build.HistoryOf(e.host)
	if !file.Exists() {
		return nil
	}
	db, err := file.Open(context.Background())
	if err != nil {
		return err
	}
	defer db.Close()
	builds, err := db.All(context.Background())
	if err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString("package,ended,seconds\n")
	for _, b := range builds {
		fmt.Fprintf(&text, "%s,%s,%.3f\n", b.Name, b.Ended.Format(time.RFC3339), b.Took.Seconds())
	}
	return to.put("build-times/build-times.csv", []byte(text.String()))
}

// folder exports into a folder that nobody else may read.
type folder struct{ root *os.Root }

func (f *folder) put(name string, content []byte) error {
	if err := f.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	if err := f.root.WriteFile(name, content, 0o600); err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	return nil
}

func (f *folder) close() error { return f.root.Close() }

// archive exports into a tar.
type archive struct {
	to  *tar.Writer
	now time.Time
}

func (a *archive) put(name string, content []byte) error {
	header := &tar.Header{Name: "ask-nix-data/" + name, Mode: 0o600, Size: int64(len(content)), ModTime: a.now, Format: tar.FormatPAX}
	if err := a.to.WriteHeader(header); err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	if _, err := a.to.Write(content); err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	return nil
}

func (a *archive) close() error { return a.to.Close() }
