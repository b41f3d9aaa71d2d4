# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Whether the compilers are those that the kernel asks for. Sourced by doctor.
# The tools tree has its own, which made the metadata in the cache.

# package PACKAGE_IN_DEBIAN IN_FEDORA IN_ARCH: the command that installs it.
package() {
	case $(distribution) in
	debian | ubuntu) echo "apt install $1" ;;
	fedora) echo "dnf install $2" ;;
	arch | cachyos) echo "pacman -S $3" ;;
	*) echo "install your distribution's $1" ;;
	esac
}

version_line() { "$1" --version 2>/dev/null | head -n 1 || true; }

# How to get the kernel's rustc. rustc takes no crate of another rustc, and two
# of the same version differ if a distribution built one of them: its version
# ends in a second pair of parentheses.
rustc_cure() {
	local version=$1
	local number
	number=$(cut -d' ' -f2 <<<"$version")
	case $version in
	'') package rustc rust rust ;;
	*')'*'('*) echo "$(package rustc rust rust), the one that the kernel was built with ($number), and have it first in PATH" ;;
	*) echo "rustup toolchain install $number, and rustup override set $number" ;;
	esac
}

check_rustc() {
	local have wanted
	have=$(version_line rustc)
	wanted=$(config_value RUSTC_VERSION_TEXT)
	if [ -z "$have" ]; then
		missing "rustc${wanted:+, as the kernel was built with: $wanted}" "$(rustc_cure "$wanted")"
	elif [ -n "$wanted" ] && [ "$have" != "$wanted" ]; then
		missing "rustc as the kernel was built with: it is '$have', the kernel's '$wanted'" \
			"$(rustc_cure "$wanted")"
	else
		ok "$have"
	fi
}

# The kernel's own words on the oldest that will do.
oldest_tool() {
	local version
	version=$("$ROOT$BUILT/scripts/min-tool-version.sh" "$1" 2>/dev/null) || version=
	echo "${version:-$2}"
}

check_bindgen() {
	local have oldest
	have=$(version_line bindgen)
	oldest=$(oldest_tool bindgen 0.71.1)
	if [ -z "$have" ]; then
		missing "bindgen $oldest or newer" "$(package bindgen bindgen-cli rust-bindgen)"
	elif ! version_at_least "${have#bindgen }" "$oldest"; then
		missing "bindgen $oldest or newer: it is ${have#bindgen }" \
			"cargo install bindgen-cli, or a newer package of your distribution's"
	elif ! bindgen "$DATA/empty.h" >/dev/null 2>&1; then
		missing "libclang, which bindgen reads headers with" "$(package libclang-dev clang-libs clang)"
	else
		ok "$have and libclang"
	fi
}

# major TEXT: the major version in what a compiler or the configuration says.
major() { grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' <<<"$1" | tail -n 1 | cut -d. -f1; }

# check_compiler NAME TEXT CURE: no older than the kernel's, whose options it
# has to know.
check_compiler() {
	local have
	have=$(version_line "$1")
	if [ -z "$have" ]; then
		missing "$1, which compiled the kernel" "$3"
	elif [ -n "$2" ] && [ "$(major "$(clang_version "$have")")" -lt "$(major "$(clang_version "$2")")" ]; then
		missing "$1 $(major "$(clang_version "$2")") or newer: it is '$have', the kernel's '$2'" "$3"
	else
		ok "$have"
	fi
}

# What follows clang's version has numbers too.
clang_version() { sed -E 's/(clang version [0-9.]+).*/\1/' <<<"$1"; }

check_c_compiler() {
	local text
	text=$(config_value CC_VERSION_TEXT)
	if config_has CC_IS_CLANG; then
		check_compiler clang "$text" "$(package 'clang lld llvm' 'clang lld llvm' 'clang lld llvm')"
		[ -n "$(version_line ld.lld)" ] ||
			missing "ld.lld, which linked the kernel" "$(package lld lld lld)"
	else
		check_compiler gcc "$text" "$(package gcc gcc gcc)"
	fi
}

check_compilers() {
	if metadata_is_cached "$RELEASE" && ! has_metadata "$ROOT$BUILT"; then
		ok "the compilers (those of the tools tree, which made the metadata)"
	elif is_debian_kernel && ! has_metadata "$ROOT$BUILT"; then
		ok "the compilers (make metadata brings them)"
	else
		check_rustc
		check_bindgen
		check_c_compiler
	fi
}
