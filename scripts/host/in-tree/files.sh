# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The copy of the sources in a kernel's drivers/tally. Sourced by
# install-in-tree, which sets LINUX, PLACE and OWNER.
#
# PLACE/.copied lists, as sha256sum prints it, what may lie there of ours: while
# an update runs both the old and the new version of a file. So whatever
# interrupts a run, the next one knows each file for ours. What the list does
# not name is never written or removed.

LIST=.copied

# Names that a list may hold: below PLACE, and nothing that a shell takes apart.
NAME='[A-Za-z0-9_][A-Za-z0-9_.+-]*'
LISTED="^[0-9a-f]{64}  $NAME(/$NAME)*\$"

# Where the directory is before it has a list, and after that has gone.
NURSERY=drivers/.tally.new

sources() {
	(cd "$TOP" && find Kbuild Kconfig include src samples -type f \
		\( -name '*.rs' -o -name '*.[ch]' -o -name bindgen_parameters -o -name 'K*' \) \
		! -name '*_generated*' | LC_ALL=C sort)
}

# listed DIRECTORY: its list, or nothing if it has none.
listed() { [ ! -e "$1/$LIST" ] || cat -- "$1/$LIST"; }

names() { cut -c67-; }

# sums: `sha256sum` of the names that come, as far as they are there.
sums() {
	local file
	while read -r file; do
		if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\0' "$file"; fi
	done | xargs -0 -r sha256sum --
}

# check_list: refuses a list that is not from here. It may have been changed by
# somebody else, and root removes what it names.
check_list() {
	local odd
	odd=$(listed "$PLACE" | grep -avE -m 1 "$LISTED") || return 0
	die "$PLACE/$LIST is not from here, it holds the line '$odd': move $PLACE away first"
}

# check_links: no directory or file in the way may lead out of PLACE.
check_links() {
	local link
	link=$(find "$PLACE" -type l -print -quit)
	[ -z "$link" ] || die "$link is a link, and not from here: move it away first"
}

# check_changes: what the list names is as one version of ours was.
check_changes() {
	local there changed
	there=$(cd "$PLACE" && listed . | names | sort -u | sums)
	[ -n "$there" ] || return 0
	changed=$(grep -avxF -f "$PLACE/$LIST" <<<"$there" | names) || return 0
	die "changed in $PLACE, take that over or undo it first: ${changed//$'\n'/, }"
}

# check_sources: the list can hold their names.
check_sources() {
	local odd
	odd=$(sources | grep -avE -m 1 "^$NAME(/$NAME)*\$") || return 0
	die "$TOP/$odd has a name that no list here can hold: rename it first"
}

# check_strangers: a file of ours may not take the place of somebody else's.
check_strangers() {
	local file
	while read -r file; do
		[ -e "$PLACE/$file" ] || continue
		cmp -s "$TOP/$file" "$PLACE/$file" && continue
		grep -qxF -e "$file" <(listed "$PLACE" | names) ||
			die "$PLACE/$file is there and not from here: move it away first"
	done < <(sources)
}

# is_there: whether drivers/tally is what an earlier run left.
is_there() {
	if [ ! -e "$PLACE" ] && [ ! -L "$PLACE" ]; then return 1; fi
	if [ -L "$PLACE" ] || [ ! -f "$PLACE/$LIST" ] || [ -L "$PLACE/$LIST" ]; then
		die "$PLACE is there and not from here: move it away first"
	fi
	check_list
	check_links
	check_changes
}

# owned PATH...: root leaves no files of its own in somebody's tree.
owned() { if [ "$(id -u)" -eq 0 ]; then chown -h -- "$OWNER" "$@"; fi; }

# make_directory NAME: below PLACE, and those above it.
make_directory() {
	[ ! -d "$PLACE/$1" ] || return 0
	make_directory "$(dirname "$1")"
	mkdir -m 755 -- "$PLACE/$1"
	owned "$PLACE/$1"
}

# put NAME: standard input becomes that file of PLACE, at once.
put() {
	cat >"$PLACE/$LIST.new"
	chmod 644 -- "$PLACE/$LIST.new"
	sync -- "$PLACE/$LIST.new"
	owned "$PLACE/$LIST.new"
	mv -- "$PLACE/$LIST.new" "$PLACE/$1"
}

clear_nursery() {
	[ -d "$LINUX/$NURSERY" ] || return 0
	rm -f -- "$LINUX/$NURSERY/$LIST" "$LINUX/$NURSERY/$LIST.new"
	rmdir -- "$LINUX/$NURSERY"
}

# make_place: an empty PLACE with an empty list, at once.
make_place() {
	mkdir -m 755 -- "$LINUX/$NURSERY"
	: >"$LINUX/$NURSERY/$LIST"
	owned "$LINUX/$NURSERY" "$LINUX/$NURSERY/$LIST"
	mv -T -- "$LINUX/$NURSERY" "$PLACE"
}

# copy_sources: what is the same stays as it is, so that make does not compile
# it again.
copy_sources() {
	local file
	[ -d "$PLACE" ] || make_place
	{ listed "$PLACE" && cd "$TOP" && sources | sums; } | sort -u -k2 -k1 | put "$LIST"
	while read -r file; do
		cmp -s "$TOP/$file" "$PLACE/$file" && continue
		make_directory "$(dirname "$file")"
		put "$file" <"$TOP/$file"
	done < <(sources)
	comm -23 <(listed "$PLACE" | names | LC_ALL=C sort -u) <(sources) | remove_names
	(cd "$TOP" && sources | sums) | put "$LIST"
}

# directories: of the names that come, the deepest first.
directories() {
	local name
	while read -r name; do
		while [[ $name == */* ]]; do
			name=${name%/*}
			echo "$name"
		done
	done | LC_ALL=C sort -ru
}

# remove_names: of files in PLACE, and their directories that are empty then.
remove_names() {
	local all name
	all=$(cat)
	[ -n "$all" ] || return 0
	(cd "$PLACE" && xargs -d '\n' rm -f -- <<<"$all")
	while read -r name; do
		if [ -d "$PLACE/$name" ]; then rmdir --ignore-fail-on-non-empty -- "$PLACE/$name"; fi
	done < <(directories <<<"$all")
}

# built: what the kernel's build made there. kbuild keeps the command that made
# a file beside it.
built() {
	(cd "$PLACE" && find . -type f \( -name '.*.cmd' -o -name '*.mod.c' -o -name 'lib*.rmeta' \) |
		sed -nE 's,^\./,,; p; s,(^|/)\.([^/]+)\.cmd$,\1\2,p' | LC_ALL=C sort -u)
}

# remove_sources: and what the kernel's build made of them. The list goes last.
remove_sources() {
	local kept
	rm -f -- "$PLACE/$LIST.new"
	built | remove_names
	listed "$PLACE" | names | remove_names
	kept=$(cd "$PLACE" && find . -mindepth 1 ! -path "./$LIST" -printf '%P\n')
	if [ -z "$kept" ]; then
		mv -T -- "$PLACE" "$LINUX/$NURSERY"
		clear_nursery
	else
		rm -f -- "$PLACE/$LIST"
		say "kept in $PLACE, as it is not from here: ${kept//$'\n'/, }"
	fi
}
