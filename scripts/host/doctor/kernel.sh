# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Whether the kernel is one that tally can be built for, and has what it takes
# to build modules in Rust. Sourced by doctor.

check_machine() {
	local machine
	machine=$(cat "$ROOT/proc/sys/kernel/ostype" "$ROOT/proc/sys/kernel/arch" 2>/dev/null | xargs)
	if [ "$machine" = "Linux x86_64" ]; then
		ok "Linux on x86-64"
	else
		missing "Linux on x86-64: this is ${machine:-something else}" \
			"use another machine: tally counts with x86-64 instructions"
	fi
}

# What TALLY demands in Kconfig: options, and those with `!` that must be off.
demanded_options() {
	sed -n '/^config TALLY$/,/^	help$/s/^	\(depends on\|select\) //p' "$TOP/Kconfig" |
		tr -s '& ' '\n'
}

# wrong_options: options that the kernel lacks, and with `!` those that it has
# and must not have.
wrong_options() {
	local option
	for option in $(demanded_options); do
		case $option in
		!*) if config_has "${option#!}"; then echo "$option"; fi ;;
		*) if ! config_has "$option"; then echo "$option"; fi ;;
		esac
	done
}

# named PATTERN PREFIX: the options that match in a row, with a word in front.
named() {
	local names
	names=$(grep "$1" | sed 's/^!*/CONFIG_/' | xargs)
	[ -z "$names" ] || echo "$2 ${names// /, }"
}

# What is wrong with the kernel, in words.
wrong_kernel() {
	is_new_enough "$RELEASE" || echo "is older than $OLDEST_LINUX"
	if [ -n "$CONFIG" ]; then
		wrong_options | named '^[^!]' "lacks"
		wrong_options | named '^!' "has"
	fi
}

# How to get the right kernel. The first of Debian's is in backports.
kernel_cure() {
	case $(distribution):$(os_release VERSION_ID) in
	debian:12) echo "upgrade to Debian 13, whose backports have a kernel with Rust" ;;
	debian:*)
		if grep -rqs '^[^#]*trixie-backports' "$ROOT"/etc/apt/sources.list{,.d}; then
			echo "apt install -t trixie-backports linux-image-amd64 linux-headers-amd64, then reboot"
		else
			echo "add the suite trixie-backports to /etc/apt/sources.list.d, apt update, apt install -t trixie-backports linux-image-amd64 linux-headers-amd64, then reboot"
		fi
		;;
	*) echo "boot Linux $OLDEST_LINUX or newer that is built as Kconfig demands: $(demanded_options | sed 's/^!\(.*\)/\1=n/; s/^[^=]*$/&=y/' | xargs)" ;;
	esac
}

# check_kernel: fails if it is the wrong one, about which no more is to be said.
check_kernel() {
	local wrong
	wrong=$(wrong_kernel)
	if [ -n "$wrong" ]; then
		missing "the right kernel: Linux $RELEASE ${wrong//$'\n'/, }" "$(kernel_cure)"
		return 1
	elif [ -z "$CONFIG" ]; then
		missing "the configuration of Linux $RELEASE, so nobody knows whether it has Rust" \
			"modprobe configs, or install the package that has /boot/config-$RELEASE"
	else
		ok "Linux $RELEASE has Rust, and what else Kconfig demands"
	fi
}

# The package of a kernel's headers.
headers_cure() {
	local base
	base=$(first_line "/lib/modules/$RELEASE/pkgbase")
	case $(distribution) in
	debian | ubuntu) echo "apt install linux-headers-$RELEASE" ;;
	fedora) echo "dnf install kernel-devel-$RELEASE" ;;
	arch | cachyos) echo "pacman -S ${base:-linux}-headers" ;;
	*) echo "install your distribution's kernel headers, or make KDIR=/where/the/kernel/was/built" ;;
	esac
}

check_headers() {
	if [ -e "$ROOT$BUILT/Makefile" ] || metadata_is_cached "$RELEASE"; then
		ok "the headers of Linux $RELEASE"
	else
		missing "the headers of Linux $RELEASE" "$(headers_cure)"
	fi
}

check_metadata() {
	if has_metadata "$ROOT$BUILT" || metadata_is_cached "$RELEASE"; then
		ok "Rust metadata of Linux $RELEASE"
		return
	fi
	if is_debian_kernel && is_for_dkms; then
		missing "Rust metadata of Linux $RELEASE, and tally, which DKMS has not built" \
			"dkms autoinstall -k $RELEASE"
	elif is_debian_kernel; then
		missing "Rust metadata of Linux $RELEASE, which Debian's headers lack" \
			"make metadata${KERNEL:+ KERNEL=$KERNEL}"
	elif [ "$(distribution)" = ubuntu ]; then
		missing "Rust metadata of Linux $RELEASE" "apt install linux-lib-rust-$RELEASE"
	else
		missing "Rust metadata of Linux $RELEASE ($BUILT/rust/libkernel.rmeta)" \
			"make KDIR=/where/the/kernel/was/built, after \`make prepare\` there"
	fi
}
