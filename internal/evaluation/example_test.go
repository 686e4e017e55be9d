package evaluation_test

import (
	"context"
	"fmt"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
)

func Example() {
	native := &evaluation.Native{Host: host.Find(func(string) string { return "" }, "")}
	result, err := native.Evaluate(context.Background(), evaluation.Request{
		Sources: []evaluation.Source{{Kind: evaluation.Expression, Text: `{ name }: "hello ${name}"`}},
		Want:    evaluation.Values,
		Arguments: []evaluation.Argument{
			{Name: "name", Text: "world", IsString: true},
		},
	})
	fmt.Println(result.Values, err)

	_, err = native.Evaluate(context.Background(), evaluation.Request{
		Sources: []evaluation.Source{{Kind: evaluation.Expression, Text: "{ inherit (import <home>) files; }.file"}},
		Want:    evaluation.Values,
	})
	failure := evaluation.Reader{}.Explain(err)
	fmt.Println(failure.Message)
	fmt.Println(failure.Hint)
	// Output:
	// ["hello world"
	// ] <nil>
	// «string»:1:1: attribute 'file' missing
	// Did you mean files?
}
