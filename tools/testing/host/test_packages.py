# SPDX-License-Identifier: GPL-2.0
"""Debian packages: packaging/, and what they leave on a machine."""

import re

from ktap import check, diagnose, test
from machine import Host
from packages import KERNEL, TOP, in_tools_tree, machine, made, make

# Each makes packages or installs them: compilers run for a minute.
NEEDS = Host(takes=120, tier="long")

# What all files of the machine are, but for what dpkg, apt and ldconfig keep of themselves, and
# the keys that DKMS makes for the machine. Of directories only those where packages may have some:
# another checkout may be entered meanwhile, and a place for it is made in the tools tree then.
STATE = """state() {
    find / -xdev \\( -path /var/lib/dpkg -o -path /var/log -o -path /var/cache/apt -o -path /tmp \\
        -o -path /var/cache/ldconfig -o -path /var/lib/apt -o -path /debs -o -path /run \\
        -o -path /var/lib/systemd \\) \\
        -prune -o -path '/var/lib/dkms/mok.*' -o -path /root -prune \\
        -o \\( -type f -o -type l \\
        -o -type d -regex '/\\(boot\\|etc\\|opt\\|srv\\|usr\\|var\\)/.*' \\) -printf '%p %y %m\\n' |
        sort
}
"""

# What the packages depend on is in the tools tree.
INSTALL = """install() { dpkg --install "$@" </dev/null; }
"""


@test("make deb makes packages of the program, of the module for DKMS and for one kernel, and of "
      "what other modules need; twice they are the same to the last byte")
def reproducible() -> None:
    first, second = make(), make()
    names = [name.partition("_")[0] for name in first]
    check([re.sub(r"-modules-.*", "-modules", name) for name in names]
          == ["tally-dev", "tally-dkms", "tally-modules", "tally"], f"there are {names}")
    differ = [name for name in first if first[name] != second.get(name)]
    check(not differ, f"these differ: {differ}")


@test("lintian has nothing to say of them")
def lintian() -> None:
    said = in_tools_tree("lintian", "--allow-root", "--fail-on", "error,warning,info",
                         "--display-info", "--tag-display-limit", "0",
                         *(f"build/deb/{name}" for name in made()))
    words = [line for line in said.splitlines() if re.match(r"[EWI]: ", line)]
    check(not words, "\n".join(words))


@test("versions agree: of the packages, of the program and in CHANGELOG.md")
def versions() -> None:
    version = made()[0].split("_")[1]
    cargo = (TOP / "tools/tally/Cargo.toml").read_text(encoding="ascii")
    check(f'version = "{version}"' in cargo, "the program has another")
    changes = (TOP / "CHANGELOG.md").read_text(encoding="ascii")
    check(re.findall(r"^## (.*)$", changes, re.M)[0] == version, "CHANGELOG.md has another")


# What nothing depends on is not there. bindgen writes other lines without it.
DKMS = STATE + KERNEL + INSTALL + """
rm /usr/bin/rustfmt
kernel_package
state >/tmp/before
install /debs/tally-dkms_*.deb /debs/tally-dev_*.deb /debs/tally_*.deb
dkms status
module=$(modinfo -k "$RELEASE" -n tally)
echo "MODULE $module"
echo "SIGNER $(modinfo -F signer "$module")"
for language in rust c; do
    cp -r /usr/share/doc/tally-dev/examples/$language "$HOME/" 2>/dev/null || {
        # The tools tree leaves documentation out.
        mkdir "$HOME/$language"
        dpkg-deb --fsys-tarfile /debs/tally-dev_*.deb |
            tar -x -C "$HOME/$language" --strip-components=7 \\
                "./usr/share/doc/tally-dev/examples/$language"
    }
    make -C "$HOME/$language" KERNEL="$RELEASE"
    echo "HELLO $language $(modinfo -F depends "$HOME/$language/hello.ko")"
done
install /debs/tally-dkms_*.deb /debs/tally_*.deb
echo "AGAIN $(modinfo -k "$RELEASE" -n tally)"
echo '# mine' >>/etc/tally/events.conf
dpkg --remove tally tally-dev tally-dkms
modinfo -k "$RELEASE" tally >/dev/null 2>&1 && echo STAYS
echo "KEPT $(tail -n 1 /etc/tally/events.conf)"
dpkg --purge tally tally-dev tally-dkms
state >/tmp/after
diff /tmp/before /tmp/after | sed 's/^/LEFT /' || true
echo ENDS
"""


@test("DKMS builds tally when its package is installed, signs it, and modules of one's own are "
      "built with it; to install again is no failure; removing keeps the configuration, and "
      "purging leaves every file as it was")
def dkms() -> None:
    said = machine(DKMS)
    diagnose("\n".join(line for line in said.splitlines() if re.match(r"[A-Z]+ ", line)))
    check("ENDS" in said, said[-4000:])
    check(re.search(r"^MODULE /.*/updates/dkms/tally\.ko", said, re.M), said[-4000:])
    check("has no tally" not in said.partition("\nMODULE")[0], "the module is said to be missing")
    check(re.search(r"^SIGNER .*DKMS", said, re.M), "the module is not signed")
    for language in ("rust", "c"):
        check(f"HELLO {language} tally" in said, f"the example in {language} does not use tally")
    check("AGAIN /" in said and "STAYS" not in said, "it is not installed again, or stays")
    check("KEPT # mine" in said, "the configuration is lost")
    left = re.findall(r"^LEFT (.*)", said, re.M)
    check(not left, f"left: {left}")


PREBUILT = STATE + KERNEL + INSTALL + """
kernel_package
state >/tmp/before
install /debs/tally_*.deb | sed 's/^/ALONE /'
install /debs/tally-modules-*.deb | sed 's/^/WITH /'
echo "MODULE $(modinfo -k "$RELEASE" -n tally)"
install /debs/tally-dkms_*.deb || echo FAILS
echo "STILL $(modinfo -k "$RELEASE" -n tally)"
dpkg --purge "tally-modules-$RELEASE" tally tally-dkms
state >/tmp/after
diff /tmp/before /tmp/after | sed 's/^/LEFT /' || true
echo ENDS
"""


@test("the program alone says which package has the module; a prebuilt one is found by modprobe; "
      "beside it DKMS's package takes nothing away and builds nothing; purging leaves every file "
      "as it was")
def prebuilt() -> None:
    said = machine(PREBUILT)
    check("ENDS" in said and "FAILS" not in said, said[-4000:])
    check(re.search(r"^ALONE tally: Linux (\S+) has no tally, and will count nothing when it is "
                    r"booted\. apt install tally-modules-\1, or tally-dkms and linux-headers-\1$",
                    said, re.M), "nobody says that there is no module")
    check(not re.search("^WITH .*has no tally", said, re.M), "the module is said to be missing")
    for word in ("MODULE", "STILL"):
        check(re.search(rf"^{word} .*/updates/tally/tally\.ko", said, re.M), said[-4000:])
    left = re.findall(r"^LEFT (.*)", said, re.M)
    check(not left, f"left: {left}")


# First with a compiler that did not build the kernel, then with the one that did.
METADATA = KERNEL + INSTALL + """
kernel_package
install /debs/tally-dkms_*.deb /debs/tally_*.deb | sed 's/^/FIRST /'
cd /etc/apt
sed -n 's/ trixie-updates / trixie-backports /p' sources.list >sources.list.d/backports.list
apt-get -q update
mv /usr/bin/rustc /usr/bin/rustc.kernel
printf '#!/bin/sh\necho rustc 1.0.0 of another day\n' >/usr/bin/rustc
chmod +x /usr/bin/rustc
{ apt-get install -qy "linux-headers-$RELEASE" 2>&1 || echo FAILS; } | sed 's/^/LOUD /'
echo "LEFT $(/usr/libexec/tally/next-kernel)"
mv /usr/bin/rustc.kernel /usr/bin/rustc
{ apt-get install -qy --fix-broken 2>&1 || echo FAILS; } | sed 's/^/NEXT /'
echo "MODULE $(ls /usr/lib/modules/"$RELEASE"/updates/dkms/tally.ko*)"
metadata=$(echo /usr/src/tally-*/packaging/dkms/metadata)
echo "TWICE $($metadata "$RELEASE" 2>&1)"
echo "ABSENT $($metadata 9.9.9-none 2>&1 | grep .)"
echo ENDS
"""


@test("when Debian's headers of a kernel are installed, DKMS's package makes Rust metadata for it, "
      "once, and the module, before it is booted; on the terminal stands what takes so long; "
      "without headers, and where it cannot be made, one sentence says what to do, and apt fails "
      "until that is done", needs=Host(takes=420, tier="long"))
def metadata() -> None:
    said = machine(METADATA, "absent")
    diagnose("\n".join(line for line in said.splitlines() if re.match(r"[A-Z]+ ", line)))
    check("ENDS" in said, said[-4000:])
    check(re.search(r"^FIRST tally: Linux (\S+) has no tally, .* DKMS lacks its headers: apt "
                    r"install linux-headers-\1$", said, re.M), "no headers that lack are named")
    check(re.search(r"^LOUD tally: no metadata for Rust of Linux .*: Rust metadata fits one "
                    r"compiler only: .*'rustc 1\.0\.0 of another day'", said, re.M),
          "another rustc is not said to be")
    check("LOUD FAILS" in said, "headers are installed as if all were well")
    check(re.search(r"^LEFT .* DKMS has not built it, and says why: dkms autoinstall -k ", said,
                    re.M), "it is not said any more")
    check("NEXT FAILS" not in said, "what has failed once fails for ever")
    check(not re.search("^NEXT .*has no tally", said, re.M), "the module is said to be missing")
    long = r"^NEXT tally: Rust metadata of Linux \S+, once for this kernel, some minutes"
    check(re.search(long, said, re.M), "nobody is told what takes so long")
    check(re.search(r"^MODULE /.*/updates/dkms/tally\.ko", said, re.M), "there is no module")
    check(re.search(r"^TWICE $", said, re.M), "metadata is made twice")
    check("ABSENT tally: the headers of Linux 9.9.9-none are missing: apt install linux-headers-"
          in said, "headers that are missing are not said to be")
