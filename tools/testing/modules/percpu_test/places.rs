// SPDX-License-Identifier: GPL-2.0

//! Where variables can be, and a case for each type in each place.

use kernel::prelude::*;
use kernel_ext::{
    define_per_cpu,
    per_cpu_struct,
    percpu::{
        get_cpu,
        Array,
        PerCpuBox, //
    }, //
};

use super::operations::{
    arithmetic,
    neighbours,
    values, //
};
use crate::ktap::{
    Case,
    Outcome, //
};

/// Cases of a type: all checks, on a variable in each place. The variables in the middle of an
/// array have neighbours on both sides, whose bytes must stay.
macro_rules! places {
    ($module:ident, $ty:ty, $zero:expr, [$($check:path),*]) => {
        mod $module {
            use super::*;

            define_per_cpu! {
                static STATIC: $ty = $zero;
                static STATIC_STRUCT: Struct = Struct { before: !0, value: $zero, after: !0 };
            }

            per_cpu_struct! {
                struct Struct {
                    before: u64,
                    value: $ty,
                    after: u64,
                }
            }

            pub(super) fn in_static() -> Outcome {
                $($check(&STATIC)?;)*
                Ok(())
            }

            pub(super) fn in_static_by_address() -> Outcome {
                $($check(STATIC.as_allocated())?;)*
                Ok(())
            }

            pub(super) fn in_static_struct() -> Outcome {
                $($check(&STATIC_STRUCT.value)?;)*
                neighbours(STATIC_STRUCT.before.read(), STATIC_STRUCT.after.read(), !0)
            }

            pub(super) fn in_static_pinned() -> Outcome {
                let pin = get_cpu();

                $($check(STATIC.pinned(&pin))?;)*
                Ok(())
            }

            pub(super) fn in_box() -> Outcome {
                let variable = PerCpuBox::<$ty>::new(GFP_KERNEL, |_| $zero)?;

                $($check(&*variable)?;)*
                Ok(())
            }

            pub(super) fn in_box_raw() -> Outcome {
                let variable = PerCpuBox::<$ty>::new(GFP_KERNEL, |_| $zero)?;

                $($check(variable.raw())?;)*
                Ok(())
            }

            pub(super) fn in_boxed_struct() -> Outcome {
                let variable = PerCpuBox::new(GFP_KERNEL, |_| Struct {
                    before: !0,
                    value: $zero,
                    after: !0,
                })
                ?;

                $($check(&variable.value)?;)*
                neighbours(variable.before.read(), variable.after.read(), !0)
            }

            pub(super) fn in_array() -> Outcome {
                let array = Array::<$ty>::zeroed(3, GFP_KERNEL)?;
                let [Some(before), Some(value), Some(after)] =
                    [array.get(0), array.get(1), array.get(2)]
                else {
                    return Err(EINVAL.into());
                };

                $($check(value)?;)*
                neighbours(before.read(), after.read(), $zero)
            }

            pub(super) fn by_generic() -> Outcome {
                let variable = PerCpuBox::<$ty>::new(GFP_KERNEL, |_| $zero)?;

                $($check(variable.as_generic())?;)*
                $($check(variable.as_generic().raw())?;)*
                Ok(())
            }
        }
    };
}

macro_rules! cases {
    ($($module:ident: $ty:ty = $zero:expr => [$($check:path),*];)*) => {
        $(places!($module, $ty, $zero, [$($check),*]);)*

        pub(super) static CASES: &[Case] = &[$(
            (concat!(stringify!($module), " static"), $module::in_static),
            (concat!(stringify!($module), " static, by address"), $module::in_static_by_address),
            (concat!(stringify!($module), " static struct"), $module::in_static_struct),
            (concat!(stringify!($module), " static, pinned"), $module::in_static_pinned),
            (concat!(stringify!($module), " box"), $module::in_box),
            (concat!(stringify!($module), " box, raw"), $module::in_box_raw),
            (concat!(stringify!($module), " boxed struct"), $module::in_boxed_struct),
            (concat!(stringify!($module), " array"), $module::in_array),
            (concat!(stringify!($module), " by calls of C"), $module::by_generic),
        )*];
    };
}

cases! {
    u8: u8 = 0 => [values, arithmetic];
    u16: u16 = 0 => [values, arithmetic];
    u32: u32 = 0 => [values, arithmetic];
    u64: u64 = 0 => [values, arithmetic];
    usize: usize = 0 => [values, arithmetic];
    i8: i8 = 0 => [values, arithmetic];
    i16: i16 = 0 => [values, arithmetic];
    i32: i32 = 0 => [values, arithmetic];
    i64: i64 = 0 => [values, arithmetic];
    isize: isize = 0 => [values, arithmetic];
    bool: bool = false => [values];
    pointer: *mut u8 = core::ptr::null_mut() => [values];
}
