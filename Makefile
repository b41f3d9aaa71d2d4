# SPDX-License-Identifier: GPL-2.0
#
# The front door: one target for each thing a person does. The kernel's own
# build reads Kbuild instead.

.DEFAULT_GOAL := modules
SHELL := /bin/bash
# What a caller's BASH_ENV holds is not run.
.SHELLFLAGS := -pc

# KERNEL: which kernel. A guest's is stock, debug or builtin; a release, as
# `uname -r` prints it, is a kernel of this machine, or one that it is to run.
# Without it `make` is for the running kernel if that can be built for, else for
# the guest's. KDIR is the build directory of a kernel of yours.
# scripts/host/build.sh decides.
export KERNEL KDIR LLVM V DESTDIR NAME DIR LANGUAGE KEY CERTIFICATE

# The environment has these for other purposes: LANGUAGE is gettext's.
$(foreach word,NAME DIR LANGUAGE KEY CERTIFICATE,$(if $(filter environment,$(firstword $(origin $(word)))),$(eval $(word) :=)))

.PHONY: modules guest-modules install install-samples sign uninstall new-module in-tree out-of-tree \
	tools deb doc release demo test test-all fuzz torture kernels bench lint fmt doctor metadata \
	rust-analyzer clean distclean help

modules: ## the modules, for KERNEL=RELEASE or KDIR: the running kernel if it has Rust metadata, else the guest's
	@scripts/build

guest-modules: ## the modules for the guest's kernel: KERNEL=stock, or KERNEL=debug into build/debug
	@scripts/build guest

install: ## install tally for the running kernel, or for KERNEL=RELEASE
	@scripts/install

install-samples: ## install tally and the samples
	@scripts/install --samples

sign: ## sign what is installed, where the kernel takes signed modules alone; KEY=FILE CERTIFICATE=FILE for a key of yours
	@scripts/sign "$$KEY" "$$CERTIFICATE"

uninstall: ## remove what was installed; with KERNEL=RELEASE that kernel's modules alone
	@scripts/uninstall

new-module: ## a module of your own: make new-module NAME=hello DIR=path, LANGUAGE=rust or c
	@scripts/new-module "$$NAME" "$$DIR" "$$LANGUAGE"

in-tree: ## put tally into a kernel's source: make in-tree LINUX=path/to/linux
	@scripts/install-in-tree "$$LINUX"

out-of-tree: ## take it out again: make out-of-tree LINUX=path/to/linux
	@scripts/install-in-tree --remove "$$LINUX"

tools: ## the program tally, for all machines on x86-64: build/tools/tally
	@scripts/build-tools

deb: ## Debian packages, in build/deb: of the program, and of the module for DKMS and for one kernel
	@scripts/deb

release: ## the source and packages of the commit, in build/release, tried on a Debian that has nothing
	@scripts/release

doc: ## the site, in build/doc: the pages of Documentation, and rustdoc of the crates
	@scripts/doc

demo: guest-modules ## boot, load, make some load, print /proc/tally, take a CPU offline, print again
	@scripts/demo

test: ## the tests that find nearly everything, KTAP, ending in `N passed, N failed, N skipped`
	@tools/testing/run $(if $(WITHIN),--within $(WITHIN)) test

test-all: ## all tests: mutants, the kernel that catches mistakes, many CPUs; hours
	@tools/testing/run all

fuzz: ## writes to /proc/tally that libFuzzer makes up, beside a model: TALLY_INPUTS of them
	@scripts/fuzz

torture: ## all that can happen to tally at once, for DURATION seconds: 600
	@scripts/torture $(DURATION)

kernels: ## build for all kernels that tally is for, test on each, and print a table
	@scripts/kernels

bench: ## what it costs, measured against others: tables, and build/bench.json
	@tools/bench/run

lint: ## rustfmt, clippy, checkpatch, shellcheck, mypy, ruff and the rest, KTAP
	@scripts/enter -- scripts/lint

fmt: ## format the Rust code
	@scripts/enter -- scripts/fmt

doctor: ## what is missing for a native build, and how to get it
	@scripts/doctor

metadata: ## Rust metadata for the running Debian kernel or for KERNEL=RELEASE, which `make` then builds for
	@scripts/metadata

rust-analyzer: guest-modules ## rust-project.json for an editor
	@scripts/rust-analyzer

clean: ## remove what was built
	flock . rm -rf build rust-project.json

distclean: ## empty the cache too: the tools tree, the kernels
	@scripts/distclean
	@$(MAKE) --no-print-directory clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 16
