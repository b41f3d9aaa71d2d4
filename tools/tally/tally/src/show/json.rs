// SPDX-License-Identifier: GPL-2.0

//! The file as JSON. Documentation/tools.md describes it; SCHEMA changes when what it says of a
//! field does not hold any more.

use std::time::UNIX_EPOCH;

use serde::Serialize;
use tally_procfs::{FORMAT, Name, Values};

use super::{Rates, Sample, select::Shown};

const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    format: u64,
    time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    records: Vec<RecordOut<'a>>,
}

#[derive(Serialize)]
struct RecordOut<'a> {
    record: String,
    kind: &'static str,
    #[serde(flatten)]
    name: NameOut<'a>,
    values: Vec<ValueOut<'a>>,
}

/// The parts of a header.
#[derive(Default, Serialize)]
struct NameOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    begin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
}

#[derive(Serialize)]
struct ValueOut<'a> {
    key: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    total: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_second: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpus: Option<Vec<CpuOut>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    departed: Option<u64>,
}

#[derive(Serialize)]
struct CpuOut {
    cpu: u32,
    value: u64,
}

/// Prints a document, in one line.
pub(super) fn render(sample: &Sample, shown: &[Shown<'_>], rates: Option<&Rates<'_>>) -> String {
    let document = Document {
        schema: SCHEMA,
        format: FORMAT,
        time: sample
            .wall
            .duration_since(UNIX_EPOCH)
            .map_or(0.0, |since| since.as_secs_f64()),
        seconds: rates.map(|rates| rates.after.at.duration_since(rates.before.at).as_secs_f64()),
        records: shown.iter().map(|one| record(one, rates)).collect(),
    };
    // Numbers and text alone can always be printed.
    let mut text = serde_json::to_string(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn record<'a>(shown: &Shown<'a>, rates: Option<&Rates<'_>>) -> RecordOut<'a> {
    let record = shown.record;
    let header = record.name().to_string();
    let totals: Vec<(&'a str, u64)> = record.totals().collect();
    let value = |&index: &usize| {
        let (key, total) = totals[index];
        let kind = record.kind(key);
        let (cpus, departed) = match record.values() {
            Values::Totals(_) => (None, None),
            Values::PerCpu { cpus, departed } => {
                let out = |cpu: &tally_procfs::Cpu| CpuOut {
                    cpu: cpu.number,
                    value: cpu.values[index],
                };
                (Some(cpus.iter().map(out).collect()), Some(departed[index]))
            }
        };
        let per_second = rates.and_then(|rates| rates.per_second(&header, key, kind, total));
        ValueOut {
            key,
            kind: kind.word(),
            total,
            per_second,
            cpus,
            departed,
        }
    };
    RecordOut {
        kind: kind(record.name()),
        name: name(record.name()),
        values: shown.keys.iter().map(value).collect(),
        record: header.clone(),
    }
}

fn kind(name: &Name) -> &'static str {
    match name {
        Name::Tally(_) => "tally",
        Name::Cpus => "cpus",
        Name::Kernel => "kernel",
        Name::Zones => "zones",
        Name::Zone { .. } => "zone",
        Name::Hotplug => "hotplug",
        Name::Disk(_) => "disk",
        Name::Event(_) => "event",
        Name::Time { .. } | Name::Handler(_) => "time",
        Name::Latency(_) | Name::DiskLatency { .. } => "latency",
        Name::Group(_) => "group",
        _ => "unknown",
    }
}

fn name(name: &Name) -> NameOut<'_> {
    let mut out = NameOut::default();
    match name {
        Name::Zone { node, zone } => {
            out.node = Some(*node);
            out.zone = Some(zone);
        }
        Name::Disk(disk) => out.disk = Some(disk),
        Name::Event(event) => out.event = Some(event.to_string()),
        Name::Time { begin, end } => {
            (out.begin, out.end) = (Some(begin.to_string()), Some(end.to_string()));
        }
        Name::Handler(handler) => out.handler = Some(handler.to_string()),
        Name::Latency(what) => out.latency = Some(what),
        Name::DiskLatency { latency, disk } => {
            out.latency = Some(latency);
            out.disk = Some(disk);
        }
        Name::Group(group) => out.group = Some(group),
        _ => {}
    }
    out
}
