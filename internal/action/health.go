package action

import (
	"context"
	"fmt"
	"time"

	"luminousnix/internal/health"
	"luminousnix/internal/operation"
)

// checkHealth finds out how the machine is and judges it. It succeeds whatever it
// finds: what is healthy, and what is not, is in its data.
func checkHealth(ctx context.Context, m *Machine, _ operation.Arguments, o operation.Observer) (Answer, error) {
	facts := healthFacts(ctx, m, o)
	if err := ctx.Err(); err != nil {
		return Answer{}, err
	}
	data := health.Check(facts)
	data.Places = foundPlaces(m, facts)
	answer := Answer{Message: healthMessage(&data), Data: &data}
	seen := map[string]bool{}
	for _, finding := range data.Findings {
		if len(finding.Fixes) > 0 && finding.Fixes[0].Command != "" && !seen[finding.Fixes[0].Command] && len(seen) < 3 {
			seen[finding.Fixes[0].Command] = true
			answer.Suggestions = append(answer.Suggestions, finding.Fixes[0].Command)
		}
	}
	return answer, nil
}

func healthMessage(h *operation.Health) string {
	count := map[operation.Severity]int{}
	for _, finding := range h.Findings {
		count[finding.Severity]++
	}
	switch problems, warnings := count[operation.Problem], count[operation.Warning]; {
	case problems == 1:
		return "There is one problem."
	case problems > 1:
		return fmt.Sprintf("There are %d problems.", problems)
	case warnings == 1:
		return "All works; one thing should be looked at."
	case warnings > 1:
		return fmt.Sprintf("All works; %d things should be looked at.", warnings)
	}
	return "All is well."
}

// deadlines of finding something out. A daemon that hangs, or a disk, is not waited
// for.
const (
	factDeadline          = 5 * time.Second
	configurationDeadline = 2 * time.Minute
)

// healthFacts finds out all at once. What takes too long, or cannot be found out,
// stays nil.
func healthFacts(ctx context.Context, m *Machine, o operation.Observer) *health.Facts {
	facts := &health.Facts{Now: m.Now(), StoreDir: string(m.Host.StoreDir)}
	o.Observe(operation.Event{Kind: operation.EventPhase, Phase: "check"})
	facts.Settings = settingsFacts(m)
	facts.Memory = memoryFacts(m)
	results := []<-chan func(*health.Facts){
		later(ctx, m, daemonFacts), later(ctx, m, databaseFacts), later(ctx, m, diskFacts), later(ctx, m, unitFacts),
		later(ctx, m, systemFacts), later(ctx, m, rootFacts), later(ctx, m, changeFacts),
	}
	waiting, cancel := context.WithTimeout(ctx, factDeadline)
	defer cancel()
	for _, result := range results {
		select {
		case set := <-result:
			set(facts)
		case <-waiting.Done(): // what is slow is unknown, and what is there by now is not
			select {
			case set := <-result:
				set(facts)
			default:
			}
		}
	}
	// An evaluation may need the daemon, and would hang with it.
	if facts.Daemon != nil && facts.Daemon.Err == nil {
		facts.Configuration = configurationFacts(ctx, m, o)
	}
	return facts
}

// later finds something out in a goroutine of its own, which may stay behind when
// nobody waits for it any longer; it sets nothing then.
func later(ctx context.Context, m *Machine, find func(context.Context, *Machine) func(*health.Facts)) <-chan func(*health.Facts) {
	found := make(chan func(*health.Facts), 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, factDeadline)
		defer cancel()
		found <- find(ctx, m)
	}()
	return found
}
