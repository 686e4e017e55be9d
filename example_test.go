package luminousnix_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"luminousnix"
	"luminousnix/internal/testbed"
)

// getenv is the environment of a real machine of the examples' own: a Nix with
// three generations of a small NixOS. On your machine leave Options.Getenv out.
var getenv func(string) string

func TestMain(m *testing.M) {
	os.Exit(onMachine(m.Run))
}

func onMachine(run func() int) int {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer testbed.RemoveAll(dir)
	nix, err := testbed.Start(context.Background(), dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer nix.Stop()
	if err := nix.AddHistory(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	getenv = func(name string) string {
		for _, entry := range append(nix.Env(), "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=true") {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	}
	return run()
}

func Example() {
	client, err := luminousnix.Open(luminousnix.Options{Getenv: getenv})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := client.Execute(context.Background(), luminousnix.Operation{Name: luminousnix.ListGenerations}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Message)
	for _, g := range result.Data.(*luminousnix.Generations).Generations {
		fmt.Println(g.Number, g.NixosVersion, g.Current)
	}
	// Output:
	// 3 generations of the system; 3 is current.
	// 3 25.11.20251120.c0ffee1 true
	// 2 25.05.20250612.7f3a1c9 false
	// 1 25.05.20250612.7f3a1c9 false
}

// A change is made when the plan is confirmed; its progress can be watched.
func ExampleClient_Execute() {
	client, err := luminousnix.Open(luminousnix.Options{
		Getenv: getenv,
		Confirm: func(_ context.Context, _ luminousnix.Operation, plan luminousnix.Plan) (bool, error) {
			fmt.Println("plan:", plan.Steps[0].Action)
			return true, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	to := func(n int) luminousnix.Operation {
		return luminousnix.Operation{
			Name:      luminousnix.SwitchGeneration,
			Arguments: luminousnix.Arguments{Generation: luminousnix.GenerationNumber(n)},
		}
	}
	result, err := client.Execute(context.Background(), to(2), progress{})
	fmt.Println(result.Message, err)
	result, err = client.Execute(context.Background(), to(3), nil)
	fmt.Println(result.Message, err)
	// Output:
	// phase: check
	// plan: Point the profile at generation 2
	// phase: sync
	// phase: switch
	// phase: activate
	// phase: inspect
	// phase: verify
	// Generation 2 is current and running now. <nil>
	// plan: Point the profile at generation 3
	// Generation 3 is current and running now. <nil>
}

type progress struct{}

func (progress) Observe(e luminousnix.Event) {
	if e.Phase != "" {
		fmt.Println("phase:", e.Phase)
	}
}

// Without Options.Confirm nothing changes; the plan is there all the same.
func ExampleClient_Execute_unconfirmed() {
	client, err := luminousnix.Open(luminousnix.Options{Getenv: getenv})
	if err != nil {
		fmt.Println(err)
		return
	}
	rollback := luminousnix.Operation{Name: luminousnix.Rollback, Arguments: luminousnix.Arguments{Date: "2000-01-01"}}
	_, err = client.Execute(context.Background(), rollback, nil)
	fmt.Println(err)
	result, err := client.Execute(context.Background(), luminousnix.Operation{Name: luminousnix.Rollback}, nil)
	fmt.Println(err)
	fmt.Println(result.Plan.Steps[0].Action)
	// Output:
	// there is no generation from 2000-01-01 or before
	// nothing was changed: nobody is here to confirm it
	// Point the profile at generation 2
}

func ExampleClient_Ask() {
	client, err := luminousnix.Open(luminousnix.Options{Getenv: getenv})
	if err != nil {
		fmt.Println(err)
		return
	}
	results, err := client.Ask(context.Background(), "what changed between generation 1 and 2?", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, added := range results[0].Data.(*luminousnix.Comparison).Added {
		fmt.Println(added.Name, added.To)
	}
	// Output:
	// gimp [2.10.38]
	// htop [3.4.1]
	// openssh [10.0p2]
	// python3 [3.12.10]
}

// What is not there is no result but an error, with what could be done in its place.
func ExampleClient_Ask_absent() {
	client, err := luminousnix.Open(luminousnix.Options{Getenv: getenv})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Ask(context.Background(), "go back to generation 99", nil)
	var failed *luminousnix.Error
	if errors.As(err, &failed) {
		fmt.Println(failed)
		for _, other := range failed.Alternatives {
			fmt.Println("-", other.Say)
		}
	}
	// Output:
	// there is no generation 99
	// - rollback to generation 3
	// - generations
}

func ExampleClient_ExecuteAll() {
	client, err := luminousnix.Open(luminousnix.Options{Getenv: getenv})
	if err != nil {
		fmt.Println(err)
		return
	}
	results, err := client.ExecuteAll(context.Background(), []luminousnix.Operation{
		{Name: luminousnix.ShowConfiguration},
		{Name: luminousnix.CompareGenerations, Arguments: luminousnix.Arguments{From: 1, To: 77}},
		{Name: luminousnix.DiskUsage},
	}, nil)
	fmt.Println(len(results), err)
	// Output: 2 there is no generation 77
}

func ExampleClient_Batch() {
	client, err := luminousnix.Open(luminousnix.Options{Getenv: getenv})
	if err != nil {
		fmt.Println(err)
		return
	}
	answers, err := client.Batch(context.Background(), []luminousnix.BatchRequest{
		{Sentence: "list my generations"},
		{Operation: luminousnix.Operation{Name: luminousnix.CompareGenerations, Arguments: luminousnix.Arguments{From: 1, To: 77}}},
		{Operation: luminousnix.Operation{Name: luminousnix.Rollback}},
	}, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, answer := range answers {
		fmt.Println(answer.Results[0].Operation.Name, answer.Err)
	}
	// Output:
	// list-generations <nil>
	// compare-generations there is no generation 77
	// rollback nothing was changed: nobody is here to confirm it
}

func ExampleClient_Metrics() {
	client, err := luminousnix.Open(luminousnix.Options{Getenv: getenv})
	if err != nil {
		fmt.Println(err)
		return
	}
	metrics, err := client.Metrics()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(metrics.TotalOperations > 0, metrics.SuccessRate > 0)
	// Output: true true
}
