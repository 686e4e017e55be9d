package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/metrics"
	"luminousnix/internal/operation"
)

// aboutMetrics is what `metrics --help` says beside the usage.
const aboutMetrics = `What is counted stays on this machine, in a file of yours; metrics.enabled = false in the
settings counts nothing. Quantiles are exact to about a quarter.`

// leastWatch is the shortest time between two looks.
const leastWatch = 100 * time.Millisecond

// metricsWanted are the forms of the counts beside an answer for people or as JSON.
type metricsWanted struct {
	prometheus bool
	textfile   string
	watch      time.Duration
	watched    bool
}

func (w metricsWanted) any() bool { return w.prometheus || w.textfile != "" || w.watched }

// metrics shows the counts in these forms: once, or again and again until Ctrl-C. Looking
// at them is not counted.
func (a *app) metrics(ctx context.Context, w metricsWanted) error {
	switch {
	case w.prometheus && a.flags.json:
		return operation.Errorf(operation.CodeUsage, "--json and --prometheus are two forms; give one of them")
	case w.watched && w.watch < leastWatch:
		return operation.Errorf(operation.CodeUsage, "--watch: %v is too short", w.watch).WithHint("For example: ask-nix metrics --watch 60s")
	}
	if err := a.prepare(); err != nil {
		return err
	}
	a.present()
	if !w.watched {
		return a.tellMetrics(w)
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	every := time.NewTicker(w.watch)
	defer every.Stop()
	for first := true; ; first = false {
		if !first || a.OutTerminal {
			a.nextLook(w)
		}
		if err := a.tellMetrics(w); err != nil {
			return err
		}
		if err := a.flush(); err != nil {
			return err
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// nextLook begins a look after another: on a terminal in its place, else below it. The
// forms for programs need nothing between.
func (a *app) nextLook(w metricsWanted) {
	const clear = "\x1b[H\x1b[2J"
	switch {
	case w.textfile != "" || w.prometheus || a.flags.json:
	case a.OutTerminal:
		io.WriteString(a.Out, clear)
	default:
		fmt.Fprintln(a.Out)
	}
}

// tellMetrics gives the counts as they are now.
func (a *app) tellMetrics(w metricsWanted) error {
	counted, err := a.engine.Metrics()
	if damaged, ok := metrics.IsDamaged(err); ok {
		a.note("note: " + damaged.Error())
	} else if err != nil {
		return err
	}
	if w.textfile != "" {
		if err := metrics.WriteTextfile(w.textfile, counted); err != nil {
			return operation.Errorf(operation.CodeFailed, "writing the counts: %w", err).
				WithHint("Name a file in a folder that you may write, such as that of node-exporter's --collector.textfile.directory.")
		}
		if !w.prometheus {
			return nil
		}
	}
	if w.prometheus {
		return metrics.WritePrometheus(a.Out, counted)
	}
	result := operation.Result{
		Operation: operation.New(operation.ShowMetrics, operation.Arguments{}),
		Message:   action.MetricsMessage(&counted), Data: &counted,
	}
	if a.flags.json {
		return a.writeJSON(result)
	}
	return a.render(result)
}
