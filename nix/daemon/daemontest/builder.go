package daemontest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// job is one run of a builder.
type job struct {
	*builds
	drvPath  store.Path
	drv      *derivation.Derivation
	activity uint64
	dir      string // where it runs
	// scratch are the paths of outputs while they are built, of the same length
	// as their own: the same, or others for a check, whose outputs are there.
	scratch map[string]store.Path
	unlock  func() // those of them that are not the outputs' own
	log     buildLog
}

// run builds a derivation. The caller holds the locks of its outputs.
func (b *builds) run(p store.Path, drv *derivation.Derivation) (o outcome, err error) {
	j := &job{builds: b, drvPath: p, drv: drv, scratch: map[string]store.Path{}}
	b.expected++
	b.ran++
	j.activity = b.start(daemon.LevelInfo, daemon.ActivityBuild, "building '"+string(p)+"'", string(p), "", 1, 1)
	b.progress()
	start := time.Now()
	status, buildErr := j.build()
	b.expected--
	b.ran--
	if buildErr == nil {
		b.built++
	} else {
		b.broke++
	}
	b.progress()
	b.stop(j.activity)
	if buildErr != nil && fatal(buildErr) {
		return outcome{}, buildErr
	}
	o = outcome{status: status, timesBuilt: 1}
	if b.minor < 38 { // later ones tell neither
		o.start, o.stop = start, time.Now()
	} else {
		o.timesBuilt = 0
	}
	if buildErr != nil {
		o.message = buildErr.Error()
	}
	return o, nil
}

// build does all that comes between the beginning and the end of the activity.
func (j *job) build() (daemon.BuildStatus, error) {
	defer j.cleanUp()
	if err := j.prepare(); err != nil {
		return daemon.StatusMiscFailure, err
	}
	if err := j.execute(); err != nil {
		status := daemon.StatusPermanentFailure
		if kind, _ := j.drv.Kind(); kind == derivation.Fixed {
			status = daemon.StatusTransientFailure // the network may be to blame
		}
		if late := (*timeoutError)(nil); errors.As(err, &late) {
			status = daemon.StatusTimedOut
		}
		return status, err
	}
	if j.mode == daemon.BuildCheck {
		return j.compare()
	}
	finish := j.register
	if kind, _ := j.drv.Kind(); kind == derivation.Floating {
		finish = j.settle
	}
	if err := finish(); err != nil {
		return daemon.StatusOutputRejected, err
	}
	return daemon.StatusBuilt, nil
}

func (j *job) prepare() (err error) {
	if j.dir, err = os.MkdirTemp(j.Server.scratch(), "nix-build-"+j.drv.Name+".drv-"); err != nil {
		return err
	}
	var elsewhere []store.Path
	for name, output := range j.drv.Outputs {
		p := output.Path
		switch {
		case p == "":
			p, err = j.float(name)
			elsewhere = append(elsewhere, p)
		case j.mode == daemon.BuildCheck:
			p, err = j.StoreDir.MakePath("check:"+name, store.Sum(store.SHA256, []byte(p)), p.Name())
			elsewhere = append(elsewhere, p)
		}
		if err != nil {
			return err
		}
		j.scratch[name] = p
	}
	// So that what is being built is not collected.
	if j.unlock, err = j.objects.lock(j.ctx, elsewhere...); err != nil {
		return err
	}
	for _, p := range j.scratch {
		if err := removeTree(string(p)); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) cleanUp() {
	if !j.settings.keepFailed {
		removeTree(j.dir)
	}
	for _, p := range j.scratch {
		if !j.objects.isValid(p) {
			removeTree(string(p))
		}
	}
	if j.unlock != nil {
		j.unlock()
	}
}

// rewrite puts the scratch paths in place of the outputs' own.
func (j *job) rewrite(s string) string {
	s = j.placeholders(s)
	for name, scratch := range j.scratch {
		if j.drv.Outputs[name].Path == "" {
			continue
		}
		s = strings.ReplaceAll(s, j.drv.Outputs[name].Path.HashPart(), scratch.HashPart())
	}
	return s
}

// execute runs the builder to its end.
func (j *job) execute() error {
	if j.options.Fenced {
		return fail("running builders is disabled")
	}
	if strings.HasPrefix(j.drv.Builder, "builtin:") {
		return fail("unsupported builtin builder '%s'", strings.TrimPrefix(j.drv.Builder, "builtin:"))
	}
	if _, structured := j.drv.Env["__json"]; structured {
		return fail("structured attributes are not supported")
	}
	env, err := j.environment()
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	cmd := &exec.Cmd{
		Path: j.rewrite(j.drv.Builder), Args: []string{filepath.Base(j.drv.Builder)}, Env: env, Dir: j.dir,
		Stdout: w, Stderr: w,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
	for _, arg := range j.drv.Args {
		cmd.Args = append(cmd.Args, j.rewrite(arg))
	}
	err = cmd.Start()
	w.Close()
	if err != nil {
		j.log.line(j, fmt.Sprintf("error: executing '%s': %v", j.drv.Builder, errors.Unwrap(err)))
		return j.ended("failed with exit code 1")
	}
	unwatch := j.watch()
	late := j.follow(r, func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	unwatch()
	// What it left behind goes with it.
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	err = cmd.Wait()
	j.log.save(j)
	if late != nil {
		return late
	}
	return j.explain(err)
}

// explain says why a builder failed, in Nix's words.
func (j *job) explain(err error) error {
	exit := (*exec.ExitError)(nil)
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &exit):
		return err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return j.ended(fmt.Sprintf("failed due to signal %d (%s)", status.Signal(), signalName(status.Signal())))
	}
	return j.ended(fmt.Sprintf("failed with exit code %d", exit.ExitCode()))
}

// signalName is what the C library says of a signal.
func signalName(signal syscall.Signal) string {
	name := signal.String()
	return strings.ToUpper(name[:1]) + name[1:]
}

// ended is the error of a builder that failed, with the end of its log.
func (j *job) ended(how string) error {
	message := fmt.Sprintf("builder for '\x1b[33;1m%s\x1b[0m' %s", j.drvPath, how)
	if len(j.log.tail) > 0 {
		message += fmt.Sprintf(";\nlast %d log lines:\n", len(j.log.tail))
		for _, line := range j.log.tail {
			message += "> " + line + "\n"
		}
		message += fmt.Sprintf("For full logs, run '\x1b[1mnix log %s\x1b[0m'.", j.drvPath)
	}
	return &failure{message: message}
}

// environment makes the variables of the builder.
func (j *job) environment() ([]string, error) {
	variables := map[string]string{
		"PATH": "/path-not-set", "HOME": "/homeless-shelter", "NIX_STORE": string(j.StoreDir),
		"NIX_BUILD_CORES": fmt.Sprint(j.settings.cores), "NIX_BUILD_TOP": j.dir,
	}
	asFile := strings.Fields(j.drv.Env["passAsFile"])
	for name, value := range j.drv.Env {
		variables[name] = j.rewrite(value)
	}
	for _, name := range asFile {
		file := filepath.Join(j.dir, ".attr-"+store.Sum(store.SHA256, []byte(name)).Nix32())
		if err := os.WriteFile(file, []byte(j.rewrite(j.drv.Env[name])), 0o644); err != nil {
			return nil, err
		}
		delete(variables, name)
		variables[name+"Path"] = file
	}
	for _, name := range []string{"TMPDIR", "TEMPDIR", "TMP", "TEMP", "PWD"} {
		variables[name] = j.dir
	}
	variables["NIX_LOG_FD"], variables["TERM"] = "2", "xterm-256color"
	env := make([]string, 0, len(variables))
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	return env, nil
}
