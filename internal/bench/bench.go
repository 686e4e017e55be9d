// Package bench measures ask-nix as its users meet it: the built binary, from
// fork to exit, against the program that people use today, on the same store and
// in turns within the same run. `make bench` prints the medians and how many
// times faster ask-nix is. Its benchmarks are all there is to it.
package bench
