// SPDX-License-Identifier: GPL-2.0

// The pictures of a row: what each CPU did, and how long intervals were.

import { integer, rate, time } from "./numbers.js";

/** Returns a canvas's context, for as many pixels as the screen has, with its width. */
function prepare(canvas, height) {
  const width = canvas.clientWidth;
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.setProperty("height", `${height}px`);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const style = getComputedStyle(document.body);
  context.font = `12px ${style.fontFamily}`;
  context.textBaseline = "middle";
  return { context, width, colour: (name) => style.getPropertyValue(name).trim() };
}

function components(colour) {
  const digits = colour.length === 4 ? [...colour.slice(1)].map((one) => one + one).join("")
    : colour.slice(1);
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
}

/** Returns a function from 0..1 to a colour between those of the style sheet. */
function ramp(colour) {
  const stops = [0, 1, 2, 3, 4].map((at) => components(colour(`--heat-${at}`)));
  return (part) => {
    const place = Math.min(Math.max(part, 0), 1) * (stops.length - 1);
    const at = Math.min(Math.floor(place), stops.length - 2);
    const mixed = stops[at].map((one, index) =>
      Math.round(one + (stops[at + 1][index] - one) * (place - at)));
    return `rgb(${mixed.join(",")})`;
  };
}

/**
 * Draws a line for each CPU, whose cells are samples, the newest at the right. Returns the
 * greatest rate of one CPU.
 */
export function drawCpus(canvas, cpus, frames, samples) {
  const line = Math.min(24, Math.max(5, Math.floor(300 / Math.max(cpus.length, 1))));
  const { context, width, colour } = prepare(canvas, line * cpus.length);
  const heat = ramp(colour);
  const greatest = Math.max(0, ...frames.flatMap((frame) => [...frame?.cpus.values() ?? []]));
  const label = 58;
  const end = 70;
  const cell = (width - label - end) / samples;
  const gap = line > 10 ? 2 : 0;
  // Not every line has room for its name.
  const named = Math.ceil(13 / line);
  cpus.forEach((cpu, at) => {
    const top = at * line;
    frames.forEach((frame, index) => {
      const found = frame?.cpus.get(cpu);
      const left = label + (samples - frames.length + index) * cell;
      if (found === undefined) {
        // A CPU that is away is a line through nothing.
        context.fillStyle = colour("--line");
        context.fillRect(left, top + line / 2 - 0.5, cell, 1);
      } else {
        context.fillStyle = heat(greatest > 0 ? found / greatest : 0);
        context.fillRect(left, top, Math.max(cell - (cell > 4 ? 1 : 0), 0.5), line - gap);
      }
    });
    if (at % named) return;
    const middle = top + (line - gap) / 2;
    context.fillStyle = colour("--soft");
    context.textAlign = "left";
    context.fillText(`CPU ${cpu}`, 0, Math.max(middle, 6));
    const last = frames.at(-1)?.cpus.get(cpu);
    context.fillStyle = colour(last === undefined ? "--bad" : "--ink");
    context.textAlign = "right";
    if (frames.length) {
      context.fillText(last === undefined ? "offline" : rate(last), width, Math.max(middle, 6));
    }
  });
  canvas.setAttribute("aria-label", cpus.map((cpu) =>
    `CPU ${cpu}: ${rate(frames.at(-1)?.cpus.get(cpu)) || "offline"}`).join(", "));
  return greatest;
}

/** Draws bars of how many intervals were how long, as parts of all. */
export function drawTimes(canvas, times) {
  const height = 180;
  const axis = 22;
  const { context, width, colour } = prepare(canvas, height);
  const used = (one) => one.ever > 0 || one.recent > 0;
  const first = times.findIndex(used);
  const bars = first < 0 ? [] : times.slice(first, times.findLastIndex(used) + 1);
  if (!bars.length) {
    context.fillStyle = colour("--soft");
    context.fillText("No interval has ended yet.", 0, height / 2);
    return;
  }
  const all = (which) => bars.reduce((sum, one) => sum + one[which], 0) || 1;
  const parts = (which) => bars.map((one) => one[which] / all(which));
  const [ever, recent] = [parts("ever"), parts("recent")];
  const greatest = Math.max(...ever, ...recent);
  const bar = width / bars.length;
  const y = (part) => (height - axis - 4) * (1 - part / greatest) + 4;
  context.fillStyle = colour("--accent");
  recent.forEach((part, at) => {
    if (part > 0) {
      const top = Math.min(y(part), height - axis - 1);
      context.fillRect(at * bar + 1, top, Math.max(bar - 2, 1), height - axis - top);
    }
  });
  // What it was like ever since is a line over the bars.
  context.strokeStyle = colour("--soft");
  context.lineWidth = 1.5;
  context.beginPath();
  ever.forEach((part, at) => {
    context.lineTo(at * bar, y(part));
    context.lineTo((at + 1) * bar, y(part));
  });
  context.stroke();
  context.fillStyle = colour("--line");
  context.fillRect(0, height - axis, width, 1);
  context.fillStyle = colour("--soft");
  context.textAlign = "right";
  let free = 0;
  bars.forEach(({ below }, at) => {
    const name = below === Infinity ? "more" : `<${time(below)}`;
    const right = Math.min((at + 1) * bar, width);
    if (right - context.measureText(name).width >= free) {
      context.fillText(name, right, height - axis / 2 + 2);
      free = right + 10;
    }
  });
  canvas.setAttribute("aria-label", bars.filter(({ recent: count }) => count > 0).map(
    ({ below, recent: count }) =>
      `${integer(count)} ${below === Infinity ? "longer" : `below ${time(below)}`}`).join(", "));
}

/** Returns the path of a line through some numbers, in a box. */
export function linePath(values, samples, width, height) {
  const greatest = Math.max(...values, 0);
  const x = (at) => (samples - values.length + at) / (samples - 1) * width;
  const y = (value) => greatest > 0 ? height - 1 - value / greatest * (height - 2) : height - 1;
  return values.map((value, at) => `${at ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
    .join("");
}
