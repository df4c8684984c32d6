//! Durations and sizes as docker says them (its go-units): `About a minute`, `1.98MB`, `512m`.

/// `5 minutes`, from whole seconds.
pub fn human_duration(seconds: i64) -> String {
    let minutes = seconds / 60;
    // Half an hour or more counts as the next one.
    let hours = (seconds + 1800) / 3600;
    match seconds {
        ..1 => "Less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..60 => format!("{seconds} seconds"),
        _ if minutes == 1 => "About a minute".to_owned(),
        _ if minutes < 60 => format!("{minutes} minutes"),
        _ if hours == 1 => "About an hour".to_owned(),
        _ if hours < 48 => format!("{hours} hours"),
        _ if hours < 24 * 7 * 2 => format!("{} days", hours / 24),
        _ if hours < 24 * 30 * 2 => format!("{} weeks", hours / 24 / 7),
        _ if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", seconds / 3600 / 24 / 365),
    }
}

/// `1m30s`, as Go prints a duration in nanoseconds.
pub fn go_duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let all = nanoseconds.unsigned_abs();
    let small = |unit: u64, name: &str| {
        let (whole, rest) = (all / unit, all % unit);
        let digits = unit.to_string().len() - 1;
        let rest = format!("{rest:0digits$}");
        let text = format!("{whole}.{}", if digits == 0 { "" } else { &rest });
        let text = text.trim_end_matches('0').trim_end_matches('.');
        let text = if text.is_empty() { "0" } else { text };
        format!("{text}{name}")
    };
    let text = match all {
        0 => "0s".to_owned(),
        1..1_000 => format!("{all}ns"),
        1_000..1_000_000 => small(1_000, "µs"),
        1_000_000..1_000_000_000 => small(1_000_000, "ms"),
        _ => {
            let seconds = all / 1_000_000_000;
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            let fraction = format!("{:09}", all % 1_000_000_000);
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { "." };
            let last = format!("{}{point}{fraction}s", seconds % 60);
            match (hours, minutes) {
                (0, 0) => last,
                (0, minutes) => format!("{minutes}m{last}"),
                (hours, minutes) => format!("{hours}h{minutes}m{last}"),
            }
        }
    };
    format!("{sign}{text}")
}

/// `1.98MB`: `digits` significant ones, thousands.
pub fn human_size(bytes: i64, digits: usize) -> String {
    scaled(
        bytes,
        digits,
        1000.0,
        &["B", "kB", "MB", "GB", "TB", "PB", "EB"],
    )
}

/// `23.54GiB`: four significant digits, powers of 1024.
pub fn binary_size(bytes: i64) -> String {
    scaled(
        bytes,
        4,
        1024.0,
        &["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"],
    )
}

/// `512m`, `1.5GiB`, `64kb`: bytes, or docker's words for why not.
pub fn ram_in_bytes(size: &str) -> Result<i64, String> {
    let invalid = || format!("invalid size: '{size}'");
    let last = size
        .rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')
        .ok_or_else(invalid)?;
    let (number, suffix) = match size.as_bytes()[last] {
        b' ' => (&size[..last], &size[last + 1..]),
        _ => size.split_at(last + 1),
    };
    let not_a_number = |_| {
        format!(
            "strconv.ParseFloat: parsing {}: invalid syntax",
            crate::go::quote(number)
        )
    };
    let value: f64 = number.parse().map_err(not_a_number)?;
    if value < 0.0 {
        return Err(invalid());
    }
    let suffix = suffix.to_lowercase();
    let power = match suffix.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return Err(format!("invalid suffix: '{suffix}'")),
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "as Go converts: towards zero"
    )]
    Ok((value * 1024_f64.powi(power)) as i64)
}

/// `Fri May 30 12:07:14 2025`, from what an engine says.
pub fn long_time(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(time) => time.strftime("%a %b %e %H:%M:%S %Y").to_string(),
        Err(_) => time.to_owned(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with four digits at most")]
fn scaled(bytes: i64, digits: usize, base: f64, units: &[&str]) -> String {
    let mut size = bytes as f64;
    let mut unit = 0;
    while size >= base && unit + 1 < units.len() {
        size /= base;
        unit += 1;
    }
    significant(size, digits) + units[unit]
}

/// Go's `%.*g` for numbers below 10^digits: no zeros at the end.
pub fn significant(number: f64, digits: usize) -> String {
    let whole = format!("{number:.0}").len();
    let text = format!("{number:.*}", digits.saturating_sub(whole));
    // Rounding can make it one digit longer (9.999 to 10.00), which is cut with the zeros.
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let said: Vec<String> = [
            0, 1, 3, 59, 60, 119, 120, 3599, 3600, 5399, 5400, 86_400, 172_800, 1_209_600,
            5_184_000,
        ]
        .map(human_duration)
        .to_vec();
        let expected = [
            "Less than a second",
            "1 second",
            "3 seconds",
            "59 seconds",
            "About a minute",
            "About a minute",
            "2 minutes",
            "59 minutes",
            "About an hour",
            "About an hour",
            "2 hours",
            "24 hours",
            "2 days",
            "2 weeks",
            "2 months",
        ];
        assert_eq!(said, expected);
        assert_eq!(human_duration(63_072_000), "2 years");
    }

    #[test]
    fn durations_of_go() {
        let said = [
            0,
            1,
            1500,
            20_000_000,
            1_500_000_000,
            90_000_000_000,
            3_600_000_000_000,
        ];
        let expected = ["0s", "1ns", "1.5µs", "20ms", "1.5s", "1m30s", "1h0m0s"];
        assert_eq!(said.map(go_duration), expected);
    }

    #[test]
    fn sizes() {
        let said = [
            0,
            12,
            999,
            1000,
            1_983_000,
            45_100_000,
            187_654_321,
            1_000_000_000,
        ]
        .map(|size| human_size(size, 3));
        assert_eq!(
            said,
            [
                "0B", "12B", "999B", "1kB", "1.98MB", "45.1MB", "188MB", "1GB"
            ]
        );
        assert_eq!(binary_size(25_275_883_520), "23.54GiB");
    }

    #[test]
    fn sizes_that_are_typed() {
        let read = ["512", "512m", "1.5GiB", "64 kb", "6B"].map(ram_in_bytes);
        assert_eq!(
            read,
            [
                Ok(512),
                Ok(536_870_912),
                Ok(1_610_612_736),
                Ok(65_536),
                Ok(6)
            ]
        );
        let wrong =
            ["foo", "5x", "-5m", ".."].map(|size| ram_in_bytes(size).expect_err("not a size"));
        let expected = [
            "invalid size: 'foo'",
            "invalid suffix: 'x'",
            "invalid size: '-5m'",
            "strconv.ParseFloat: parsing \"..\": invalid syntax",
        ];
        assert_eq!(wrong, expected);
    }
}
