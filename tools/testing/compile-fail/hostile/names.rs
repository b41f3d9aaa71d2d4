// SPDX-License-Identifier: GPL-2.0

//! Every name that an exported macro might mean, as the name of something else.
//!
//! To be taken in by `#[macro_use] mod names;` and `use names::*;`. What is meant by some of them
//! elsewhere is in [`real`].

/// What the names mean to everybody else.
pub(crate) mod real {
    pub(crate) type Byte = u8;
    pub(crate) type Half = u16;
    pub(crate) type Int = u32;
    pub(crate) type Word = u64;
    pub(crate) type Pair = u128;
    pub(crate) type Truth = bool;
    pub(crate) type Done = kernel::error::Result;
    pub(crate) type Maybe<'a> = core::option::Option<&'a kernel::str::CStr>;

    pub(crate) const DONE: Done = Done::Ok(());
}

/// Types and modules: those of the language, of `core`, of `kernel`, of `kernel_ext`, and letters.
macro_rules! types {
    ($($name:ident)*) => {$(
        pub(crate) struct $name;
    )*};
}

types! {
    bool char i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize
    Box Clone Copy Default Deref Drop From Into Option PartialEq Result Send Sized Sync Vec
    c_char c_int c_uint c_void CStr Error KBox Pin ThisModule Zeroable
    Allocated Array Chain CounterSource Counters Fields Flavour HasCmpxchg128 HasWatcherCell Image
    Keys PerCpu PerCpuBox PerCpuField PerCpuInt PerCpuStruct PerCpuValue Place Slot Storage
    WatcherCell
    A B C D E F G H I J K L M N O P Q R S T U V W X Y Z
}

/// Constants, which a pattern takes for themselves and not for a new name.
macro_rules! constants {
    ($($name:ident)*) => {$(
        pub(crate) const $name: &[()] = &[()];
    )*};
}

constants! {
    Ok Err Some None ADDRESSABLE BITS CELL ENTRY KEYS MODINFO NAME OFFSET PARAM SLOT STORAGE
    TEXT
    address before block cell chain counter counters entry f field fields found function has high
    index initcall key keys len low name new nr number offset old p ptr result s slot source status
    storage text this v value values var variable word words x
}

/// Functions, with what they return.
macro_rules! functions {
    ($($name:ident)*) => {$(
        pub(crate) const fn $name<Any>() -> ::core::primitive::usize {
            8
        }
    )*};
}

functions! {
    addr_of align_of as_bytes bytes drop early forget from_ref handled needs_drop offset_of
    size_of size_of_val swap transmute zeroed
}

/// Modules, for paths that do not begin with `::`.
macro_rules! modules {
    ($($name:ident)*) => {$(
        pub(crate) mod $name {}
    )*};
}

modules! { alloc arch convert ffi kernel_ext macros mem notifier ops percpu prelude primitive sync }

/// Methods of every type.
pub(crate) trait Methods: ::core::marker::Sized {
    fn addr(self) {}
    fn as_bytes(self) {}
    fn from(self) {}
    fn from_word(self) {}
    fn into(self) {}
    fn into_word(self) {}
    fn len(self) {}
    fn new(self) {}
    fn plus(self) {}
}

impl<Any> Methods for Any {}

/// Macros.
macro_rules! macros {
    ($d:tt $($name:ident)*) => {$(
        macro_rules! $name {
            ($d ($d any:tt)*) => {
                struct TakenForAnother;
            };
        }
    )*};
}

macros! {
    $
    addr_of asm assert assert_eq cfg column compile_error concat const_assert debug_assert env file
    format_args global_asm include_str line matches module_path offset_of optional_name panic
    static_assert static_lock_class stringify todo unreachable write
}
