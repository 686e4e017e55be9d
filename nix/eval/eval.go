// Package eval evaluates the Nix language.
//
// An Evaluator reads files and expressions, and hands out values:
//
//	ev := eval.New(eval.Options{…})
//	value, err := ev.EvalFile(ctx, "/etc/nixos/configuration.nix")
//
// Evaluation is lazy. A Value is evaluated as far as its outermost constructor;
// what is in it, elements of lists and attributes of sets, are thunks (Thunk),
// which are evaluated when first needed and remember the result.
//
// The stages are: package syntax parses; compile turns the syntax tree into
// nodes in which every variable is a place (how many environments out, which
// slot); a worker evaluates nodes. Files of builtins begin with builtin_; how
// one is written is described in builtin.go.
//
// Everything that an evaluation learns from outside goes through Inputs (files,
// directories, environment, time) and Store.
package eval
