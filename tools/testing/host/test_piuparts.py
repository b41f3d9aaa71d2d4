# SPDX-License-Identifier: GPL-2.0
"""Debian packages as piuparts tries them, Debian's own judge of what packages leave behind."""

import re

from ktap import check, diagnose, test
from machine import Host
from packages import KERNEL, machine

# It installs a Debian and all that the packages depend on, from the network.
NEEDS = Host(takes=600, tier="long")

# An earlier version of each package, in a place that apt takes packages from: it has
# a version, a directory of sources and a configuration file of its own. No file of
# checksums, as those of files that are different now would be wrong.
EARLIER = """
mkdir /srv/earlier
earlier() {
    local package=/srv/package version
    version=$(dpkg-deb --field "$1" Version)
    dpkg-deb --raw-extract "$1" $package
    rm $package/DEBIAN/md5sums
    sed -i "s/$version/0.0.1/g" $package/DEBIAN/*
    if [ -e "$package/usr/src/tally-$version" ]; then
        mv "$package/usr/src/tally-$version" $package/usr/src/tally-0.0.1
        sed -i "s/$version/0.0.1/g" $package/usr/src/tally-0.0.1/dkms.conf
    fi
    if [ -e $package/etc/tally ]; then echo '# As it was.' >>$package/etc/tally/events.conf; fi
    dpkg-deb -Zgzip --build $package /srv/earlier >/dev/null
    rm -r $package
}
for deb in /debs/*.deb; do earlier "$deb"; done
kernel_package
cp /tmp/image.deb /srv/earlier/
(cd /srv/earlier && dpkg-scanpackages --multiversion . >Packages)
"""

# What they depend on is there before and afterwards, so that piuparts fetches it once,
# and judges our packages alone.
PIUPARTS = KERNEL + """
apt-get -q update
apt-get install -qy adequate mmdebstrap piuparts
""" + EARLIER + """
depends=$(for deb in /debs/*.deb; do dpkg-deb --field "$deb" Depends | tr , '\\n'; done |
    awk '$1 && $1 !~ /^(tally|linux-image)/ { print $1 }' | sort -u | paste -sd ,)
mmdebstrap --mode=root --variant=minbase --aptopt=/etc/apt/apt.conf.d/99mmdebstrap \\
    --dpkgopt=force-unsafe-io "--include=$depends" trixie /srv/base /etc/apt/sources.list
echo 'deb [trusted=yes] file:///srv/earlier ./' >/srv/base/etc/apt/sources.list.d/earlier.list
TMPDIR=/srv piuparts --distribution trixie --no-eatmydata --existing-chroot /srv/base \\
    --keep-sources-list --bindmount /srv/earlier --install-remove-install \\
    --pedantic-purge-test /debs/*.deb || echo FAILS
echo ENDS
"""


@test("piuparts has nothing to say of what the packages leave when they are installed, removed, "
      "installed again and purged, nor when they take the place of an earlier version")
def piuparts() -> None:
    said = machine(PIUPARTS, "absent")
    passed = re.findall(r"(PASS: .*)", said)
    diagnose("\n".join(passed))
    check("ENDS" in said, said[-6000:])
    errors = re.findall(r"FAIL: .*(?:\n  .*)*", said)
    check("FAILS" not in said and not errors, "\n".join(errors) or said[-6000:])
    # Both lists have what Debian's own packages do.
    ours = re.findall(r"^ +(.* -> .* \(.*tally.*\)|tally[^ ]*: .*)$", said, re.M)
    check(not ours, "links that lead nowhere, or what adequate says:\n" + "\n".join(ours))
    for what in ("Installation and purging test", "Installation, upgrade and purging tests",
                 "All tests"):
        check(any(what in line for line in passed), f"it has not done: {what}")
