# SPDX-License-Identifier: GPL-2.0
#
# /usr/share/tally/module.mk: builds the modules of a directory, which use tally.
# Their Makefile includes this, and their Kbuild is for the kernel's build, as in
# /usr/share/doc/tally-dev/examples.
#
#   make                    for the running kernel
#   make KERNEL=RELEASE     for another one that tally is installed for

KERNEL := $(shell uname -r)
# Where this and tally.h are.
TALLY := /usr/share/tally

# What belongs to the module tally of this kernel: as DKMS has built it, or as its
# package has it.
tally_of_kernel := $(firstword $(wildcard /var/lib/dkms/tally/*/$(KERNEL)/x86_64/module /usr/lib/tally/$(KERNEL)))
# Metadata of the kernel's Rust crates, which Debian's headers lack.
kernel_build := $(firstword $(patsubst %/rust/libkernel.rmeta,%, \
	$(wildcard $(addsuffix /rust/libkernel.rmeta,/lib/modules/$(KERNEL)/build /var/cache/tally-dkms/$(KERNEL)/build))) \
	/lib/modules/$(KERNEL)/build)

.PHONY: modules clean
.DEFAULT_GOAL := modules

modules:
	@[ -n "$(tally_of_kernel)" ] || { echo "tally is not installed for Linux $(KERNEL): apt install tally-dkms, or name another KERNEL=RELEASE" >&2; exit 1; }
	$(MAKE) -C $(kernel_build) M=$(CURDIR) TALLY=$(TALLY) CRATES=$(tally_of_kernel)/crates \
		KBUILD_EXTRA_SYMBOLS=$(tally_of_kernel)/Module.symvers modules

clean:
	$(MAKE) -C $(kernel_build) M=$(CURDIR) clean
