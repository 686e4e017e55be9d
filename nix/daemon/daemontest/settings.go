package daemontest

import (
	"strconv"
	"time"

	"luminousnix/nix/daemon"
)

// settings are what a client asked for with SetOptions, as far as it matters
// here.
type settings struct {
	keepFailed bool
	keepGoing  bool
	verbosity  daemon.Level
	maxJobs    uint64
	cores      uint64
	maxSilence time.Duration // 0 for none
	timeout    time.Duration // 0 for none
	substitute bool
}

func defaultSettings() settings {
	return settings{verbosity: daemon.LevelInfo, maxJobs: 1, substitute: true}
}

// setOptions takes the settings of trusted users; of others only how long builds
// may take, as real daemons do, and the rest with a warning.
func (c *connection) setOptions() error {
	asked := settings{keepFailed: c.r.Bool(), keepGoing: c.r.Bool()}
	c.r.Bool() // fallback
	asked.verbosity = daemon.Level(c.r.Uint())
	asked.maxJobs = c.r.Uint()
	asked.maxSilence = seconds(c.r.Uint())
	c.r.Bool() // build hook, obsolete
	c.r.Uint() // of builds; lines of builds come as results whatever it is
	c.r.Uint() // log type, obsolete
	c.r.Uint() // print build trace, obsolete
	asked.cores = c.r.Uint()
	asked.substitute = c.r.Bool()
	overrides := c.r.Map()
	return c.work(func() error {
		c.settings = asked
		for name, value := range overrides {
			c.override(name, value)
		}
		return nil
	}, nil)
}

func (c *connection) override(name, value string) {
	number, err := strconv.ParseUint(value, 10, 64)
	switch {
	case name == "timeout" && err == nil:
		c.settings.timeout = seconds(number)
	case name == "max-silent-time" && err == nil:
		c.settings.maxSilence = seconds(number)
	case !c.trusted:
		c.say(daemon.LevelWarn, "\x1b[35;1mwarning:\x1b[0m ignoring the user-specified setting '%s', because it is a restricted setting and you are not a trusted user", name)
	case name == "substitute":
		c.settings.substitute = value == "true"
	case name == "keep-going":
		c.settings.keepGoing = value == "true"
	case name == "max-jobs" && err == nil:
		c.settings.maxJobs = number
	case name == "cores" && err == nil:
		c.settings.cores = number
	}
}

// seconds takes no more than a day, so that nothing overflows.
func seconds(n uint64) time.Duration { return time.Duration(min(n, 86400)) * time.Second }
