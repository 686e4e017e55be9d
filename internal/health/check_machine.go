package health

import (
	"fmt"
	"strings"
	"time"

	"luminousnix/internal/operation"
)

const (
	mebibyte = 1 << 20
	gibibyte = 1 << 30

	// A system update unpacks some gigabytes beside the old system.
	storeLow, storeFull = 5 * gibibyte, gibibyte
	// A kernel with its initrd takes 30 to 100 MiB, and the new one comes before the
	// old one goes.
	bootLow, bootFull = 150 * mebibyte, 60 * mebibyte
	// littleMemory is what evaluating and building a system needs at the least.
	littleMemory = 4 * gibibyte
)

func checkDisk(f *Facts) ([]operation.Finding, bool) {
	var findings []operation.Finding
	for _, system := range f.Disk {
		low, full, what := int64(bootLow), int64(bootFull), "/boot"
		if system.Path == f.StoreDir {
			low, full, what = storeLow, storeFull, "the store"
		}
		// A small file system cannot have so much free: what counts is a part of it.
		low, full = min(low, system.Total/5), min(full, system.Total/20)
		severity, id := operation.Warning, "disk-low"
		switch {
		case system.Free < full:
			severity, id = operation.Problem, "disk-full"
		case system.Free >= low:
			continue
		}
		findings = append(findings, found(severity, id,
			fmt.Sprintf("Only %s of %s are free for %s, at %s.", operation.Size(system.Free), operation.Size(system.Total), what, system.Path),
			run("ask-nix clean-up", "deletes old generations and what only they used"),
			run("ask-nix disk", "shows what the space is used for")))
	}
	return findings, len(f.Disk) > 0
}

func checkUnits(f *Facts) ([]operation.Finding, bool) {
	switch {
	case f.Units == nil:
		return nil, false
	case len(f.Units.Failed) == 0:
		return nil, true
	}
	const most = 5
	names := f.Units.Failed
	if len(names) > most {
		names = append(append([]string{}, names[:most]...), fmt.Sprintf("and %d more", len(names)-most))
	}
	return one(found(operation.Problem, "units-failed", "Failed: "+strings.Join(names, ", ")+".",
		run("ask-nix errors", "shows what they said"), do("`journalctl -b -u "+f.Units.Failed[0]+"` shows its whole log.")))
}

func checkMemory(f *Facts) ([]operation.Finding, bool) {
	switch {
	case f.Memory == nil:
		return nil, false
	case f.Memory.Total+f.Memory.Swap >= littleMemory || f.Memory.Total == 0:
		return nil, true
	}
	swap := "no swap"
	if f.Memory.Swap > 0 {
		swap = operation.Size(f.Memory.Swap) + " of swap"
	}
	return one(found(operation.Warning, "memory-small",
		fmt.Sprintf("There are %s of memory and %s: building a system may end for want of more.", operation.Size(f.Memory.Total), swap),
		add("zramSwap.enable = true;", "keeps compressed pages in memory"),
		add(`swapDevices = [ { device = "/swapfile"; size = 4096; } ];`, "makes 4 GiB of swap on the disk")))
}

func checkChanges(f *Facts) ([]operation.Finding, bool) {
	switch {
	case f.Changes == nil:
		return nil, false
	case f.Changes.Interrupted == "":
		return nil, true
	}
	if f.Changes.Switch {
		return one(found(operation.Problem, "switch-interrupted",
			fmt.Sprintf("A switch was interrupted that began at %s: %s.", f.Changes.When.Local().Format(time.DateTime), f.Changes.Interrupted),
			run("ask-nix recover", "brings it to an end")))
	}
	return one(found(operation.Problem, "change-interrupted",
		fmt.Sprintf("The last change was cut short: %s, at %s.", f.Changes.Interrupted, f.Changes.When.Local().Format(time.DateTime)),
		run("ask-nix generations", "shows which system is current and which runs"),
		run("ask-nix history", "shows what was to be changed")))
}
