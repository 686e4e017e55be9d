package testbed

import (
	"fmt"
	"strings"
)

// Fault is a step at which switching to a system goes wrong.
type Fault string

// The faults, each with the exit status of switch-to-configuration.
const (
	NoFault         Fault = ""
	FaultHang       Fault = "hang"       // waits for ten minutes, with the lock, before it changes anything
	FaultCheck      Fault = "check"      // 1: a pre-switch check fails
	FaultBootLoader Fault = "bootloader" // 1: the boot loader cannot be installed
	FaultInit       Fault = "init"       // 100: process 1 is of another kind than the running system's
	FaultActivate   Fault = "activate"   // 2: an activation snippet fails; the system runs all the same
	FaultUnit       Fault = "unit"       // 4: broken.service does not start; the system runs all the same
	FaultKill       Fault = "kill"       // SIGKILL, after units were stopped and the system activated
)

// System is a configuration of testdata/nixos. The zero value is a complete
// system without anything that one could do without.
type System struct {
	Label           string   // the NixOS version, and so the label; by default the release's
	Release         string   // "25.05" or "25.11", the default: which versions packages have
	Revision        string   // of the configuration, in git; empty means unknown
	HostName        string   // "nixos" by default
	Packages        []string // attributes of pkgs, for environment.systemPackages
	Services        []string // services.<name>.enable
	Kernel          string   // an attribute of pkgs, as linuxPackages_latest
	Specialisations []string // each has htop beyond what the system has
	Fault           Fault
	Layout          string // "22.05" for the files that this release made a system of; those of new ones by default
	SwitchProgram   string // on the machine: nixpkgs' own switch-to-configuration.pl, with its placeholders
	Extra           string // more of the module, in the Nix language: `time.timeZone = "UTC";`
}

// Configuration is the system as a module that imports the given file, which
// is written as it is: a path in the Nix language.
func (s System) Configuration(hardware string) string {
	var settings []string
	set := func(option, value string) {
		settings = append(settings, option+" = "+value+";")
	}
	setText := func(option, value string) {
		if value != "" {
			set(option, quoteNix(value))
		}
	}
	setText("luminous.release", s.Release)
	setText("luminous.fault", string(s.Fault))
	setText("luminous.layout", s.Layout)
	if s.SwitchProgram != "" {
		set("luminous.switchProgram", "/. + "+quoteNix(s.SwitchProgram))
	}
	setText("system.nixos.version", s.Label)
	setText("system.configurationRevision", s.Revision)
	setText("networking.hostName", s.HostName)
	if s.Kernel != "" {
		set("boot.kernelPackages", "pkgs."+s.Kernel)
	}
	for _, service := range s.Services {
		set("services."+service+".enable", "true")
	}
	for _, name := range s.Specialisations {
		set("specialisation."+quoteNix(name)+".configuration.environment.systemPackages", "[ pkgs.htop ]")
	}
	if s.Extra != "" {
		settings = append(settings, s.Extra)
	}

	var b strings.Builder
	b.WriteString("# The configuration of this machine.\n{ config, pkgs, ... }:\n\n{\n")
	fmt.Fprintf(&b, "  imports = [ %s ];\n\n", hardware)
	for _, setting := range settings {
		fmt.Fprintf(&b, "  %s\n", setting)
	}
	if len(settings) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("  environment.systemPackages = with pkgs; [\n")
	for _, name := range s.Packages {
		fmt.Fprintf(&b, "    %s\n", name)
	}
	b.WriteString("  ];\n}\n")
	return b.String()
}

// quoteNix is a string of the Nix language with the given content.
func quoteNix(text string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", `\${`, "\n", `\n`, "\r", `\r`, "\t", `\t`)
	return `"` + escape.Replace(text) + `"`
}
