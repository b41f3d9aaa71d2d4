// SPDX-License-Identifier: GPL-2.0

//! Makes metrics of records.

use std::borrow::Cow;

use tally_procfs::{EventName, Histogram, Kind, Name, Record, Snapshot};

use super::family::{Family, Label, Sample, Type, Value};

/// What is known beside the file.
pub(super) struct Facts {
    /// Whether records of events are there to be read.
    pub(super) sees_events: bool,
    /// When tally was loaded, in Unix time.
    pub(super) loaded: Option<f64>,
    /// Whether to export what each CPU counted.
    pub(super) percpu: bool,
}

/// Returns all families, in the order of the records that they come from.
pub(super) fn families<'a>(snapshot: &'a Snapshot, facts: &Facts) -> Vec<Family<'a>> {
    let mut found = Families(up(true));
    found.add(
        &Metric::new(
            "exporter_sees_events",
            Type::Gauge,
            "Whether the exporter sees events: 0 if it lacks CAP_PERFMON.",
        ),
        Value::Integer(u128::from(facts.sees_events)),
    );
    if let Some(loaded) = facts.loaded {
        found.add(
            &Metric::new(
                "loaded_timestamp_seconds",
                Type::Gauge,
                "When tally was loaded, in Unix time.",
            ),
            Value::Unix(loaded),
        );
    }
    if let Some(version) = version(snapshot) {
        found.add(
            &Metric::new(
                "module_info",
                Type::Gauge,
                "The version of tally that is loaded.",
            )
            .labelled([("version", version.into())]),
            Value::Integer(1),
        );
    }
    for record in snapshot.records() {
        found.add_record(record, facts.percpu);
    }
    found.0
}

fn version(snapshot: &Snapshot) -> Option<String> {
    let number = |key| snapshot.records()[0].total(key);
    Some(format!(
        "{}.{}",
        number("version_major")?,
        number("version_minor")?
    ))
}

/// Returns what there is to say without a file.
pub(super) fn without_tally() -> Vec<Family<'static>> {
    up(false)
}

fn up(up: bool) -> Vec<Family<'static>> {
    let mut found = Families(Vec::new());
    found.add(
        &Metric::new(
            "up",
            Type::Gauge,
            "Whether tally is loaded and its file was read.",
        ),
        Value::Integer(u128::from(up)),
    );
    found.0
}

/// What one number, or one record, is as a metric.
struct Metric<'a> {
    /// The name behind `tally_`.
    name: Cow<'static, str>,
    kind: Type,
    help: Cow<'static, str>,
    labels: Vec<Label<'a>>,
    /// What one of them is of the unit in the name.
    scale: Scale,
}

/// What a number is of the unit in the name of its metric.
#[derive(Clone, Copy)]
enum Scale {
    /// So many of it.
    Times(u128),
    /// Nanoseconds, and the unit is seconds.
    Nanoseconds,
}

impl<'a> Metric<'a> {
    fn new(name: impl Into<Cow<'static, str>>, kind: Type, help: &'static str) -> Self {
        Self {
            name: name.into(),
            kind,
            help: help.into(),
            labels: Vec::new(),
            scale: Scale::Times(1),
        }
    }

    fn labelled<const N: usize>(mut self, labels: [Label<'a>; N]) -> Self {
        self.labels = labels.into();
        self
    }

    /// Returns what a number is in the unit of the name.
    fn value(&self, number: u64) -> Value {
        match self.scale {
            Scale::Times(scale) => Value::Integer(u128::from(number) * scale),
            Scale::Nanoseconds => Value::Nanoseconds(number),
        }
    }

    /// Returns the same for one CPU.
    ///
    /// It has a name of its own: all CPUs together are not the total, as some have gone.
    fn of_cpu(&self, cpu: u32) -> Self {
        let mut labels = self.labels.clone();
        labels.push(("cpu", cpu.to_string().into()));
        Self {
            name: format!("percpu_{}", self.name).into(),
            kind: self.kind,
            help: format!("{} By one CPU since it came up.", self.help).into(),
            labels,
            scale: self.scale,
        }
    }
}

struct Families<'a>(Vec<Family<'a>>);

impl<'a> Families<'a> {
    fn add(&mut self, metric: &Metric<'a>, value: Value) {
        let sample = Sample {
            labels: metric.labels.clone(),
            value,
        };
        // A family's metrics stand together. It is looked for from the end, as where there are many
        // metrics they are of the last one or two families.
        match self.0.iter_mut().rev().find(|one| one.name == metric.name) {
            Some(family) => family.samples.push(sample),
            None => self.0.push(Family {
                name: metric.name.clone(),
                kind: metric.kind,
                help: metric.help.clone(),
                samples: vec![sample],
            }),
        }
    }

    fn add_record(&mut self, record: &'a Record, percpu: bool) {
        match (record.name(), Histogram::of(record)) {
            (Name::Time { begin, end }, Some(_)) => {
                self.add_times(record, begin, end, percpu);
                return;
            }
            (Name::Latency(what), Some(_)) => {
                let latency = Metric::new(
                    "latency_seconds",
                    Type::Histogram,
                    "How long somebody waited for what it needs.",
                );
                let latency = latency.labelled([("latency", what.into())]);
                self.add_lengths(record, &latency, percpu);
                return;
            }
            (Name::DiskLatency { latency, disk }, Some(_)) => {
                let requests = Metric::new(
                    "disk_latency_seconds",
                    Type::Histogram,
                    "How long requests to a disk took.",
                );
                let requests =
                    requests.labelled([("latency", latency.into()), ("disk", disk.into())]);
                self.add_lengths(record, &requests, percpu);
                return;
            }
            (Name::Handler(handler), Some(_)) => {
                let runs = Metric::new(
                    "handler_seconds",
                    Type::Histogram,
                    "How long a handler of interrupts ran.",
                );
                let runs = runs.labelled([("handler", handler.to_string().into())]);
                self.add_lengths(record, &runs, percpu);
                return;
            }
            _ => {}
        }
        for (index, (key, total)) in record.totals().enumerate() {
            // These are in metrics of their own.
            if matches!(
                (record.name(), key),
                (
                    Name::Tally(_),
                    "loaded_ns" | "version_major" | "version_minor"
                )
            ) {
                continue;
            }
            let metric = metric(record, key);
            self.add(&metric, metric.value(total));
            for cpu in record.cpus().iter().filter(|_| percpu) {
                let value = metric.value(cpu.values[index]);
                self.add(&metric.of_cpu(cpu.number), value);
            }
        }
    }

    fn add_times(&mut self, record: &Record, begin: &EventName, end: &EventName, percpu: bool) {
        let labels = [
            ("begin", begin.to_string().into()),
            ("end", end.to_string().into()),
        ];
        let times = Metric::new(
            "time_seconds",
            Type::Histogram,
            "Time from one event to another on the same CPU.",
        )
        .labelled(labels.clone());
        let unpaired = Metric::new(
            "time_unpaired",
            Type::Counter,
            "Second events that ended no interval.",
        )
        .labelled(labels);
        let totals: Vec<u64> = record.totals().map(|(_, total)| total).collect();
        let number = |values: &[u64]| Histogram::from_values(record.keys(), values);
        let unpaired_of = |values: &[u64]| number(values).map_or(0, |one| one.unpaired);
        self.add_histogram(&times, record, &totals);
        self.add(&unpaired, Value::Integer(u128::from(unpaired_of(&totals))));
        for cpu in record.cpus().iter().filter(|_| percpu) {
            self.add_histogram(&times.of_cpu(cpu.number), record, &cpu.values);
            let value = Value::Integer(u128::from(unpaired_of(&cpu.values)));
            self.add(&unpaired.of_cpu(cpu.number), value);
        }
    }

    fn add_lengths(&mut self, record: &Record, lengths: &Metric<'a>, percpu: bool) {
        let totals: Vec<u64> = record.totals().map(|(_, total)| total).collect();
        self.add_histogram(lengths, record, &totals);
        for cpu in record.cpus().iter().filter(|_| percpu) {
            self.add_histogram(&lengths.of_cpu(cpu.number), record, &cpu.values);
        }
    }

    fn add_histogram(&mut self, times: &Metric<'a>, record: &Record, values: &[u64]) {
        let Some(histogram) = Histogram::from_values(record.keys(), values) else {
            return;
        };
        let buckets = histogram
            .buckets
            .iter()
            // An interval is shorter than a bucket's bound, and so at most a nanosecond less.
            .map(|bucket| (bucket.below_ns.map(|below| below - 1), bucket.count))
            .collect();
        self.add(
            times,
            Value::Histogram {
                buckets,
                sum_ns: histogram.sum_ns,
            },
        );
    }
}

/// Returns what a number is as a metric.
fn metric<'a>(record: &'a Record, key: &'a str) -> Metric<'a> {
    let name = record.name();
    let found = match name {
        Name::Tally(_) => of_tally(key),
        Name::Cpus => Some(
            Metric::new("cpus", Type::Gauge, "CPUs, by what they are.")
                .labelled([("state", key.into())]),
        ),
        Name::Kernel => of_kernel(key),
        Name::Zones => of_zones(key),
        Name::Zone { node, zone } => of_zone(*node, zone, key),
        Name::Hotplug => of_hotplug(key),
        Name::Disk(disk) => of_disk(disk, key),
        Name::Event(event) => Some(
            match key {
                "errors" => Metric::new(
                    "event_errors",
                    Type::Counter,
                    "How often an event happened with an error.",
                ),
                _ => Metric::new("events", Type::Counter, "How often an event happened."),
            }
            .labelled([
                ("system", (&event.system).into()),
                ("event", (&event.event).into()),
            ]),
        ),
        Name::Group(group) => Some(
            Metric::new("group", Type::Counter, "What another module counts.")
                .labelled([("group", group.into()), ("key", key.into())]),
        ),
        _ => None,
    };
    // What a newer module has is there under the names that it has there.
    found
        .filter(|_| record.kind(key) != Kind::Unknown)
        .unwrap_or_else(|| {
            Metric::new(
                "unknown",
                Type::Unknown,
                "What this exporter does not know.",
            )
            .labelled([("record", name.to_string().into()), ("key", key.into())])
        })
}

fn of_tally(key: &str) -> Option<Metric<'static>> {
    let (name, kind, help) = match key {
        "records" => (
            "records",
            Type::Gauge,
            "Records in the file, as the exporter sees it.",
        ),
        "memory_bytes" => (
            "memory_bytes",
            Type::Gauge,
            "Memory that counters take on all CPUs.",
        ),
        "reads" => (
            "reads",
            Type::Counter,
            "Times that somebody began to read one of the files.",
        ),
        "events" => (
            "enabled_events",
            Type::Gauge,
            "Events that are enabled and not pending.",
        ),
        "missed" => (
            "missed_events",
            Type::Counter,
            "Events that could not be counted.",
        ),
        _ => return None,
    };
    Some(Metric::new(name, kind, help))
}

fn of_kernel(key: &str) -> Option<Metric<'static>> {
    let (name, help) = match key {
        "nr_switches" => ("context_switches", "Switches from one task to another."),
        "nr_hardirqs" => ("hardirqs", "Runs of handlers of device interrupts."),
        "nr_softirqs" => ("softirqs", "Runs of handlers of softirqs."),
        _ => return None,
    };
    Some(Metric::new(name, Type::Counter, help))
}

const ALLOCATED: &str = "Pages allocated.";
const FREED: &str = "Pages given back.";

fn of_zones(key: &str) -> Option<Metric<'_>> {
    let (name, help, kind) = match key.strip_prefix("nr_alloc_pages_") {
        Some(kind) => ("zones_allocated_pages", ALLOCATED, kind),
        None => (
            "zones_freed_pages",
            FREED,
            key.strip_prefix("nr_free_pages_")?,
        ),
    };
    Some(Metric::new(name, Type::Counter, help).labelled([("type", kind.into())]))
}

fn of_zone<'a>(node: u32, zone: &'a str, key: &'a str) -> Option<Metric<'a>> {
    let [node, zone] = [("node", node.to_string().into()), ("zone", zone.into())];
    Some(match key {
        "nr_alloc_pages" => {
            Metric::new("zone_allocated_pages", Type::Counter, ALLOCATED).labelled([node, zone])
        }
        "nr_free_pages" => {
            Metric::new("zone_freed_pages", Type::Counter, FREED).labelled([node, zone])
        }
        _ => Metric::new(
            "zone_allocations",
            Type::Counter,
            "Blocks of 2^order pages allocated.",
        )
        .labelled([
            node,
            zone,
            ("order", key.strip_prefix("nr_alloc_order_")?.into()),
        ]),
    })
}

fn of_hotplug(key: &str) -> Option<Metric<'static>> {
    let (name, kind, help) = match key {
        "online" => (
            "hotplug_online",
            Type::Counter,
            "CPUs that were about to come up.",
        ),
        "dead" => ("hotplug_dead", Type::Counter, "CPUs that went down."),
        "vetoed" => (
            "hotplug_vetoed",
            Type::Counter,
            "CPUs that a subscriber kept down.",
        ),
        "folds" => (
            "hotplug_folds",
            Type::Counter,
            "Times that the counts of a dead CPU were moved.",
        ),
        "subscribers" => (
            "hotplug_subscribers",
            Type::Gauge,
            "Subscribers of the hotplug chain.",
        ),
        _ => return None,
    };
    Some(Metric::new(name, kind, help))
}

fn of_disk<'a>(disk: &'a str, key: &str) -> Option<Metric<'a>> {
    let (name, help) = match key {
        "nr_reads" => ("reads", "Reads."),
        "sectors_read" => ("read_bytes", "Bytes read."),
        "nr_writes" => (
            "writes",
            "Writes, and whatever else changes what is on the disk.",
        ),
        "sectors_written" => ("written_bytes", "Bytes written."),
        "nr_discards" => ("discards", "Discards."),
        "sectors_discarded" => ("discarded_bytes", "Bytes discarded."),
        "nr_flushes" => ("flushes", "Flushes of the write cache."),
        "nr_errors" => ("errors", "Requests or bios that failed."),
        "sectors_failed" => ("failed_bytes", "Bytes that they were of."),
        "read_ns" => ("read_seconds", "How long reads took, all together."),
        "write_ns" => ("write_seconds", "How long writes took, all together."),
        "discard_ns" => ("discard_seconds", "How long discards took, all together."),
        "flush_ns" => ("flush_seconds", "How long flushes took, all together."),
        _ => return None,
    };
    let mut found =
        Metric::new(format!("disk_{name}"), Type::Counter, help).labelled([("disk", disk.into())]);
    if key.starts_with("sectors_") {
        found.scale = Scale::Times(512);
    } else if key.ends_with("_ns") {
        found.scale = Scale::Nanoseconds;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::family::{Format, print};

    const FACTS: Facts = Facts {
        sees_events: true,
        loaded: Some(1000.0),
        percpu: false,
    };

    fn exported(text: &str, facts: &Facts) -> String {
        let snapshot = Snapshot::parse(format!("Tally, format 1\n      records      1\n{text}"))
            .expect("it is a file");
        print(&families(&snapshot, facts), Format::Text, facts.loaded)
    }

    fn samples(text: &str) -> Vec<String> {
        exported(text, &FACTS)
            .lines()
            .filter(|line| !line.starts_with('#'))
            .skip(4)
            .map(str::to_string)
            .collect()
    }

    #[test]
    fn what_is_not_known_is_exported_as_it_is_called() {
        assert_eq!(
            samples("Weather today\n      rain         4\nKernel\n      nr_naps      2\n"),
            [
                r#"tally_unknown{record="Weather today",key="rain"} 4"#,
                r#"tally_unknown{record="Kernel",key="nr_naps"} 2"#,
            ]
        );
    }

    #[test]
    fn metrics_of_a_family_stand_together() {
        assert_eq!(
            samples(
                "Disk a\n      nr_reads     1\n      sectors_read 2\nDisk b\n      nr_reads     3\n"
            ),
            [
                r#"tally_disk_reads_total{disk="a"} 1"#,
                r#"tally_disk_reads_total{disk="b"} 3"#,
                r#"tally_disk_read_bytes_total{disk="a"} 1024"#,
            ]
        );
    }

    #[test]
    fn a_version_is_one_metric() {
        let text = "      version_major 1\n      version_minor 2\n";
        assert_eq!(samples(text), [r#"tally_records 1"#]);
        assert!(exported(text, &FACTS).contains("\ntally_module_info{version=\"1.2\"} 1\n"));
    }

    #[test]
    fn large_numbers_are_exact() {
        assert_eq!(
            samples("Kernel\n      nr_switches  18446744073709551615\n"),
            ["tally_context_switches_total 18446744073709551615"]
        );
    }

    #[test]
    fn each_cpu_has_metrics_of_its_own_and_those_that_went_have_none() {
        let text = "Kernel\n  pagesets\n    cpu: 0\n              nr_switches: 1\n    cpu: 3\n              \
                    nr_switches: 2\n    departed\n              nr_switches: 4\n";
        assert_eq!(samples(text), ["tally_context_switches_total 7"]);
        let all = exported(
            text,
            &Facts {
                percpu: true,
                ..FACTS
            },
        );
        assert!(
            all.contains("\ntally_percpu_context_switches_total{cpu=\"0\"} 1\n"),
            "{all}"
        );
        assert!(
            all.contains("\ntally_percpu_context_switches_total{cpu=\"3\"} 2\n"),
            "{all}"
        );
        assert!(!all.contains(" 4\n"), "{all}");
    }
}
