// SPDX-License-Identifier: GPL-2.0

//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::engine::ArgValueCompleter;

use crate::completion;

/// Where tally's files are, by a variable of the environment and by default.
pub(crate) const PROCFS: (&str, &str) = ("TALLY_PROCFS", "/proc");
/// Where tracefs is.
pub(crate) const TRACEFS: (&str, &str) = ("TALLY_TRACEFS", "/sys/kernel/tracing");

/// Show, choose and export what the kernel module tally counts
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, subcommand_required = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) places: Places,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Places {
    /// Where the files of tally are, as of a host whose /proc is elsewhere in a container
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = PROCFS.0,
        hide_env_values = true,
        default_value = PROCFS.1,
        value_hint = ValueHint::DirPath
    )]
    pub(crate) procfs: PathBuf,
    /// Where tracefs is mounted, which knows all events
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = TRACEFS.0,
        hide_env_values = true,
        default_value = TRACEFS.1,
        value_hint = ValueHint::DirPath
    )]
    pub(crate) tracefs: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what was counted
    Show(Show),
    /// Show what is counted, live
    ///
    /// Rows are sorted by how fast they grow; below them is a picture of the chosen one. The key ?
    /// shows all keys.
    Top(Top),
    /// List events, and whether they are counted
    List(List),
    /// Count events from now on
    ///
    /// All of them are added, or none. An event that is added counts from zero.
    Add(Add),
    /// Count events no longer
    ///
    /// All of them are removed, or none. What they had counted is gone.
    Remove(Remove),
    /// Run a command and print how often events happened meanwhile, on all CPUs
    ///
    /// The exit status is the command's. It is 125 if tally cannot count, 126 if the command
    /// cannot be run, and 127 if there is none of that name.
    Stat(Stat),
    /// Export what was counted to Prometheus
    Export(Export),
    /// Say what is missing to build tally for this kernel and to load it
    ///
    /// Where a package has brought the module, building is left out. It is what `make doctor`
    /// says in a checkout; KERNEL=RELEASE asks for another kernel. The exit status is 1 if
    /// anything is missing.
    Doctor,
    /// Print a script that completes commands, options and names of events in a shell
    ///
    /// For bash: source <(tally completion bash)
    Completion(Completion),
    /// Write the pages of the manual, as a package has them
    #[command(hide = true)]
    Man(Man),
}

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// Records whose header is like this, or a word of it: `Event`, `sda`, `latency:runqueue`; and
    /// keys. `*` stands for anything, `?` for one character, `[a-z]` for one of some
    #[arg(add = ArgValueCompleter::new(completion::shown))]
    pub(crate) pattern: Option<String>,
    /// Show what each CPU counted, and what those had that have gone
    #[arg(long)]
    pub(crate) percpu: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Show it again and again, with how fast it grows
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) watch: Option<f64>,
    /// Show what is zero too
    #[arg(short, long)]
    pub(crate) all: bool,
    /// End after so many times
    #[arg(long, value_name = "N", requires = "watch", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) times: Option<u64>,
}

#[derive(Args, Debug)]
pub(crate) struct Top {
    /// Seconds from one sample to the next
    #[arg(short, long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) delay: f64,
}

/// Takes an interval that a clock can wait for.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(found) if (0.01..=86400.0 * 365.0).contains(&found) => Ok(found),
        _ => Err("not a number of seconds from 0.01 to a year".into()),
    }
}

#[derive(Args, Debug)]
pub(crate) struct List {
    /// Events whose name is like this: `irq:*`
    #[arg(add = ArgValueCompleter::new(completion::available))]
    pub(crate) glob: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Add {
    /// `sched:sched_switch`, `irq:*`, `+nvme:nvme_sq` for an event that may come only later, and
    /// `irq:softirq_entry..irq:softirq_exit` for the time between two
    #[arg(required = true, value_name = "EVENT", add = ArgValueCompleter::new(completion::available))]
    pub(crate) events: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Remove {
    /// `sched:sched_switch`, `irq:*`, `irq:softirq_entry..irq:softirq_exit`
    #[arg(required = true, value_name = "EVENT", add = ArgValueCompleter::new(completion::enabled))]
    pub(crate) events: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Stat {
    /// Events to count, with commas between them: `-e sched:sched_switch,irq:*`. Without any it is
    /// what tally counts by itself: `Kernel` and `Zones`
    #[arg(short, long = "event", value_name = "EVENT", value_delimiter = ',', add = ArgValueCompleter::new(completion::available))]
    pub(crate) events: Vec<String>,
    /// Run the command so many times, and print the mean with its standard error
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) repeat: u32,
    /// Print lines of fields with this between them, for other programs
    #[arg(short = 'x', long, value_name = "SEPARATOR")]
    pub(crate) field_separator: Option<String>,
    /// Print to this file and not to the standard error
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// What to run
    #[arg(trailing_var_arg = true, required = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<std::ffi::OsString>,
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// The address and the port to serve /metrics, /healthz and a page for people on
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9975")]
    pub(crate) listen: SocketAddr,
    /// Write a file for the textfile collector of node_exporter instead, once
    #[arg(long, value_name = "PATH", conflicts_with = "listen", value_hint = ValueHint::FilePath)]
    pub(crate) textfile: Option<PathBuf>,
    /// Export what each CPU counted too
    #[arg(long)]
    pub(crate) percpu: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Completion {
    /// Which shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Args, Debug)]
pub(crate) struct Man {
    /// Where to
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) directory: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}
