# Every target sets up what it needs first (scripts/setup.sh; nothing to do and no network after the first time).
# One release configuration serves the build, the tests and the documentation, so that dependencies compile once.
# VITRAIL_STRICT=1 turns warnings into errors and checks that every import is declared; `make check` sets it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build strict test test-data ranks-test launchers check-deploy sanitize check format lint docs demo flowers large-batch kill-test bench bench-micro install dist check-dist example clean

PREFIX ?= /usr/local
VERSION = $(shell cat VERSION)
ARCH := $(shell uname -m)
ARCHIVE = dist/vitrail-$(VERSION)-$(ARCH)-linux.tar.gz

SWIFT_FLAGS := -c release -Xswiftc -enable-testing
ifeq ($(VITRAIL_STRICT),1)
SWIFT_FLAGS += -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error
export VITRAIL_STRICT
endif

# A relative LIBTORCH would end up in the run path of the binary.
ifdef LIBTORCH
override LIBTORCH := $(abspath $(LIBTORCH))
export LIBTORCH
else ifneq ($(wildcard .libtorch/cuda-enabled),)
export VITRAIL_CUDA := 1
endif

# NO_COLOR is for whoever reads the output: SwiftPM has no such switch, and a plain terminal has no colours.
ifdef NO_COLOR
export TERM := dumb
endif

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: ## check Swift and git, bring the system packages and libtorch
	@scripts/setup.sh --quiet

build: setup ## build release; the binary is .build/release/vitrail
	@echo "make: building"
	@swift build $(SWIFT_FLAGS)
	@echo "make: built with $$(scripts/resolved.sh)"

strict: setup
	@echo "make: building everything, tests too, with warnings as errors and undeclared imports refused"
	@swift build --build-tests $(SWIFT_FLAGS)

test: setup ## run all tests, in release
	@echo "make: testing, with $$(scripts/resolved.sh)"
	@scripts/test.sh $(SWIFT_FLAGS)

test-data: ## run the tests of the data half, which needs no libtorch
	@scripts/setup.sh --data --quiet
	@echo "make: testing the data half"
	@VITRAIL_DATA_ONLY=1 LIBTORCH=/nonexistent scripts/test.sh $(SWIFT_FLAGS)

sanitize: ## run those tests under AddressSanitizer and ThreadSanitizer (docs/sanitizers.md; half an hour)
	@scripts/setup.sh --data --quiet
	@scripts/sanitize.sh address
	@scripts/sanitize.sh thread

format: ## format all Swift files in place
	@scripts/check-format.sh --fix

lint: setup ## formatting, lint rules, the 400-line cap, the bounds of the dependencies and the scripts' own tests
	@scripts/check-format.sh
	@scripts/check-lines.sh
	@scripts/resolved.sh >/dev/null
	@scripts/test-checks.sh
	@scripts/test-setup.sh

check: setup lint ## lint, strict build, documentation with warnings as errors, then make test
	@$(MAKE) --no-print-directory VITRAIL_STRICT=1 strict
	@$(MAKE) --no-print-directory VITRAIL_STRICT=1 docs
	@$(MAKE) --no-print-directory VITRAIL_STRICT=1 test

docs: setup ## build the DocC documentation; a warning fails
	@echo "make: documentation"
	@scripts/check-docs.sh $(SWIFT_FLAGS)

demo: build ## train, evaluate and use a small model on the embedded data set
	@scripts/demo.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)/vitrail"

flowers: build ## the flowers tutorial: draw, split, scan, pack, train from TFRecord, evaluate, predict (some minutes)
	@scripts/flowers.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)/vitrail"

large-batch: build ## the large-batch recipe at reduced size: LAMB, 512 images a step on two ranks, evaluate (some minutes)
	@scripts/large-batch.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)/vitrail"

kill-test: build ## kill a run 20 times, often within a save, and compare its end with that of a run left alone
	@VITRAIL="$$(swift build $(SWIFT_FLAGS) --show-bin-path)/vitrail" scripts/kill-test.sh 20

ranks-test: build ## kill, halt and stop ranks, take their port, host and disk away, and look at what they say and save
	@VITRAIL="$$(swift build $(SWIFT_FLAGS) --show-bin-path)/vitrail" scripts/ranks-test.sh

launchers: build ## train on two ranks under every launcher that is installed (scripts/setup.sh --launchers)
	@scripts/launchers.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)/vitrail" doctor --place

check-deploy: ## check the files for Kubernetes and Docker in deploy/
	@scripts/check-deploy.sh

bench: build ## the benchmarks, as JSON; next to PyTorch where Python has it (PYTHON=...)
	@scripts/bench/run.sh "$$(swift build $(SWIFT_FLAGS) --show-bin-path)/vitrail"

bench-micro: setup ## micro-benchmarks of single calls (the package in Benchmarks/)
	@swift package --package-path Benchmarks --scratch-path .build/benchmarks benchmark --no-progress

dist: ## a relocatable archive under dist/
	@scripts/setup.sh --dist --quiet
	@echo "make: building the archive"
	@scripts/dist.sh "$(ARCHIVE)"

check-dist: ## check the archive: needed libraries, run paths, and a run in a bare root
	@scripts/check-dist.sh "$(ARCHIVE)"

install: dist ## install under PREFIX (default /usr/local; DESTDIR is respected)
	@scripts/install.sh "$(ARCHIVE)" "$(PREFIX)" "$(DESTDIR)"

example: setup ## build the examples as packages of their own
	@scripts/check-examples.sh

clean: ## remove what was built; libtorch stays
	@rm -rf .build dist Examples/*/.build
