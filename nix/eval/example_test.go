package eval_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"luminousnix/nix/eval"
)

func Example() {
	ctx := context.Background()
	ev := eval.New(eval.Options{CurrentSystem: "x86_64-linux"})
	v, err := ev.EvalExpr(ctx, "«example»", `{ n ? 6 }: derivation {
		name = "answer-${toString (n * 7)}";
		system = builtins.currentSystem;
		builder = "/bin/sh";
	}`)
	if err != nil {
		log.Fatal(err)
	}
	found, err := ev.Derivations(ctx, v, ev.MakeAttrs(nil))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found[0].DrvPath.Name())

	_, err = ev.EvalExpr(ctx, "«example»", `{ a = 1; }.b`)
	var wrong *eval.Error
	fmt.Println(errors.As(err, &wrong), wrong.Kind == eval.KindMissingAttribute, wrong)
	// Output:
	// answer-42.drv
	// true true attribute 'b' missing
}
