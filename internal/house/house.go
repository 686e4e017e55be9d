// Package house holds no code: its test keeps the house in order. It reads the
// imports of all packages and fails on an arrow that points up, a package
// without documentation, an import that costs too much at start, a process that
// is started outside of internal/process, and a main that does more than call.
package house
