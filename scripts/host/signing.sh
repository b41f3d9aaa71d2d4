# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Whether the machine takes unsigned modules, and the key that it signs its own
# with. Sourced by doctor, install and sign, after machine.sh.

secure_boot() {
	local file
	for file in "$ROOT"/sys/firmware/efi/efivars/SecureBoot-*; do
		if [ -r "$file" ] && [ "$(tail -c 1 "$file" | od -An -tu1 | xargs)" = 1 ]; then return; fi
	done
	return 1
}

lockdown() { first_line /sys/kernel/security/lockdown | grep -o '\[.*\]' | tr -d '[]' || true; }

# Why an unsigned module is refused, or nothing. Secure Boot does not do that
# by itself: distributions' kernels lock themselves down under it, which is what
# counts where it can be read.
why_signed() {
	if config_has MODULE_SIG_FORCE || file_says /sys/module/module/parameters/sig_enforce '^Y'; then
		echo "this kernel insists on signatures"
	elif [ -n "$(lockdown)" ]; then
		[ "$(lockdown)" = none ] || echo "the kernel is locked down ($(lockdown))"
	elif secure_boot; then
		echo "Secure Boot is on"
	fi
}

# DKMS compresses what it has signed.
is_signed() {
	[ -r "$1" ] || return 1
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -dcq "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac | tail -c 28 | grep -qa '~Module signature appended~'
}

# dkms_setting NAME: a path in DKMS's configuration, if it is one as it stands.
dkms_setting() {
	cat "$ROOT"/etc/dkms/framework.conf "$ROOT"/etc/dkms/framework.conf.d/*.conf 2>/dev/null |
		sed -n "s/^$1=[\"']\{0,1\}\(\/[^\"' \$]*\)[\"']\{0,1\}\$/\1/p" | tail -n 1
}

# signing_key: `KEY CERTIFICATE` that this machine signs modules with: DKMS's,
# that of shim's packages, that of akmods.
signing_key() {
	local pair
	for pair in "$(dkms_setting mok_signing_key) $(dkms_setting mok_certificate)" \
		"/var/lib/dkms/mok.key /var/lib/dkms/mok.pub" \
		"/var/lib/shim-signed/mok/MOK.priv /var/lib/shim-signed/mok/MOK.der" \
		"/etc/pki/akmods/private/private_key.priv /etc/pki/akmods/certs/public_key.der"; do
		if [ -f "$ROOT${pair% *}" ] && [ -f "$ROOT${pair#* }" ]; then
			echo "$ROOT${pair% *} $ROOT${pair#* }"
			return
		fi
	done
}

# make_key: makes one, for a machine that has none: DKMS's where DKMS is, which then
# signs with it too, else that of shim's packages. Who has it can sign modules, and no
# boot loader: that is what the last of its purposes means to shim.
make_key() {
	local directory=$ROOT/var/lib/shim-signed/mok
	say "this machine has no key to sign modules with, so one is made"
	if command -v dkms >/dev/null; then
		dkms generate_mok >/dev/null || die "dkms generate_mok made no key"
		return
	fi
	command -v openssl >/dev/null || die "openssl is missing, which makes keys: apt install openssl"
	mkdir -p "$directory"
	(
		umask 077
		openssl req -new -x509 -newkey rsa:2048 -nodes -sha256 -days 36500 -outform DER \
			-subj "/CN=modules of $(uname -n)/" -addext basicConstraints=critical,CA:FALSE \
			-addext keyUsage=digitalSignature \
			-addext extendedKeyUsage=codeSigning,1.3.6.1.4.1.2312.16.1.2 \
			-keyout "$directory/MOK.priv" -out "$directory/MOK.der"
	) 2>/dev/null || die "openssl made no key in $directory"
	chmod 644 "$directory/MOK.der"
}

# installed_modules: those that `make install` or a package put there.
installed_modules() { find "$ROOT/lib/modules/$RELEASE/updates/tally" -name '*.ko' 2>/dev/null | sort; }

# module_of_dkms: nothing if DKMS has built none.
module_of_dkms() {
	local file
	for file in "$ROOT/lib/modules/$RELEASE/updates/dkms/tally.ko"*; do
		if [ -e "$file" ]; then echo "$file"; fi
	done
}

# module_of_package: what tally-modules-RELEASE has, or DKMS has built of a package's
# sources. Nothing else is needed to use it.
module_of_package() {
	if [ -e "$ROOT/usr/lib/tally/$RELEASE/Module.symvers" ]; then
		installed_modules | grep '/tally\.ko$' || true
	else
		module_of_dkms
	fi
}

# Whether DKMS has tally's sources.
is_for_dkms() {
	local file
	for file in "$ROOT"/usr/src/tally-*/dkms.conf; do [ -e "$file" ] || return; done
}

# have_dkms_sign: how DKMS comes to build and sign it again.
have_dkms_sign() {
	local source module
	for source in "$ROOT"/usr/src/tally-*; do module=tally/${source##*/tally-}; done
	echo "dkms build --force $module -k $RELEASE && dkms install --force $module -k $RELEASE"
}

# enrolment CERTIFICATE: `enrolled`, `absent`, `asked` where the firmware's program will
# ask for it at the next boot, or nothing where that is not to be known.
enrolment() {
	local said
	said=$(mokutil --test-key "$1" 2>/dev/null) || true
	case $said in
	*'is already enrolled'*) echo enrolled ;;
	*'in the enrollment request'*) echo asked ;;
	*'is not enrolled'*) echo absent ;;
	esac
}

# how_to_enrol CERTIFICATE: what is left to do, or nothing.
how_to_enrol() {
	case $(enrolment "$1") in
	absent) echo "mokutil --import $1, then reboot, and choose Enroll MOK in the menu that comes up" ;;
	asked) echo "reboot, and choose Enroll MOK in the menu that comes up" ;;
	esac
}

say_how_to_enrol() {
	local left
	left=$(how_to_enrol "$1")
	[ -z "$left" ] || say "the firmware does not know that key yet: $left"
}

# find_sign_file: the kernel's program that signs, of this machine: in the build directory,
# or in Debian's package of the build's programs, which needs no compilers.
find_sign_file() {
	local file
	for file in "${KDIR:-$BUILT}/scripts/sign-file" "$ROOT"/usr/lib/linux-kbuild-*/scripts/sign-file; do
		if [ -x "$file" ]; then
			echo "$file"
			return
		fi
	done
	command -v kmodsign || true
}

# sign_in_tools_tree HASH KEY CERTIFICATE FILE: by that of `make metadata` or of the guest's
# kernel. There the key can be read only.
sign_in_tools_tree() {
	local status=0
	cp "$3" "$4.certificate" || return
	MAKEFLAGS='' TALLY_SHOW=$(dirname "$2") "$TOP/scripts/enter" -- \
		/kernel/build/scripts/sign-file "$1" "$2" "$4.certificate" "$4" || status=$?
	rm "$4.certificate"
	return "$status"
}

# sign KEY CERTIFICATE FILE
sign() {
	local hash program
	hash=$(config_value MODULE_SIG_HASH)
	hash=${hash:-sha256}
	program=$(find_sign_file)
	if [ -n "$program" ]; then
		"$program" "$hash" "$@"
	else
		sign_in_tools_tree "$hash" "$@"
	fi
}
