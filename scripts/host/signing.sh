# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Whether the machine takes unsigned modules, and the key that it signs its own
# with. Sourced by doctor and install, after machine.sh.

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

is_signed() { [ -r "$1" ] && tail -c 28 "$1" | grep -qa '~Module signature appended~'; }

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

# sign_by_hand: how to, where there is no such key.
sign_by_hand() {
	echo "$BUILT/scripts/sign-file sha256 KEY CERTIFICATE /lib/modules/$RELEASE/updates/tally/tally.ko, with a key of yours that \`mokutil --import CERTIFICATE\` made known"
}

# sign KEY CERTIFICATE FILE: by the program of the kernel's build directory, which
# is in the tools tree if `make metadata` made it. There the key can be read only.
sign() {
	local hash
	hash=$(config_value MODULE_SIG_HASH)
	hash=${hash:-sha256}
	if [ -x "${KDIR:-$BUILT}/scripts/sign-file" ]; then
		"${KDIR:-$BUILT}/scripts/sign-file" "$hash" "$@"
	elif command -v kmodsign >/dev/null; then
		kmodsign "$hash" "$@"
	else
		cp "$2" "$3.certificate"
		MAKEFLAGS='' TALLY_SHOW=$(dirname "$1") "$TOP/scripts/enter" -- \
			/kernel/build/scripts/sign-file "$hash" "$1" "$3.certificate" "$3"
		rm "$3.certificate"
	fi
}
