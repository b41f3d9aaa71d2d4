// SPDX-License-Identifier: GPL-2.0

// The page: asks for /records.json again and again, and shows what has become of it.

import { drawCpus, drawTimes, linePath } from "./draw.js";
import { ago, integer, rate, short, time } from "./numbers.js";
import { History, INTERVALS, isHistogram, parse, sample } from "./rates.js";

// A sample each second, and two minutes of them.
const PERIOD = 1000;
const SAMPLES = 120;
// The picture and the lines have room for so many.
const SHOWN = 60;
const TREND = 30;
// More rows than anybody reads: the filter finds others.
const ROWS = 200;
// For so many seconds one reads what came and went.
const NEWS = 60;
const MARKED = 10;

const find = (selector) => document.querySelector(selector);
const history = new History(SAMPLES);
const rows = new Map();
let news = [];
let chosen = null;
let paused = false;
let answered = null;
let timer = null;

find("#host").textContent = location.host;

function element(name, attributes = {}, ...children) {
  const found = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
  found.append(...children);
  return found;
}

async function ask() {
  timer = null;
  try {
    const answer = await fetch("records.json", { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text.trim());
    take(sample(parse(text)));
    answered = performance.now();
    find("#trouble").hidden = true;
  } catch (error) {
    // A browser's words for it tell nothing.
    trouble(error.name === "Error" ? error.message : "the exporter does not answer");
  }
  draw();
  again();
}

function again() {
  if (!paused && !document.hidden && timer === null) timer = setTimeout(ask, PERIOD);
}

function trouble(text) {
  const since = answered === null ? "" : ` What is shown is of ${ago((performance.now() - answered) / 1000)}.`;
  find("#trouble").textContent = `No new numbers: ${text}.${since}`;
  find("#trouble").hidden = false;
}

function take(now) {
  news = [...history.push(now).map((one) => ({ ...one, time: now.time })).reverse(), ...news]
    .filter((one) => now.time - one.time < NEWS);
}

function draw() {
  const now = history.latest;
  const state = find("#state");
  const lost = !find("#trouble").hidden;
  state.className = lost ? "lost" : paused ? "" : "live";
  state.textContent = lost ? "no answer" : paused ? "paused" : "live";
  if (!now) return;
  drawTiles(now);
  drawNews(now);
  drawRows(now);
  drawPicture(now);
}

function drawTiles(now) {
  const rateOf = (header, key) => rate(history.rate(`${header}\n${key}`)) || "–";
  const fact = (header, key) => now.total(header, key);
  const seen = [...now.records.values()].some(({ kind }) => kind === "event" || kind === "time");
  const events = now.total([...now.records.keys()][0], "events") ?? 0;
  const tiles = [
    ["CPUs online", String(fact("Cpus", "online") ?? now.cpus.length), `of ${fact("Cpus", "present") ?? "?"}`],
    ["Events", integer(events), events && !seen ? "hidden: no CAP_PERFMON" : "enabled"],
    ["Switches", rateOf("Kernel", "nr_switches"), "/s"],
    ["Interrupts", rateOf("Kernel", "nr_hardirqs"), "/s"],
    ["Softirqs", rateOf("Kernel", "nr_softirqs"), "/s"],
  ];
  const place = find("#tiles");
  if (place.children.length !== tiles.length) {
    place.replaceChildren(...tiles.map(([name]) => element("dl", { class: "tile" },
      element("dt", {}, name), element("dd", {}, element("span"), " ", element("small")))));
  }
  tiles.forEach(([, value, unit], at) => {
    place.children[at].querySelector("span").textContent = value;
    place.children[at].querySelector("small").textContent = unit;
  });
}

function drawNews(now) {
  find("#news").replaceChildren(...news.slice(0, 4).map((one) =>
    element("li", { class: one.kind }, `${one.text}, ${ago(now.time - one.time)}`)));
}

/** Returns the rows to show, the fastest first. */
function ordered(now) {
  const words = find("#filter").value.toLowerCase();
  const pattern = words.includes("*")
    ? new RegExp(words.split("*").map((one) => one.replace(/[^\w: ]/g, "\\$&")).join(".*"))
    : null;
  const fits = ({ header, key }) => {
    const text = `${header} ${key}`.toLowerCase();
    return pattern ? pattern.test(text) : text.includes(words);
  };
  const all = [...now.rows.values()].filter(fits);
  const some = find("#zeros").checked ? all : all.filter(({ total }) => Number(total) > 0);
  // By their pace of some seconds, so that they stay where they are as long as they can.
  const pace = new Map(some.map(({ id }) => [id, history.mean(id, 10)]));
  some.sort((one, other) => pace.get(other.id) - pace.get(one.id));
  return { shown: some.slice(0, ROWS), more: some.length - ROWS, zeros: all.length - some.length };
}

function makeRow(row) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 80 22");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  const found = element("tr", { tabindex: "0", "aria-selected": "false" },
    element("td", { title: `${row.header} ${row.key}` },
      element("span", { class: "name" }, row.header), element("span", { class: "key" }, row.key)),
    element("td", { class: "trend" }, svg),
    element("td", { class: "number rate" }),
    element("td", { class: "number total" }));
  found.addEventListener("click", () => choose(row.id));
  found.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(row.id);
    }
  });
  return found;
}

function drawRows(now) {
  const { shown, more, zeros } = ordered(now);
  const body = find("tbody");
  // Nothing is faster than anything else before there are rates.
  if (history.frames.length) chosen ??= shown[0]?.id ?? null;
  const came = new Set(news.filter((one) => one.kind === "came" && now.time - one.time < MARKED)
    .flatMap((one) => one.names ?? []));
  const wanted = shown.map((row) => {
    if (!rows.has(row.id)) rows.set(row.id, makeRow(row));
    const found = rows.get(row.id);
    const latest = history.rate(row.id);
    found.setAttribute("aria-selected", String(row.id === chosen));
    found.className = [latest === 0 ? "idle" : "", came.has(row.header) ? "came" : ""].join(" ").trim();
    found.querySelector(".rate").textContent = rate(latest);
    found.querySelector(".total").textContent = integer(row.total);
    const rates = history.of(row.id).slice(-TREND).map((one) => one?.total ?? 0);
    found.querySelector("path").setAttribute("d", linePath(rates, TREND, 80, 22));
    return found;
  });
  for (const id of rows.keys()) {
    if (!now.rows.has(id)) rows.delete(id);
  }
  // Under a finger, or under a pointer, no row moves.
  const held = body.matches(":hover") || body.contains(document.activeElement);
  const same = wanted.length === body.children.length && wanted.every((row) => row.parentNode === body);
  if (!(held && same) && wanted.some((row, at) => row !== body.children[at])) {
    const focused = document.activeElement;
    body.replaceChildren(...wanted);
    if (wanted.includes(focused)) focused.focus();
  } else if (body.children.length !== wanted.length) {
    body.replaceChildren(...wanted);
  }
  find("#more").textContent = [
    more > 0 ? `${integer(more)} more: the filter finds them.` : "",
    zeros > 0 ? `${integer(zeros)} ${zeros === 1 ? "row is" : "rows are"} zero.` : "",
    shown.length || zeros ? "" : "Nothing is like this.",
  ].filter(Boolean).join(" ");
}

function choose(id) {
  chosen = id;
  draw();
  // On a telephone the picture is above the rows.
  find("#picture").scrollIntoView({ block: "nearest", behavior: "instant" });
}

function drawPicture(now) {
  const row = now.rows.get(chosen);
  find("#picture").hidden = !row;
  if (!row) return;
  find("#picture-title").textContent = `${row.header} ${row.key}`;
  const facts = [`${rate(history.rate(chosen)) || "–"} a second`, `${integer(row.total)} in all`];
  const isTime = row.key === INTERVALS && isHistogram(now.records.get(row.header));
  find("#times").hidden = !isTime;
  if (isTime) {
    const times = history.times(row.header);
    drawTimes(find("#times canvas"), times);
    facts.push(...quantiles(times, now.total(row.header, "sum_ns"), row.total));
  }
  find("#picture-facts").textContent = facts.join(" · ");
  find("#cpus").hidden = row.cpus.size === 0;
  if (row.cpus.size) {
    const frames = history.of(chosen).slice(-SHOWN);
    // Those that have gone are there as long as something of theirs is.
    const cpus = new Set([...now.cpus, ...frames.flatMap((frame) => [...frame?.cpus.keys() ?? []])]);
    const sorted = [...cpus].sort((one, other) => one - other);
    const greatest = drawCpus(find("#cpus canvas"), sorted, frames, SHOWN);
    find("#most").textContent = `${greatest > 0 ? short(greatest) : "–"} a second; a cell is a second, the last one at the right`;
  }
}

/** Returns the mean of all intervals, and what half of them and nearly all are below. */
function quantiles(times, sumNs, count) {
  if (!Number(count)) return [];
  const found = [`mean ${time(Number(sumNs) / Number(count))}`];
  for (const [part, word] of [[0.5, "half"], [0.99, "99\u00a0%"]]) {
    let seen = 0;
    const bucket = times.find(({ ever }) => (seen += ever) >= Number(count) * part);
    if (bucket && bucket.below !== Infinity) found.push(`${word} below ${time(bucket.below)}`);
  }
  return found;
}

find("#pause").addEventListener("click", () => {
  paused = !paused;
  find("#pause").setAttribute("aria-pressed", String(paused));
  find("#pause").textContent = paused ? "Go on" : "Pause";
  if (paused) {
    clearTimeout(timer);
    timer = null;
    draw();
  } else {
    ask();
  }
});
find("#find").addEventListener("submit", (event) => event.preventDefault());
find("#filter").addEventListener("input", draw);
find("#zeros").addEventListener("change", draw);
window.addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
// Nobody asks for what nobody sees.
document.addEventListener("visibilitychange", again);
ask();
