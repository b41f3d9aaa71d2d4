# SPDX-License-Identifier: GPL-2.0
"""tally on a machine that systemd boots, as its Debian packages leave it.

Debian 13 on a disk, with the kernel of backports, in an emulator. apt installs
the packages, so what they depend on comes from Debian.
"""

import pathlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from disk import OPENING, UNIT, Disk, disk, packages_for
from ktap import check, diagnose, test
from machine import Host
from packages import ENTER, TOP, made, run

# It installs a machine, and boots it.
NEEDS = Host(takes=400, tier="long")

# A machine that boots, with our packages: what an image for clouds has besides is not
# needed. The kernel is installed as on any machine; it is that of the module's package.
INSTALL = """set -eu
RELEASE=$(basename build/deb/tally-modules-*.deb | sed 's/^tally-modules-//; s/_.*//')
export RELEASE
. scripts/host/environment.sh
find_mirror
while read -r line; do options+=("--aptopt=$line"); done < <(apt_settings)
mmdebstrap --mode=root --variant=minbase --keyring="$KEYRING" "${options[@]}" \\
    --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \\
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \\
    --include=systemd-sysv,udev,kmod \\
    --customize-hook='mkdir "$1/debs" && cp build/deb/tally[_-][0m]*.deb "$1/debs/"' \\
    --customize-hook='chroot "$1" apt-get install -qy -t trixie-backports "linux-image-$RELEASE"' \\
    --customize-hook='chroot "$1" sh -c "apt-get install -qy /debs/*.deb"' \\
    trixie "$1" "deb $MIRROR trixie main" "deb $SECURITY trixie-security main" \\
    "deb $MIRROR trixie-backports main"
"""

EVENTS = "# A comment\nsched:sched_process_fork\nirq:softirq_*\n"

# What runs on the machine, last: a line for each thing that the test asks.
REPORT = OPENING + r"""
say() { echo "REPORT $1: ${*:2}"; }
events() { grep -c '^Event ' /proc/tally; }
say release "$(uname -r)"
say failed "$(systemctl --failed --plain --no-legend | tr '\n' ' ')"
say active "$(systemctl is-active tally-events tally-exporter | tr '\n' ' ')"
say events "$(grep '^Event ' /proc/tally | tr '\n' ' ')"
say show "$(tally show 'Event sched:*' | tail -n 1)"
for unit in tally-events tally-exporter; do
    say "security-$unit" "$(systemd-analyze security --no-pager "$unit" | tail -n 1)"
done
systemctl -q enable --now tally-exporter
for try in 1 2 3 4 5 6 7 8 9 10; do sleep 1; metric >/tmp/metrics 2>/dev/null && break; done
say metrics "$(cat /tmp/metrics), $(systemctl is-active tally-exporter)"
echo no_such:event >>/etc/tally/events.conf
systemctl restart tally-events
say refused "$(systemctl is-active tally-events)"
say journal "$(journalctl -b -o cat -u tally-events | grep no_such | tr '\n' ' ')"
sed -i /no_such/d /etc/tally/events.conf
systemctl restart tally-events
loaded=$(sed -n 's/^ *loaded_ns *//p' /proc/tally)
dpkg -i /debs/tally_*.deb /debs/tally-modules-*.deb >/tmp/dpkg 2>&1
say upgrade "$?, $(sleep 2; systemctl is-active tally-events tally-exporter | tr '\n' ' ')$(events)"
[ "$(sed -n 's/^ *loaded_ns *//p' /proc/tally)" = "$loaded" ] && say stays loaded
dpkg --purge tally "tally-modules-$(uname -r)" >/tmp/dpkg 2>&1
say purge "$?"
say left "$(ls -d /proc/tally /sys/module/tally /etc/tally /etc/default/tally* /usr/lib/tally \
    /usr/libexec/tally /usr/lib/modules/*/updates /etc/systemd/system/*/tally* \
    /var/lib/systemd/deb-systemd-helper-*/*tally* 2>/dev/null | tr '\n' ' ')"
# dpkg takes the module after the program, and then once more while the program stays.
comes() {
    dpkg -i "/debs/$1"_*.deb >/tmp/dpkg 2>&1
    say "$2" "$?, $(systemctl is-active tally-events), $(head -n 1 /proc/tally 2>&1)," \
        "$(grep -o 'has no tally' /tmp/dpkg)"
}
comes tally alone
comes "tally-modules-$(uname -r)" follows
dpkg --purge "tally-modules-$(uname -r)" >/tmp/dpkg 2>&1
say goes "$?, $(ls /proc/tally 2>&1), $(grep -o 'has no tally' /tmp/dpkg)"
comes "tally-modules-$(uname -r)" returns
echo REPORT ends:
systemctl poweroff --force --force
"""

# What the machine has is on its disk. A getty would hang up the line that the report
# writes to. Whatever happens it ends: $2 is in seconds.
BOOT = """cd "$1" && mke2fs -q -t ext4 -d root disk 2G && cp root/boot/initrd.img-* initrd
exec timeout "$2" qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 1G -nographic -no-reboot \\
    -nodefaults -serial stdio -kernel /kernel/image -initrd initrd \\
    -drive file=disk,format=raw,if=virtio,cache=unsafe \\
    -append 'root=/dev/vda rw console=ttyS0 panic=-1 systemd.show_status=0 loglevel=5
        systemd.mask=serial-getty@ttyS0.service'
"""


@contextmanager
def installed() -> Iterator[pathlib.Path]:
    """A directory with the files of a machine in `root`."""
    made()
    with tempfile.TemporaryDirectory(dir=TOP / "build", prefix="machine-") as directory:
        pathlib.Path(directory).chmod(0o755)
        root = pathlib.Path(directory, "root")
        run("unshare", "--mount", "bash", "-c", INSTALL, "install", root)
        (root / "etc/tally/events.conf").write_text(EVENTS, encoding="ascii")
        report = root / "usr/local/sbin/report"
        report.write_text(REPORT, encoding="ascii")
        report.chmod(0o755)
        (root / "etc/systemd/system/report.service").write_text(UNIT, encoding="ascii")
        run("chroot", root, "systemctl", "enable", "report")
        yield pathlib.Path(directory)


@test("where apt has installed the packages, systemd loads tally at boot, counts what the file "
      "says and refuses the rest in the journal; the program shows it and the exporter serves it; "
      "both services are safe by systemd's own measure; an upgrade keeps what was counted, and "
      "purging leaves nothing, loaded or on the disk; on a machine that runs, the module is loaded "
      "when it comes, be it after the program")
def boot() -> None:
    with installed() as directory:
        said = run(ENTER, "--", "sh", "-c", BOOT, "boot", directory, "1200", TALLY_TREE="deb")
    found = dict(re.findall(r"REPORT ([\w-]+): (.*?)\r*\n", said))
    diagnose("\n".join(f"{name}: {value}" for name, value in found.items()))
    check("REPORT ends" in said, said[-4000:])
    check(found["failed"].strip() == "", "a unit has failed")
    check(found["active"].split() == ["active", "inactive"], "other services run")
    check(found["events"].split()[1::2] == [
        "sched:sched_process_fork", "irq:softirq_entry", "irq:softirq_exit", "irq:softirq_raise"],
        "other events are counted")
    forks = re.search(r"sched_process_fork +count +([0-9]+)", found["show"])
    check(forks and int(forks[1]) > 10, "systemd has started more processes than that")
    for unit in ("tally-events", "tally-exporter"):
        level = re.search(r"\.service: ([0-9.]+)", found[f"security-{unit}"])
        check(level and float(level[1]) <= 2.0, f"systemd has more to say of the safety of {unit}")
    check(found["metrics"] == "4, active", "the exporter does not serve the events")
    check(found["refused"] == "failed", "a line was refused and the service has not failed")
    check("/etc/tally/events.conf:4: 'no_such:event': No such file or directory"
          in found["journal"], "the journal does not say which line was refused")
    check(found["upgrade"] == "0, active active 4" and "stays" in found,
          "an upgrade changes what is counted")
    check(found["purge"] == "0" and found["left"].strip() == "", "something is left")
    check(re.fullmatch("0, inactive, .*No such file.*, has no tally", found["alone"]),
          "the program fails without a module, or does not say that there is none")
    for name in ("follows", "returns"):
        check(found[name].strip() == "0, active, Tally, format 1,", "no module is loaded")
    check(re.fullmatch("0, .*No such file.*, has no tally", found["goes"]),
          "the module stays when its package goes, or nobody says that it is gone")
    check(not re.search(r"WARNING: |BUG: |Oops|Call Trace:", said), "the kernel complains")


# As it comes out of `make deb` the prebuilt module is not signed.
UNSIGNED = """
say modprobe "$(modprobe tally 2>&1)"
say journal "$(journalctl -b -o cat -u tally-events)"
say doctor "$(tally doctor | grep -A 1 signature)"
say sign "$(make -C /root/checkout sign 2>&1)"
say signer "$(modinfo -F signer tally)"
say unknown "$(modprobe tally 2>&1)"
say doctor-key "$(tally doctor | grep -A 1 trust)"
say grub "$(grub-install 2>&1)"
"""

SIGNED = """
say active "$(systemctl is-active tally-events)"
say events "$(events)"
say show "$(tally show 'Event sched:*' | tail -n 1)"
say unsigned "$(insmod /root/unsigned.ko 2>&1)"
say signer "$(modinfo -F signer tally)"
systemctl -q enable --now tally-exporter
say metrics "$(metrics)"
"""

UPGRADED = """
say active "$(systemctl is-active tally-events tally-exporter)"
say events "$(events)"
say metrics "$(metrics)"
say signer "$(modinfo -F signer tally)"
apt-get -qy purge tally tally-dkms 'tally-modules-*' >/tmp/purge 2>&1
say purge "$?"
say left "$(ls -d /proc/tally /sys/module/tally 2>/dev/null
    find / -xdev \\( -path /debs -o -path /root \\) -prune -o -name '*tally*' -print
    grep -l tally /usr/lib/modules/*/modules.dep)"
"""

# apt takes what the packages depend on from Debian, and beside them the programs of the
# kernel's build, of which one signs. No compiler is there yet.
APT = """
apt-get install -qy /debs/tally_*.deb "/debs/tally-modules-$1"_*.deb "linux-kbuild-${1%-amd64}"
cp "/usr/lib/modules/$1/updates/tally/tally.ko" /root/unsigned.ko
"""
NEXT_KERNEL = """
mkdir -p /etc/dkms/framework.conf.d
printf 'mok_signing_key=%s\\nmok_certificate=%s\\n' /var/lib/shim-signed/mok/MOK.{priv,der} \\
    >/etc/dkms/framework.conf.d/mok.conf
apt-get install -qy /debs/tally-dkms_*.deb
apt-get install -qy "linux-image-$1" "linux-headers-$1"
# Its hook passes over what systemd takes for a container, as it does this.
update-grub
echo "MODULE $(modinfo -k "$1" -n tally)"
"""
MOK = "/var/lib/shim-signed/mok/MOK.der"


def refused(said: str) -> bool:
    """Whether modprobe says that the kernel does not take a module that it does not trust."""
    return bool(re.search("Key was rejected|Operation not permitted|Required key", said))


def is_secure(found: dict[str, str], release: str) -> bool:
    """Whether that kernel has been booted under Secure Boot."""
    return found["release"] == release and "SecureBoot enabled" in found["secure"] \
        and "[integrity]" in found["lockdown"]


def counts(found: dict[str, str]) -> bool:
    """Whether the events of the file are counted."""
    numbers = found["events"].split()
    return numbers[1::2] == ["sched:sched_process_fork", "irq:softirq_entry", "irq:softirq_exit",
                             "irq:softirq_raise"]


def install(machine: Disk, release: str) -> None:
    """Has Debian and tally on a disk."""
    debs = machine.directory / "debs"
    with machine.step(f"packages, with the module for Linux {release}"):
        packages_for(release, debs)
    with machine.step(f"a disk with Debian 13, Linux {release}, GRUB and shim"):
        machine.install_debian(release)
    with machine.step("apt installs the packages"):
        machine.put(debs, "/debs")
        machine.put(debs / "checkout", "/root/checkout")
        machine.do(APT, release)
        machine.write("/etc/tally/events.conf", EVENTS)


@test("on a machine whose firmware boots shim, GRUB and Debian's kernel under Secure Boot: the "
      "module as it was built is refused, and doctor says what to do; make sign signs it with a "
      "key that it makes; once the firmware knows that key, events are counted and exported after "
      "a reboot, and an unsigned module is refused as before; when another kernel is installed "
      "DKMS builds and signs the module for it before its first boot, which finds all as it was; "
      "purging the packages leaves nothing", needs=Host(takes=1000, tier="long"))
def secure_boot() -> None:
    cloud = run(ENTER, "--", "cat", "/kernel/release").split()[-1]
    generic = cloud.replace("-cloud", "")
    with disk() as machine:
        install(machine, generic)
        with machine.step("the first boot, where the module is not signed"):
            found = machine.boot(UNSIGNED)
        check(is_secure(found, generic), "this is no Secure Boot of the generic kernel")
        check(refused(found["modprobe"]), "a module without a signature is loaded")
        check("signed modules alone" in found["journal"], "the journal does not say why")
        check("missing  a signature on tally.ko" in found["doctor"]
              and "-> make sign" in found["doctor"], "doctor does not say what to do")
        check("signed /lib/modules" in found["sign"] and found["signer"], "it is not signed")
        check(refused(found["unknown"]), "a module with anybody's signature is loaded")
        for name in ("sign", "doctor-key"):
            check(f"mokutil --import {MOK}, then reboot" in found[name],
                  "nobody says how the key becomes known")
        with machine.step("the firmware learns the key; the second boot"):
            machine.enrol(MOK)
            second = machine.boot(SIGNED)
        check(is_secure(second, generic) and second["failed"] == "", "a unit has failed")
        check(second["entry"] == "debian", "the firmware has not booted what grub-install wrote")
        check(second["active"] == "active" and counts(second), "other events are counted")
        forks = re.search(r"sched_process_fork +count +([0-9]+)", second["show"])
        check(forks and int(forks[1]) > 10, "systemd has started more processes than that")
        check(refused(second["unsigned"]), "the unsigned module is loaded")
        check(second["metrics"] == "4", "the exporter does not serve the events")
        with machine.step(f"apt installs Linux {cloud}, and DKMS builds for it"):
            said = machine.do(NEXT_KERNEL, cloud)
        check(re.search(r"^MODULE /.*/updates/dkms/tally\.ko", said, re.M), said[-6000:])
        with machine.step("the third boot"):
            third = machine.boot(UPGRADED)
        check(is_secure(third, cloud) and third["failed"] == "", "a unit has failed")
        check(third["active"] == "active active" and counts(third) and third["metrics"] == "4",
              "the new kernel does not count, or not the same")
        check(third["signer"] == found["signer"], "DKMS signs with another key")
        check(third["purge"] == "0" and third["left"] == "", "something is left")
        check(not re.search(r"WARNING: |BUG: |Oops|Call Trace:", machine.said),
              "the kernel complains")
