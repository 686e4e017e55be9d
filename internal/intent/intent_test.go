package intent

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
)

// testNow is a Thursday.
var testNow = time.Date(2025, 6, 12, 15, 4, 5, 0, time.UTC)

type args = operation.Arguments

func names(words ...operation.PackageName) []operation.PackageName { return words }

func numbers(all ...operation.GenerationNumber) []operation.GenerationNumber { return all }

// What is only spoken of beside a request is no argument of it.
func TestArgumentsAreOfTheRequest(t *testing.T) {
	t.Parallel()
	type args = operation.Arguments
	for sentence, want := range map[string]operation.Operation{
		"41 is good, delete 42":                                       operation.New(operation.DeleteGenerations, args{Generations: []operation.GenerationNumber{42}}),
		"I'm on 41. Delete 42.":                                       operation.New(operation.DeleteGenerations, args{Generations: []operation.GenerationNumber{42}}),
		"generation 41 is fine, delete generation 42":                 operation.New(operation.DeleteGenerations, args{Generations: []operation.GenerationNumber{42}}),
		"delete generation 42 because generation 41 works":            operation.New(operation.DeleteGenerations, args{Generations: []operation.GenerationNumber{42}}),
		"41 is pinned, unpin 42":                                      operation.New(operation.UnpinGeneration, args{Generation: 42}),
		"on 43 nothing works, switch to 41":                           operation.New(operation.SwitchGeneration, args{Generation: 41}),
		"the update to 24.11 broke it, roll back":                     operation.New(operation.Rollback, args{}),
		"remove firefox, I use chromium":                              operation.New(operation.RemovePackages, args{Packages: []operation.PackageName{"firefox"}}),
		"please remove mpv, vlc plays everything":                     operation.New(operation.RemovePackages, args{Packages: []operation.PackageName{"mpv"}}),
		"gimp is too complicated, install krita":                      operation.New(operation.InstallPackages, args{Packages: []operation.PackageName{"krita"}}),
		"install gimp. Krita is not enough.":                          operation.New(operation.InstallPackages, args{Packages: []operation.PackageName{"gimp"}}),
		"enable ssh, the firewall is off anyway":                      operation.New(operation.SetOption, args{Query: "ssh", Value: "true"}),
		"switch to 64, not 46":                                        operation.New(operation.SwitchGeneration, args{Generation: 64}),
		"delete generations 10, 11 and 12 but leave 13":               operation.New(operation.DeleteGenerations, args{Generations: numbers(10, 11, 12)}),
		"generations 65, 66 and 70 can be deleted":                    operation.New(operation.DeleteGenerations, args{Generations: numbers(65, 66, 70)}),
		"delete all generations but the current one":                  operation.New(operation.CleanUp, args{Keep: 1}),
		"pin generation 41, it must not be deleted":                   operation.New(operation.PinGeneration, args{Generation: 41}),
		"install terraform, ansible and awscli2 by tomorrow":          operation.New(operation.InstallPackages, args{Packages: names("terraform", "ansible", "awscli2")}),
		"pin 300, call it mail-server, note: works with eduroam":      operation.New(operation.PinGeneration, args{Generation: 300, PinName: "mail-server", Note: "works with eduroam"}),
		`mark this one as "before-field"`:                             operation.New(operation.PinGeneration, args{PinName: "before-field"}),
		`name 41 "before nvidia"`:                                     operation.New(operation.PinGeneration, args{Generation: 41, PinName: "before nvidia"}),
		"pin this as 2024":                                            operation.New(operation.PinGeneration, args{PinName: "2024"}),
		"pin 41 before the update":                                    operation.New(operation.PinGeneration, args{Generation: 41}),
		"delete generations 41 - 43":                                  operation.New(operation.DeleteGenerations, args{Generations: numbers(41, 42, 43)}),
		"I'm on generation 42 and want 41":                            operation.New(operation.SwitchGeneration, args{Generation: 41}),
		"I want 38 back":                                              operation.New(operation.Rollback, args{Generation: 38}),
		"I have ssh disabled, please enable it":                       operation.New(operation.SetOption, args{Query: "ssh", Value: "true"}),
		"19 gets a pin called tested":                                 operation.New(operation.PinGeneration, args{Generation: 19, PinName: "tested"}),
		"remove make":                                                 operation.New(operation.RemovePackages, args{Packages: names("make")}),
		"go back to how it was on the first of June":                  operation.New(operation.Rollback, args{Date: "2025-06-01"}),
		"a month ago it was fine, go back there":                      operation.New(operation.Rollback, args{Date: "2025-05-12"}),
		"I have an exam in two hours, go back to the previous system": operation.New(operation.Rollback, args{}),
		"25.05 broke my wifi, back to 24.11":                          operation.New(operation.Rollback, args{Channel: "24.11"}),
		"what does generation 58 have that 57 does not":               operation.New(operation.CompareGenerations, args{From: 57, To: 58}),
		"what is new in generation 88":                                operation.New(operation.CompareGenerations, args{To: 88}),
		"compare generations 40..45":                                  operation.New(operation.CompareGenerations, args{From: 40, To: 45}),
		"clean up everything older than half a year":                  operation.New(operation.CleanUp, args{OlderThanDays: 182}),
		"go back to the version of the first of the month":            operation.New(operation.Rollback, args{Date: "2025-06-01"}),
		"go back to the version of the 20th of the month":             operation.New(operation.Rollback, args{Date: "2025-05-20"}),
		"stick on libreoffice for the lot of us":                      operation.New(operation.InstallPackages, args{Packages: names("libreoffice"), Scope: operation.ScopeSystem}),
	} {
		reading, err := Understand(sentence, testNow)
		if diff := cmp.Diff([]operation.Operation{want}, reading.Operations); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", sentence, err, diff)
		}
	}
}

// "X before you Y" says X first, "X after you Y" Y.
func TestOrderOfRequests(t *testing.T) {
	t.Parallel()
	for sentence, want := range map[string][]operation.Name{
		"roll back to 41 before you delete 42":             {operation.Rollback, operation.DeleteGenerations},
		"delete 42 after you roll back to 41":              {operation.Rollback, operation.DeleteGenerations},
		"before you update, pin 41":                        {operation.PinGeneration, operation.UpdateSystem},
		"update the system, but first pin 41":              {operation.PinGeneration, operation.UpdateSystem},
		"update the system and then clean up":              {operation.UpdateSystem, operation.CleanUp},
		"install neovim before you remove vim":             {operation.InstallPackages, operation.RemovePackages},
		"collect garbage and after that tell me the usage": {operation.CollectGarbage, operation.DiskUsage},
	} {
		reading, err := Understand(sentence, testNow)
		var got []operation.Name
		for _, op := range reading.Operations {
			got = append(got, op.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", sentence, err, diff)
		}
	}
}

func TestUnderstand(t *testing.T) {
	t.Parallel()
	op := operation.New
	tests := []struct {
		sentence string
		want     operation.Operation
	}{
		// The user guide and the integration document.
		{"list my generations", op(operation.ListGenerations, args{})},
		{"show my generations", op(operation.ListGenerations, args{})},
		{"list generations", op(operation.ListGenerations, args{})},
		{"search firefox", op(operation.SearchPackages, args{Query: "firefox"})},
		{"what version of python do I have?", op(operation.ShowPackage, args{Packages: names("python")})},
		{"search for video editors", op(operation.SearchPackages, args{Query: "video editors"})},
		{"what python packages are available?", op(operation.SearchPackages, args{Query: "python packages"})},
		{"find me development tools", op(operation.SearchPackages, args{Query: "development tools"})},
		{"how much disk space do I have?", op(operation.DiskUsage, args{})},
		{"what's my system configuration?", op(operation.ShowConfiguration, args{})},
		{"update my system", op(operation.UpdateSystem, args{})},
		{"rollback one generation", op(operation.Rollback, args{Steps: 1})},
		{"cleanup old generations", op(operation.CleanUp, args{})},
		{"show me recent errors", op(operation.ShowErrors, args{})},
		{"show cache stats", op(operation.ShowCache, args{})},
		{"clear cache", op(operation.ClearCache, args{})},
		{"clear expired cache entries", op(operation.ClearCache, args{Expired: true})},
		{"rollback to 2024-01-01", op(operation.Rollback, args{Date: "2024-01-01"})},
		{"show me recent changes", op(operation.ShowHistory, args{})},
		{"what did you cost", op(operation.ShowMetrics, args{})},
		{"show metrics", op(operation.ShowMetrics, args{})},

		// Spelling and politeness; names are never corrected.
		{"seach for fierfox", op(operation.SearchPackages, args{Query: "fierfox"})},
		{"unistall chrome", op(operation.RemovePackages, args{Packages: names("chrome")})},
		{"pls instal fierfox", op(operation.InstallPackages, args{Packages: names("fierfox")})},
		{"can you please install htop for me?", op(operation.InstallPackages, args{Packages: names("htop")})},
		{"would you mind installing htop?", op(operation.InstallPackages, args{Packages: names("htop")})},
		{"I'd like to install vscode, thanks!", op(operation.InstallPackages, args{Packages: names("vscode")})},

		// Other tools.
		{"sudo apt install firefox", op(operation.InstallPackages, args{Packages: names("firefox")})},
		{"pacman -S tmux", op(operation.InstallPackages, args{Packages: names("tmux")})},
		{"pacman -Syu", op(operation.UpdateSystem, args{})},
		{"nix-env -iA nixpkgs.htop", op(operation.InstallPackages, args{Packages: names("htop")})},
		{"brew install wget", op(operation.InstallPackages, args{Packages: names("wget")})},
		{"nix shell nixpkgs#cowsay", op(operation.TryPackages, args{Packages: names("cowsay")})},
		{"nix search nixpkgs firefox", op(operation.SearchPackages, args{Query: "firefox"})},
		{"sudo nixos-rebuild switch --rollback", op(operation.Rollback, args{})},
		{"nixos-rebuild switch", op(operation.SwitchSystem, args{})},
		{"nix-collect-garbage -d", op(operation.CleanUp, args{})},
		{"nix-collect-garbage", op(operation.CollectGarbage, args{})},

		// Lists, scopes, channels, profiles.
		{"install curl and wget", op(operation.InstallPackages, args{Packages: names("curl", "wget")})},
		{"install vim, git and htop", op(operation.InstallPackages, args{Packages: names("vim", "git", "htop")})},
		{"install vim,git", op(operation.InstallPackages, args{Packages: names("vim", "git")})},
		{"install the firefox browser", op(operation.InstallPackages, args{Packages: names("firefox")})},
		{"install obs-studio only for my user", op(operation.InstallPackages, args{Packages: names("obs-studio"), Scope: operation.ScopeUser})},
		{"install obs-studio for everyone", op(operation.InstallPackages, args{Packages: names("obs-studio"), Scope: operation.ScopeSystem})},
		{"remove vim from all users", op(operation.RemovePackages, args{Packages: names("vim"), Scope: operation.ScopeSystem})},
		{"install htop for all users", op(operation.InstallPackages, args{Packages: names("htop"), Scope: operation.ScopeSystem})},
		{"remove vim from my user", op(operation.RemovePackages, args{Packages: names("vim"), Scope: operation.ScopeUser})},
		{"install neovim from unstable", op(operation.InstallPackages, args{Packages: names("neovim"), Channel: "nixos-unstable"})},
		{"install htop in the work profile", op(operation.InstallPackages, args{Packages: names("htop"), Profile: "work"})},
		{"I don't want vim anymore", op(operation.RemovePackages, args{Packages: names("vim")})},
		{"upgrade NixOS from 24.11 to 25.05", op(operation.UpdateSystem, args{Channel: "25.05"})},

		// Numbers, spans, dates.
		{"switch to generation 142", op(operation.SwitchGeneration, args{Generation: 142})},
		{"go back to generation #41", op(operation.Rollback, args{Generation: 41})},
		{"roll back two generations", op(operation.Rollback, args{Steps: 2})},
		{"roll back to yesterday", op(operation.Rollback, args{Date: "2025-06-11"})},
		{"go back to how it was last Tuesday", op(operation.Rollback, args{Date: "2025-06-10"})},
		{"go back to how it was on 2024-01-01", op(operation.Rollback, args{Date: "2024-01-01"})},
		{"go back to how it was three days ago", op(operation.Rollback, args{Date: "2025-06-09"})},
		{"restore the system from last week", op(operation.Rollback, args{Date: "2025-06-05"})},
		{"roll back to december 24", op(operation.Rollback, args{Date: "2024-12-24"})},
		{"the update broke my wifi, take me back", op(operation.Rollback, args{})},
		{"diff 41 and 42", op(operation.CompareGenerations, args{From: 41, To: 42})},
		{"compare generation 41 with 42", op(operation.CompareGenerations, args{From: 41, To: 42})},
		{"what changed in the last update?", op(operation.CompareGenerations, args{})},
		{"keep the last 5 generations", op(operation.CleanUp, args{Keep: 5})},
		{"delete generations older than 30 days", op(operation.CleanUp, args{OlderThanDays: 30})},
		{"delete everything older than two weeks", op(operation.CleanUp, args{OlderThanDays: 14})},
		{"delete generations older than a couple of weeks", op(operation.CleanUp, args{OlderThanDays: 14})},
		{"delete generations 5, 6 and 9-11", op(operation.DeleteGenerations, args{Generations: []operation.GenerationNumber{5, 6, 9, 10, 11}})},

		// Options, programs, dependencies, errors, questions.
		{"set services.openssh.enable to true", op(operation.SetOption, args{Option: "services.openssh.enable", Value: "true"})},
		{"enable services.openssh", op(operation.SetOption, args{Option: "services.openssh.enable", Value: "true"})},
		{"set my time zone to Europe/Paris", op(operation.SetOption, args{Query: "time zone", Value: "Europe/Paris"})},
		{"open port 8080 in the firewall", op(operation.SetOption, args{Query: "port", Value: "8080"})},
		{"open udp port 53", op(operation.SetOption, args{Query: "udp port", Value: "53"})},
		{"enable ssh", op(operation.SetOption, args{Query: "ssh", Value: "true"})},
		{"please turn off the tailscale service", op(operation.SetOption, args{Query: "tailscale", Value: "false"})},
		{"how do I enable ssh?", op(operation.AnswerQuestion, args{Text: "how do I enable ssh?"})},
		{"configure ssh", op(operation.SearchOptions, args{Query: "ssh"})},
		{"which package has readelf", op(operation.FindProgram, args{Program: "readelf"})},
		{"why is openssl on my system?", op(operation.ExplainDependency, args{Packages: names("openssl")})},
		{"error: attribute `foo' missing", op(operation.ExplainError, args{Text: "error: attribute `foo' missing"})},
		{"error: infinite recursion\n  at /etc/nixos", op(operation.ExplainError, args{Text: "error: infinite recursion   at /etc/nixos"})},
		{"what are flakes?", op(operation.AnswerQuestion, args{Text: "what are flakes?"})},
		{"what does `nix flake update` do?", op(operation.AnswerQuestion, args{Text: "what does `nix flake update` do?"})},
		{"how do I install firefox", op(operation.AnswerQuestion, args{Text: "how do I install firefox"})},
		{"install a video editor", op(operation.SearchPackages, args{Query: "video editor"})},
		{"something to edit photos", op(operation.SearchPackages, args{Query: "edit photos"})},
		{"firefox", op(operation.ShowPackage, args{Packages: names("firefox")})},
		{"hello", op(operation.Help, args{})},
		{"what can you do?", op(operation.Help, args{})},
	}
	for _, test := range tests {
		reading, err := Understand(test.sentence, testNow)
		if err != nil {
			t.Errorf("%q: %v", test.sentence, err)
			continue
		}
		if diff := cmp.Diff([]operation.Operation{test.want}, reading.Operations); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.sentence, diff)
		}
		if err := reading.Operations[0].Validate(); err != nil {
			t.Errorf("%q: %v", test.sentence, err)
		}
	}
}

func TestSeveralOperations(t *testing.T) {
	t.Parallel()
	op := operation.New
	tests := map[string][]operation.Operation{
		"update my system and clean up old generations": {op(operation.UpdateSystem, args{}), op(operation.CleanUp, args{})},
		"install vim then show my generations":          {op(operation.InstallPackages, args{Packages: names("vim")}), op(operation.ListGenerations, args{})},
		"install vim, git and htop then show my generations": {
			op(operation.InstallPackages, args{Packages: names("vim", "git", "htop")}), op(operation.ListGenerations, args{}),
		},
		"install htop and remove vim":                            {op(operation.InstallPackages, args{Packages: names("htop")}), op(operation.RemovePackages, args{Packages: names("vim")})},
		"search for vim and install it":                          {op(operation.SearchPackages, args{Query: "vim"}), op(operation.InstallPackages, args{Packages: names("vim")})},
		"check my config and switch if it's ok":                  {op(operation.CheckConfiguration, args{}), op(operation.SwitchSystem, args{})},
		"a) install qgis b) uninstall grass":                     {op(operation.InstallPackages, args{Packages: names("qgis")}), op(operation.RemovePackages, args{Packages: names("grass")})},
		"1) check the configuration 2) apply it":                 {op(operation.CheckConfiguration, args{}), op(operation.SwitchSystem, args{})},
		"du; gc; du":                                             {op(operation.DiskUsage, args{}), op(operation.CollectGarbage, args{}), op(operation.DiskUsage, args{})},
		"install texstudio & remove kile":                        {op(operation.InstallPackages, args{Packages: names("texstudio")}), op(operation.RemovePackages, args{Packages: names("kile")})},
		"clean up, keep 5 generations, then show the disk usage": {op(operation.CleanUp, args{Keep: 5}), op(operation.DiskUsage, args{})},
		"why did my rebuild fail? go back to yesterday's":        {op(operation.ExplainError, args{}), op(operation.Rollback, args{Date: "2025-06-11"})},
		"collect garbage, then dedupe":                           {op(operation.CollectGarbage, args{}), op(operation.OptimiseStore, args{})},
		"put firefox in and take chromium out":                   {op(operation.InstallPackages, args{Packages: names("firefox")}), op(operation.RemovePackages, args{Packages: names("chromium")})},
		"set the default editor to vim and clear the cache": {
			op(operation.SetOption, args{Query: "default editor", Value: "vim"}), op(operation.ClearCache, args{}),
		},
		"First clean up. Then update.":           {op(operation.CleanUp, args{}), op(operation.UpdateSystem, args{})},
		"search for backup and restore":          {op(operation.SearchPackages, args{Query: "backup and restore"})},
		"run nix flake update and rebuild":       {op(operation.UpdateSystem, args{})},
		"keep the last 3 and delete the rest":    {op(operation.CleanUp, args{Keep: 3})},
		"clean up but keep the last 4, please":   {op(operation.CleanUp, args{Keep: 4})},
		"my disk is full, how much space is it?": {op(operation.DiskUsage, args{})},
		// Nothing has to join two requests, and one word may be said of several things.
		"yeet vlc grab mpv": {op(operation.RemovePackages, args{Packages: names("vlc")}), op(operation.InstallPackages, args{Packages: names("mpv")})},
		"pin 3 delete 4":    {op(operation.PinGeneration, args{Generation: 3}), op(operation.DeleteGenerations, args{Generations: numbers(4)})},
		"enable avahi and bluetooth": {
			op(operation.SetOption, args{Query: "avahi", Value: "true"}), op(operation.SetOption, args{Query: "bluetooth", Value: "true"}),
		},
		"would you mind removing discord and installing element-desktop": {
			op(operation.RemovePackages, args{Packages: names("discord")}), op(operation.InstallPackages, args{Packages: names("element-desktop")}),
		},
		"drop steam, get lutris, tell me how much room is left": {
			op(operation.RemovePackages, args{Packages: names("steam")}), op(operation.InstallPackages, args{Packages: names("lutris")}), op(operation.DiskUsage, args{}),
		},
		"show the disk usage, clean up, show the disk usage again": {op(operation.DiskUsage, args{}), op(operation.CleanUp, args{}), op(operation.DiskUsage, args{})},
		"set the time zone to Europe/London and rebuild":           {op(operation.SetOption, args{Query: "time zone", Value: "Europe/London"}), op(operation.SwitchSystem, args{})},
		"show services.nextcloud.enable and set it to true": {
			op(operation.ShowOption, args{Option: "services.nextcloud.enable"}), op(operation.SetOption, args{Option: "services.nextcloud.enable", Value: "true"}),
		},
		"go back to generation 80 and pin it":              {op(operation.Rollback, args{Generation: 80}), op(operation.PinGeneration, args{Generation: 80})},
		"check the config, if that goes through switch":    {op(operation.CheckConfiguration, args{}), op(operation.SwitchSystem, args{})},
		"generation 41 is broken, switch to 40 and pin it": {op(operation.SwitchGeneration, args{Generation: 40}), op(operation.PinGeneration, args{Generation: 40})},
		"pin 40 and roll back to it":                       {op(operation.PinGeneration, args{Generation: 40}), op(operation.Rollback, args{Generation: 40})},
		"remove vlc, and mpv too":                          {op(operation.RemovePackages, args{Packages: names("vlc", "mpv")})},
		"who needs mono? who provides mcs?":                {op(operation.ExplainDependency, args{Packages: names("mono")}), op(operation.FindProgram, args{Program: "mcs"})},
		"pin 88 and name it thesis":                        {op(operation.PinGeneration, args{Generation: 88, PinName: "thesis"})},
		"do not forget to update and clean up":             {op(operation.UpdateSystem, args{}), op(operation.CleanUp, args{})},
	}
	for sentence, want := range tests {
		reading, err := Understand(sentence, testNow)
		if err != nil {
			t.Errorf("%q: %v", sentence, err)
			continue
		}
		if diff := cmp.Diff(want, reading.Operations); diff != "" {
			t.Errorf("%q (-want +got):\n%s", sentence, diff)
		}
	}
}

// TestCautionKnowsItsPlace holds that words which may take a request back, bind it or tell of it are
// not taken for that where they do not.
func TestCautionKnowsItsPlace(t *testing.T) {
	t.Parallel()
	for sentence, want := range map[string]operation.Name{
		"signal is buggy, remove signal":                 operation.RemovePackages,
		"terminal is ugly, remove kitty":                 operation.RemovePackages,
		"can you install vim and turn bluetooth on?":     operation.InstallPackages,
		"could you update and turn wifi off?":            operation.UpdateSystem,
		"remove vim, that would be wonderful":            operation.RemovePackages,
		"delete generations past 30 days":                operation.CleanUp,
		"delete generation 12, I already have a backup":  operation.DeleteGenerations,
		"remove vlc and mpv":                             operation.RemovePackages,
		"wifi is off, turn it on":                        operation.SetOption,
		"add solaar in case it's available":              operation.InstallPackages,
		"update while I am at lunch":                     operation.UpdateSystem,
		"fix the store if it is broken":                  operation.RepairStore,
		"remove chrome, sorry, I meant remove chromium":  operation.RemovePackages,
		"evince can leave, I have okular":                operation.RemovePackages,
		"keep only what is from the last 20 days":        operation.CleanUp,
		"prune generations down to four":                 operation.CleanUp,
		"no sound since the update, go back":             operation.Rollback,
		"run the new config for now, not past a reboot":  operation.TestSystem,
		"have the new config ready for the next boot":    operation.BootSystem,
		"let me test the config to see if the vpn works": operation.TestSystem,
		"remove vim, but now install it":                 operation.RemovePackages,
		"fingerprint login, no thanks, off":              operation.SetOption,
		"turn wifi on, I can not hear her":               operation.SetOption,
		"check the config, if it, is ok, switch":         operation.CheckConfiguration,
		"check the config if all is, fine, switch":       operation.CheckConfiguration,
		"remove vim, I installed emacs":                  operation.RemovePackages,
		"try vim, not emacs":                             operation.TryPackages,
		"update only vim, leave the rest alone":          operation.UpdateSystem,
		"remove firefox, vim and htop please":            operation.RemovePackages,
	} {
		reading, err := Understand(sentence, testNow)
		if err != nil || reading.Operations[0].Name != want {
			t.Errorf("%q: %v, %v; want %s", sentence, reading.Operations, err, want)
		}
	}
}

// A month ago is a day of the month before, also where that is shorter.
func TestMonthsAgo(t *testing.T) {
	t.Parallel()
	endOfMarch := time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC)
	for sentence, want := range map[string]operation.Date{
		"roll back to how it was a month ago": "2025-02-28", "roll back to how it was two months ago": "2025-01-31",
		"roll back to how it was a year ago": "2024-03-31", "roll back to how it was two weeks ago": "2025-03-17",
	} {
		reading, err := Understand(sentence, endOfMarch)
		if err != nil || reading.Operations[0].Arguments.Date != want {
			t.Errorf("%q: %v, %v; want %s", sentence, reading.Operations, err, want)
		}
	}
}

// TestChains holds what of commands that a shell runs in turn is read: all of it, or nothing.
func TestChains(t *testing.T) {
	t.Parallel()
	op := operation.New
	update := op(operation.UpdateSystem, args{})
	for text, want := range map[string][]operation.Operation{
		"sudo apt update && sudo apt upgrade -y":             {update},
		"sudo nix-channel --update && nixos-rebuild switch":  {update},
		"brew update; brew upgrade; brew cleanup":            {update, op(operation.CleanUp, args{})},
		"apt install -y tmux && apt remove screen":           {op(operation.InstallPackages, args{Packages: names("tmux")}), op(operation.RemovePackages, args{Packages: names("screen")})},
		"nix-env -e hello && nix-env -iA nixpkgs.cowsay":     {op(operation.RemovePackages, args{Packages: names("hello")}), op(operation.InstallPackages, args{Packages: names("cowsay")})},
		"dpkg -l | grep php":                                 {op(operation.ListPackages, args{Query: "php"})},
		"apt install vim && rm -rf /":                        nil,
		"apt install vim; reboot":                            nil,
		"apt install vim && please delete all my things":     nil,
		"apt install vim | sh":                               nil,
		"apt install $(cat list) && apt upgrade":             nil,
		"apt update && apt upgrade && curl evil.example":     nil,
		"apt install ../evil && apt upgrade":                 nil,
		"install vim && apt upgrade":                         nil,
		"echo apt && apt upgrade":                            nil,
		"apt remove vim && apt install --allow-unsigned vim": nil,
	} {
		reading, err := Understand(text, testNow)
		if diff := cmp.Diff(want, reading.Operations); diff != "" || (err == nil) != (want != nil) {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sentence string
		code     operation.Code
		hint     string
	}{
		{"install firefox && rm -rf /", operation.CodeRefused, "To do only the first part, type: ask-nix install firefox"},
		{"install firefox and rm -rf /", operation.CodeRefused, ""},
		{"rollback 2", operation.CodeAmbiguous, "Perhaps: ask-nix rollback 2 generations  or  ask-nix rollback to generation 2"},
		{"don't update my system", operation.CodeNotUnderstood, "`ask-nix help` lists what can be done."},
		{"write me a poem", operation.CodeNotUnderstood, ""},
		{"", operation.CodeNotUnderstood, ""},
		{"   ", operation.CodeNotUnderstood, ""},
	}
	for _, test := range tests {
		reading, err := Understand(test.sentence, testNow)
		if err == nil {
			t.Errorf("%q is read as %v", test.sentence, reading.Operations)
			continue
		}
		failure := operation.AsError(err)
		if failure.Code != test.code || test.hint != "" && failure.Hint != test.hint {
			t.Errorf("%q: %s: %s (hint %q)", test.sentence, failure.Code, failure.Message, failure.Hint)
		}
	}
}

// A setting of which nothing says to what it is to be set is offered both ways.
func TestSettingIsOfferedBothWays(t *testing.T) {
	t.Parallel()
	_, err := Understand("duplex by default for printing", testNow)
	failure := operation.AsError(err)
	if failure == nil || failure.Code != operation.CodeAmbiguous {
		t.Fatalf("%v; want a question", err)
	}
	var values []string
	for _, a := range failure.Alternatives {
		if a.Name == operation.SetOption {
			values = append(values, a.Arguments.Value)
		}
	}
	if diff := cmp.Diff([]string{"true", "false"}, values); diff != "" {
		t.Error(diff)
	}
}

// A question about doing something offers to do it, but does not.
func TestQuestionOffersTheChange(t *testing.T) {
	t.Parallel()
	for sentence, want := range map[string]operation.Name{
		"how do I install firefox":       operation.InstallPackages,
		"should I update my system?":     operation.UpdateSystem,
		"can I remove firefox?":          operation.RemovePackages,
		"any way to upgrade the system?": operation.UpdateSystem,
	} {
		reading, err := Understand(sentence, testNow)
		if err != nil {
			t.Errorf("%q: %v", sentence, err)
			continue
		}
		if reading.Operations[0].Name != operation.AnswerQuestion {
			t.Errorf("%q is read as %v", sentence, reading.Operations)
		}
		if len(reading.Alternatives) == 0 || reading.Alternatives[0].Name != want {
			t.Errorf("%q offers %v, want %s first", sentence, reading.Alternatives, want)
		}
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	op := operation.New
	tests := []struct {
		name  operation.Name
		words string
		want  operation.Operation
	}{
		{operation.SearchPackages, "for video editors", op(operation.SearchPackages, args{Query: "video editors"})},
		{operation.SearchPackages, "video editors", op(operation.SearchPackages, args{Query: "video editors"})},
		{operation.SearchPackages, "install", op(operation.SearchPackages, args{Query: "install"})},
		{operation.SearchOptions, "opens a firewall port", op(operation.SearchOptions, args{Query: "firewall port"})},
		{operation.InstallPackages, "curl and wget", op(operation.InstallPackages, args{Packages: names("curl", "wget")})},
		{operation.InstallPackages, "htop only for my user", op(operation.InstallPackages, args{Packages: names("htop"), Scope: operation.ScopeUser})},
		{operation.RemovePackages, "firefox", op(operation.RemovePackages, args{Packages: names("firefox")})},
		{operation.ShowPackage, "python", op(operation.ShowPackage, args{Packages: names("python")})},
		{operation.CompareGenerations, "41 42", op(operation.CompareGenerations, args{From: 41, To: 42})},
		{operation.CompareGenerations, "", op(operation.CompareGenerations, args{})},
		{operation.Rollback, "", op(operation.Rollback, args{})},
		{operation.Rollback, "two generations", op(operation.Rollback, args{Steps: 2})},
		{operation.Rollback, "to yesterday", op(operation.Rollback, args{Date: "2025-06-11"})},
		{operation.SwitchGeneration, "41", op(operation.SwitchGeneration, args{Generation: 41})},
		{operation.CleanUp, "keep the last 5", op(operation.CleanUp, args{Keep: 5})},
		{operation.DeleteGenerations, "12 13", op(operation.DeleteGenerations, args{Generations: []operation.GenerationNumber{12, 13}})},
		{operation.SetOption, "services.openssh.enable true", op(operation.SetOption, args{Option: "services.openssh.enable", Value: "true"})},
		{operation.FindProgram, "readelf", op(operation.FindProgram, args{Program: "readelf"})},
		{operation.ExplainDependency, "openssl", op(operation.ExplainDependency, args{Packages: names("openssl")})},
		{operation.ExplainError, "error: `x' | y", op(operation.ExplainError, args{Text: "error: `x' | y"})},
		{operation.AnswerQuestion, "what are flakes?", op(operation.AnswerQuestion, args{Text: "what are flakes?"})},
		{operation.ListGenerations, "", op(operation.ListGenerations, args{})},
		{operation.AttachJob, "abc123", op(operation.AttachJob, args{Job: "abc123"})},
	}
	for _, test := range tests {
		got, err := Fill(test.name, test.words, testNow)
		if err != nil {
			t.Errorf("%s %q: %v", test.name, test.words, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", test.name, test.words, diff)
		}
	}
}

func TestFillFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  operation.Name
		words string
		code  operation.Code
	}{
		{operation.InstallPackages, "firefox && rm -rf /", operation.CodeRefused},
		{operation.InstallPackages, "../firefox", operation.CodeRefused},
		{operation.InstallPackages, "", operation.CodeUsage},
		{operation.SearchPackages, "$(reboot)", operation.CodeRefused},
		{operation.SearchPackages, "", operation.CodeUsage},
		{operation.ListGenerations, "elephants", operation.CodeUsage},
		{operation.SwitchGeneration, "firefox", operation.CodeUsage},
		{operation.None, "", operation.CodeUsage},
	}
	for _, test := range tests {
		got, err := Fill(test.name, test.words, testNow)
		if code := operation.AsError(err); err == nil || code.Code != test.code {
			t.Errorf("%s %q: %v, %v; want %s", test.name, test.words, got, err, test.code)
		}
	}
}

// What an alternative says means that alternative.
func TestSayRoundTrip(t *testing.T) {
	t.Parallel()
	op := operation.New
	operations := []operation.Operation{
		op(operation.InstallPackages, args{Packages: names("vim", "git"), Scope: operation.ScopeUser}),
		op(operation.InstallPackages, args{Packages: names("vim"), Channel: "nixos-unstable"}),
		op(operation.RemovePackages, args{Packages: names("vim")}),
		op(operation.TryPackages, args{Packages: names("cowsay")}),
		op(operation.UpdateSystem, args{Packages: names("firefox")}),
		op(operation.UpdateSystem, args{Channel: "25.05"}),
		op(operation.SearchPackages, args{Query: "video editor"}),
		op(operation.SearchOptions, args{Query: "firewall port"}),
		op(operation.ShowPackage, args{Packages: names("python3")}),
		op(operation.ShowOption, args{Option: "services.openssh.enable"}),
		op(operation.SetOption, args{Option: "services.openssh.enable", Value: "true"}),
		op(operation.FindProgram, args{Program: "readelf"}),
		op(operation.ExplainDependency, args{Packages: names("openssl")}),
		op(operation.AnswerQuestion, args{Text: "what are flakes?"}),
		op(operation.Rollback, args{Steps: 2}),
		op(operation.Rollback, args{Steps: 1}),
		op(operation.Rollback, args{Generation: 41}),
		op(operation.Rollback, args{Date: "2024-01-01"}),
		op(operation.SwitchGeneration, args{Generation: 41}),
		op(operation.PinGeneration, args{Generation: 41}),
		op(operation.UnpinGeneration, args{Generation: 41}),
		op(operation.DeleteGenerations, args{Generations: []operation.GenerationNumber{12, 13}}),
		op(operation.CleanUp, args{Keep: 5}),
		op(operation.CleanUp, args{OlderThanDays: 30}),
		op(operation.CompareGenerations, args{From: 41, To: 42}),
		op(operation.CompareGenerations, args{From: 41}),
		op(operation.ListPackages, args{Query: "python"}),
		op(operation.ClearCache, args{Expired: true}),
		op(operation.AttachJob, args{Job: "abc123"}),
		op(operation.CancelJob, args{Job: "abc123"}),
	}
	for _, spec := range operation.All() {
		if empty := op(spec.Name, args{}); empty.Validate() == nil {
			operations = append(operations, empty)
		}
	}
	for _, want := range operations {
		reading, err := Understand(say(want), testNow)
		if err != nil {
			t.Errorf("%q: %v", say(want), err)
			continue
		}
		if diff := cmp.Diff([]operation.Operation{want}, reading.Operations); diff != "" {
			t.Errorf("%q (-want +got):\n%s", say(want), diff)
		}
	}
}

func TestSameSentenceSameReading(t *testing.T) {
	t.Parallel()
	const sentence = "install vim, git and htop then show my generations"
	want, _ := Understand(sentence, testNow)
	for range 20 {
		got, _ := Understand(sentence, testNow)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
}

// The examples of the table of operations are sentences too, but for the words of
// nixos-rebuild.
func TestEveryExampleIsUnderstood(t *testing.T) {
	t.Parallel()
	for _, spec := range operation.All() {
		if spec.Name == operation.RebuildRemotely {
			continue
		}
		sentence := plain(spec.Name)
		reading, err := Understand(sentence, testNow)
		if err != nil || reading.Operations[0].Name != spec.Name {
			t.Errorf("%q: %v, %v; want %s", sentence, reading.Operations, err, spec.Name)
		}
	}
}

func FuzzUnderstand(f *testing.F) {
	for _, path := range []string{"testdata/harmless.txt", "testdata/injections.txt", "testdata/utterances.tsv"} {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data[:200]))
	}
	f.Add("install vim, git and htop then show my generations")
	f.Add("the update broke my wifi, take me back to last tuesday")
	f.Add("delete generations 5 to 9 and 12, keep the last 3")
	f.Fuzz(func(t *testing.T, sentence string) {
		reading, err := Understand(sentence, testNow)
		if took := quickest(sentence); took > mostTime {
			t.Errorf("%q took %v", sentence, took)
		}
		if (err == nil) != (len(reading.Operations) > 0) {
			t.Errorf("%q: %v with error %v", sentence, reading.Operations, err)
		}
		for _, op := range reading.Operations {
			if err := op.Validate(); err != nil {
				t.Errorf("%q: %v", sentence, err)
			}
		}
		for _, spec := range operation.All() {
			if op, err := Fill(spec.Name, sentence, testNow); err == nil && op.Validate() != nil {
				t.Errorf("%s %q: %v", spec.Name, sentence, op.Validate())
			}
		}
	})
}

func BenchmarkUnderstand(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Understand("the update broke my wifi, take me back", testNow); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		compile(englishPhrases)
	}
}
