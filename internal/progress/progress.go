// Package progress makes of the events of an operation a picture of where it is: which
// activities run since when, in which phase, how far and how fast; what is done, what
// waits, what has failed with the end of its log.
//
//	state.go    events in, the picture out: a state machine without a clock of its own
//	forest.go   the derivations that are going to be built, and what waits for what
//	rate.go     how fast something grows
//	frame.go    the picture as lines of a width and a height
//	text.go     numbers and times for people
//	behind.go   an observer that never lets the work wait for whoever shows it
//	live.go     lines that are drawn over and over at the same place of a terminal
//
// Whatever comes, and in whatever order, the memory is bounded: events are those of
// programs that we have not written.
package progress
