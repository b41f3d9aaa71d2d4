// SPDX-License-Identifier: GPL-2.0

//! No name of the user's is taken for one that an exported macro means.

#![allow(dead_code, non_camel_case_types, non_upper_case_globals, unused_macros)]

#[macro_use]
#[path = "hostile/names.rs"]
mod names;

use names::*;

use real::{
    Byte,
    Done,
    Half,
    Int,
    Pair,
    Truth,
    Word, //
};

mod variables {
    use super::*;

    ::kernel_ext::define_per_cpu! {
        pub(crate) static BYTE: Byte = 1;
        static HALF: Half = 2;
        static INT: Int = 3;
        static WORD: Word = 4;
        static PAIR: Pair = 5;
        static TRUTH: Truth = true;
        static FEW: [Byte; 3] = [1; 3];
        static ALL: All = All { a: 1, b: 2, c: true, value: 3 };
    }

    ::kernel_ext::declare_per_cpu! {
        // SAFETY: C sets it at boot and only reads it since, as do we.
        unsafe static CPU_NUMBER: ::kernel::ffi::c_int = ::kernel::bindings::cpu_number;
    }

    ::kernel_ext::per_cpu_struct! {
        struct All {
            a: Byte,
            b: Pair,
            c: Truth,
            value: Word,
        }
    }

    pub(super) fn change(proof: ::kernel_ext::percpu::HasCmpxchg128) {
        BYTE.inc();
        HALF.write(HALF.read());
        INT.add_return(3);
        WORD.xchg(4);
        WORD.raw().xchg(CPU_NUMBER.read() as Word);
        PAIR.cmpxchg128(proof, 0, 1);
        TRUTH.cmpxchg(false, true);
        FEW.element::<1>().dec();
        ALL.a.inc();
        ALL.b.cmpxchg128(proof, 0, 1);
        ALL.c.write(false);
        ALL.value.sub(1);
    }
}

/// Names of structs, and of the types of their fields.
mod structs {
    use super::real::Word;

    type P = Word;
    type T = Word;

    ::kernel_ext::per_cpu_struct! {
        pub(super) struct Fields {
            p: P,
            t: T,
        }
    }

    mod place {
        use super::Word;

        ::kernel_ext::per_cpu_struct! {
            pub(super) struct Storage {
                value: Word,
            }
        }

        pub(super) fn change(place: &::kernel_ext::percpu::PerCpuBox<Storage>) {
            place.value.inc();
        }
    }

    pub(super) fn change(fields: &::kernel_ext::percpu::PerCpuBox<Fields>) {
        fields.p.inc();
        fields.t.inc();
    }
}

::tally::counters! {
    struct Counted {
        first: u64,
        value: u64,
    }
}

struct Source;

impl ::kernel_ext::percpu::CounterSource for Source {
    fn register(
        _: &::kernel::str::CStr,
        _: ::kernel_ext::percpu::Keys<'_>,
    ) -> ::kernel::error::Result<::kernel::sync::Arc<::kernel_ext::percpu::Array<Word>>> {
        ::core::result::Result::Err(::kernel::error::code::EINVAL)
    }

    fn unregister(_: &::kernel_ext::percpu::Array<Word>) {}
}

::kernel_ext::export_counters! { Source: register_hostile, unregister_hostile }

struct Watcher;

::kernel_ext::disk_watcher_cell!(Watcher);

struct Tick;

impl ::kernel_ext::notifier::Event for Tick {
    type Backend = ::kernel_ext::notifier::Blocking;
    type Data<'a> = Int;

    fn action(_: &Int) -> ::core::primitive::usize {
        1
    }
}

::kernel_ext::global_chain! {
    static CHAIN: GlobalChain<Tick> = c"hostile";
}

::kernel_ext::export_notifier_chain! { CHAIN: register_hostile_chain, unregister_hostile_chain }

fn chain(
) -> impl ::kernel::prelude::PinInit<::kernel_ext::notifier::Chain<Tick>, ::kernel::error::Error> {
    ::kernel_ext::new_chain!()
}

fn level() -> Done {
    real::DONE
}
::kernel_ext::late_initcall!(level);

fn consoles() -> Done {
    real::DONE
}
::kernel_ext::console_initcall!(unsafe consoles);

fn device() -> Done {
    real::DONE
}
::kernel_ext::module_init!(device);
