// SPDX-License-Identifier: GPL-2.0

//! `tally export`: the numbers for Prometheus.

mod boot;
mod family;
mod http;
mod metrics;
mod page;
mod rights;
mod textfile;

use std::{
    net::TcpListener,
    sync::{Arc, Mutex, PoisonError},
};

use tally_procfs::Snapshot;

use crate::{
    Result,
    cli::Export,
    failure::{Failure, say},
    machine::Machine,
};
use family::Format;

pub(crate) fn run(machine: Machine, args: &Export) -> Result<()> {
    let exporter = Exporter {
        machine,
        percpu: args.percpu,
        loaded: Mutex::new(None),
    };
    match &args.textfile {
        Some(path) => textfile::write(&exporter, path),
        None => serve(exporter, args),
    }
}

fn serve(exporter: Exporter, args: &Export) -> Result<()> {
    let cannot = |error| Failure::new(format_args!("cannot listen on {}: {error}", args.listen));
    let listener = TcpListener::bind(args.listen).map_err(cannot)?;
    say(format_args!(
        "listening on http://{}/metrics",
        listener.local_addr().map_err(cannot)?
    ));
    http::serve(&listener, &Arc::new(exporter))
}

/// What is exported.
struct Exporter {
    machine: Machine,
    percpu: bool,
    /// When tally was loaded, by the clock of boot and in Unix time. The second is kept, as it
    /// would come out another each time that it is worked out.
    loaded: Mutex<Option<(u64, f64)>>,
}

/// A text to export, and why it lacks what tally counts, if it does.
struct Exported {
    text: String,
    problem: Option<String>,
}

impl Exporter {
    fn export(&self, format: Format) -> Exported {
        match self.machine.read(self.percpu) {
            Ok(snapshot) => {
                let facts = metrics::Facts {
                    sees_events: rights::sees_events(&snapshot),
                    loaded: self.loaded(&snapshot),
                    percpu: self.percpu,
                };
                let families = metrics::families(&snapshot, &facts);
                Exported {
                    text: family::print(&families, format, facts.loaded),
                    problem: None,
                }
            }
            Err(error) => Exported {
                text: family::print(&metrics::without_tally(), format, None),
                problem: Some(Failure::from(error).to_string()),
            },
        }
    }

    /// Returns when tally was loaded, in Unix time.
    fn loaded(&self, snapshot: &Snapshot) -> Option<f64> {
        let loaded_ns = snapshot.loaded_ns()?;
        let mut known = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        match *known {
            Some((ns, unix)) if ns == loaded_ns => Some(unix),
            _ => {
                let unix = boot::to_unix(loaded_ns)?;
                *known = Some((loaded_ns, unix));
                Some(unix)
            }
        }
    }
}
