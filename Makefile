# SPDX-License-Identifier: GPL-2.0
#
# The front door: one target for each thing a person does. The kernel's own
# build reads Kbuild instead.

.DEFAULT_GOAL := modules
SHELL := /bin/bash

# The guest's kernel: stock, sid or debug.
KERNEL ?= stock
export KERNEL

running := $(shell uname -r)
cache := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/tally

# The kernel to build for: the running one if its build directory has Rust
# metadata, or if `make metadata` made some; else the guest's.
native := $(patsubst %/rust/libkernel.rmeta,%,$(wildcard /lib/modules/$(running)/build/rust/libkernel.rmeta))
KDIR ?= $(native)
target := $(if $(wildcard $(cache)/kernels/$(running).note),$(running),$(KERNEL))

# Where the modules for a kernel go: those for another of the guest's kernels
# than stock to a directory of their own, so that a change of KERNEL builds
# nothing twice.
directory = $(CURDIR)/build$(addprefix /,$(filter-out stock $(running),$(1)))

# What `make -C` of a kernel takes. The job server does not reach into the
# tree, so what runs there starts one of its own.
kbuild = $(if $(V),V=$(V)) M=$(CURDIR) MO=$(call directory,$(1))
in_tree = MAKEFLAGS= scripts/enter -- make -j$(shell nproc) --no-print-directory -C /kernel/build

.PHONY: modules guest-modules install in-tree out-of-tree demo test lint fmt doctor \
	metadata rust-analyzer clean distclean help

modules: ## the modules, for KDIR: the running kernel if it has Rust metadata, else the guest's
ifneq ($(KDIR),)
	+$(MAKE) --no-print-directory -C $(KDIR) $(call kbuild,$(running)) modules
else
	@KERNEL=$(target) $(in_tree) $(call kbuild,$(target)) modules
endif

guest-modules: ## the modules for the guest's kernel: KERNEL=stock, or KERNEL=debug into build/debug
	@$(in_tree) $(call kbuild,$(KERNEL)) modules

install: modules ## install the modules for the running kernel
	@scripts/install

in-tree: ## put tally into a kernel's source: make in-tree LINUX=path/to/linux
	@scripts/hook "$$LINUX"

out-of-tree: ## take it out again: make out-of-tree LINUX=path/to/linux
	@scripts/hook --remove "$$LINUX"

demo: guest-modules ## boot, load, make some load, print /proc/tally, take a CPU offline, print again
	@scripts/demo

test: ## all tests, KTAP, ending in `N passed, N failed`
	@tools/testing/run

lint: ## rustfmt, clippy, checkpatch, shellcheck and the rest, KTAP
	@scripts/enter -- scripts/lint

fmt: ## format the Rust code
	@scripts/enter -- scripts/fmt

doctor: ## what is missing for a native build, and how to get it
	@scripts/doctor

metadata: ## Rust metadata for the running Debian kernel, which `make` then builds for
	@KERNEL=$(running) scripts/enter -- true

rust-analyzer: modules ## rust-project.json for an editor
	@KERNEL=$(target) scripts/rust-analyzer $(call directory,$(target))

clean: ## remove what was built
	rm -rf build rust-project.json

distclean: ## empty the cache too: the tree, the kernels
	@scripts/distclean
	@$(MAKE) --no-print-directory clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 16
