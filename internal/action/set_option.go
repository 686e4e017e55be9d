package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"luminousnix/internal/catalog"
	"luminousnix/internal/configedit"
	"luminousnix/internal/operation"
	"luminousnix/nix/syntax"
)

// setOption sets an option in the configuration to a value, or adds the value to the
// list that the option is.
type setOption struct {
	configChange
	args operation.Arguments

	// Found by Plan.
	option string // as it is written in Nix
	expr   string // the value, or element
}

// knownOption is what the machine's NixOS says of an option.
type knownOption struct {
	Name        string `json:"name"`
	Inside      bool   `json:"inside"` // Name is above what was asked for
	Type        string `json:"type"`   // its name: bool, listOf, …
	TypeText    string `json:"typeText"`
	Description string `json:"description"`
	Default     string `json:"default"` // an expression, or JSON
	Value       string `json:"value"`   // JSON; "" if it is not simple
	Fits        []bool `json:"fits"`    // of the readings, for the option
	Elements    []bool `json:"elements"`
}

func newSetOption(m *Machine, args operation.Arguments) Change {
	return &setOption{configChange: configChange{machine: m, from: args.Source}, args: args}
}

func (s *setOption) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if s.args.Option == "" && s.args.Query == "" {
		return operation.Plan{}, operation.Errorf(operation.CodeUsage, "set-option needs the path of an option").
			WithHint("For example: ask-nix set services.openssh.enable true")
	}
	lines := ""
	if s.args.Option != "" {
		lines = string(s.args.Option) + " = " + withoutType(s.args.Value) + ";"
	}
	if err := s.open(ctx, lines); err != nil {
		return operation.Plan{}, err
	}
	searcher, err := OpenSearcher(ctx, s.machine, o)
	if err != nil {
		return operation.Plan{}, err
	}
	defer searcher.Close()
	s.option = string(s.args.Option)
	if s.option == "" {
		if s.option, err = s.called(ctx, o, searcher); err != nil {
			return operation.Plan{}, err
		}
	}
	path, err := syntax.ParsePath(s.option)
	if err != nil || syntax.FormatPath(path) == "" {
		return operation.Plan{}, operation.Errorf(operation.CodeUsage, "%s is not the path of one option", s.option).
			WithHint("Put a name of your own in the place of <name> or *.")
	}
	known, err := s.describe(ctx, o, path)
	if err != nil {
		return operation.Plan{}, err
	}
	if known == nil {
		return operation.Plan{}, searcher.noSuch(s.option)
	}
	return s.edit(ctx, o, searcher, path, known)
}

// edit chooses the reading of the value, edits, and evaluates that.
func (s *setOption) edit(ctx context.Context, o operation.Observer, searcher *Searcher, path []string, known *knownOption) (operation.Plan, error) {
	expr, element, err := s.reading(known)
	if err != nil {
		return operation.Plan{}, err
	}
	s.expr = expr
	details := known.details(s.option, searcher)
	summary, check := "Set "+s.option+" to "+expr, setCheck(path, expr)
	if element {
		summary, check = "Add "+expr+" to "+s.option, fmt.Sprintf("builtins.elem (%s) config.%s", expr, syntax.FormatPath(path))
		err = s.configuration.AddToList(path, expr)
	} else {
		err = s.configuration.Set(path, expr)
	}
	var already *configedit.AlreadyError
	if errors.As(err, &already) {
		verb := " is set to "
		if element {
			verb = " has "
		}
		return operation.Plan{
			Summary: fmt.Sprintf("%s%s%s already, in %s", s.option, verb, expr, already.At),
			Nothing: true, Risk: operation.Reversible, Option: details,
		}, nil
	}
	if err != nil {
		return operation.Plan{}, explainPlace(err)
	}
	meant, err := s.settle(ctx, o, check)
	if err != nil {
		return operation.Plan{}, err
	}
	if string(meant) != "true" {
		line := s.option + " = " + expr + ";"
		return operation.Plan{}, operation.Errorf(operation.CodeRefused, "with the edit %s would still have another value", s.option).
			WithHint("Another definition of it wins: look for it, or force this one: " + strings.Replace(line, "= ", "= lib.mkForce ", 1))
	}
	plan := s.plan(summary)
	plan.Option = details
	return plan, nil
}

// setCheck is an expression of whether an option has a value: as it is, as one of the
// definitions that count where the option makes something else of them, or as part of a
// list that others add to.
func setCheck(path []string, expr string) string {
	name := syntax.FormatPath(path)
	return fmt.Sprintf("let v = (%s); in config.%s == v || builtins.elem v (options.%s.definitions or [ ])"+
		" || builtins.isList v && builtins.all (e: builtins.elem e config.%s) v", expr, name, name, name)
}

// called finds the option that words mean. What may mean several, or none, is not
// guessed.
func (s *setOption) called(ctx context.Context, o operation.Observer, searcher *Searcher) (string, error) {
	phrase := string(s.args.Query)
	onOff := s.args.Value == "true" || s.args.Value == "false"
	candidates, exclusive := optionsCalled(phrase, onOff)
	var there []string
	if len(candidates) > 0 {
		if err := s.ask(ctx, o, existing(candidates), &there); err != nil {
			return "", err
		}
	}
	switch {
	case len(there) == 1, len(there) > 1 && exclusive:
		return there[0], nil
	case len(there) > 1:
		return "", s.mayMean(phrase, "may be several options", there)
	}
	near, err := nearestOptions(searcher.book, phrase, onOff, mostNear)
	if err != nil {
		return "", err
	}
	if len(near) == 0 {
		return "", operation.Errorf(operation.CodeNotFound, "there is no option that is known as %q", phrase).
			WithHint("`ask-nix options WORDS` searches the options.")
	}
	return "", s.mayMean(phrase, "is not the name of an option", near)
}

// mayMean asks which of several options is meant.
func (s *setOption) mayMean(phrase, why string, options []string) error {
	err := operation.Errorf(operation.CodeAmbiguous, "%q %s; nothing was changed", phrase, why).
		WithHint("Say which one is meant, by its path.")
	for _, option := range options {
		err.Alternatives = append(err.Alternatives, operation.Alternative{
			Operation: operation.New(operation.SetOption, operation.Arguments{Option: operation.OptionPath(option), Value: s.args.Value}),
			Say:       "ask-nix set " + option + " " + s.args.Value,
		})
	}
	return err
}

// existing is an expression of those options that there are.
func existing(candidates []string) string {
	var b strings.Builder
	b.WriteString("builtins.concatLists [")
	for _, option := range candidates {
		fmt.Fprintf(&b, " (if (options.%s._type or \"\") == \"option\" then [ %q ] else [ ])", option, option)
	}
	b.WriteString(" ]")
	return b.String()
}

// describe asks the machine's NixOS about an option; nil if there is none there.
func (s *setOption) describe(ctx context.Context, o operation.Observer, path []string) (*knownOption, error) {
	var b strings.Builder
	b.WriteString(describing)
	all := readings(s.args.Value)
	for _, list := range []string{"fits", "elements"} {
		fmt.Fprintf(&b, "  %s = check: [", list)
		for _, expr := range all {
			if name, ok := strings.CutPrefix(expr, "pkgs."); ok && packageLike(name) {
				fmt.Fprintf(&b, " (if pkgs ? %s then check (%s) else false)", name, expr)
			} else {
				fmt.Fprintf(&b, " (check (%s))", expr)
			}
		}
		b.WriteString(" ];\n")
	}
	b.WriteString("in\n")
	name := syntax.FormatPath(path)
	fmt.Fprintf(&b, "if isOption (options.%s or { }) then describe %s options.%s (config.%s)\n", name, strconv.Quote(name), name, name)
	for n := len(path) - 1; n > 0; n-- {
		above := syntax.FormatPath(path[:n])
		fmt.Fprintf(&b, "else if isOption (options.%s or { }) then describe %s options.%s null // { inside = true; }\n", above, strconv.Quote(above), above)
	}
	b.WriteString("else null\n")
	var known *knownOption
	err := s.ask(ctx, o, b.String(), &known)
	return known, err
}

// describing makes a knownOption of an option. What cannot be shown, such as a package,
// is "".
const describing = `let
  isOption = o: builtins.isAttrs o && (o._type or "") == "option";
  simple = v: v == null || builtins.isBool v || builtins.isInt v || builtins.isFloat v || builtins.isString v
    || builtins.isList v && builtins.all simple v;
  quietly = v: let tried = builtins.tryEval v; in if tried.success then tried.value else "";
  show = v: quietly (if simple v then builtins.toJSON v else "");
  text = v: quietly (if builtins.isAttrs v then v.text or "" else if builtins.isString v then v else "");
  checked = type: v: (builtins.tryEval (type.check v)).value;
  describe = name: option: value:
    let elem = option.type.nestedTypes.elemType or (option.type.functor.wrapped or null); in {
      inherit name;
      inside = false;
      type = option.type.name or "";
      typeText = option.type.description or "";
      description = text (option.description or "");
      default = if option ? defaultText then text option.defaultText else if option ? default then show option.default else "";
      value = show value;
      fits = fits (checked option.type);
      elements = if (option.type.name or "") == "listOf" && elem != null then elements (checked elem) else elements (_: false);
    };
`

// reading chooses the reading of the value that the type of the option has; element says
// that it is an element of the list that the option is.
func (s *setOption) reading(known *knownOption) (expr string, element bool, err error) {
	all := readings(s.args.Value)
	if known.Inside {
		return withoutType(s.args.Value), false, nil
	}
	if i := slices.Index(known.Fits, true); i >= 0 && i < len(all) {
		return all[i], false, nil
	}
	if i := slices.Index(known.Elements, true); i >= 0 && i < len(all) {
		return all[i], true, nil
	}
	return "", false, operation.Errorf(operation.CodeUsage, "%q is no value for %s, which is of type %s", s.args.Value, known.Name, known.TypeText).
		WithHint("`ask-nix option " + known.Name + "` shows its documentation, with an example.")
}

// details are the documentation of the option for the plan: what the machine's NixOS
// says, and what only the catalogue has.
func (k *knownOption) details(option string, searcher *Searcher) *operation.OptionDetails {
	details := operation.OptionDetails{Option: option, Siblings: []string{}}
	for _, e := range searcher.book.Lookup(k.Name) {
		if e.Kind == catalog.Option && e.Attribute == k.Name {
			details = searcher.optionDetails(&e)
			break
		}
	}
	details.Option = option
	if k.Inside {
		return &details
	}
	set := func(field *string, value string) {
		if value != "" {
			*field = value
		}
	}
	set(&details.Type, k.TypeText)
	set(&details.Description, strings.TrimSpace(k.Description))
	set(&details.Default, fromJSON(k.Default))
	set(&details.Value, fromJSON(k.Value))
	return &details
}

// fromJSON is what was shown as JSON as an expression, and other text as it is.
func fromJSON(text string) string {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	if expr := toNix(v); expr != "" {
		return expr
	}
	return text
}

func (s *setOption) Apply(_ context.Context, o operation.Observer) (Answer, error) {
	if err := s.write(o); err != nil {
		return Answer{}, err
	}
	return s.answer(fmt.Sprintf("%s is %s in the configuration now; a switch makes it so.", s.option, s.expr),
		operation.Edited{Option: s.option, Value: s.expr}), nil
}
