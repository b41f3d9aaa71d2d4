# SPDX-License-Identifier: GPL-2.0
"""What the kernel says of the modules' types (BTF) when they are loaded."""

import errno
import os
import struct

import around
import kernel
from ktap import Failure, check, test
from machine import FOUR, Machine

NEEDS = FOUR

SAMPLE = kernel.module("rust_group")
BTF = "/sys/kernel/btf"
# Magic number, version, flags, and where types and names are.
HEADER = 24
REFUSED = "failed to validate module"


def section(image: bytes | bytearray, name: str) -> tuple[int, int]:
    """Where an ELF file has a section: its offset and its size."""
    table, = struct.unpack_from("<Q", image, 0x28)
    size, number, names = struct.unpack_from("<HHH", image, 0x3a)
    headers = [struct.unpack_from("<IIQQQQ", image, table + size * index)
               for index in range(number)]
    strings = headers[names][4]
    for header in headers:
        at = strings + header[0]
        if image[at:image.index(b"\0", at)] == name.encode():
            return header[4], header[5]
    raise Failure(f"there is no section {name}")


@test("the kernel takes the types of tally and of a module beside it, and says nothing")
def taken() -> None:
    around.log()
    with kernel.loaded(kernel.module("tally")), kernel.loaded(SAMPLE):
        for name in ("tally", "rust_group"):
            with open(f"{BTF}/{name}", "rb") as file:
                types = file.read()
            # The kernel makes the types' numbers anew, and keeps how many bytes they are.
            image = kernel.module(name).read_bytes()
            offset, _ = section(image, ".BTF")
            check(types[:HEADER] == image[offset:offset + HEADER], f"{name}: {types[:HEADER]!r} is "
                  f"not {image[offset:offset + HEADER]!r}")
    lines = [line for line in around.log() if "BTF" in line.upper()]
    check(not lines, f"the log has {lines}")


@test("a module of another kernel's types is refused, in a line that fails whatever printed it",
      needs=Machine(splat=REFUSED))
def refused() -> None:
    image = bytearray(kernel.module("tally").read_bytes())
    offset, _ = section(image, ".BTF")
    # The names of its types begin where the kernel's end: with another kernel they do not.
    header_length, = struct.unpack_from("<I", image, offset + 4)
    type_offset, type_length = struct.unpack_from("<II", image, offset + 8)
    first = offset + header_length + type_offset
    check(type_length >= 12, "there are no types")
    struct.pack_into("<I", image, first, 0x7fffffff)

    around.log()
    path = "/dev/shm/tally.ko"
    with open(path, "wb") as file:
        file.write(image)
    try:
        kernel.insmod(path)
    except OSError as failure:
        check(failure.errno == errno.EINVAL, f"it is refused with {failure}")
    else:
        kernel.rmmod("tally")
    finally:
        os.unlink(path)
    lines = around.log()
    told = [line for line in lines if REFUSED in line]
    check(told and all(around.SPLAT.search(line) for line in told),
          f"no line of the log is taken for a complaint: {lines}")
