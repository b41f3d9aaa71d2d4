// SPDX-License-Identifier: GPL-2.0

//! Variables in a module that calls its own things what the language and its libraries call theirs.

#[macro_use]
#[allow(dead_code, non_camel_case_types, non_upper_case_globals, unused_macros)]
#[path = "../../compile-fail/hostile/names.rs"]
mod names;

use kernel_ext::percpu::PerCpu;

use super::operations::neighbours;
use crate::ktap::{
    Case,
    Outcome, //
};

pub(crate) const CASES: &[Case] = &[
    ("names of the user's change no width in statics", in_statics),
    ("nor in fields of structs", in_fields),
];

mod variables {
    use super::names::*;

    use real::{
        Byte,
        Word, //
    };

    // The section has variables in the order of their definition, or in the reverse.
    ::kernel_ext::define_per_cpu! {
        pub(crate) static BEFORE: Word = !0;
        pub(crate) static BYTES: Bytes = Bytes { before: !0, value: 1, after: !0 };
        pub(crate) static AFTER: Word = !0;
    }

    ::kernel_ext::per_cpu_struct! {
        pub(crate) struct Bytes {
            pub(crate) before: Byte,
            pub(crate) value: Byte,
            pub(crate) after: Byte,
        }
    }

    type P = Word;

    ::kernel_ext::per_cpu_struct! {
        pub(crate) struct Fields {
            pub(crate) before: P,
            pub(crate) value: Byte,
            pub(crate) after: P,
        }
    }
}

/// Changes a byte in every way, of which a wider instruction would change more.
fn change<P: kernel_ext::percpu::Storage, const OFFSET: usize>(value: &PerCpu<u8, P, OFFSET>) {
    value.write(0);
    value.dec();
    value.inc();
    value.add(255);
    value.sub(255);
    value.and(0);
    value.or(0);
    value.xchg(0);
    value.cmpxchg(0, 255);
    value.add_return(1);
}

fn in_statics() -> Outcome {
    use variables::{
        AFTER,
        BEFORE,
        BYTES, //
    };

    change(&BYTES.value);
    neighbours(BYTES.before.read(), BYTES.after.read(), !0)?;
    neighbours(BEFORE.read(), AFTER.read(), !0)
}

fn in_fields() -> Outcome {
    use kernel::prelude::*;
    use kernel_ext::percpu::PerCpuBox;
    use variables::Fields;

    let fields = PerCpuBox::new(GFP_KERNEL, |_| Fields {
        before: !0,
        value: 1,
        after: !0,
    })?;

    change(&fields.value);
    fields.before.inc();
    fields.before.dec();
    neighbours(fields.before.read(), fields.after.read(), !0)
}
