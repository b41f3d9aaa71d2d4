# SPDX-License-Identifier: GPL-2.0
"""The page of `tally export`, in Chromium."""

import contextlib
import pathlib
import subprocess
from collections.abc import Iterator

from browser import Browser, browser
from exporting import exporter
from faults import faults
from ktap import check
from moving import Moving, moving

TIME = "Time irq:softirq_entry..irq:softirq_exit"

# Rows and buttons that a finger misses.
MISSED = """[...document.querySelectorAll("tbody tr, button, input[type=search]")]
  .map((node) => [node.tagName, node.getBoundingClientRect().height])
  .filter(([, height]) => height < 36).map(([name, height]) => `${name} is ${height} high`)"""

# How many pixels of a picture are drawn.
DRAWN = """((selector) => {
  const canvas = document.querySelector(selector);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let drawn = 0;
  for (let at = 3; at < data.length; at += 4) drawn += data[at] > 0;
  return drawn / (data.length / 4);
})"""

CHOOSE = """((header) => [...document.querySelectorAll("tbody tr")].find((row) =>
  row.querySelector(".name").textContent === header).click())"""

HOLDS = """(async () => {
  const { advance, parse } = await import("/rates.js");
  const { rate, time } = await import("/numbers.js");
  const top = "18446744073709551615";
  return [
    advance(5, 7) === 2,
    advance(BigInt(top), 1) === 2,
    advance(1000, 7) === 7,
    String(parse(`{"a": ${top}}`).a) === top,
    parse('{"a": 5}').a === 5,
    rate(1234.5) === "1,235" && rate(0) === "0" && rate(3.14159) === "3.1",
    time(1024) === "1.02\\u00a0µs" && time(5) === "5\\u00a0ns",
  ].indexOf(false);
})()"""


@contextlib.contextmanager
def opened(fixture: str) -> Iterator[tuple[Browser, Moving, "subprocess.Popen[str]", str]]:
    """The page of a machine, once it has rates."""
    with moving(fixture) as machine, exporter(machine.root) as running, browser() as found:
        address = f"http://{running.address}/"
        found.shape(390, 844, mobile=True)
        found.call("Page.navigate", url=address)
        found.wait("document.querySelector('td.rate')?.textContent")
        yield found, machine, running.process, address


def page(pictures: pathlib.Path) -> None:
    """All of it on one machine, with pictures."""
    with opened("4-cpus") as (seen, machine, running, address):
        check(seen.evaluate(HOLDS) == -1, "a number is wrong")
        seen.evaluate(f"{CHOOSE}('{TIME}')")
        # Pictures have something to show by then.
        seen.wait("performance.now() > 20000")
        machine.take_down(2)
        seen.wait("document.querySelector('#cpus canvas').ariaLabel.includes('CPU 2: offline')")
        check("CPU 2 went offline" in seen.evaluate("document.querySelector('#news').innerText"),
              "it does not say that a CPU went")
        machine.add("Disk sdb", like="Disk nullb0")
        seen.wait("document.querySelector('tr.came')?.textContent.includes('Disk sdb')")
        machine.drop("Disk nullb0")
        seen.wait("document.querySelector('#news').innerText.includes('Disk nullb0 went')")
        seen.wait("![...document.querySelectorAll('.name')]"
                  ".some((one) => one.textContent === 'Disk nullb0')")
        for canvas in ("#times canvas", "#cpus canvas"):
            part = seen.evaluate(f"{DRAWN}('{canvas}')")
            check(part > 0.05, f"{canvas} is empty: {part}")
        looks(seen, pictures)
        policy(seen, address)
        running.kill()
        seen.wait("document.querySelector('#state').textContent === 'no answer'")


def looks(seen: Browser, pictures: pathlib.Path) -> None:
    """Is pleasant to read on telephones, tablets and screens, in light and dark."""
    for width, height, name in ((390, 844, "phone"), (320, 640, ""), (768, 1024, ""),
                                (1280, 800, "wide")):
        seen.shape(width, height, mobile=width < 1000)
        for scheme in ("light", "dark"):
            seen.scheme(scheme)
            seen.evaluate("scrollTo(0, 0); new Promise((done) => setTimeout(done, 300))")
            found = faults(seen) + seen.evaluate(MISSED)
            check(not found, f"{width} wide, {scheme}: {found}")
            if name:
                seen.picture(pictures / f"page-{name}-{scheme}.png")


def policy(seen: Browser, address: str) -> None:
    """Has asked nobody else for anything, and cannot."""
    others = [url for url in seen.requests if not url.startswith(address)]
    check(not others, f"it has asked for {others}")
    check(not seen.complaints, f"the browser complains: {seen.complaints}")
    blocked = seen.evaluate("""new Promise((done) => {
      document.addEventListener("securitypolicyviolation",
        (event) => done(event.effectiveDirective));
      document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:1/x.png" }));
      setTimeout(() => done("nothing"), 5000);
    })""")
    check(blocked == "img-src", f"a picture from elsewhere: {blocked} is in its way")
    said = seen.evaluate("""(() => {
      try {
        document.body.innerHTML = "<b>x</b>";
        return "it was taken";
      } catch (error) {
        return error.name;
      }
    })()""")
    check(said == "TypeError", f"text as elements: {said}")


def many(pictures: pathlib.Path) -> None:
    """On a machine of 64 CPUs."""
    with opened("64-cpus") as (seen, _, _, _):
        seen.wait("performance.now() > 12000")
        for width in (390, 1280):
            seen.shape(width, 844, mobile=width < 1000)
            seen.evaluate("new Promise((done) => setTimeout(done, 300))")
            found = faults(seen) + seen.evaluate(MISSED)
            check(not found, f"{width} wide: {found}")
        seen.picture(pictures / "page-64-cpus.png")
        height = seen.evaluate("document.querySelector('#cpus canvas').clientHeight")
        check(200 < height < 500, f"the picture of 64 CPUs is {height} high")
