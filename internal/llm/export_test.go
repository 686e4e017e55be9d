package llm

// OnlyLoopback is for tests.
var OnlyLoopback = onlyLoopback
