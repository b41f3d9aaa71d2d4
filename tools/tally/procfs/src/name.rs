// SPDX-License-Identifier: GPL-2.0

//! What a record is called.

use std::fmt::{self, Write};

/// Names an event, as /sys/kernel/tracing/available_events does.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EventName {
    /// Names the system that the event belongs to.
    pub system: String,
    /// Names the event in that system.
    pub event: String,
}

impl EventName {
    /// Returns the event that is called `system:event`, or nothing if no event can be.
    ///
    /// ```
    /// use tally_procfs::EventName;
    ///
    /// let name = EventName::parse("sched:sched_switch").expect("it is one");
    /// assert_eq!(name.system, "sched");
    /// assert_eq!(EventName::parse("sched"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (system, event) = text.split_once(':')?;
        let fits = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        (fits(system) && fits(event)).then(|| Self {
            system: system.into(),
            event: event.into(),
        })
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.system, self.event)
    }
}

/// Identifies a record by what its header says.
///
/// Its `Display` is the header, to the letter.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Name {
    /// Describes tally itself; the number is that of the format.
    Tally(u64),
    /// Describes the CPUs.
    Cpus,
    /// Counts what the kernel does.
    Kernel,
    /// Counts pages by the type of their zone.
    Zones,
    /// Counts the pages of one zone.
    Zone {
        /// Numbers the node.
        node: u32,
        /// Names the zone in that node.
        zone: String,
    },
    /// Counts CPUs that came and went.
    Hotplug,
    /// Counts what a disk does. The name is as in the header, see [`Name::disk`].
    Disk(String),
    /// Counts an event.
    Event(EventName),
    /// Measures the time from an event to another.
    Time {
        /// Begins an interval.
        begin: EventName,
        /// Ends it.
        end: EventName,
    },
    /// Measures how long a handler runs: `softirq:net_rx`, or `interrupt:24`.
    Handler(EventName),
    /// Measures how long it takes until somebody has what it waits for; the name says who and what.
    Latency(String),
    /// Measures the same of one disk.
    DiskLatency {
        /// Says what is measured of each disk.
        latency: String,
        /// Names the disk, as [`Name::Disk`] does.
        disk: String,
    },
    /// Holds what another module counts.
    Group(String),
    /// Holds the header of a record that this crate does not know.
    Other(String),
}

impl Name {
    /// Returns the name that a header says.
    ///
    /// A header that is not exactly that of a record that is known is [`Name::Other`].
    pub fn parse(header: &str) -> Self {
        Self::known(header)
            .filter(|name| prints_as(name, header))
            .unwrap_or_else(|| Self::Other(header.into()))
    }

    fn known(header: &str) -> Option<Self> {
        if let Some(rest) = header.strip_prefix("Tally, format ") {
            return rest.parse().ok().map(Self::Tally);
        }
        match header {
            "Cpus" => return Some(Self::Cpus),
            "Kernel" => return Some(Self::Kernel),
            "Zones" => return Some(Self::Zones),
            "Hotplug" => return Some(Self::Hotplug),
            _ => {}
        }
        let (kind, name) = header.split_once(' ')?;
        match kind {
            "Node" => {
                let (node, zone) = name.split_once(", zone ")?;
                let zone = zone.trim_start();
                (!zone.is_empty() && !zone.contains(' ')).then_some(Self::Zone {
                    node: node.parse().ok()?,
                    zone: zone.into(),
                })
            }
            "Disk" => is_word(name).then(|| Self::Disk(name.into())),
            "Event" => EventName::parse(name).map(Self::Event),
            "Time" => match name.split_once("..") {
                Some((begin, end)) => Some(Self::Time {
                    begin: EventName::parse(begin)?,
                    end: EventName::parse(end)?,
                }),
                None => EventName::parse(name)
                    .filter(|name| matches!(&*name.system, "softirq" | "interrupt"))
                    .map(Self::Handler),
            },
            "Latency" => match name.split_once(' ') {
                Some((latency, disk)) => {
                    (is_word(latency) && is_word(disk)).then(|| Self::DiskLatency {
                        latency: latency.into(),
                        disk: disk.into(),
                    })
                }
                None => is_word(name).then(|| Self::Latency(name.into())),
            },
            "Group" => is_word(name).then(|| Self::Group(name.into())),
            _ => None,
        }
    }

    /// Returns the name of a disk as bytes, as it is in /proc/diskstats.
    ///
    /// In a header a byte that is not one of `!` to `~`, and a backslash, is a backslash and three
    /// octal digits. Nothing is returned for a record of anything but a disk, or a latency of one.
    ///
    /// ```
    /// use tally_procfs::Name;
    ///
    /// let name = Name::parse(r"Disk my\040disk");
    /// assert_eq!(name.disk(), Some(b"my disk".to_vec()));
    /// ```
    pub fn disk(&self) -> Option<Vec<u8>> {
        let (Self::Disk(name) | Self::DiskLatency { disk: name, .. }) = self else {
            return None;
        };
        let bytes = name.as_bytes();
        let mut found = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if let Some(escaped) = bytes.get(at..at + 4).and_then(unescape) {
                found.push(escaped);
                at += 4;
            } else {
                found.push(byte);
                at += 1;
            }
        }
        Some(found)
    }
}

/// Tells whether a name prints as this text, which it does not make for that.
fn prints_as(name: &Name, text: &str) -> bool {
    let mut rest = Rest(text);
    write!(rest, "{name}").is_ok() && rest.0.is_empty()
}

/// What is left of a text behind what was printed of it; other text cannot be printed.
struct Rest<'a>(&'a str);

impl Write for Rest<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
        Ok(())
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(' ')
}

fn unescape(text: &[u8]) -> Option<u8> {
    let digits = text.strip_prefix(b"\\")?;
    let value = digits.iter().try_fold(0u32, |value, digit| {
        matches!(digit, b'0'..=b'7').then(|| value * 8 + u32::from(digit - b'0'))
    })?;
    u8::try_from(value).ok()
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tally(format) => write!(f, "Tally, format {format}"),
            Self::Cpus => write!(f, "Cpus"),
            Self::Kernel => write!(f, "Kernel"),
            Self::Zones => write!(f, "Zones"),
            Self::Zone { node, zone } => write!(f, "Node {node}, zone {zone:>8}"),
            Self::Hotplug => write!(f, "Hotplug"),
            Self::Disk(name) => write!(f, "Disk {name}"),
            Self::Event(event) => write!(f, "Event {event}"),
            Self::Time { begin, end } => write!(f, "Time {begin}..{end}"),
            Self::Handler(name) => write!(f, "Time {name}"),
            Self::Latency(name) => write!(f, "Latency {name}"),
            Self::DiskLatency { latency, disk } => write!(f, "Latency {latency} {disk}"),
            Self::Group(name) => write!(f, "Group {name}"),
            Self::Other(header) => write!(f, "{header}"),
        }
    }
}
