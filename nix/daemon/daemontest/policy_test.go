package daemontest_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/daemontest"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// TestSignatures: whom a daemon believes that a path is what it is called.
func TestSignatures(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key := "test-1:" + base64.StdEncoding.EncodeToString(public)
	sign := func(info *store.PathInfo) {
		info.Signatures = append(info.Signatures, "test-1:"+base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(info.Fingerprint()))))
	}
	for name, test := range map[string]struct {
		options daemontest.Options
		change  func(*store.PathInfo)
		trust   bool // the client asks for it
		kind    daemon.Kind
		fails   bool
	}{
		"unsigned":             {fails: true, kind: daemon.KindUnsigned},
		"signed":               {options: daemontest.Options{TrustedKeys: []string{key}}, change: sign},
		"signed for another":   {options: daemontest.Options{TrustedKeys: []string{key}}, change: func(i *store.PathInfo) { sign(i); i.NarSize++ }, fails: true, kind: daemon.KindUnsigned},
		"other key":            {change: sign, fails: true, kind: daemon.KindUnsigned},
		"trusted":              {trust: true},
		"not trusted":          {options: daemontest.Options{Trust: daemon.NotTrusted}, trust: true, fails: true, kind: daemon.KindUnsigned},
		"not required":         {options: daemontest.Options{Trust: daemon.NotTrusted, Unsigned: true}},
		"wrong address":        {options: daemontest.Options{Trust: daemon.NotTrusted}, change: func(i *store.PathInfo) { i.ContentAddress = address(i.NarHash) }, fails: true, kind: daemon.KindUnsigned},
		"wrong hash":           {trust: true, change: func(i *store.PathInfo) { i.NarHash = store.Sum(store.SHA256, nil) }, fails: true, kind: daemon.KindHashMismatch},
		"wrong size":           {trust: true, change: func(i *store.PathInfo) { i.NarSize++ }, fails: true},
		"wrong content":        {trust: true, change: func(i *store.PathInfo) { i.ContentAddress = address(store.Sum(store.SHA256, nil)) }, fails: true, kind: daemon.KindHashMismatch},
		"invalid reference":    {trust: true, change: func(i *store.PathInfo) { i.References = []store.Path{i.Path[:len(i.Path)-3] + "new"} }, fails: true, kind: daemon.KindInvalidPath},
		"reference to itself":  {trust: true, change: func(i *store.PathInfo) { i.References = []store.Path{i.Path} }},
		"derivation of no use": {trust: true, change: func(i *store.PathInfo) { i.Path += ".drv" }, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := daemontest.New(t, test.options)
			conn := dial(t, server)
			info, data := object(t, server, "obj", "content")
			if test.change != nil {
				test.change(info)
			}
			err := conn.AddToStoreNar(within(t), info, bytes.NewReader(data), daemon.AddOptions{DontCheckSigs: test.trust})
			var said *daemon.Error
			if errors.As(err, &said) != test.fails || said != nil && said.Kind != test.kind || err != nil && said == nil {
				t.Errorf("error %v", err)
			}
			valid, err := conn.IsValidPath(within(t), info.Path)
			check(t, "valid", valid, err, !test.fails)
		})
	}
}

func address(hash store.Hash) store.ContentAddress {
	return store.ContentAddress{Method: store.Recursive, Hash: hash}
}

// TestNotTrusted: what is for trusted users only, and whether the connection
// lives on.
func TestNotTrusted(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{Trust: daemon.NotTrusted})
	drv := shell("drv", "echo > $out")
	drvPath := must[store.Path](t)(server.AddDerivation(drv))
	for name, test := range map[string]struct {
		ask   func(*daemon.Conn) error
		fatal bool
	}{
		"repair": {func(c *daemon.Conn) error {
			return c.BuildPaths(within(t), []daemon.DerivedPath{daemon.Outputs(drvPath)}, daemon.BuildRepair)
		}, true},
		"permanent root": {func(c *daemon.Conn) error {
			return c.AddPermRoot(within(t), drvPath, filepath.Join(server.StateDir, "link"))
		}, true},
		"input-addressed": {func(c *daemon.Conn) error {
			_, err := c.BuildDerivation(within(t), drvPath, drv, daemon.BuildNormal)
			return err
		}, false},
		"verify": {func(c *daemon.Conn) error {
			_, err := c.VerifyStore(within(t), true, true)
			return err
		}, false},
		"log": {func(c *daemon.Conn) error { return c.AddBuildLog(within(t), drvPath, strings.NewReader("log")) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, server)
			var said *daemon.Error
			if err := test.ask(conn); !errors.As(err, &said) || !strings.Contains(said.Message, "you are not ") {
				t.Errorf("error %v", err)
			}
			if _, err := conn.AllValidPaths(within(t)); errors.Is(err, daemon.ErrClosed) != test.fatal {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
	fixed := shell("fixed", "printf x > $out")
	fixed.Outputs["out"] = derivation.Output{Method: store.Flat, Algorithm: store.SHA256, Hash: store.Sum(store.SHA256, []byte("x"))}
	fixedPath := must[store.Path](t)(server.AddDerivation(fixed))
	result, err := dial(t, server).BuildDerivation(within(t), fixedPath, fixed, daemon.BuildNormal)
	if err != nil || result.Status != daemon.StatusBuilt {
		t.Errorf("a fixed output: %+v, %v", result, err)
	}
}

// TestUnreadable: requests that no daemon can read end the connection, with the
// error that Nix has.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	for name, p := range map[string]string{
		"another store": "/other/store/00000000000000000000000000000000-x",
		"below":         string(server.StoreDir) + "/00000000000000000000000000000000-x/bin",
		"short":         string(server.StoreDir) + "/short",
		"base 32":       string(server.StoreDir) + "/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-x",
		"name":          string(server.StoreDir) + "/00000000000000000000000000000000-x y",
	} {
		conn := dial(t, server)
		var said *daemon.Error
		if _, err := conn.IsValidPath(within(t), store.Path(p)); !errors.As(err, &said) || said.Kind != daemon.KindBadPath {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := conn.AllValidPaths(within(t)); !errors.Is(err, daemon.ErrClosed) {
			t.Errorf("%s, afterwards: %v", name, err)
		}
	}
	// An operation that came later is not known before.
	old := daemontest.New(t, daemontest.Options{Version: daemon.Version{Major: 1, Minor: 35}})
	conn := dial(t, old)
	conn.Version.Minor = 36 // or the client would not ask
	var said *daemon.Error
	if err := conn.AddPermRoot(within(t), nobody(old), "/x"); !errors.As(err, &said) || said.Message != "invalid operation 47" {
		t.Errorf("error %v", err)
	}
}

// TestBadContent: content that cannot be added leaves the connection usable.
func TestBadContent(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	conn := dial(t, server)
	large := strings.Repeat("not an archive ", 1<<16)
	for name, add := range map[string]func() error{
		"archive": func() error {
			_, err := conn.AddToStore(within(t), "x", store.Recursive, store.SHA256, nil, strings.NewReader(large))
			return err
		},
		"name": func() error {
			_, err := conn.AddToStore(within(t), "x y", store.Flat, store.SHA256, nil, strings.NewReader(large))
			return err
		},
		"reference": func() error {
			_, err := conn.AddToStore(within(t), "x", store.Text, store.SHA256, []store.Path{nobody(server)}, strings.NewReader(large))
			return err
		},
		"Git": func() error {
			_, err := conn.AddToStore(within(t), "x", store.Git, store.SHA1, nil, strings.NewReader(large))
			return err
		},
	} {
		if err := add(); !errors.As(err, new(*daemon.Error)) {
			t.Errorf("%s: %v", name, err)
		}
		if all, err := conn.AllValidPaths(within(t)); err != nil || len(all) > 0 {
			t.Errorf("%s, afterwards: %v, %v", name, all, err)
		}
	}
}
