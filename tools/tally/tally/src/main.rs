// SPDX-License-Identifier: GPL-2.0

//! tally: the numbers of the kernel module tally, for people and programs.

mod cli;
mod completion;
mod control;
mod doctor;
mod export;
mod failure;
mod glob;
mod grouped;
mod list;
mod machine;
mod man;
mod show;
mod stat;
mod top;
mod tracefs;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::{
    cli::{Cli, Command},
    failure::Failure,
    machine::Machine,
};

fn main() -> ExitCode {
    // A shell that asks what a word may become gets its answer here, and nothing else is done.
    clap_complete::CompleteEnv::with_factory(Cli::command).complete();
    let cli = Cli::parse();
    let machine = Machine::new(cli.places);
    let result = match &cli.command {
        Command::Show(args) => show::run(&machine, args),
        Command::Top(args) => top::run(&machine, args),
        Command::List(args) => list::run(&machine, args),
        Command::Add(args) => control::add(&machine, &args.events),
        Command::Remove(args) => control::remove(&machine, &args.events),
        Command::Stat(args) => return stat::run(&machine, args),
        Command::Doctor => return doctor::run(),
        Command::Export(args) => export::run(machine, args),
        Command::Completion(args) => completion::print(args.shell),
        Command::Man(args) => man::write(&args.directory),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// What a command of the program comes to.
type Result<T> = std::result::Result<T, Failure>;
