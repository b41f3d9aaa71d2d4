// SPDX-License-Identifier: GPL-2.0

//! Names for the actions of the kernel's chains.

/// Declares an enum of the actions that a chain passes, from their constants in C. What the kernel
/// may add is `Other`.
macro_rules! actions {
    (
        $(#[$attr:meta])*
        pub enum $name:ident {
            $($(#[$action_attr:meta])* $action:ident = $constant:ident,)*
        }
    ) => {
        $(#[$attr])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$action_attr])* $action,)*
            /// One that has no name here.
            Other(usize),
        }

        impl $name {
            fn from_raw(action: usize) -> Self {
                // CAST: Enumerators and macros are small; bindgen gives them types of all sorts.
                $(
                    if action == $crate::bindings::$constant as usize {
                        return Self::$action;
                    }
                )*
                Self::Other(action)
            }
        }
    };
}

pub(super) use actions;
