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

# The module that is signed, installed or built.
signed_module() {
	local file
	for file in "$ROOT/lib/modules/$RELEASE/updates/tally/tally.ko" \
		"$TOP/build/$RELEASE/tally.ko" "$TOP/build/tally.ko"; do
		if is_signed "$file"; then
			echo "$file"
			return
		fi
	done
}

check_signing() {
	local why signed
	why=$(why_signed)
	signed=$(signed_module)
	if [ -z "$why" ]; then
		ok "unsigned modules may be loaded"
	elif [ -n "$signed" ]; then
		ok "$signed is signed, as it has to be: $why"
	else
		missing "a signature on tally.ko: $why" \
			"after make install: $(sign_by_hand)"
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
