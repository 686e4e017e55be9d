package metrics

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/durable"
	"luminousnix/internal/operation"
)

// WritePrometheus writes the counts in Prometheus' text format, version 0.0.4: each metric
// with its HELP and TYPE, times in seconds. What was never measured is left out.
func WritePrometheus(to io.Writer, m operation.Metrics) error {
	w := &exposition{to: bufio.NewWriter(to), operations: m.Operations}
	w.counter("ask_nix_operations_total", "Operations that were run, by how they ended.",
		value{`outcome="success"`, func(o operation.OperationMetrics) int { return o.Succeeded }},
		value{`outcome="failure"`, func(o operation.OperationMetrics) int { return o.Total - o.Succeeded }})
	w.histogram("ask_nix_operation_duration_seconds", "How long operations took.")
	w.counter("ask_nix_cache_requests_total", "Answers that could have come from the cache, by whether they did.",
		value{`result="hit"`, func(o operation.OperationMetrics) int { return o.Cached }},
		value{`result="miss"`, func(o operation.OperationMetrics) int { return o.CacheAsked - o.Cached }})
	w.counter("ask_nix_backend_operations_total", "Operations that needed Nix, by how it was reached.",
		value{`backend="native"`, func(o operation.OperationMetrics) int { return o.Native }},
		value{`backend="command"`, func(o operation.OperationMetrics) int { return o.Command }})
	w.counter("ask_nix_recoveries_total", "Failures that were tried to be overcome.",
		value{"", func(o operation.OperationMetrics) int { return o.Recoveries }})
	w.counter("ask_nix_recovered_operations_total", "Operations that came to a good end after a failure was overcome.",
		value{"", func(o operation.OperationMetrics) int { return o.Recovered }})
	w.estimates()
	if m.Since != nil {
		w.head("ask_nix_metrics_since_timestamp_seconds", "When counting began, in Unix time.", "gauge")
		fmt.Fprintf(w.to, "ask_nix_metrics_since_timestamp_seconds %d\n", m.Since.Unix())
	}
	return w.to.Flush()
}

// exposition writes metrics of all operations.
type exposition struct {
	to         *bufio.Writer
	operations []operation.OperationMetrics
}

// value is one of the values of a metric that an operation has, with its label.
type value struct {
	label string
	of    func(operation.OperationMetrics) int
}

func (w *exposition) head(name, help, kind string) {
	fmt.Fprintf(w.to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// counter writes the values of a metric, of those operations where one is not zero.
func (w *exposition) counter(name, help string, values ...value) {
	begun := false
	for _, o := range w.operations {
		sum := 0
		for _, v := range values {
			sum += v.of(o)
		}
		if sum == 0 {
			continue
		}
		if !begun {
			w.head(name, help, "counter")
			begun = true
		}
		for _, v := range values {
			fmt.Fprintf(w.to, "%s{%s} %d\n", name, labels(o.Operation, v.label), v.of(o))
		}
	}
}

func labels(name operation.Name, more string) string {
	label := "operation=" + strconv.Quote(string(name)) // letters and hyphens
	if more != "" {
		label += "," + more
	}
	return label
}

// histogram writes how long operations took, in three buckets a decade.
func (w *exposition) histogram(name, help string) {
	if len(w.operations) > 0 {
		w.head(name, help, "histogram")
	}
	for _, o := range w.operations {
		for n := range bounds {
			if n%10 == 0 || n%10 == 4 || n%10 == 7 { // 1, 2.5, 5
				upTo := bound(n)
				w.bucket(name, o, seconds(upTo), below(o.Histogram, upTo))
			}
		}
		w.bucket(name, o, "+Inf", o.Total)
		sum := o.AverageDuration * float64(o.Total) / 1000
		fmt.Fprintf(w.to, "%s_sum{%s} %s\n", name, labels(o.Operation, ""), strconv.FormatFloat(sum, 'g', -1, 64))
		fmt.Fprintf(w.to, "%s_count{%s} %d\n", name, labels(o.Operation, ""), o.Total)
	}
}

func (w *exposition) bucket(name string, o operation.OperationMetrics, upTo string, count int) {
	fmt.Fprintf(w.to, "%s_bucket{%s} %d\n", name, labels(o.Operation, `le="`+upTo+`"`), count)
}

// below counts the runs that took at most so long, which is a bound of the histogram.
func below(buckets []operation.LatencyBucket, upTo time.Duration) (count int) {
	for _, b := range buckets {
		if b.UpTo != 0 && b.UpTo <= milliseconds(upTo) {
			count += b.Count
		}
	}
	return count
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'g', -1, 64) }

// estimates writes how far off estimates were, where there were any.
func (w *exposition) estimates() {
	const name = "ask_nix_estimate_error_ratio"
	var lines strings.Builder
	for _, o := range w.operations {
		if o.Estimates > 0 {
			label := labels(o.Operation, "")
			fmt.Fprintf(&lines, "%s_sum{%s} %s\n", name, label, strconv.FormatFloat(o.EstimateError*float64(o.Estimates), 'g', -1, 64))
			fmt.Fprintf(&lines, "%s_count{%s} %d\n", name, label, o.Estimates)
		}
	}
	if lines.Len() > 0 {
		w.head(name, "By what part of the true time estimates were wrong.", "summary")
		w.to.WriteString(lines.String())
	}
}

// WriteTextfile writes the counts for the textfile collector of node-exporter. The file is
// replaced by one rename, so that it is always whole; all may read it.
func WriteTextfile(path string, m operation.Metrics) error {
	dir := filepath.Dir(path)
	temporary, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-") // does not end in .prom
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // is not there any more if all went well
	defer temporary.Close()
	if err := WritePrometheus(temporary, m); err != nil {
		return err
	}
	if err := temporary.Chmod(0o644); err != nil {
		return err
	}
	if err := temporary.Sync(); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	return durable.SyncFolder(dir)
}
