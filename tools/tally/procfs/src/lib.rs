// SPDX-License-Identifier: GPL-2.0

//! The files of the kernel module tally: /proc/tally and /proc/tally_percpu.
//!
//! A file is a list of *records*, each with a header and with numbers by their keys.
//! [`Snapshot`] is what was read of one. It is read from the machine:
//!
//! ```no_run
//! use tally_procfs::{Name, Snapshot};
//!
//! let snapshot = Snapshot::read("/proc/tally")?;
//! for record in snapshot.records() {
//!     if let Name::Event(event) = record.name() {
//!         println!("{event} happened {} times", record.total("count").unwrap_or(0));
//!     }
//! }
//! # Ok::<(), tally_procfs::ReadError>(())
//! ```
//!
//! or from a text:
//!
//! ```
//! use tally_procfs::{Kind, Snapshot};
//!
//! let text = "Tally, format 1\n      loaded_ns    1000\nNews\n      since        5\n";
//! let snapshot = Snapshot::parse(text)?;
//! let news = snapshot.record("News").expect("it is in the text");
//! // A newer module's records are kept; only what they mean is not known.
//! assert_eq!(news.total("since"), Some(5));
//! assert_eq!(news.kind("since"), Kind::Unknown);
//! // Nothing is lost by parsing.
//! assert_eq!(snapshot.to_string(), text);
//! # Ok::<(), tally_procfs::ParseError>(())
//! ```
//!
//! # What is promised
//!
//! Documentation/ABI/testing/procfs-tally describes the files. This crate takes what that
//! grammar allows, with records and keys that it does not know, as a newer module may
//! have. A file of another format is [`ErrorKind::OtherFormat`]; anything else is an error
//! that names the line.
//!
//! # Counts
//!
//! A count only grows, and after 2^64 - 1 comes 0. [`advance`] is how far one came, also
//! if the record that it is in came anew meanwhile, and [`Snapshot::is_of_same_load`] tells
//! whether all began anew.

mod error;
mod histogram;
mod kind;
mod name;
mod parse;
mod record;
mod snapshot;

pub use error::{ErrorKind, ParseError, ReadError};
pub use histogram::{Bucket, Histogram};
pub use kind::{Kind, advance};
pub use name::{EventName, Name};
pub use record::{Cpu, Record, Values};
pub use snapshot::Snapshot;

/// Names the format that this crate reads: the number in the first line of a file.
pub const FORMAT: u64 = 1;
