//go:build race

package intent

// slowdown is what the race detector costs.
const slowdown = 10
