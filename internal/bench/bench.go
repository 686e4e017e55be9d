// Package bench measures what users meet against the program that people use
// today, in turns within the same run: the built ask-nix, from fork to exit, on the
// same store; the libraries below nix/, as the command store and within this process
// (store_test.go); the evaluator (eval_test.go); and the catalogue (search_test.go).
// `make bench`, `make bench-store`, `make bench-eval` and `make bench-search` print the
// medians and their ratios. `make bench` is one run of all that docs/benchmarks.md tells
// (document_test.go, against_test.go). Its benchmarks are all there is to it.
package bench
