package systemd_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/systemd"
)

// TestPublic: no key and no password is in the environment of a unit, which everybody may
// ask for.
func TestPublic(t *testing.T) {
	t.Parallel()
	got := systemd.Public([]string{
		"NIX_PATH=nixpkgs=/x", "NIX_CONFIG=access-tokens = github.com=s3cr3t", "https_proxy=http://rose:s3cr3t@proxy:3128",
		"http_proxy=http://proxy:3128", "LUMINOUS_NIX_CATALOG_URL=https://rose:s3cr3t@example.org",
	})
	if diff := cmp.Diff([]string{"NIX_PATH=nixpkgs=/x", "http_proxy=http://proxy:3128"}, got); diff != "" {
		t.Error(diff)
	}
}
