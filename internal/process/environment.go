package process

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Clean is an environment without what would have a program run code of somebody else's
// choice: what the loader, shells and languages read before the program begins. It is
// applied to every program but those that a person gets for themselves ([Foreground]).
func Clean(env []string) []string {
	var clean []string
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if !dangerous(name) {
			clean = append(clean, entry)
		}
	}
	return clean
}

// dangerous is what sudo takes out as well, and some of languages in which programs are
// written that are started here.
func dangerous(name string) bool {
	for _, prefix := range []string{"LD_", "BASH_FUNC_", "DYLD_", "PERL5", "PYTHON", "RUBY"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "GLIBC_TUNABLES", "GCONV_PATH", "NLSPATH", "HOSTALIASES", "RES_OPTIONS", "MALLOC_TRACE",
		"BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "PS4", "IFS", "CDPATH", "GLOBIGNORE", "PROMPT_COMMAND",
		"PERLLIB", "PERL_MM_OPT", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "GIT_EXEC_PATH", "GIT_TEMPLATE_DIR":
		return true
	}
	return false
}

// trusted reports whether root may start a program: neither the file nor its folder is for
// others to write, but for whoever has called sudo, who can do all that root can. For others
// than root every program will do.
func trusted(folder, file fs.FileInfo) bool {
	if os.Geteuid() != 0 {
		return true
	}
	for _, info := range []fs.FileInfo{folder, file} {
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
			return false
		}
		if owner := strconv.Itoa(int(stat.Uid)); stat.Uid != 0 && owner != os.Getenv("SUDO_UID") {
			return false
		}
	}
	return true
}
