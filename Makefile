# Luminous Nix. `make demo` shows it on a real Nix store, `make test` checks it.

BINARY := .build/ask-nix
# The same sources give the same binary, wherever they lie.
export NIX_SRC NIXPKGS
export GOFLAGS += -buildvcs=false
GOFLAGS_RELEASE := -trimpath -ldflags "-s -w"

.PHONY: build demo test test-nix test-faults test-hosts host-base test-lang test-nixpkgs test-configurations bench-eval bench-search bench-store bench-language test-long lint unit race fuzz bench dist dist-check install man readme clean setup releases

build: $(BINARY)

# What the linker has just written lies in memory in single pages, and starts a quarter
# slower than a copy of it, as an installed program is.
$(BINARY): FORCE
	@CGO_ENABLED=0 go build $(GOFLAGS_RELEASE) -o $@.linked ./cmd/ask-nix
	@install -m755 $@.linked $@
	@rm $@.linked
FORCE:

# What Debian has to give: Nix, and a C compiler for the race detector.
setup:
	@scripts/setup

# Newer releases of Nix for the tests, beside the installed one: .cache/nix, or
# the folder in LUMINOUS_NIX_RELEASES.
releases:
	@scripts/nix-releases

# The root file system of the simulated hosts: .cache/hosts, or the folder in
# LUMINOUS_NIX_HOSTS. Says why there will be no hosts where there cannot be any.
host-base: setup
	@scripts/host-base
	@go test -count=1 -v -run TestAvailable ./internal/testbed/hosts | sed -n 's/^.*: \(no hosts here: \)/\1/p'

demo: setup build
	@scripts/demo $(BINARY)

test: setup releases host-base lint unit race fuzz

# Only what runs with every release of Nix.
test-nix: setup releases
	go test -count=1 -run RealNix ./...

# Only the faults, each by the name of what fails: disks that are full, daemons that are
# killed, hang or are started anew, binary caches that are slow, cut, lie, hang or answer
# 500, locks that are held, the network. A minute; they are a part of make test, too.
test-faults: setup
	go test -count=1 -run 'Fault|DiskFull|FullDisk|NoSpace|DaemonKilled|DaemonHangs|RepairByDownload|ReadOnlyWithoutNetwork|TestScripts/(fallback|broken-nix|update-space|offline|recover)$$' ./internal/cli ./nix/daemon ./nix/profile ./internal/testbed/binarycache
	go test -count=1 -run 'TestFull$$|TestDiskErrors|TestFailures|TestLocked|TestFaults|TestUnusable|TestRecovering|TestDecide' ./internal/audit ./nix/fetch ./nix/eval/resultcache ./nix/storedb ./internal/engine ./internal/recovery

# Only what runs on simulated hosts, which systemd runs; with the switch-to-configuration
# and the nixos-rebuild of NIXPKGS too, if that names a tree in which they are scripts.
test-hosts: setup host-base
	go test -count=1 ./internal/testbed/hosts
	go test -count=1 -run Hosts ./internal/cli

lint:
	@echo "gofumpt, vet, staticcheck"
	@test -z "$$(git ls-files '*.go' | xargs go tool gofumpt -l | tee /dev/stderr)"
	@go vet ./...
	@go tool staticcheck ./...

# Where goroutines meet: these packages are tested with the race detector, and only so.
MEETING := ./internal/picker ./internal/engine ./internal/process ./internal/record ./internal/audit ./internal/cache ./internal/batch ./internal/catalog/... ./nix/daemon/... ./nix/storedb ./nix/profile ./nix/derivation ./nix/nar ./nix/fetch ./nix/eval/trace ./nix/eval/resultcache

# Unit tests, and the scripts that drive the built binary on a real daemon.
unit:
	go test -count=1 -timeout 20m $$(go list ./... | grep -vxF "$$(go list $(MEETING))")

race:
	go test -race -count=1 $(MEETING)
	go test -race -count=1 -run Parallel ./nix/eval ./nix/nixpkgs
	go test -race -count=1 -run 'Picture|NeverWaits' ./internal/progress

# The parsers of what comes from outside, with a few thousand inputs each.
fuzz:
	@scripts/fuzz 10000x nix internal/catalog internal/configedit internal/batch internal/progress

# The big counts: many random kills and interrupts, minutes of fuzzing.
test-long: setup releases host-base
	LUMINOUS_NIX_LONG=1 go test -count=1 -timeout 2h -run 'Long|Kill' ./...
	scripts/fuzz 10m
	scripts/dist --check .build/dist

# Nix's own tests of the language, from a checkout of NixOS/nix.
test-lang:
	@test -n "$(NIX_SRC)" || { echo "usage: make test-lang NIX_SRC=checkout of NixOS/nix" >&2; exit 2; }
	go test -count=1 -v -run TestLanguage ./internal/instantiate

# All packages and a NixOS of a nixpkgs tree, compared with the newest Nix here, and the
# errors that the tree gives.
test-nixpkgs: setup releases
	@test -n "$(NIXPKGS)" || { echo "usage: make test-nixpkgs NIXPKGS=tree of nixpkgs" >&2; exit 2; }
	GOGC=400 go test -count=1 -timeout 30m -v -run TestNixpkgs ./internal/instantiate ./nix/nixpkgs ./internal/diagnosis ./internal/packaging

# Edits the configurations of people, a folder of them each, and evaluates what comes of it.
test-configurations:
	@test -n "$(CONFIGURATIONS)" || { echo "usage: make test-configurations CONFIGURATIONS=folder [NIXPKGS=tree of nixpkgs]" >&2; exit 2; }
	LUMINOUS_NIX_CONFIGURATIONS=$(CONFIGURATIONS) LUMINOUS_NIX_NIXPKGS=$(NIXPKGS) go test -count=1 -timeout 60m -v -run TestConfigurations ./internal/action

# The evaluator against nix-instantiate of the newest Nix here, and a NixOS of
# NIXPKGS too, if that names a tree.
bench-eval: setup releases
	go test -run '^$$' -bench 'Eval$$' -benchtime 11x -timeout 30m ./internal/bench
	go test -run '^$$' -bench EvalPackages -benchtime 3x -timeout 30m ./internal/bench

# How well sentences are understood that nothing was learnt from, by operation, and how
# long it takes. A minute.
bench-language:
	go test -run '^$$' -bench Language -benchtime 11x ./internal/intent

# How well and how fast search finds things: judged queries, key presses, whole
# processes, against SQLite and, if NIXPKGS names a tree, nix search; and what an index
# costs to build, to keep and to share. Five minutes.
bench-search: setup releases
	go test -run '^$$' -bench Quality -benchtime 1x ./internal/catalog
	go test -run '^$$' -bench KeyPress -benchtime 11x ./internal/catalog
	go test -run '^$$' -bench FTS5 -benchtime 1x -timeout 30m ./internal/catalog
	go test -run '^$$' -bench 'Sharing|Scale' -benchtime 5x -timeout 30m ./internal/catalog
	go test -run '^$$' -bench CatalogProcess -benchtime 201x -timeout 30m ./internal/bench
	go test -run '^$$' -bench 'CatalogBuild|CatalogNixSearch' -benchtime 11x -timeout 30m ./internal/bench
	@test -n "$(NIXPKGS)" || echo "nothing was compared with nix search: NIXPKGS does not name a tree of nixpkgs"

# ask-nix against what people use, whole processes, on one store; written into
# docs/benchmarks.md. Five minutes, on a machine that does nothing else.
bench: setup
	LUMINOUS_NIX_BENCHMARKS=$(CURDIR)/docs/benchmarks.md go test -run '^$$' -bench Document -benchtime 1x -timeout 30m ./internal/bench

# The libraries below nix/ against Nix's programs, and what else is measured of processes.
bench-store: setup
	go test -run '^$$' -bench . -skip 'Eval|Catalog|Document' -benchtime 101x -timeout 30m ./internal/bench
	go test -run '^$$' -bench ETA -benchtime 1x ./internal/eta ./internal/build

# What is given to people, in .build/dist: binaries for amd64 and arm64, manual pages,
# completions and checksums. dist-check builds all of it twice, the second time elsewhere
# and with nothing compiled before, and compares. Five minutes.
dist:
	@scripts/dist .build/dist
dist-check:
	@scripts/dist --check .build/dist

install: build man
	install -Dm755 $(BINARY) $(DESTDIR)/usr/local/bin/ask-nix
	install -Dm644 -t $(DESTDIR)/usr/local/share/man/man1 .build/man/*.1
	$(BINARY) completion bash | install -Dm644 /dev/stdin $(DESTDIR)/usr/local/share/bash-completion/completions/ask-nix
	$(BINARY) completion zsh | install -Dm644 /dev/stdin $(DESTDIR)/usr/local/share/zsh/site-functions/_ask-nix
	$(BINARY) completion fish | install -Dm644 /dev/stdin $(DESTDIR)/usr/local/share/fish/vendor_completions.d/ask-nix.fish

man:
	@mkdir -p .build/man
	@go run ./cmd/man .build/man

# Writes the table of what works into README.md, from the scripts that pass.
readme: setup
	@go test -count=1 -json -run TestScripts ./internal/cli | go run ./cmd/readme README.md

clean:
	rm -rf .build
