# SPDX-License-Identifier: GPL-2.0
"""A machine with a disk and a firmware of its own: Debian 13 with GRUB and shim, under Secure Boot.

Packages are installed on its disk from outside, by apt and with all that their scripts
do, as the emulator would take an hour to compile a module. What is asked of the machine
itself is asked when it has booted: a script runs there last, and reports by the serial
line.
"""

import pathlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ktap import Skip, check, diagnose
from packages import ENTER, TOP, run

ON_DISK = TOP / "tools/testing/lib/on-disk"

# The place of the root is that of on-disk.
DISK = """set -eu
cd "$1"
truncate -s 8G disk
printf '%s\\n' 'label: gpt' 'start=2048, size=129024, type=uefi' 'start=131072, type=linux' |
    sfdisk -q disk
truncate -s 63M efi
mkfs.vfat -n EFI efi >/dev/null
dd if=efi of=disk bs=1M seek=1 conv=notrunc status=none
mke2fs -q -t ext4 -L root -E offset=67108864 disk 8322048k
cp /usr/share/OVMF/OVMF_VARS_4M.ms.fd vars
"""

# What the firmware finds that has no boot entries yet. It has the machine boot once;
# there grub-install does all over again what this does, as Debian's installer would.
EFI = """set -eu
cd "$1"
esp=disk@@1048576
printf '%s\\n' 'search.fs_uuid '"$(blkid -p -O 67108864 -s UUID -o value disk)"' root' \\
    "set prefix=(\\$root)'/boot/grub'" 'configfile $prefix/grub.cfg' >grub.cfg
mmd -i "$esp" ::EFI ::EFI/BOOT ::EFI/debian
mcopy -i "$esp" shim ::EFI/BOOT/BOOTX64.EFI
mcopy -i "$esp" grub ::EFI/BOOT/grubx64.efi
mcopy -i "$esp" grub.cfg ::EFI/debian/grub.cfg
"""

# Nothing but what boots, and what a machine under Secure Boot has to sign with. The
# kernel's modules that find the disk are all that the initrd needs.
DEBIAN = """set -eu
. scripts/host/environment.sh
find_mirror
while read -r line; do options+=("--aptopt=$line"); done < <(apt_settings)
mmdebstrap --mode=root --variant=minbase --keyring="$KEYRING" "${options[@]}" \\
    --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \\
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \\
    --include=systemd-sysv,udev,kmod,initramfs-tools,zstd \\
    --include=grub-efi-amd64,grub-efi-amd64-signed,shim-signed,mokutil \\
    --include=make,openssl \\
    trixie "$1" "deb $MIRROR trixie main" "deb $SECURITY trixie-security main" \\
    "deb $MIRROR trixie-backports main"
mkdir -p "$1/boot/efi" "$1/etc/default/grub.d" "$1/debs"
printf '%s\\n' 'LABEL=root / ext4 defaults 0 0' 'LABEL=EFI /boot/efi vfat umask=077 0 0' \\
    >"$1/etc/fstab"
echo MODULES=list >"$1/etc/initramfs-tools/conf.d/modules"
printf '%s\\n' virtio_pci virtio_blk ext4 >>"$1/etc/initramfs-tools/modules"
cat >"$1/etc/default/grub.d/serial.cfg" <<'END'
GRUB_TIMEOUT=0
LINE="console=ttyS0 panic=-1 systemd.show_status=0 loglevel=5"
GRUB_CMDLINE_LINUX="$LINE systemd.mask=serial-getty@ttyS0.service"
END
"""

KERNEL = """
apt-get -q update
mkdir -p /boot/grub
apt-get install -qy -t trixie-backports "linux-image-$1"
update-grub
"""

# Runs a report last.
UNIT = """[Unit]
After=tally-events.service
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/report
[Install]
WantedBy=multi-user.target
"""

# What a report opens with. `metric` says how many events the exporter has.
OPENING = r"""#!/bin/bash
exec >/dev/ttyS0 2>&1
metric() {
    exec 3<>/dev/tcp/127.0.0.1/9975
    printf 'GET /metrics HTTP/1.1\r\n\r\n' >&3
    grep -ac '^tally_events_total' <&3
}
"""

# What follows of a machine under Secure Boot.
REPORT = OPENING + r"""
say() { echo "REPORT $1: ${*:2}" | tr '\n' ' '; echo; }
events() { grep '^Event ' /proc/tally | tr '\n' ' '; }
metrics() {
    for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
        (metric) 2>/dev/null && return
        sleep 1
    done
}
say release "$(uname -r)"
say secure "$(mokutil --sb-state)"
say lockdown "$(cat /sys/kernel/security/lockdown)"
say failed "$(systemctl --failed --plain --no-legend)"
current=$(od -An -tx2 -j4 /sys/firmware/efi/efivars/BootCurrent-* | tr -d ' ' | tr a-f A-F)
say entry "$(tr -d '\0' </sys/firmware/efi/efivars/Boot"$current"-* | grep -ao debian | head -n 1)"
"""

# The firmware keeps its variables in a file. What the machine reports last has it
# reboot, which ends the emulator. Whatever happens it ends: $2 is in seconds.
BOOT = """cd "$1"
exec timeout "$2" qemu-system-x86_64 -machine q35,smm=on -accel tcg -cpu max -smp 2 -m 1536M \\
    -nodefaults -display none -serial stdio -no-reboot -device virtio-rng-pci \\
    -global driver=cfi.pflash01,property=secure,value=on -global ICH9-LPC.disable_s3=1 \\
    -drive if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd \\
    -drive if=pflash,format=raw,unit=1,file=vars \\
    -drive file=disk,format=raw,if=virtio,cache=unsafe
"""

# shim has its list of keys from what the firmware keeps of the owner's: this is what the
# menu after `mokutil --import` writes.
ENROL = """cd "$1"
openssl x509 -inform DER -in certificate -out certificate.pem
virt-fw-vars --inplace vars --add-mok 605dab50-e046-4300-abb6-3dd810dd8b23 certificate.pem
"""


class Disk:
    """The machine's disk, and the variables of its firmware, in a directory."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        # All that the machine has said by its serial line.
        self.said = ""

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Says what is going on, and how long it took."""
        diagnose(f"{what} ...")
        start = time.monotonic()
        yield
        diagnose(f"{what}: {time.monotonic() - start:.0f} s")

    def tool(self, script: str, *words: str) -> str:
        """Runs a script in the tools tree that has the firmware."""
        return run(ENTER, "--", "sh", "-c", script, "tool", self.directory, *words,
                   TALLY_TREE="machine")

    def do(self, script: str, *words: str) -> str:
        """Runs a script on the disk, as root."""
        return run(ON_DISK, self.directory / "disk", "bash", "-euc", script, "do", *words)

    def put(self, source: pathlib.Path, target: str) -> None:
        """Copies a file or a directory to the disk."""
        run(ON_DISK, self.directory / "disk", "--outside", "bash", "-euc",
            'mkdir -p "$(dirname "$3/$2")"; cp -rT "$1" "$3/$2"', "put", source, target)

    def get(self, source: str, name: str) -> pathlib.Path:
        """Copies a file of the disk to the directory."""
        run(ON_DISK, self.directory / "disk", "--outside", "bash", "-euc",
            'cp "$3/$2" "$1"', "get", self.directory / name, source)
        return self.directory / name

    def install_debian(self, release: str) -> None:
        """Installs Debian, with this kernel and what the firmware boots."""
        self.tool(DISK)
        run(ON_DISK, self.directory / "disk", "--outside", "bash", "-p", "-c", DEBIAN, "debian")
        self.do(KERNEL, release)
        self.get("/usr/lib/shim/shimx64.efi.signed", "shim")
        self.get("/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed", "grub")
        self.tool(EFI)
        self.write("/etc/systemd/system/report.service", UNIT)
        self.do("systemctl -q enable report")

    def write(self, path: str, text: str) -> None:
        """Writes a file on the disk, which may be run."""
        with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=self.directory) as file:
            file.write(text)
            file.flush()
            pathlib.Path(file.name).chmod(0o755)
            self.put(pathlib.Path(file.name), path)

    def enrol(self, certificate: str) -> None:
        """Has the firmware know a certificate that lies on the disk."""
        self.get(certificate, "certificate")
        self.tool(ENROL)

    def boot(self, report: str, seconds: int = 1800) -> dict[str, str]:
        """Boots it: what it reports, by name."""
        self.write("/usr/local/sbin/report",
                   REPORT + report + "\necho REPORT ends:\nsystemctl reboot --force\n")
        said = self.tool(BOOT, str(seconds))
        self.said += said
        found = dict(re.findall(r"REPORT ([\w-]+): (.*?) *\r*\n", said))
        diagnose("\n".join(f"    {name}: {value}" for name, value in found.items()))
        check("REPORT ends" in said, said[-6000:])
        return found


@contextmanager
def disk() -> Iterator[Disk]:
    """A disk that goes away."""
    if not pathlib.Path("/dev/loop-control").exists():
        raise Skip("this machine has no loop devices, by which a disk's file is mounted")
    with tempfile.TemporaryDirectory(dir=TOP / "build", prefix="disk-") as directory:
        pathlib.Path(directory).chmod(0o755)
        yield Disk(pathlib.Path(directory))


def packages_for(release: str, directory: pathlib.Path) -> None:
    """Makes packages in a directory of their own, with the module for that kernel."""
    directory.mkdir()
    run(ENTER, "--", "scripts/tools-tree/deb", directory, str(int(time.time())),
        TALLY_TREE="deb", KERNEL=release)
    shutil.copytree(TOP / "scripts", directory / "checkout/scripts")
    for name in ("Makefile", "Kconfig"):
        shutil.copy(TOP / name, directory / "checkout" / name)
