// SPDX-License-Identifier: GPL-2.0

//! Names for the actions of the kernel's chains.

/// Declares an enum of the actions that a chain passes, from their constants in C.
///
/// What the kernel may add is `Other`.
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
            /// An action that has no name here.
            Other(usize),
        }

        impl $name {
            /// Finds the name of an action.
            fn from_raw(action: usize) -> Self {
                // CAST: None is negative or larger than 32 bits; bindgen gives enumerators and
                // macros types of all sorts.
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
