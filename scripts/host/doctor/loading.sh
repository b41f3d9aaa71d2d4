# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Whether the kernel that runs will load the module. Sourced by doctor.

check_modules_disabled() {
	if file_says /proc/sys/kernel/modules_disabled '^1'; then
		missing "permission to load modules: kernel.modules_disabled is 1 until the next boot" \
			"grep -r modules_disabled /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d, take that out, reboot"
	else
		ok "modules may be loaded"
	fi
}

# The module that modprobe takes, or that was built here: the first that is there.
module_to_load() {
	local file
	for file in "$ROOT/lib/modules/$RELEASE/updates/tally/tally.ko" "$(module_of_dkms)" \
		"$TOP/build/$RELEASE/tally.ko" "$TOP/build/tally.ko"; do
		if [ -n "$file" ] && [ -r "$file" ]; then
			echo "$file"
			return
		fi
	done
}

# sign_cure MODULE: how it comes to a signature.
sign_cure() {
	local sign="make sign${KERNEL:+ KERNEL=$KERNEL}"
	case $1 in
	*/updates/tally/*)
		[ "$1" != "$(module_of_package)" ] || sign+=", in a checkout of the sources of tally"
		echo "$sign"
		;;
	*/updates/dkms/*) have_dkms_sign ;;
	*) echo "make install${KERNEL:+ KERNEL=$KERNEL}, then $sign" ;;
	esac
}

# The kernel takes what is signed with a key that it knows, and it has those of the
# machine's owner from the firmware.
check_key() {
	local key certificate left
	read -r key certificate < <(signing_key) || return 0
	left=$(how_to_enrol "$certificate")
	[ -z "$left" ] ||
		missing "the firmware's trust in the key that this machine signs modules with ($key)" "$left"
}

check_signing() {
	local why module
	why=$(why_signed)
	module=$(module_to_load)
	if [ -z "$why" ]; then
		ok "unsigned modules may be loaded"
	elif is_signed "$module"; then
		ok "$module is signed, as it has to be: $why"
		check_key
	else
		missing "a signature on tally.ko: $why" "$(sign_cure "$module")"
	fi
}

# Integrity wants signatures alone.
check_lockdown() {
	if [ "$(lockdown)" = confidentiality ]; then
		missing "a kernel in which events may be enabled: it is locked down for confidentiality" \
			"boot with lockdown=integrity in place of lockdown=confidentiality, or do without enabled events"
	else
		ok "the kernel is not locked down for confidentiality"
	fi
}

check_user() {
	if [ "$(id -u)" -eq 0 ]; then
		ok "you are root"
	else
		missing "root, to load modules" "sudo make doctor"
	fi
}
