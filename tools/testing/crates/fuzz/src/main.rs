// SPDX-License-Identifier: GPL-2.0

//! Writes that libFuzzer makes up, in which it follows what is reached of src/tally/dynamic.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    tally_engine::fuzz::one(input);
});
