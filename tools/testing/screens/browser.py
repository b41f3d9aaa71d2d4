# SPDX-License-Identifier: GPL-2.0
"""Chromium without a window, driven by the protocol of its developer tools over a pipe."""

import base64
import contextlib
import json
import os
import pathlib
import select
import signal
import subprocess
import tempfile
import time
import zlib
from collections.abc import Iterator
from typing import Any

from ktap import check

OPTIONS = ["--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu",
           "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking",
           "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-pipe"]
PATIENCE = 60.0


class Browser:
    """A page in a browser."""

    def __init__(self, to: int, back: int) -> None:
        self.to, self.back = to, back
        self.number = 0
        self.buffer = b""
        self.session: str | None = None
        # What was asked of the network, and what was complained about.
        self.requests: list[str] = []
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Calls a method, and returns its result."""
        self.number += 1
        message: dict[str, object] = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while (answer := self.receive()).get("id") != self.number:
            self.note(answer)
        check("error" not in answer, f"{method}: {answer.get('error')}")
        result: dict[str, Any] = answer["result"]
        return result

    def receive(self) -> dict[str, Any]:
        """The next message."""
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.back], [], [], PATIENCE)
            more = os.read(self.back, 1 << 16) if ready else b""
            check(more, "the browser says nothing any more")
            self.buffer += more
        message, _, self.buffer = self.buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def note(self, message: dict[str, Any]) -> None:
        """Keeps what a message tells."""
        parameters = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(parameters["exceptionDetails"]))
            case "Log.entryAdded":
                self.complaints.append(json.dumps(parameters["entry"]))
            case "Runtime.consoleAPICalled":
                self.complaints.append(json.dumps(parameters["args"]))

    def evaluate(self, script: str) -> Any:
        """The value of an expression, after its promise."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True,
                          returnByValue=True)
        check("exceptionDetails" not in found, f"{script}: {found.get('exceptionDetails')}")
        return found["result"].get("value")

    def wait(self, script: str) -> Any:
        """Waits until an expression is true."""
        deadline = time.monotonic() + PATIENCE
        while not (found := self.evaluate(script)):
            check(time.monotonic() < deadline,
                  f"never: {script}; it says {self.evaluate('document.body?.innerText')}")
            time.sleep(0.1)
        return found

    def shape(self, width: int, height: int, mobile: bool = False) -> None:
        """Makes the window so large."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=mobile)
        self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def scheme(self, name: str) -> None:
        """Prefers light or dark."""
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self, path: pathlib.Path) -> None:
        """Keeps a picture of what is in the window."""
        found = self.call("Page.captureScreenshot", format="png", optimizeForSpeed=False)
        path.write_bytes(licensed(base64.b64decode(found["data"])))


def licensed(png: bytes) -> bytes:
    """A picture that says what its licence is, in a chunk of text behind its header."""
    text = b"tEXtCopyright\0SPDX-License-Identifier: GPL-2.0"
    chunk = (len(text) - 4).to_bytes(4) + text + zlib.crc32(text).to_bytes(4)
    # A signature of 8 bytes, and a header of 13 with its length, name and checksum.
    header = 8 + 4 + 4 + 13 + 4
    return png[:header] + chunk + png[header:]


@contextlib.contextmanager
def browser(program: str = "chromium") -> Iterator[Browser]:
    """A browser that ends with the block."""
    read_end, to = os.pipe()
    back, write_end = os.pipe()
    # What it has started ends a moment after it, and may still write there. All that is
    # left goes with the tools tree's /tmp.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        # It reads from descriptor 3 and writes to descriptor 4.
        script = f'exec "$@" 3<&{read_end} 4>&{write_end}'
        running = subprocess.Popen(
            ["bash", "-c", script, "bash", program, *OPTIONS, f"--user-data-dir={home}/profile"],
            pass_fds=(read_end, write_end), env={**os.environ, "HOME": home},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(read_end)
        os.close(write_end)
        try:
            yield Browser(to, back)
        finally:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            os.close(to)
            os.close(back)
