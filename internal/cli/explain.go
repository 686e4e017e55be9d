package cli

import (
	"encoding/json"
	"fmt"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// explanation is the JSON form of --explain.
type explanation struct {
	Schema       int                     `json:"schema"`
	Operation    operation.Name          `json:"operation"`
	Arguments    operation.Arguments     `json:"arguments"`
	ProposedBy   string                  `json:"proposedBy,omitempty"`
	Corrected    []operation.Correction  `json:"corrected,omitempty"`
	Success      bool                    `json:"success"`
	Message      string                  `json:"message"`
	Confidence   float64                 `json:"confidence"`
	Risk         operation.Risk          `json:"risk"`
	Changing     bool                    `json:"changing"`
	Alternatives []operation.Alternative `json:"alternatives"`
	Operations   []operation.Operation   `json:"operations"`
}

// explain shows how a request was understood and runs nothing.
func (a *app) explain(reading intent.Reading) error {
	for _, op := range reading.Operations {
		if err := op.Validate(); err != nil {
			return err
		}
	}
	first := reading.Operations[0]
	spec, _ := operation.Lookup(first.Name)
	if a.flags.json {
		alternatives := reading.Alternatives
		if alternatives == nil {
			alternatives = []operation.Alternative{}
		}
		return a.writeJSON(explanation{
			operation.Schema, first.Name, first.Arguments, a.proposedBy, reading.Corrected, true, spec.Summary, reading.Confidence, riskiest(reading.Operations), changes(reading.Operations),
			alternatives, reading.Operations,
		})
	}
	for _, op := range reading.Operations {
		if err := a.explainOne(op); err != nil {
			return err
		}
	}
	for _, correction := range reading.Corrected {
		fmt.Fprintf(a.Out, "corrected   %s\n", correction)
	}
	if a.proposedBy == "" {
		fmt.Fprintf(a.Out, "confidence  %.0f %%\n", 100*reading.Confidence)
	}
	for _, other := range reading.Alternatives {
		fmt.Fprintf(a.Out, "or          %s (%.0f %%): %s\n", other.Name, 100*other.Confidence, other.Say)
	}
	fmt.Fprintln(a.Out, "Nothing was run.")
	return nil
}

func (a *app) explainOne(op operation.Operation) error {
	spec, _ := operation.Lookup(op.Name)
	arguments, err := json.Marshal(op.Arguments)
	if err != nil {
		return err
	}
	does := "only looks"
	if spec.Changing {
		does = "changes something"
	}
	if spec.Asks() || spec.Changing && a.proposedBy != "" {
		does += ", after showing its plan and asking"
	}
	fmt.Fprintf(a.Out, "operation   %s\narguments   %s\nrisk        %s; it %s\nwould       %s\n", op.Name, arguments, spec.Risk, does, lowerFirst(spec.Summary))
	return nil
}

// riskiest is the greatest risk of several operations.
func riskiest(operations []operation.Operation) operation.Risk {
	risk := operation.Safe
	for _, op := range operations {
		spec, _ := operation.Lookup(op.Name)
		if spec.Risk == operation.Destructive || spec.Risk == operation.Reversible && risk == operation.Safe {
			risk = spec.Risk
		}
	}
	return risk
}
