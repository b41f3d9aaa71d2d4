# SPDX-License-Identifier: GPL-2.0
"""The page of `tally export`, in Chromium."""

import contextlib
import pathlib
import re
import subprocess
from collections.abc import Iterator

from browser import Browser, browser
from ktap import check
from moving import Moving, moving

TOP = pathlib.Path(__file__).resolve().parent.parent.parent.parent
PROGRAM = TOP / "build/tools/tally"
TIME = "Time irq:softirq_entry..irq:softirq_exit"

# Texts that are hard to read or that are cut off by the window, and rows that a finger misses.
FAULTS = """(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = parse(getComputedStyle(at).backgroundColor);
      if ((found[3] ?? 1) > 0.9) return found;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !node.checkVisibility()) continue;
    if (node.closest("noscript")) continue;
    const style = getComputedStyle(node);
    const [one, other] = [light(parse(style.color)), light(ground(node))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    const text = walker.currentNode.textContent.trim().slice(0, 40);
    if (contrast < 4.5) found.push(`${text}: contrast ${contrast.toFixed(2)}`);
    if (parseFloat(style.fontSize) < 12) found.push(`${text}: ${style.fontSize}`);
    const box = node.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.left < -1) found.push(`${text}: outside`);
  }
  for (const node of document.querySelectorAll("tbody tr, button, input[type=search]")) {
    const { height } = node.getBoundingClientRect();
    if (height < 36) found.push(`${node.tagName} is ${height} high`);
  }
  const width = document.documentElement.scrollWidth;
  if (width > innerWidth) found.push(`the page is ${width} wide in a window of ${innerWidth}`);
  return found;
})()"""

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
def exporter(machine: Moving) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The program, serving the files of a machine: where."""
    with subprocess.Popen([PROGRAM, "export", "--procfs", machine.root, "--listen", "127.0.0.1:0"],
                          stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stderr
            said = running.stderr.readline()
            found = re.search(r"(http://127\.0\.0\.1:\d+/)metrics$", said.strip())
            check(found, said)
            assert found
            yield found[1], running
        finally:
            running.kill()


@contextlib.contextmanager
def opened(fixture: str) -> Iterator[tuple[Browser, Moving, "subprocess.Popen[str]", str]]:
    """The page of a machine, once it has rates."""
    with moving(fixture) as machine, exporter(machine) as (address, running), browser() as found:
        found.shape(390, 844, mobile=True)
        found.call("Page.navigate", url=address)
        found.wait("document.querySelector('td.rate')?.textContent")
        yield found, machine, running, address


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
            faults = seen.evaluate(FAULTS)
            check(not faults, f"{width} wide, {scheme}: {faults}")
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
            faults = seen.evaluate(FAULTS)
            check(not faults, f"{width} wide: {faults}")
        seen.picture(pictures / "page-64-cpus.png")
        height = seen.evaluate("document.querySelector('#cpus canvas').clientHeight")
        check(200 < height < 500, f"the picture of 64 CPUs is {height} high")
