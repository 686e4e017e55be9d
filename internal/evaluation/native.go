package evaluation

import (
	"context"
	"io"
	"path/filepath"
	"runtime"

	"luminousnix/internal/host"
	"luminousnix/nix/eval"
	"luminousnix/nix/fetch"
)

// CacheName is the name of the file in which [Native] keeps results.
const CacheName = "evaluations.sqlite"

// DownloadsName is the name of the folder of downloads.
const DownloadsName = "downloads"

// NewNative returns the native evaluator of a host, with the results and downloads
// of whoever asks.
func NewNative(h *host.Host) *Native {
	return &Native{
		Host:      h,
		CacheFile: filepath.Join(h.CacheHome(), CacheName),
		Downloads: filepath.Join(h.CacheHome(), DownloadsName),
	}
}

// Native evaluates in this process.
type Native struct {
	// Host is where the store and its daemon are.
	Host *host.Host
	// Dry never writes to the store, whatever is asked for: there is none.
	Dry bool
	// CacheFile is where results are kept; "" keeps none.
	CacheFile string
	// Downloads is a folder for what expressions name by URL; "" fetches nothing.
	Downloads string
}

// Evaluate implements Evaluator.
func (n *Native) Evaluate(ctx context.Context, r Request) (*Result, error) {
	if n.CacheFile == "" || r.NoCache || len(r.Edited) > 0 {
		return n.evaluate(ctx, r, nil)
	}
	return n.cached(ctx, r)
}

// evaluate evaluates, reading through inputs.
func (n *Native) evaluate(ctx context.Context, r Request, inputs eval.Inputs) (*Result, error) {
	result := &Result{Backend: "native"}
	e := &run{Native: n, request: r, result: result, messages: recorded{to: r.Stderr}}
	err := e.withStore(ctx, func() error {
		if inputs == nil {
			inputs = n.inputs(&r)
		}
		e.ev = eval.New(r.options(e.counted(), inputs, &e.messages))
		if err := e.makeArguments(); err != nil {
			return err
		}
		for _, source := range r.Sources {
			if err := e.source(ctx, source); err != nil {
				return err
			}
		}
		return nil
	})
	result.Messages = e.messages.kept.Bytes()
	result.keepable = !e.messages.over && !e.wrote()
	return result, err
}

// inputs is this machine and what can be downloaded, with the files that are edited.
func (n *Native) inputs(r *Request) eval.Inputs {
	if len(r.Edited) > 0 {
		return eval.Overlay{Inputs: n.host(r), Files: r.Edited}
	}
	return n.host(r)
}

func (n *Native) host(r *Request) eval.Inputs {
	if n.Downloads == "" {
		return eval.Host{}
	}
	return eval.Host{Downloads: fetch.New(fetch.Options{
		CacheDir: n.Downloads, TTL: r.DownloadTTL, Offline: n.Host != nil && n.Host.Offline != "", Warnings: r.Stderr,
	})}
}

// options are those of the evaluator.
func (r *Request) options(st eval.Store, inputs eval.Inputs, stderr io.Writer) eval.Options {
	system := r.System
	if system == "" {
		system = ThisSystem()
	}
	memory := r.MaxMemory
	if memory == 0 {
		memory = MemoryLimit()
	}
	return eval.Options{
		Store:         st,
		Inputs:        inputs,
		SearchPath:    r.SearchPath,
		BaseDir:       r.BaseDir,
		CurrentSystem: system,
		Features:      r.Features,
		MaxCallDepth:  r.MaxCallDepth,
		MaxMemory:     max(memory, 0),
		Parallel:      r.Workers > 1,
		Stderr:        stderr,
		TraceVerbose:  r.TraceVerbose,
		Lints:         r.Lints,
		Pure:          r.Pure,
		Restrict:      r.Restrict,
		AllowedURIs:   r.AllowedURIs,
		AbortOnWarn:   r.AbortOnWarn,
	}
}

// ThisSystem is what Nix calls this machine, such as x86_64-linux.
func ThisSystem() string {
	machine := runtime.GOARCH
	switch machine {
	case "amd64":
		machine = "x86_64"
	case "arm64":
		machine = "aarch64"
	case "386":
		machine = "i686"
	}
	return machine + "-" + runtime.GOOS
}
