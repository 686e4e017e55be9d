package action

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"luminousnix/internal/operation"
)

// resultLink is the link to what was built, in the folder that one is in.
const resultLink = "result"

// buildSystem builds the machine's configuration and changes nothing of the machine.
type buildSystem struct {
	systemBuild
	result string // link to what was built
}

func newBuildSystem(m *Machine, args operation.Arguments) Change {
	return &buildSystem{systemBuild: systemBuild{machine: m, args: args}}
}

func (b *buildSystem) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	folder, err := os.Getwd()
	if err != nil {
		return operation.Plan{}, err
	}
	b.result = filepath.Join(folder, resultLink)
	if err := b.evaluate(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	plan := b.plan("Build " + b.system.name)
	plan.Steps = append(plan.Steps, operation.Step{Action: "Link the result", Path: b.result})
	return plan, nil
}

func (b *buildSystem) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	if err := b.build(ctx, b.result, o); err != nil {
		return Answer{}, err
	}
	data := &operation.Built{Toplevel: string(b.built), Link: b.result}
	answer := Answer{Message: fmt.Sprintf("%s is built.", b.system.name), Data: data, Warnings: warnings(b.system.result.Messages)}
	if b.compared == data.Toplevel {
		answer.Message = fmt.Sprintf("%s is built; it is the system that runs.", b.system.name)
		return answer, nil
	}
	data.Compared = b.compared
	var err error
	if data.Changes, data.Impact, err = b.compare(ctx); err != nil {
		answer.Warnings = append(answer.Warnings, fmt.Sprintf("what differs in packages cannot be told: %v", err))
	}
	return answer, nil
}

// Verify checks that the link leads to what was built.
func (b *buildSystem) Verify(context.Context) error {
	target, err := os.Readlink(b.result)
	if err != nil {
		return err
	}
	if target != string(b.built) {
		return operation.Errorf(operation.CodeFailed, "%s leads to %s, not to %s", b.result, target, b.built).
			WithHint("Another program has replaced it.")
	}
	return nil
}
