package syntax_test

import (
	"errors"
	"fmt"

	"luminousnix/nix/syntax"
)

func ExampleParse() {
	_, err := syntax.Parse("configuration.nix", []byte("{\n  networking.hostName = \"office\"\n}\n"), syntax.ParseOptions{})
	var e *syntax.Error
	if errors.As(err, &e) {
		fmt.Println(e.Render())
		fmt.Println(e.Hint)
	}
	// Output:
	// error: syntax error, unexpected '}', expecting ';'
	//        at configuration.nix:3:1:
	//             2|   networking.hostName = "office"
	//             3| }
	//              | ^
	//             4|
	// Is ';' missing at 2:33?
}

func ExampleAppend() {
	source := `{ pkgs, ... }:
{
  # What everybody needs.
  environment.systemPackages = with pkgs; [
    git # for /etc/nixos
  ];
}
`
	f, err := syntax.Parse("configuration.nix", []byte(source), syntax.ParseOptions{})
	if err != nil {
		panic(err)
	}
	after, err := syntax.Append(f, []string{"environment", "systemPackages"}, "vim")
	if err != nil {
		panic(err)
	}
	fmt.Print(string(after))
	// Output:
	// { pkgs, ... }:
	// {
	//   # What everybody needs.
	//   environment.systemPackages = with pkgs; [
	//     git # for /etc/nixos
	//     vim
	//   ];
	// }
}

func ExampleDesugar() {
	f, err := syntax.Parse("f", []byte("x: { a.b = 1; a.c = x - 1; }"), syntax.ParseOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(syntax.Desugar(f, syntax.Dirs{Base: "/", Home: "/root"}))
	// Output: (x: { a = { b = 1; c = (__sub x 1); }; })
}
