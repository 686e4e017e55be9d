// Package host knows what this machine is: where Nix keeps its things here,
// which profiles there are, how the machine is configured. Everything is found
// the way Nix itself finds it; nothing is assumed to be in /nix.
package host

import (
	"context"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// DefaultStateDir is where an ordinary Nix keeps its state.
const DefaultStateDir = string(profile.DefaultStateDir)

// Host is a machine, or the file system of one below a moved root.
type Host struct {
	// Root is "/" or the folder that stands for it. It moves /etc, /run and
	// /boot; Nix's own directories are told by Nix's own variables.
	Root string

	StoreDir     store.Dir
	StateDir     string
	LogDir       string
	ConfDir      string
	DaemonSocket string

	// Home is the home of the person asking; "" when there is none.
	Home string

	// Offline says who wants that nothing is fetched, such as --offline; "" is nobody.
	Offline string

	// Patience is how long the daemon may take to answer a greeting; 0 is as long as it
	// takes. Revive, if set, is asked when the daemon cannot be talked to, and returns
	// whether it may be different now.
	Patience time.Duration
	Revive   func(context.Context, error) bool

	// Substituters are those that are asked in place of what nix.conf says; nil are those.
	// Lean has one thing built at a time, on half of the processors.
	Substituters []string
	Lean         bool

	getenv     func(string) string
	substitute *substitute // nil never runs a program in place of the daemon
}

// Find reads the environment, like Nix does: NIX_STORE_DIR, NIX_STATE_DIR,
// NIX_LOG_DIR, NIX_CONF_DIR, NIX_DAEMON_SOCKET_PATH and NIX_REMOTE. It touches
// no file. An empty root is "/".
func Find(getenv func(string) string, root string) *Host {
	or := func(name, otherwise string) string {
		if value := getenv(name); value != "" {
			return filepath.Clean(value)
		}
		return otherwise
	}
	h := &Host{
		Root:     filepath.Join("/", root),
		StoreDir: store.Dir(or("NIX_STORE_DIR", or("NIX_STORE", string(store.DefaultDir)))),
		StateDir: or("NIX_STATE_DIR", DefaultStateDir),
		LogDir:   or("NIX_LOG_DIR", "/nix/var/log/nix"),
		ConfDir:  or("NIX_CONF_DIR", ""),
		Home:     homeOf(or("HOME", ""), filepath.Join("/", root)),
		getenv:   getenv,
	}
	if h.ConfDir == "" {
		h.ConfDir = h.Path("etc/nix")
	}
	h.DaemonSocket = or("NIX_DAEMON_SOCKET_PATH", "")
	if socket, ok := strings.CutPrefix(getenv("NIX_REMOTE"), "unix://"); ok && socket != "" && h.DaemonSocket == "" {
		h.DaemonSocket = socket
	}
	if h.DaemonSocket == "" {
		h.DaemonSocket = filepath.Join(h.StateDir, "daemon-socket", "socket")
	}
	return h
}

// Path puts a path such as etc/NIXOS below the root.
func (h *Host) Path(elem ...string) string {
	return filepath.Join(append([]string{h.Root}, elem...)...)
}

// Moved reports whether the host is not the machine that we run on.
func (h *Host) Moved() bool { return h.Root != "/" }

// IsNixOS reports whether the machine is NixOS, by the file that NixOS itself
// goes by.
func (h *Host) IsNixOS() bool { return exists(h.Path("etc", "NIXOS")) }

// RunningSystem is the toplevel whose configuration is active; "" on a machine
// that is not NixOS.
func (h *Host) RunningSystem() string { return resolved(h.Path("run", "current-system")) }

// BootedSystem is the toplevel the machine was started with.
func (h *Host) BootedSystem() string { return resolved(h.Path("run", "booted-system")) }

// BootID is another one each time the machine is started; "" when it is not known.
func (h *Host) BootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // every Linux has it
	return strings.TrimSpace(string(id))
}

// IsRoot reports whether we are the machine's administrator.
func IsRoot() bool { return os.Geteuid() == 0 }

// UserName is the login name of the person asking: the one who called sudo or
// doas, if that is how we became root.
func (h *Host) UserName() string {
	if IsRoot() {
		for _, name := range []string{h.getenv("SUDO_USER"), h.getenv("DOAS_USER")} {
			if name != "" {
				return name
			}
		}
	}
	for _, name := range []string{h.getenv("USER"), h.getenv("LOGNAME")} {
		if name != "" {
			return name
		}
	}
	if current, err := user.Current(); err == nil {
		return current.Username
	}
	return "unknown"
}

// UserID is the number of the user whose name is UserName, as far as sudo tells it.
func (h *Host) UserID() int {
	if id, err := strconv.Atoi(h.getenv("SUDO_UID")); IsRoot() && h.getenv("SUDO_USER") != "" && err == nil {
		return id
	}
	return os.Getuid()
}

// Group is the number of a group of the machine; 0 where it has none of that name.
func (h *Host) Group(name string) int {
	content, err := os.ReadFile(h.Path("etc", "group"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(content)) {
		fields := strings.Split(line, ":")
		if len(fields) >= 3 && fields[0] == name {
			id, _ := strconv.Atoi(fields[2]) // 0 for what is no number
			return id
		}
	}
	return 0
}

// StateHome is where ask-nix keeps what must last: below /var/lib for the
// administrator, below the home for others.
func (h *Host) StateHome() string {
	if IsRoot() {
		return h.SystemState()
	}
	return filepath.Join(h.xdg("XDG_STATE_HOME", ".local/state"), "luminous-nix")
}

// StateOf is where another program keeps something of whoever asks.
func (h *Host) StateOf(program, name string) string {
	return filepath.Join(h.xdg("XDG_STATE_HOME", ".local/state"), program, name)
}

// SystemState is where ask-nix keeps what belongs to the machine and not to a person.
func (h *Host) SystemState() string { return h.Path("var", "lib", "luminous-nix") }

// KeptFile is the file of what is kept of a profile's generations: for a system's
// in the administrator's folder, which all may read, and else in the user's own.
func (h *Host) KeptFile(c Chosen) (path string, public bool) {
	const name = "kept-generations.json"
	if c.System {
		return filepath.Join(h.SystemState(), name), true
	}
	return filepath.Join(h.xdg("XDG_STATE_HOME", ".local/state"), "luminous-nix", name), false
}

// ConfigHome is where programs have their settings of a user; "" where nobody has a home.
func (h *Host) ConfigHome() string {
	if h.Home == "" && !filepath.IsAbs(h.getenv("XDG_CONFIG_HOME")) {
		return ""
	}
	return h.xdg("XDG_CONFIG_HOME", ".config")
}

// CacheHome is where ask-nix keeps what can be made again and is worth keeping,
// such as the index of packages.
func (h *Host) CacheHome() string {
	return filepath.Join(h.xdg("XDG_CACHE_HOME", ".cache"), "luminous-nix")
}

// RuntimeDir is where answers are kept until the next boot: $XDG_RUNTIME_DIR
// where it is ours, else /run for root, to whom sudo leaves none, and a folder of our
// own under the temporary directory for others.
func (h *Host) RuntimeDir() string {
	if dir := h.getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) && ownedByUs(dir) {
		return filepath.Join(dir, "luminous-nix")
	}
	if IsRoot() {
		return h.Path("run", "luminous-nix")
	}
	return temporary()
}

// AnswersDir is where answers are kept for other processes: below $XDG_RUNTIME_DIR where
// that is ours alone, else below /run for root, to whom sudo leaves none; "" where there
// is no place that others cannot reach. All of these are gone when the machine starts
// again; with persist it is a place that is not.
func (h *Host) AnswersDir(persist bool) string {
	dirs := h.AnswersDirs()
	switch {
	case persist:
		return dirs[len(dirs)-1]
	case len(dirs) > 1:
		return dirs[0]
	}
	return ""
}

// AnswersDirs are all folders in which answers of whoever asks may be, whatever the
// settings were: those that are gone when the machine starts again, the best first, and
// last the one that is not.
func (h *Host) AnswersDirs() (dirs []string) {
	const name = "answers"
	if dir := h.getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) && oursAlone(dir) {
		dirs = append(dirs, filepath.Join(dir, "luminous-nix", name))
	}
	if IsRoot() && ownedByUs(h.Path("run")) {
		dirs = append(dirs, h.Path("run", "luminous-nix", name))
	}
	return append(dirs, filepath.Join(h.CacheHome(), name))
}

func (h *Host) xdg(name, otherwise string) string {
	if dir := h.getenv(name); filepath.IsAbs(dir) && (!IsRoot() || rootsOwn(dir)) {
		return dir
	}
	if h.Home == "" {
		return temporary()
	}
	return filepath.Join(h.Home, otherwise)
}

// homeOf is the home to use: what HOME says, but for root in the home of somebody else, as
// sudo may leave it. What root wrote there they could lead elsewhere.
func homeOf(home, root string) string {
	if home != "" && IsRoot() && !rootsOwn(home) {
		return filepath.Join(root, "root")
	}
	return home
}

// rootsOwn reports whether a folder is root's, or the one that it would be made in.
func rootsOwn(dir string) bool {
	for !linkExists(dir) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	var stat unix.Stat_t
	return unix.Stat(dir, &stat) == nil && stat.Uid == 0
}

// noFolder is where nothing can be made, by root neither.
const noFolder = "/dev/null/luminous-nix"

// temporary is a folder of our own among those of everybody. It is made at once: where
// somebody else was first, it is not used.
func temporary() string {
	dir := filepath.Join(os.TempDir(), "luminous-nix-"+uid())
	_ = os.Mkdir(dir, 0o700) // what is there already is looked at
	if !oursAlone(dir) {
		return noFolder
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// resolved follows links to the end; "" when they lead nowhere.
func resolved(path string) string {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	return target
}
