// SPDX-License-Identifier: GPL-2.0

//! Numbers as people read them.

use crate::grouped::grouped;

/// Prints a number with a comma at each thousand; in at most `width` letters, if that is room
/// for anything.
pub(super) fn integer(value: u64, width: usize) -> String {
    let found = grouped(value);
    if found.len() <= width {
        return found;
    }
    #[expect(clippy::cast_precision_loss, reason = "it is rounded")]
    scaled(value as f64)
}

/// Prints a rate: with a digit behind the point where that says something.
pub(super) fn rate(value: f64, width: usize) -> String {
    if value <= 0.0 {
        return "0".into();
    }
    if value < 100.0 {
        return format!("{value:.1}");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a rate, and far from the end of integers"
    )]
    integer(value.round() as u64, width)
}

/// Prints a large number with three digits and a letter.
fn scaled(value: f64) -> String {
    let mut value = value;
    for unit in ["", "k", "M", "G", "T", "P"] {
        if value < 999.5 {
            return match value {
                _ if unit.is_empty() => format!("{value:.0}"),
                _ if value < 9.995 => format!("{value:.2}{unit}"),
                _ if value < 99.95 => format!("{value:.1}{unit}"),
                _ => format!("{value:.0}{unit}"),
            };
        }
        value /= 1000.0;
    }
    format!("{value:.1}E")
}

/// Prints a time with three digits.
pub(super) fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        _ if ns < 999.5 => return format!("{ns:.0}ns"),
        _ if ns < 999.5e3 => (ns / 1e3, "us"),
        _ if ns < 999.5e6 => (ns / 1e6, "ms"),
        _ => (ns / 1e9, "s"),
    };
    match value {
        _ if value < 9.995 => format!("{value:.2}{unit}"),
        _ if value < 99.95 => format!("{value:.1}{unit}"),
        _ => format!("{value:.0}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        assert_eq!(integer(0, 9), "0");
        assert_eq!(integer(1_234_567, 9), "1,234,567");
        assert_eq!(integer(12_345_678, 9), "12.3M");
        assert_eq!(integer(999_999_999, 9), "1.00G");
        assert_eq!(integer(u64::MAX, 9), "18.4E");
        assert_eq!(integer(u64::MAX, 26), "18,446,744,073,709,551,615");
    }

    #[test]
    fn rates() {
        assert_eq!(rate(0.0, 9), "0");
        assert_eq!(rate(0.04, 9), "0.0");
        assert_eq!(rate(12.34, 9), "12.3");
        assert_eq!(rate(1234.5, 9), "1,235");
        assert_eq!(rate(1e19, 9), "10.0E");
    }

    #[test]
    fn times() {
        assert_eq!(time(0.0), "0ns");
        assert_eq!(time(1024.0), "1.02us");
        assert_eq!(time(33_554_432.0), "33.6ms");
        assert_eq!(time(68_719_476_736.0), "68.7s");
    }
}
