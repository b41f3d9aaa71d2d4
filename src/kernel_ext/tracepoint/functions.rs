// SPDX-License-Identifier: GPL-2.0

//! The functions of the kernel that events are made of: `function:vfs_read`.
//!
//! To find a function is to look at all symbols of the kernel, so what was found is kept. Functions
//! of the kernel stay where they are.

use core::ops::ControlFlow;

use kernel::{
    prelude::*,
    str::CString,
    sync::Arc, //
};

use crate::ftrace::{
    for_each_symbol,
    Tracer, //
};

/// Names the system that calls of functions belong to.
pub(super) const FUNCTION: &CStr = c"function";

/// Refers to all functions of one name, of which there may be some: their addresses.
#[derive(Clone)]
pub(super) struct Functions(Arc<KVec<usize>>);

impl Functions {
    /// Returns the addresses.
    pub(super) fn addresses(&self) -> &[usize] {
        &self.0
    }
}

/// Holds functions by name.
type ByName<T> = KVVec<(CString, T)>;

/// Remembers the functions that were found.
pub(super) struct KnownFunctions {
    /// Sorted by name.
    known: ByName<Functions>,
}

impl KnownFunctions {
    /// Knows none.
    pub(super) fn new() -> Self {
        Self {
            known: KVVec::new(),
        }
    }

    /// Finds the functions that are called `name`.
    ///
    /// Sleeps. Fails with `ENOENT` if there is no symbol of that name, with `EOPNOTSUPP` if none of them
    /// is a function that can be traced, and with `ENOMEM`.
    pub(super) fn find(&mut self, name: &CStr) -> Result<Functions> {
        if let Ok(index) = position(&self.known, name) {
            if let Some((_, functions)) = self.known.get(index) {
                return Ok(functions.clone());
            }
        }

        let mut exists = false;
        let mut found = self.search(1, |symbol| {
            let matches = symbol == name;
            exists |= matches;
            matches
        })?;
        match found.pop() {
            Some((name, functions)) => {
                self.keep(name, functions.clone())?;
                Ok(functions)
            }
            None if exists => Err(EOPNOTSUPP),
            None => Err(ENOENT),
        }
    }

    /// Returns the names, in their order, of functions that can be traced and for whose names
    /// `matches` returns `true`; no more than `most` and one.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    pub(super) fn matching(
        &mut self,
        most: usize,
        matches: impl FnMut(&CStr) -> bool,
    ) -> Result<KVVec<CString>> {
        let mut names = KVVec::new();
        let found = self.search(most, matches)?;
        // If there are more, not all functions of these names were seen.
        let is_all = found.len() <= most;

        for (name, functions) in found {
            names.push((&*name).try_into()?, GFP_KERNEL)?;
            if is_all {
                self.keep(name, functions)?;
            }
        }
        Ok(names)
    }

    /// Keeps what was found, unless it was known.
    fn keep(&mut self, name: CString, functions: Functions) -> Result {
        if let Err(place) = position(&self.known, &name) {
            insert(&mut self.known, place, name, functions)?;
        }
        Ok(())
    }

    /// Looks at all symbols, until there are more than `most` names.
    fn search(
        &self,
        most: usize,
        mut matches: impl FnMut(&CStr) -> bool,
    ) -> Result<ByName<Functions>> {
        let mut tracer = Tracer::new()?;
        let mut found: ByName<KVec<usize>> = KVVec::new();
        let mut result = Ok(());

        for_each_symbol(|name, address| {
            if !can_be_named(name) || !matches(name) {
                return ControlFlow::Continue(());
            }
            result = tracer.can_trace(address).and_then(|can_trace| {
                if can_trace {
                    add(&mut found, name, address)?;
                }
                Ok(())
            });
            if result.is_err() || found.len() > most {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        result?;

        let mut functions = KVVec::with_capacity(found.len(), GFP_KERNEL)?;
        for (name, addresses) in found {
            let addresses = Functions(Arc::new(addresses, GFP_KERNEL)?);
            functions.push((name, addresses), GFP_KERNEL)?;
        }
        Ok(functions)
    }
}

/// Returns whether a command can name it. Compilers give clones of functions names with a dot.
fn can_be_named(name: &CStr) -> bool {
    let is_name = |&byte: &u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.to_bytes().iter().all(is_name)
}

/// Finds a name, or the place where it belongs.
fn position<T>(all: &[(CString, T)], name: &CStr) -> Result<usize, usize> {
    all.binary_search_by(|(other, _)| (**other).cmp(name))
}

/// Inserts something at its place.
fn insert<T>(all: &mut ByName<T>, place: usize, name: CString, what: T) -> Result {
    all.reserve(1, GFP_KERNEL)?;
    all.insert_within_capacity(place, (name, what))
        .map_err(|_| ENOMEM)
}

/// Adds an address to those of a name.
fn add(all: &mut ByName<KVec<usize>>, name: &CStr, address: usize) -> Result {
    match position(all, name) {
        Ok(index) => {
            if let Some((_, addresses)) = all.get_mut(index) {
                addresses.push(address, GFP_KERNEL)?;
            }
            Ok(())
        }
        Err(place) => {
            let mut addresses = KVec::new();
            addresses.push(address, GFP_KERNEL)?;
            insert(all, place, name.try_into()?, addresses)
        }
    }
}
