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
REPORT = r"""#!/bin/bash
exec >/dev/ttyS0 2>&1
say() { echo "REPORT $1: ${*:2}"; }
events() { grep -c '^Event ' /proc/tally; }
metric() {
    exec 3<>/dev/tcp/127.0.0.1/9975
    printf 'GET /metrics HTTP/1.1\r\n\r\n' >&3
    grep -ac '^tally_events_total' <&3
}
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
loaded=$(sed -n 's/^ *loaded_ns *//p' /proc/tally)
dpkg -i /debs/tally_*.deb /debs/tally-modules-*.deb >/tmp/dpkg 2>&1
say upgrade "$?, $(sleep 2; systemctl is-active tally-events tally-exporter | tr '\n' ' ')$(events)"
[ "$(sed -n 's/^ *loaded_ns *//p' /proc/tally)" = "$loaded" ] && say stays loaded
dpkg --purge tally "tally-modules-$(uname -r)" >/tmp/dpkg 2>&1
say purge "$?"
say left "$(ls -d /proc/tally /sys/module/tally /etc/tally /etc/default/tally* /usr/lib/tally \
    /usr/libexec/tally /usr/lib/modules/*/updates /etc/systemd/system/*/tally* \
    /var/lib/systemd/deb-systemd-helper-*/*tally* 2>/dev/null | tr '\n' ' ')"
echo REPORT ends:
systemctl poweroff --force --force
"""
UNIT = """[Unit]
After=tally-events.service
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/report
[Install]
WantedBy=multi-user.target
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
      "purging leaves nothing, loaded or on the disk")
def boot() -> None:
    with installed() as directory:
        said = run(ENTER, "--", "sh", "-c", BOOT, "boot", directory, "600", TALLY_TREE="deb")
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
    check(not re.search(r"WARNING: |BUG: |Oops|Call Trace:", said), "the kernel complains")
