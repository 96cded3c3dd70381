//! Numbers and times as people read them.

use std::time::Duration;

/// `1 image`, `10,000 images`, `2 passes`.
#[must_use]
pub fn count(number: usize, thing: &str) -> String {
    let plural = match number {
        1 => "",
        _ if thing.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {thing}{plural}", thousands(number as u64))
}

/// `Class 7` of `class 7`.
#[must_use]
pub fn first_upper(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// The sides of something: `64×8×8`.
#[must_use]
pub fn sides(sides: &[usize]) -> String {
    sides.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}

/// Why no image has a number, of which there are so many.
#[must_use]
pub fn no_image(number: &str, images: usize) -> String {
    let last = thousands(images.saturating_sub(1) as u64);
    format!("There is no image {number}: the {} are numbered from 0 to {last}.", count(images, "image"))
}

/// `10,000`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A measure under a thumbnail: a few decimals, and `3e-7` rather than zeros.
#[must_use]
pub fn short(value: f32, decimals: usize) -> String {
    let size = value.abs();
    if value.is_nan() {
        "–".to_owned()
    } else if size != 0.0 && size < 0.5 * 10_f32.powf(-(decimals as f32)) {
        format!("{value:.0e}")
    } else {
        format!("{value:.decimals$}")
    }
}

/// A number to four places, small ones to three that matter.
#[must_use]
pub fn number(value: f64) -> String {
    if value.is_infinite() {
        "infinite".to_owned()
    } else if value != 0.0 && value.abs() < 0.001 {
        format!("{value:.2e}")
    } else {
        format!("{value:.4}")
    }
}

/// A value and its standard error: `0.412 ± 0.013`, `3.1e-7 ± 1.4e-7`.
#[must_use]
pub fn with_error(value: f32, error: Option<f32>) -> String {
    let number = |number: f32| {
        if value != 0.0 && value.abs() < 0.001 { format!("{number:.1e}") } else { format!("{number:.4}") }
    };
    match error {
        Some(error) if error.is_finite() => format!("{} ± {}", number(value), number(error)),
        _ => number(value),
    }
}

/// An interval: `0.031 … 0.074`, `3.1e-7 … 2.0e-5`.
#[must_use]
pub fn interval([low, high]: [f32; 2]) -> String {
    let number = |number: f32| {
        if number != 0.0 && number.abs() < 0.001 { format!("{number:.1e}") } else { format!("{number:.3}") }
    };
    format!("{} … {}", number(low), number(high))
}

/// `98.4 %`.
#[must_use]
pub fn percent(share: f32) -> String {
    format!("{:.1} %", share * 100.0)
}

/// `8 s`, `2 min 05 s`.
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {:02} s", seconds / 60, seconds % 60) }
}

/// Bytes as lower-case hexadecimal digits, two each, as hashes are written.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// A rate with its unit: `812k passes/s`.
#[must_use]
pub fn rate(per_second: f64, unit: &str) -> String {
    if per_second >= 1e6 {
        format!("{:.1}M {unit}/s", per_second / 1e6)
    } else if per_second >= 1e3 {
        format!("{:.0}k {unit}/s", per_second / 1e3)
    } else {
        format!("{per_second:.0} {unit}/s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(count(1, "image"), "1 image");
        assert_eq!(count(10_000, "image"), "10,000 images");
        assert_eq!(count(1, "pass"), "1 pass");
        assert_eq!(count(2, "pass"), "2 passes");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(short(1.23456, 3), "1.235");
        assert_eq!(short(1.23456, 2), "1.23");
        assert_eq!(short(0.000_212, 3), "2e-4");
        assert_eq!(short(-0.000_212, 3), "-2e-4");
        assert_eq!(short(0.0, 3), "0.000");
        assert_eq!(short(f32::NAN, 3), "–");
        assert_eq!(with_error(0.5, Some(f32::NAN)), "0.5000");
        assert_eq!(with_error(0.5, Some(0.01)), "0.5000 ± 0.0100");
        assert_eq!(with_error(3.14e-7, Some(1.4e-7)), "3.1e-7 ± 1.4e-7");
        assert_eq!(interval([3e-5, 0.012_34]), "3.0e-5 … 0.012");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
        assert_eq!(rate(812_345.0, "passes"), "812k passes/s");
        assert_eq!(hexadecimal(&[0, 0x1f, 0xa0, 255]), "001fa0ff");
    }
}
