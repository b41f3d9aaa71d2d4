// SPDX-License-Identifier: GPL-2.0

//! `tally doctor`: what is missing to build tally for a kernel and to load it there.
//!
//! It is scripts/doctor that knows, and the program carries that along, with what it reads, so
//! that both say the same.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use nix::unistd::mkdtemp;

use crate::failure::Failure;

macro_rules! files {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../../../", $path)))),*]
    };
}

/// Holds the script, and all that it sources and reads, by where that is in a checkout.
const FILES: &[(&str, &str)] = files! {
    "Kconfig"
    "scripts/data/empty.h"
    "scripts/doctor"
    "scripts/host/build.sh"
    "scripts/host/cache.sh"
    "scripts/host/contain.sh"
    "scripts/host/doctor/kernel.sh"
    "scripts/host/doctor/loading.sh"
    "scripts/host/doctor/report.sh"
    "scripts/host/doctor/tools.sh"
    "scripts/host/environment.sh"
    "scripts/host/host-tools.sh"
    "scripts/host/kernel-builtin.sh"
    "scripts/host/kernel-debug.sh"
    "scripts/host/kernel.sh"
    "scripts/host/machine.sh"
    "scripts/host/messages.sh"
    "scripts/host/mirror.sh"
    "scripts/host/namespaces.sh"
    "scripts/host/paths.sh"
    "scripts/host/progress.sh"
    "scripts/host/signing.sh"
    "scripts/host/steps.sh"
    "scripts/host/tools-tree.sh"
    "scripts/host/variables.sh"
    "scripts/host/virtme.sh"
};

/// Runs the script, and returns its exit status: 1 if anything is missing.
pub(crate) fn run() -> ExitCode {
    match Copy::new().and_then(|copy| copy.run()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Failure::new("doctor is a script of bash, which is not there").report()
        }
        Err(error) => Failure::new(format_args!("doctor cannot be run: {error}")).report(),
    }
}

/// Holds the files in a directory of their own, which ends with it.
struct Copy {
    root: PathBuf,
}

impl Copy {
    fn new() -> io::Result<Self> {
        // Nobody else may write there.
        let root = mkdtemp(&env::temp_dir().join("tally-doctor-XXXXXX"))?;
        let copy = Self { root };
        for (path, text) in FILES {
            let path = copy.root.join(path);
            fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
            fs::write(path, text)?;
        }
        Ok(copy)
    }

    fn run(&self) -> io::Result<i32> {
        let script = self.root.join("scripts/doctor");
        let status = Command::new("bash").arg("-p").arg(script).status()?;
        Ok(status.code().unwrap_or(1))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}
