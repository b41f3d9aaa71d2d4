# SPDX-License-Identifier: GPL-2.0
"""What is hard to read on a page: faint or small texts, and what the window cuts off."""

from browser import Browser

# Parts of a page that scroll by themselves may be wider than the window.
FAULTS = """((scrolls) => {
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
    if (node.closest("noscript, script")) continue;
    const style = getComputedStyle(node);
    const [one, other] = [light(parse(style.color)), light(ground(node))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    const text = walker.currentNode.textContent.trim().slice(0, 40);
    if (contrast < 4.5) found.push(`${text}: contrast ${contrast.toFixed(2)}`);
    if (parseFloat(style.fontSize) < 12) found.push(`${text}: ${style.fontSize}`);
    const box = node.getBoundingClientRect();
    if (node.closest(scrolls)) continue;
    if (box.right > innerWidth + 1 || box.left < -1) found.push(`${text}: outside`);
  }
  const width = document.documentElement.scrollWidth;
  if (width > innerWidth) found.push(`the page is ${width} wide in a window of ${innerWidth}`);
  return found;
})"""


def faults(seen: Browser, scrolls: str = "noscript") -> list[str]:
    """What is wrong with the page. What the selector finds scrolls by itself."""
    found: list[str] = seen.evaluate(f"{FAULTS}('{scrolls}')")
    return found
