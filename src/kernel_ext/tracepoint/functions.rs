// SPDX-License-Identifier: GPL-2.0

//! The functions that events are made of: `function:vfs_read`.
//!
//! To find a function of the kernel is to look at all symbols of the kernel, so what was found is
//! kept: functions of the kernel stay where they are. Those of a module are found in its own table of
//! symbols, each time, as they go with it.

use core::ops::ControlFlow;

use kernel::{
    prelude::*,
    str::CString,
    sync::Arc, //
};

use crate::{
    compat::EOPNOTSUPP,
    ftrace::{
        for_each_symbol,
        Tracer, //
    },
    module::ModuleRef, //
};

/// Names the system that calls of functions belong to.
pub(super) const FUNCTION: &CStr = c"function";

/// Refers to all functions of one name in the kernel, or in a module: their addresses.
#[derive(Clone)]
pub(super) struct Functions(Arc<KVec<usize>>);

impl Functions {
    /// Returns the addresses.
    pub(super) fn addresses(&self) -> &[usize] {
        &self.0
    }

    /// Finds the functions of a module that are called `name`.
    ///
    /// Sleeps. Fails as [`KnownFunctions::find`] does.
    pub(super) fn of_module(module: ModuleRef<'_>, name: &CStr) -> Result<Self> {
        let (_, functions) = one(name, |f| symbols_of_module(module, f))?;
        Ok(functions)
    }
}

/// Holds functions by name.
type ByName<T> = KVVec<(CString, T)>;

/// Remembers which functions the kernel has.
pub(super) struct KnownFunctions {
    /// Sorted by name. `None` is there for those that the kernel does not have, but a module.
    known: ByName<Option<Functions>>,
}

impl KnownFunctions {
    /// Knows none.
    pub(super) fn new() -> Self {
        Self {
            known: KVVec::new(),
        }
    }

    /// Finds the functions of the kernel that are called `name`.
    ///
    /// Sleeps. Fails with `ENOENT` if there is no symbol of that name, with `EOPNOTSUPP` if none of them
    /// is a function that can be traced, and with `ENOMEM`.
    pub(super) fn find(&mut self, name: &CStr) -> Result<Functions> {
        if let Ok(index) = position(&self.known, name) {
            if let Some((_, functions)) = self.known.get(index) {
                return functions.clone().ok_or(ENOENT);
            }
        }

        let (name, functions) = one(name, |f| for_each_symbol(f))?;
        self.keep(name, Some(functions.clone()))?;
        Ok(functions)
    }

    /// Collects the names of functions of the kernel that can be traced and for whose names `matches`
    /// returns `true`; no more than `most` and one.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    pub(super) fn matching(
        &mut self,
        most: usize,
        matches: impl FnMut(&CStr) -> bool,
    ) -> Result<Names> {
        let mut names = Names::new(most);
        let found = search(most, matches, |f| for_each_symbol(f))?;
        // If there are more, not all functions of these names were seen.
        let is_all = found.len() <= most;

        for (name, functions) in found {
            names.add((&*name).try_into()?)?;
            if is_all {
                self.keep(name, Some(functions))?;
            }
        }
        Ok(names)
    }

    /// Keeps in mind that the kernel has no functions of a name, unless it is known to have some.
    ///
    /// The caller has looked for them. Sleeps. Fails with `ENOMEM`.
    pub(super) fn keep_absent(&mut self, name: &CStr) -> Result {
        self.keep(name.try_into()?, None)
    }

    /// Keeps what was found, unless it was known.
    fn keep(&mut self, name: CString, functions: Option<Functions>) -> Result {
        if let Err(place) = position(&self.known, &name) {
            insert(&mut self.known, place, name, functions)?;
        }
        Ok(())
    }
}

/// Collects names of functions, each of them once, until there are more than `most`.
pub(super) struct Names {
    names: ByName<()>,
    most: usize,
}

impl Names {
    fn new(most: usize) -> Self {
        Self {
            names: KVVec::new(),
            most,
        }
    }

    /// Calls `f` with each name, in their order, until it fails.
    pub(super) fn try_for_each(&self, mut f: impl FnMut(&CStr) -> Result) -> Result {
        self.names.iter().try_for_each(|(name, ())| f(name))
    }

    /// Returns whether there are as many as were asked for, so that others need not be looked for.
    pub(super) fn is_full(&self) -> bool {
        self.names.len() > self.most
    }

    /// Adds the names of functions of a module that can be traced and for whose names `matches` returns
    /// `true`.
    ///
    /// Sleeps. Fails with `ENOMEM`.
    pub(super) fn add_of_module(
        &mut self,
        module: ModuleRef<'_>,
        matches: impl FnMut(&CStr) -> bool,
    ) -> Result {
        if self.is_full() {
            return Ok(());
        }

        let found = search(self.most, matches, |f| symbols_of_module(module, f))?;
        for (name, _) in found {
            self.add(name)?;
        }
        Ok(())
    }

    /// Adds a name, if it is not there.
    fn add(&mut self, name: CString) -> Result {
        match position(&self.names, &name) {
            Ok(_) => Ok(()),
            Err(place) => insert(&mut self.names, place, name, ()),
        }
    }
}

/// Takes the name and the address of a symbol, and says whether there is to be another one.
type Visit<'a> = &'a mut dyn FnMut(&CStr, usize) -> ControlFlow<()>;

/// Calls `f` with each symbol in the code of a module, until it breaks.
///
/// The module that this crate is part of has none: a function that counts must not be counted.
fn symbols_of_module(module: ModuleRef<'_>, f: Visit<'_>) -> Result {
    if !module.is_own() {
        let _ = module
            .code_symbols()
            .try_for_each(|(name, address)| f(name, address));
    }
    Ok(())
}

/// Finds the functions of one name among some symbols.
fn one(name: &CStr, for_each: impl FnOnce(Visit<'_>) -> Result) -> Result<(CString, Functions)> {
    let mut exists = false;
    let mut found = search(
        1,
        |symbol| {
            let matches = symbol == name;
            exists |= matches;
            matches
        },
        for_each,
    )?;

    found.pop().ok_or(if exists { EOPNOTSUPP } else { ENOENT })
}

/// Finds the functions that can be traced and whose names match among some symbols, until there are
/// more than `most` names.
fn search(
    most: usize,
    mut matches: impl FnMut(&CStr) -> bool,
    for_each: impl FnOnce(Visit<'_>) -> Result,
) -> Result<ByName<Functions>> {
    let mut tracer = Tracer::new()?;
    let mut found: ByName<KVec<usize>> = KVVec::new();
    let mut result = Ok(());

    for_each(&mut |name, address| {
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
