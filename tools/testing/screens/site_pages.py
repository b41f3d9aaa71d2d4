# SPDX-License-Identifier: GPL-2.0
"""The site that `make doc` makes: its links, and how it looks in Chromium."""

import contextlib
import functools
import html.parser
import http.server
import pathlib
import threading
import urllib.parse
from collections.abc import Iterator

from browser import Browser, browser
from faults import faults
from ktap import check

SITE = pathlib.Path(__file__).resolve().parents[3] / "build/doc"
# What scrolls by itself on pages of mdBook, or waits beside the window.
SCROLLS = "pre, .table-wrapper, .sidebar, #sidebar, .buttons"
SHAPES = ((390, 844, "phone"), (1280, 800, "wide"))
# Pages that are looked at, with the name of their pictures.
PAGES = {"index.html": "front", "about.html": "readme", "Documentation/percpu.html": "percpu",
         "Documentation/packages.html": "packages",
         "Documentation/benchmarks.html": "", "Documentation/tools.html": "",
         "samples/rust_percpu.rs.html": "source"}
# Pages that rustdoc draws as it thinks best.
CRATES = {"api/kernel_ext/index.html": "kernel-ext",
          "api/kernel_ext/percpu/struct.PerCpuBox.html": "",
          "api/tally_procfs/index.html": "tally-procfs"}


ELSEWHERE = ("http:", "https:", "mailto:", "data:", "javascript:")

# Texts of a picture that stand over its edge.
OVER = """(() => {
  const { left, right } = document.documentElement.getBoundingClientRect();
  return [...document.querySelectorAll("text")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.left < left + 4 || box.right > right - 4;
  }).map((one) => one.textContent);
})()"""


class Page(html.parser.HTMLParser):
    """What a page has that others lead to, and where it leads itself."""

    def __init__(self, path: pathlib.Path) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[str] = []
        # What a browser fetches by itself.
        self.parts: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps what an element says."""
        found = {name: value for name, value in attrs if value}
        self.names.update(found[name] for name in ("id", "name") if name in found)
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "link" and found.get("rel") != "canonical" and "href" in found:
            self.parts.append(found["href"])
        elif "src" in found:
            self.parts.append(found["src"])


@functools.cache
def page(path: pathlib.Path) -> Page:
    """A page, which is read once."""
    return Page(path)


def wrong(at: pathlib.Path, link: str) -> bool:
    """Whether a link of a page leads nowhere."""
    parts = urllib.parse.urlsplit(link)
    path = (at.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else at
    if not path.is_file() or not path.is_relative_to(SITE):
        return True
    # A script finds the lines of a source.
    if not parts.fragment or path.is_relative_to(SITE / "api/src"):
        return False
    # rustdoc has links to methods that are hidden.
    if path.is_relative_to(SITE / "api") and parts.fragment.startswith(("method.", "tymethod.")):
        return False
    # It has names with the same escapes as links to them.
    return not {parts.fragment, urllib.parse.unquote(parts.fragment)} & page(path).names


def links(_: pathlib.Path) -> None:
    """Follows all of them."""
    # The page for what is not there has links from the top of a server.
    paths = [path for path in sorted(SITE.rglob("*.html")) if path != SITE / "404.html"]
    check(len(paths) > 100, f"there are {len(paths)} pages")
    found = []
    for path in paths:
        here = page(path)
        local = [link for link in here.links if not link.startswith(ELSEWHERE)]
        # What rustdoc's scripts ask for is there if other crates have it.
        parts = here.parts if not path.is_relative_to(SITE / "api") else []
        found += [f"{path.relative_to(SITE)}: {link}" for link in [*local, *parts]
                  if wrong(path, link)]
    check(not found, "\n".join(found))


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word, also if a browser that leaves a page wants no more of it."""

    def handle(self) -> None:
        """Answers a request."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The site, as a server has it: where."""
    handler = functools.partial(Quiet, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def show(seen: Browser, address: str) -> None:
    """Goes to a page, which has everything on it afterwards."""
    seen.call("Page.navigate", url=address)
    seen.wait(f"location.href === '{address}' && document.readyState === 'complete'"
              " && [...document.images].every((one) => one.complete && one.naturalWidth)")


def edges(seen: Browser, address: str) -> list[str]:
    """Which texts of the pictures on the front page stand over an edge."""
    found = []
    for name in sorted(path.name for path in (SITE / "Documentation/pictures").glob("*.svg")):
        seen.call("Page.navigate", url=f"{address}Documentation/pictures/{name}")
        seen.wait(f"location.href.endsWith('{name}') && document.readyState === 'complete'"
                  " && document.querySelectorAll('text').length > 5")
        found += [f"{name}: over the edge: {one}" for one in seen.evaluate(OVER)]
    return found


def looks(pictures: pathlib.Path) -> None:
    """Looks at pages in windows of two shapes, in light and dark."""
    found = []
    with served() as address, browser() as seen:
        for width, height, shape in SHAPES:
            seen.shape(width, height, mobile=width < 1000)
            for scheme in ("light", "dark"):
                seen.scheme(scheme)
                for path, name in {**PAGES, **CRATES}.items():
                    show(seen, address + path)
                    if path in PAGES:
                        found += [f"{path}, {shape}, {scheme}: {one}"
                                  for one in faults(seen, SCROLLS)]
                    if name:
                        seen.picture(pictures / f"{name}-{shape}-{scheme}.png")
        others = [url for url in seen.requests if not url.startswith((address, "data:"))]
        check(not others, f"it has asked for {others}")
        # Debian's highlight.js is an old one, and says so on each page.
        complaints = [one for one in seen.complaints if "Version 9 of Highlight.js" not in one]
        check(not complaints, f"the browser complains: {complaints}")
        found += edges(seen, address)
    check(not found, "\n".join(dict.fromkeys(found)))
