# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Where Debian's packages come from: the mirror that this machine's own apt
# uses, by its proxy.
#
# TALLY_MIRROR names another, as http://HOST/debian; its security updates are in
# TALLY_SECURITY_MIRROR, or beside it.

# host_sources: `RELEASE ADDRESS` of Debian's own among the sources of apt. Where
# apt has no lists yet it does not know whose they are.
host_sources() {
	local component release uri origin
	# shellcheck disable=SC2016 # that is for apt
	apt-get indextargets --format '$(COMPONENT) $(RELEASE) $(REPO_URI) $(ORIGIN)' \
		'Created-By: Packages' 2>/dev/null |
		while read -r component release uri origin; do
			# A list of mirrors, as images for clouds have it.
			case $uri in mirror+file:*) uri=$(first_of_list "${uri#mirror+file:}") ;; esac
			case $component,$origin,$uri in
			main,Debian,http*) ;;
			main,[\$]*,http*/debian/ | main,[\$]*,http*/debian-security/) ;;
			*) continue ;;
			esac
			echo "$release ${uri%/}"
		done
}

first_of_list() { grep -vE '^[[:space:]]*(#|$)' "/${1##/}" 2>/dev/null | head -n 1 | cut -f1; }

# find_mirror: sets MIRROR and SECURITY.
find_mirror() {
	local sources
	sources=$(host_sources) || true
	MIRROR=${TALLY_MIRROR:-$(sed -n '/^[^ ]*security/d; s/^[^ ]* //p' <<<"$sources" | head -n 1)}
	[ -n "$MIRROR" ] ||
		die "apt of this machine has no source of Debian's: set TALLY_MIRROR to a mirror of Debian, as http://HOST/debian"
	MIRROR=${MIRROR%/}
	SECURITY=${TALLY_SECURITY_MIRROR:-}
	if [ -z "$SECURITY" ] && [ -z "${TALLY_MIRROR:-}" ]; then
		SECURITY=$(sed -n 's/^[^ ]*security[^ ]* //p' <<<"$sources" | head -n 1)
	fi
	SECURITY=${SECURITY:-$MIRROR-security}
}

# apt_settings: what of apt's configuration is about the way to the mirror, as
# lines of apt.conf. A program that finds the proxy is on this machine alone, so
# it is asked here.
apt_settings() {
	local detect='' proxy
	apt-config dump 2>/dev/null |
		grep -E '^Acquire::(https?::Proxy(::[^ ]*)?|Check-Date|Check-Valid-Until) "[^"]+";$' || true
	eval "$(apt-config shell detect Acquire::http::Proxy-Auto-Detect 2>/dev/null || true)"
	[ -n "$detect" ] || return 0
	proxy=$("$detect" "$MIRROR" 2>/dev/null) || return 0
	if [[ $proxy == http*://* ]]; then echo "Acquire::http::Proxy \"$proxy\";"; fi
}
