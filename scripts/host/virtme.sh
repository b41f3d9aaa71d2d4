# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# virtme-ng, which boots the guests. From PyPI, by version and hash: Debian's
# package lacks the fast init.

VIRTME_PIN=$DATA/virtme-ng.txt

make_virtme() {
	local scratch
	scratch=$(scratch_for "$VIRTME")
	"$HOST/in-tools-tree" "$TOOLS_TREE" --bind "$scratch" "$VIRTME_AT" -- \
		pip install --no-cache-dir --no-deps --only-binary :all: --require-hashes --no-compile \
		--target "$VIRTME_AT" -r "$VIRTME_PIN"
	publish "$scratch" "$VIRTME"
}

# have_virtme: afterwards $VIRTME is there and marked as in use today.
have_virtme() {
	VIRTME=$CACHE/virtme-ng/$(key_of "$VIRTME_PIN" "$TOOLS_TREE_KEY" "${BASH_SOURCE[0]}")
	if [ ! -d "$VIRTME" ]; then
		lock_cache
		if [ ! -d "$VIRTME" ]; then
			step virtme-ng "virtme-ng" make_virtme
			prune "$CACHE/virtme-ng"
		fi
		unlock_cache
	fi
	touch "$VIRTME"
}
