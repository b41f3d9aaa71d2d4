// SPDX-License-Identifier: GPL-2.0

//! Families of metrics, and the two formats that Prometheus reads.

use std::{borrow::Cow, fmt::Write};

/// The formats.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// The older text format 0.0.4, which the textfile collector of node_exporter reads.
    Text,
}

impl Format {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// What a family is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Type {
    Counter,
    Gauge,
    Histogram,
    Unknown,
}

/// Metrics of one name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Family<'a> {
    /// Its name behind `tally_`, without what the type adds.
    pub(super) name: Cow<'static, str>,
    pub(super) kind: Type,
    pub(super) help: Cow<'static, str>,
    pub(super) samples: Vec<Sample<'a>>,
}

/// One metric: what it is of, and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample<'a> {
    pub(super) labels: Vec<Label<'a>>,
    pub(super) value: Value,
}

/// The name and the value of a label.
pub(super) type Label<'a> = (&'static str, Cow<'a, str>);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// An integer, printed to the last digit.
    Integer(u128),
    /// Nanoseconds, printed as seconds to the last digit.
    Nanoseconds(u64),
    /// Unix time.
    Unix(f64),
    /// Intervals by their lengths.
    Histogram {
        /// The most nanoseconds that each bucket holds, the last one any number; and how many
        /// intervals are in it.
        buckets: Vec<(Option<u64>, u64)>,
        sum_ns: u64,
    },
}

/// The units in which families may be, each at the end of a name.
const UNITS: [&str; 2] = ["seconds", "bytes"];

/// Prints families. `created` is when all counts began, in Unix time.
pub(super) fn print(families: &[Family<'_>], format: Format, created: Option<f64>) -> String {
    let mut text = String::new();
    for family in families {
        family.print(&mut text, format, created);
    }
    if format == Format::OpenMetrics {
        text += "# EOF\n";
    }
    text
}

impl Family<'_> {
    fn print(&self, text: &mut String, format: Format, created: Option<f64>) {
        let open = format == Format::OpenMetrics;
        let suffix = if self.kind == Type::Counter {
            "_total"
        } else {
            ""
        };
        // In OpenMetrics the name of a family lacks what the names of its metrics end in.
        let described = format!("tally_{}{}", self.name, if open { "" } else { suffix });
        let kind = match self.kind {
            Type::Counter => "counter",
            Type::Gauge => "gauge",
            Type::Histogram => "histogram",
            Type::Unknown if open => "unknown",
            Type::Unknown => "untyped",
        };
        let _ = write!(text, "# HELP {described} ");
        push_escaped(text, &self.help, open);
        text.push('\n');
        let _ = writeln!(text, "# TYPE {described} {kind}");
        let unit = UNITS
            .iter()
            .find(|unit| self.name.ends_with(&format!("_{unit}")));
        if let Some(unit) = unit.filter(|_| open) {
            let _ = writeln!(text, "# UNIT {described} {unit}");
        }
        let created = created
            .filter(|_| open && matches!(self.kind, Type::Counter | Type::Histogram))
            .map(unix);
        for sample in &self.samples {
            sample.print(text, &self.name, suffix);
            if let Some(created) = &created {
                sample.begin_line(text, &self.name, "_created", None);
                let _ = writeln!(text, "{created}");
            }
        }
    }
}

impl Sample<'_> {
    fn print(&self, text: &mut String, name: &str, suffix: &str) {
        // To print to a string cannot fail.
        let _ = match &self.value {
            Value::Integer(value) => {
                self.begin_line(text, name, suffix, None);
                writeln!(text, "{value}")
            }
            Value::Nanoseconds(value) => {
                self.begin_line(text, name, suffix, None);
                writeln!(text, "{}", seconds(*value))
            }
            Value::Unix(value) => {
                self.begin_line(text, name, suffix, None);
                writeln!(text, "{}", unix(*value))
            }
            Value::Histogram { buckets, sum_ns } => {
                let mut count = 0u128;
                for (most, number) in buckets {
                    count += u128::from(*number);
                    let le = most.map_or("+Inf".into(), seconds);
                    self.begin_line(text, name, "_bucket", Some(&le));
                    let _ = writeln!(text, "{count}");
                }
                self.begin_line(text, name, "_count", None);
                let _ = writeln!(text, "{count}");
                self.begin_line(text, name, "_sum", None);
                writeln!(text, "{}", seconds(*sum_ns))
            }
        };
    }

    /// Prints what stands in front of a value: the name and the labels, with `le` as the last one.
    fn begin_line(&self, text: &mut String, name: &str, suffix: &str, le: Option<&str>) {
        text.extend(["tally_", name, suffix]);
        let mut separator = '{';
        let labels = self.labels.iter().map(|(name, value)| (*name, &**value));
        for (name, value) in labels.chain(le.map(|le| ("le", le))) {
            text.push(separator);
            text.extend([name, "=\""]);
            push_escaped(text, value, true);
            text.push('"');
            separator = ',';
        }
        if separator == ',' {
            text.push('}');
        }
        text.push(' ');
    }
}

/// Prints a text, with a backslash in front of what would end it or its line.
fn push_escaped(text: &mut String, value: &str, quotes: bool) {
    let mut rest = value;
    let special = |byte| matches!(byte, b'\\' | b'\n') || (byte == b'"' && quotes);
    while let Some(at) = rest.bytes().position(special) {
        text.extend([&rest[..at], "\\"]);
        text.push_str(match &rest[at..=at] {
            "\n" => "n",
            other => other,
        });
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
}

/// Prints nanoseconds as seconds, all digits of them.
fn seconds(nanoseconds: u64) -> String {
    let text = format!(
        "{}.{:09}",
        nanoseconds / 1_000_000_000,
        nanoseconds % 1_000_000_000
    );
    let short = text.trim_end_matches('0');
    // An integer has a digit behind the point.
    if short.ends_with('.') {
        format!("{short}0")
    } else {
        short.into()
    }
}

fn unix(time: f64) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families() -> Vec<Family<'static>> {
        vec![
            Family {
                name: "disk_read_bytes".into(),
                kind: Type::Counter,
                help: "Bytes \"read\".".into(),
                samples: vec![Sample {
                    labels: vec![("disk", "a\"b\\c".into())],
                    value: Value::Integer(u128::from(u64::MAX) * 512),
                }],
            },
            Family {
                name: "time_seconds".into(),
                kind: Type::Histogram,
                help: "Time.".into(),
                samples: vec![Sample {
                    labels: vec![("begin", "a:b".into())],
                    value: Value::Histogram {
                        buckets: vec![(Some(0), 1), (Some(1023), 2), (None, 3)],
                        sum_ns: u64::MAX,
                    },
                }],
            },
            Family {
                name: "unknown".into(),
                kind: Type::Unknown,
                help: "Who knows.".into(),
                samples: vec![Sample {
                    labels: vec![],
                    value: Value::Integer(1),
                }],
            },
        ]
    }

    #[test]
    fn open_metrics() {
        insta::assert_snapshot!(print(&families(), Format::OpenMetrics, Some(1.5)), @r##"
        # HELP tally_disk_read_bytes Bytes \"read\".
        # TYPE tally_disk_read_bytes counter
        # UNIT tally_disk_read_bytes bytes
        tally_disk_read_bytes_total{disk="a\"b\\c"} 9444732965739290426880
        tally_disk_read_bytes_created{disk="a\"b\\c"} 1.500
        # HELP tally_time_seconds Time.
        # TYPE tally_time_seconds histogram
        # UNIT tally_time_seconds seconds
        tally_time_seconds_bucket{begin="a:b",le="0.0"} 1
        tally_time_seconds_bucket{begin="a:b",le="0.000001023"} 3
        tally_time_seconds_bucket{begin="a:b",le="+Inf"} 6
        tally_time_seconds_count{begin="a:b"} 6
        tally_time_seconds_sum{begin="a:b"} 18446744073.709551615
        tally_time_seconds_created{begin="a:b"} 1.500
        # HELP tally_unknown Who knows.
        # TYPE tally_unknown unknown
        tally_unknown 1
        # EOF
        "##);
    }

    #[test]
    fn text() {
        insta::assert_snapshot!(print(&families(), Format::Text, Some(1.5)), @r##"
        # HELP tally_disk_read_bytes_total Bytes "read".
        # TYPE tally_disk_read_bytes_total counter
        tally_disk_read_bytes_total{disk="a\"b\\c"} 9444732965739290426880
        # HELP tally_time_seconds Time.
        # TYPE tally_time_seconds histogram
        tally_time_seconds_bucket{begin="a:b",le="0.0"} 1
        tally_time_seconds_bucket{begin="a:b",le="0.000001023"} 3
        tally_time_seconds_bucket{begin="a:b",le="+Inf"} 6
        tally_time_seconds_count{begin="a:b"} 6
        tally_time_seconds_sum{begin="a:b"} 18446744073.709551615
        # HELP tally_unknown Who knows.
        # TYPE tally_unknown untyped
        tally_unknown 1
        "##);
    }

    #[test]
    fn no_digit_is_lost() {
        for (nanoseconds, text) in [
            (0, "0.0"),
            (1, "0.000000001"),
            (1_000_000_000, "1.0"),
            (1_500_000_000, "1.5"),
            ((1 << 53) + 1, "9007199.254740993"),
        ] {
            assert_eq!(seconds(nanoseconds), text);
        }
    }
}
