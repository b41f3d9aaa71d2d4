// SPDX-License-Identifier: GPL-2.0

// Numbers as people read them.

const WHOLE = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** Prints an integer, with commas. */
export const integer = (value) => WHOLE.format(value);

/** Prints a number in a few letters. */
export const short = (value) => value < 10_000 ? WHOLE.format(Math.round(value)) : SHORT.format(value);

/** Prints a rate, with a digit behind the point where that says something. */
export function rate(value) {
  if (value === undefined) return "";
  if (value <= 0) return "0";
  if (value < 100) return value.toFixed(1);
  return value < 1e8 ? WHOLE.format(Math.round(value)) : SHORT.format(value);
}

/** Prints a time with three digits, and its unit in the same line. */
export function time(ns) {
  const [value, unit] = ns < 999.5 ? [ns, "ns"] : ns < 999.5e3 ? [ns / 1e3, "µs"]
    : ns < 999.5e6 ? [ns / 1e6, "ms"] : [ns / 1e9, "s"];
  return `${unit === "ns" ? Math.round(value) : value.toPrecision(3)}\u00a0${unit}`;
}

/** Prints how long ago something was. */
export const ago = (seconds) => seconds < 100 ? `${Math.round(seconds)} s ago`
  : `${Math.round(seconds / 60)} min ago`;
