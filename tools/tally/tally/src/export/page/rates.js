// SPDX-License-Identifier: GPL-2.0

// What two documents of /records.json say together: rows, and how fast they grow. Nothing here
// knows the page.

/** The row of all lengths in a record `Time` or `Latency`, whose keys are the bars of a histogram. */
export const INTERVALS = "intervals";

/** Returns whether a record's keys are such bars. */
export const isHistogram = (record) => record?.kind === "time" || record?.kind === "latency";

/** Parses a document. Integers that a double has no room for are BigInts, if the browser can. */
export function parse(text) {
  return JSON.parse(text, (key, value, context) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^\d+$/.test(context?.source ?? "")
      ? BigInt(context.source) : value);
}

/**
 * Returns by how much a count grew, also over the end of the numbers, 2^64. One that comes out
 * half of them ahead has begun anew.
 */
export function advance(before, after) {
  if (typeof before === "number" && typeof after === "number" && after >= before) {
    return after - before;
  }
  const grown = BigInt.asUintN(64, BigInt(after) - BigInt(before));
  return Number(grown < 1n << 63n ? grown : BigInt(after));
}

const sum = (numbers) => numbers.reduce((one, other) => one + Number(other), 0);

/** Returns the bounds of a record's buckets in nanoseconds; that of the last one is Infinity. */
export function bounds(record) {
  return record.values.flatMap(({ key }) => {
    const found = /^(lt|ge)_(\d+)ns$/.exec(key);
    return found ? [{ key, below: found[1] === "lt" ? Number(found[2]) : Infinity }] : [];
  });
}

/** Returns the rows of a record: a number each, in total and by CPU. */
function rowsOf(record) {
  const row = (key, values) => ({
    id: `${record.record}\n${key}`,
    header: record.record,
    key,
    total: values.length === 1 ? values[0].total : sum(values.map((one) => one.total)),
    cpus: new Map((values[0].cpus ?? []).map(({ cpu }, at) =>
      [cpu, values.length === 1 ? values[0].cpus[at].value
        : sum(values.map((one) => one.cpus[at].value))])),
  });
  if (isHistogram(record)) {
    const keys = new Set(bounds(record).map(({ key }) => key));
    const buckets = record.values.filter(({ key }) => keys.has(key));
    const unpaired = record.values.filter(({ key }) => key === "unpaired");
    return [...buckets.length ? [row(INTERVALS, buckets)] : [],
      ...unpaired.map((value) => row(value.key, [value]))];
  }
  return record.values.filter(({ type }) => type === "count" || type === "unknown")
    .map((value) => row(value.key, [value]));
}

/** Returns a document with its rows and records by their names. */
export function sample(document) {
  const rows = new Map(document.records.flatMap(rowsOf).map((row) => [row.id, row]));
  const records = new Map(document.records.map((record) => [record.record, record]));
  const first = document.records.find((record) => record.values[0]?.cpus);
  const total = (header, key) =>
    records.get(header)?.values.find((value) => value.key === key)?.total;
  return {
    time: document.time,
    rows,
    records,
    total,
    cpus: (first?.values[0].cpus ?? []).map(({ cpu }) => cpu),
    loaded: document.records[0].values.find(({ key }) => key === "loaded_ns")?.total,
  };
}

/** The rates of the last samples. */
export class History {
  constructor(limit) {
    this.limit = limit;
    this.frames = [];
    this.samples = [];
  }

  /** Takes a sample. Returns what came and went since the one before. */
  push(now) {
    const before = this.samples.at(-1);
    if (before && before.loaded !== now.loaded) {
      this.frames = [];
      this.samples = [now];
      return [{ kind: "went", text: "tally was loaded anew: all counts begin at zero" }];
    }
    this.samples.push(now);
    // With one sample more than there are rates.
    this.samples = this.samples.slice(-this.limit - 1);
    if (!before || now.time <= before.time) return [];
    const seconds = now.time - before.time;
    const frame = new Map();
    for (const [id, row] of now.rows) {
      const old = before.rows.get(id);
      if (!old) continue;
      frame.set(id, {
        total: advance(old.total, row.total) / seconds,
        // A CPU that was away begins at zero.
        cpus: new Map([...row.cpus].map(([cpu, value]) =>
          [cpu, advance(old.cpus.get(cpu) ?? 0, value) / seconds])),
      });
    }
    this.frames.push(frame);
    this.frames = this.frames.slice(-this.limit);
    return changes(before, now);
  }

  get latest() {
    return this.samples.at(-1);
  }

  /** Returns a row's last rates, of which some may be missing. */
  of(id) {
    return this.frames.map((frame) => frame.get(id));
  }

  /** Returns how fast a row grew over some of the last samples. */
  mean(id, samples) {
    const found = this.of(id).slice(-samples).filter(Boolean);
    return found.length ? sum(found.map(({ total }) => total)) / found.length : 0;
  }

  /** Returns a row's rate in the last interval. */
  rate(id) {
    return this.frames.at(-1)?.get(id)?.total;
  }

  /** Returns how many intervals were how long: over the samples that are kept, and ever. */
  times(header) {
    const now = this.latest?.records.get(header);
    const then = this.samples.find((one) => one.records.has(header))?.records.get(header);
    if (!now || !then) return [];
    const count = (record, key) => record.values.find((value) => value.key === key)?.total ?? 0;
    return bounds(now).map(({ key, below }) => ({
      below,
      ever: Number(count(now, key)),
      recent: advance(count(then, key), count(now, key)),
    }));
  }
}

function changes(before, now) {
  const found = [];
  const differ = (kind, word, several, names) => {
    if (names.length > 2) found.push({ kind, text: `${names.length} ${several} ${word}` });
    else if (names.length) found.push({ kind, text: `${names.join(", ")} ${word}`, names });
  };
  const without = (some, others) => some.filter((one) => !others.includes(one));
  const cpus = (numbers) => numbers.map((number) => `CPU ${number}`);
  differ("came", "came online", "CPUs", cpus(without(now.cpus, before.cpus)));
  differ("went", "went offline", "CPUs", cpus(without(before.cpus, now.cpus)));
  const headers = (one) => [...one.records.keys()];
  differ("came", "came", "records", headers(now).filter((one) => !before.records.has(one)));
  differ("went", "went", "records", headers(before).filter((one) => !now.records.has(one)));
  return found;
}
