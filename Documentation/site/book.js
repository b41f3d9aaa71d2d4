// SPDX-License-Identifier: GPL-2.0

// In the place of mdBook's own script, which Debian's package does not have. The list of pages
// opens and closes without one, and light or dark is as the reader's system has it.

// The colours of code are in site.css.
for (const name of ["highlight-css", "tomorrow-night-css", "ayu-highlight-css"]) {
  const sheet = document.getElementById(name);
  if (sheet) sheet.disabled = true;
}

for (const code of document.querySelectorAll("pre code[class*=language-]")) {
  if (window.hljs?.getLanguage(/language-(\w+)/.exec(code.className)[1])) {
    window.hljs.highlightBlock(code);
  }
}
