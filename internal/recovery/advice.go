package recovery

import "luminousnix/internal/operation"

// Advise completes an error that nothing helped against, or that nothing is done about: with
// what a person can do. What the error says itself of that stays.
func Advise(failed *operation.Error, t operation.Trouble) {
	switch t {
	case operation.TroubleNetwork, operation.TroubleUnreachable:
		if failed.Code == operation.CodeNetwork && failed.Hint != "" {
			return
		}
		failed.Code = operation.CodeNetwork
		if failed.Hint != "" {
			failed.Hint += " "
		}
		failed.Hint += "What is here already can be used: `ask-nix rollback`, `ask-nix installed`; or try again when the network is back."
	case operation.TroubleLocked:
		failed.Hint = "Another program keeps the database of Nix to itself; try again when it has ended. `ask-nix health` looks at it."
	case operation.TroubleMemory:
		failed.Hint = "The build was killed, most likely since memory ran out: close other programs, or add swap. `ask-nix build --max-jobs 1 --cores 1` builds one thing at a time."
	case operation.TroubleHash:
		if failed.Code == operation.CodeFailed {
			failed.Hint = "What came is not what was promised, and nothing of it is used; trying again gives the same. `ask-nix health` shows the servers; the source or its hash has to be corrected there, or in the expression."
		}
	case operation.TroubleSilent:
		failed.Hint = "The daemon of Nix takes connections and does not answer; `sudo systemctl restart nix-daemon` starts it anew."
	}
}
