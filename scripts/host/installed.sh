# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What `make install` put on the machine, so that `make uninstall` takes that
# away and nothing else. Sourced by install and uninstall.
#
# The list has a line for each file and each directory that was not there
# before: `file CHECKSUM PATH` or `dir - PATH`. Paths in it, and those that the
# functions take, are without DESTDIR.

DESTDIR=${DESTDIR:+$(readlink -m -- "$DESTDIR")}
DESTDIR=${DESTDIR%/}
INSTALLED=/usr/local/share/tally/installed

checksum() { sha256sum <"$1" | cut -d' ' -f1; }

# listed KIND [BELOW]: paths of that kind, those below BELOW.
listed() {
	[ -e "$DESTDIR$INSTALLED" ] || return 0
	awk -v kind="$1" -v below="${2:-}" '$1 == kind {
		path = substr($0, length($1 $2) + 3)
		if (index(path, below) == 1) print path
	}' "$DESTDIR$INSTALLED"
}

# listed_checksum PATH: nothing if install did not put it there.
listed_checksum() {
	awk -v path="$1" '$1 == "file" && substr($0, length($1 $2) + 3) == path { print $2 }' \
		"$DESTDIR$INSTALLED"
}

unlist() {
	awk -v path="$1" 'substr($0, length($1 $2) + 3) != path' "$DESTDIR$INSTALLED" \
		>"$DESTDIR$INSTALLED.new"
	mv "$DESTDIR$INSTALLED.new" "$DESTDIR$INSTALLED"
}

list() {
	unlist "$3"
	echo "$1 $2 $3" >>"$DESTDIR$INSTALLED"
}

# make_directory PATH: with its parents; those that it makes are listed.
make_directory() {
	[ -n "$1" ] && [ ! -d "$DESTDIR$1" ] || return 0
	make_directory "${1%/*}"
	mkdir "$DESTDIR$1"
	made+=("$1")
}

# list_made: once there is a list to write to.
list_made() {
	local path
	for path in "${made[@]}"; do list dir - "$path"; done
	made=()
}

made=()

start_list() {
	mkdir -p "$DESTDIR/"
	make_directory "${INSTALLED%/*}"
	[ -e "$DESTDIR$INSTALLED" ] || : >"$DESTDIR$INSTALLED"
	list_made
}

# put FILE PATH: installs a file with its mode. In /etc a file that is there is
# somebody's, and stays.
put() {
	local there=$DESTDIR$2
	case $2 in /etc/*) [ ! -e "$there" ] || return 0 ;; esac
	make_directory "${2%/*}"
	list_made
	list file "$(checksum "$1")" "$2"
	install -m "$(stat -c %a "$1")" "$1" "$there.new"
	mv -T "$there.new" "$there"
}

# take_away PATH: removes a listed file, but none in /etc that was changed.
take_away() {
	local there=$DESTDIR$1
	case $1 in
	/etc/*)
		if [ -e "$there" ] && [ "$(checksum "$there")" != "$(listed_checksum "$1")" ]; then
			say "kept $there, which was changed"
			return
		fi
		;;
	esac
	rm -f "$there"
}

# take_away_directories [BELOW]: those that install made and that are empty.
take_away_directories() {
	local path
	listed dir "${1:-}" | sort -r | while read -r path; do
		rmdir "$DESTDIR$path" 2>/dev/null || continue
		unlist "$path"
	done
}

# For modprobe of a kernel; a package has this done where it is unpacked.
update_modprobe() {
	if [ -z "$DESTDIR" ] && [ -d "/lib/modules/$1" ]; then depmod "$1"; fi
}

systemd_runs() { [ -z "$DESTDIR" ] && [ -d /run/systemd/system ]; }
