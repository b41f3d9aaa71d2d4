// SPDX-License-Identifier: GPL-2.0

//! Macros of the kernel's crates: `pin_data`, for values that nothing on the host keeps in place, and
//! `fmt!`, which formats strings of C too.

use proc_macro::{
    Delimiter,
    Group,
    TokenStream,
    TokenTree, //
};

/// Takes the attributes `#[pin]` away from a struct's fields.
#[proc_macro_attribute]
pub fn pin_data(_: TokenStream, item: TokenStream) -> TokenStream {
    let mut made = TokenStream::new();
    let mut tokens = item.into_iter().peekable();

    while let Some(token) = tokens.next() {
        match (&token, tokens.peek()) {
            (TokenTree::Punct(hash), Some(TokenTree::Group(group)))
                if hash.as_char() == '#' && group.stream().to_string() == "pin" =>
            {
                tokens.next();
            }
            (TokenTree::Group(group), _) if group.delimiter() == Delimiter::Brace => {
                let fields = pin_data(TokenStream::new(), group.stream());
                made.extend([TokenTree::Group(Group::new(Delimiter::Brace, fields))]);
            }
            _ => made.extend([token]),
        }
    }
    made
}

/// Formats, as `format_args!` does. What is named in the text may be a string of C.
#[proc_macro]
pub fn fmt(input: TokenStream) -> TokenStream {
    let text = input.to_string();
    let named = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    let names = named.map(|(name, _)| name).filter(|name| !name.is_empty());

    let arguments: Vec<String> = names
        .map(|name| {
            format!(
                "{name} = {{ #[allow(unused_imports)] use ::kernel::fmt::{{ViaCStr as _, \
                 ViaDisplay as _}}; (&::kernel::fmt::Wrap(&{name})).shown() }}"
            )
        })
        .collect();
    let arguments = arguments.join(", ");
    let made = format!("::core::format_args!({text}, {arguments})");
    made.parse().expect("it is an expression")
}
