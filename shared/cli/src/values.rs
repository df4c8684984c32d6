//! Values of flags that docker checks before it asks the engine, with its words for what is wrong.

use std::{collections::HashMap, net::IpAddr};

use jiff::Timestamp;
use lab::models::{EndpointIpamConfig, EndpointSettings};

pub fn size(value: &str) -> Result<(), String> {
    crate::units::ram_in_bytes(value).map(|_| ())
}

/// Go's `time.ParseDuration`.
pub fn duration(value: &str) -> Result<(), String> {
    nanoseconds(value).map(|_| ())
}

pub fn nanoseconds(value: &str) -> Result<i64, String> {
    let quoted = crate::go::quote(value);
    let invalid = || format!("time: invalid duration {quoted}");
    let (sign, mut rest) = match value.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, value.strip_prefix('+').unwrap_or(value)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut all = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'));
        let (digits, after) = rest.split_at(end.unwrap_or(rest.len()));
        let number: f64 = digits.parse().map_err(|_| invalid())?;
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, after) = after.split_at(end.unwrap_or(after.len()));
        let factor = match unit {
            "" => return Err(format!("time: missing unit in duration {quoted}")),
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            unit => {
                let unit = crate::go::quote(unit);
                return Err(format!("time: unknown unit {unit} in duration {quoted}"));
            }
        };
        all += number * factor;
        rest = after;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked: it is in range")]
    Some(sign * all)
        .filter(|all| all.abs() < 9.2e18)
        .map(|all| all as i64)
        .ok_or_else(invalid)
}

/// A domain for `--dns-search`; `.` is none.
pub fn search_domain(value: &str) -> Result<(), String> {
    let domain = value.trim();
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty()
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels = domain.strip_suffix('.').unwrap_or(domain);
    let fine = domain.contains(|c: char| c.is_ascii_alphabetic())
        && domain.len() < 255
        && labels.split('.').all(label);
    if domain == "." || fine {
        Ok(())
    } else {
        Err(format!("{domain} is not a valid domain"))
    }
}

pub fn cpus(value: &str) -> Result<(), String> {
    nano_cpus(value).map(|_| ())
}

/// `1.5` cpus in billionths.
pub fn nano_cpus(value: &str) -> Result<i64, String> {
    let not_a_number = || format!("failed to parse {value} as a rational number");
    if let Some((number, parts)) = value.split_once('/') {
        let number: i64 = number.parse().map_err(|_| not_a_number())?;
        let parts: i64 = parts.parse().map_err(|_| not_a_number())?;
        let whole = number.checked_mul(1_000_000_000).filter(|_| parts > 0);
        let whole = whole.ok_or_else(not_a_number)?;
        return if whole % parts == 0 {
            Ok(whole / parts)
        } else {
            Err("value is too precise".to_owned())
        };
    }
    let number: f64 = value.parse().map_err(|_| not_a_number())?;
    if !number.is_finite() {
        return Err(not_a_number());
    }
    if value
        .split_once('.')
        .is_some_and(|(_, fraction)| fraction.len() > 9)
    {
        return Err("value is too precise".to_owned());
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked: no more than nine digits"
    )]
    Ok((number * 1e9).round() as i64)
}

pub fn ip_address(value: &str) -> Result<(), String> {
    let wrong = |_| format!("IP address is not correctly formatted: {value}");
    value.trim().parse::<IpAddr>().map(|_| ()).map_err(wrong)
}

pub fn extra_host(value: &str) -> Result<(), String> {
    extra_host_as_sent(value).map(|_| ())
}

/// `name=ip` and `name:[ip]` become `name:ip`.
pub fn extra_host_as_sent(value: &str) -> Result<String, String> {
    let parts = value.split_once('=').or_else(|| value.split_once(':'));
    let Some((name, ip)) = parts.filter(|(name, _)| !name.is_empty() && !name.contains(':')) else {
        return Err(format!(
            "bad format for add-host: {}",
            crate::go::quote(value)
        ));
    };
    let ip = ip
        .strip_prefix('[')
        .and_then(|ip| ip.strip_suffix(']'))
        .unwrap_or(ip);
    if ip != "host-gateway" && ip.trim().parse::<IpAddr>().is_err() {
        return Err(format!(
            "invalid IP address in add-host: {}",
            crate::go::quote(ip)
        ));
    }
    Ok(format!("{name}:{ip}"))
}

pub fn environment(value: &str) -> Result<(), String> {
    if value.is_empty() || value.starts_with('=') {
        Err(format!("invalid environment variable: {value}"))
    } else {
        Ok(())
    }
}

pub fn label(value: &str) -> Result<(), String> {
    let name = value.split('=').next().unwrap_or_default();
    if name.is_empty() {
        Err(format!("invalid label '{value}': empty name"))
    } else {
        Ok(())
    }
}

pub fn link(value: &str) -> Result<(), String> {
    match value.split(':').count() {
        _ if value.is_empty() => Err("empty string specified for links".to_owned()),
        1 | 2 => Ok(()),
        _ => Err(format!("bad format for links: {value}")),
    }
}

pub fn filter(value: &str) -> Result<(), String> {
    // An empty one is none at all.
    if value.is_empty() || value.contains('=') {
        Ok(())
    } else {
        Err("bad format of filter (expected name=value)".to_owned())
    }
}

/// `--filter` values as the API takes them.
pub fn filters(values: &[String]) -> Option<HashMap<String, Vec<String>>> {
    let mut filters: HashMap<String, Vec<String>> = HashMap::new();
    for (key, value) in values.iter().filter_map(|value| value.split_once('=')) {
        filters
            .entry(key.trim().to_lowercase())
            .or_default()
            .push(value.trim().to_owned());
    }
    Some(filters).filter(|filters| !filters.is_empty())
}

/// `k=v` values, `k` alone having an empty value.
pub fn pairs(values: &[String]) -> HashMap<String, String> {
    let pair = |value: &String| {
        value
            .split_once('=')
            .map_or((value.clone(), String::new()), |(k, v)| {
                (k.to_owned(), v.to_owned())
            })
    };
    values.iter().map(pair).collect()
}

/// One `--network`, in its short or long form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachment {
    pub network: String,
    pub endpoint: EndpointSettings,
}

pub fn attachment(value: &str) -> Result<(), String> {
    read_attachment(value).map(|_| ())
}

pub fn read_attachment(value: &str) -> Result<Attachment, String> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let long = value
        .split_once('=')
        .is_some_and(|(key, rest)| key.ends_with(word) && rest.starts_with(word));
    if !long {
        return Ok(Attachment {
            network: value.to_owned(),
            endpoint: EndpointSettings::default(),
        });
    }
    let mut read = Attachment::default();
    let endpoint = &mut read.endpoint;
    for field in value.split(',') {
        let lower = field.to_lowercase();
        let Some((key, value)) = lower.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(format!("invalid field {field}"));
        };
        let value = value.trim().to_owned();
        match key.trim() {
            "name" => read.network = value,
            "alias" => endpoint.aliases.get_or_insert_default().push(value),
            "ip" => endpoint.ipam_config.get_or_insert_default().ipv4_address = Some(value),
            "ip6" => endpoint.ipam_config.get_or_insert_default().ipv6_address = Some(value),
            "link-local-ip" => endpoint
                .ipam_config
                .get_or_insert_default()
                .link_local_ips
                .get_or_insert_default()
                .push(value),
            "mac-address" => endpoint.mac_address = Some(value),
            "driver-opt" => {
                let invalid = || "invalid key value pair format in driver options".to_owned();
                let (key, value) = value
                    .split_once('=')
                    .filter(|(key, _)| !key.is_empty())
                    .ok_or_else(invalid)?;
                endpoint
                    .driver_opts
                    .get_or_insert_default()
                    .insert(key.trim().to_owned(), value.trim().to_owned());
            }
            "gw-priority" => {
                let priority = value
                    .parse()
                    .map_err(|_| format!("invalid gw-priority ({value}): invalid syntax"))?;
                endpoint.gw_priority = Some(priority);
            }
            key => return Err(format!("invalid field key {key}")),
        }
    }
    if read.network.is_empty() {
        Err("network name/id is not specified".to_owned())
    } else {
        Ok(read)
    }
}

/// Addresses of an endpoint, if any is given.
pub fn ipam(
    ip: Option<String>,
    ip6: Option<String>,
    link_local: Vec<String>,
) -> Option<EndpointIpamConfig> {
    if ip.is_none() && ip6.is_none() && link_local.is_empty() {
        return None;
    }
    let link_local_ips = Some(link_local).filter(|ips| !ips.is_empty());
    Some(EndpointIpamConfig {
        ipv4_address: ip,
        ipv6_address: ip6,
        link_local_ips,
    })
}

pub fn is_mac_address(value: &str) -> bool {
    let separator = if value.contains('-') { '-' } else { ':' };
    let octets: Vec<&str> = value.split(separator).collect();
    octets.len() == 6
        && octets
            .iter()
            .all(|octet| octet.len() == 2 && octet.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A point in time: `2013-01-02T13:23:37Z`, seconds since 1970, or how long ago (`42m`). Gives seconds since 1970.
pub fn point_in_time(name: &str, value: &str, now: Timestamp) -> Result<i32, String> {
    let wrong = || {
        format!(
            "invalid value for \"{name}\": failed to parse value as time or duration: {}",
            crate::go::quote(value)
        )
    };
    let seconds = if let Some(ago) = go_duration(value) {
        now.as_second() - ago
    } else if let Some(time) = date(value) {
        time.as_second()
    } else {
        let whole = value.split('.').next().unwrap_or_default();
        whole.parse().map_err(|_| wrong())?
    };
    // Further away than the API can say is as far as it can say.
    let most = i64::from(i32::MAX);
    i32::try_from(seconds.min(most)).map_err(|_| wrong())
}

/// `2013-01-02T13:23:37Z`, and with less of it: without its zone, its seconds, its time.
fn date(value: &str) -> Option<Timestamp> {
    if let Ok(time) = value.parse::<Timestamp>() {
        return Some(time);
    }
    let text = value.strip_suffix('Z').unwrap_or(value);
    // Hours alone are not a time to `jiff`.
    let full = match text.len() {
        13 => format!("{text}:00"),
        _ => text.to_owned(),
    };
    let here = full.parse::<jiff::civil::DateTime>().ok()?;
    let utc = jiff::tz::TimeZone::UTC;
    here.to_zoned(utc).ok().map(|time| time.timestamp())
}

/// The same with all its digits, as the API takes it: `1700000000.000000000`.
pub fn moment(value: &str, now: Timestamp) -> Result<String, String> {
    let wrong = || {
        let quoted = crate::go::quote(value);
        format!("failed to parse value as time or duration: {quoted}")
    };
    let time = if let Some(ago) = go_duration(value) {
        let ago = jiff::SignedDuration::from_secs(ago);
        now.checked_sub(ago).map_err(|_| wrong())?
    } else if let Some(time) = date(value) {
        time
    } else {
        let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
        let seconds = whole.parse().map_err(|_| wrong())?;
        let fraction = format!("{fraction:0<9}");
        let nanoseconds = fraction.get(..9).and_then(|digits| digits.parse().ok());
        Timestamp::new(seconds, nanoseconds.ok_or_else(wrong)?).map_err(|_| wrong())?
    };
    Ok(format!(
        "{}.{:09}",
        time.as_second(),
        time.subsec_nanosecond()
    ))
}

/// `1h30m`, `42m`, `1.5s`: whole seconds.
fn go_duration(value: &str) -> Option<i64> {
    let mut seconds = 0.0;
    let mut rest = value;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (digits, after) = rest.split_at(number);
        let unit = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let factor = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        seconds += digits.parse::<f64>().ok()? * factor;
        rest = after;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole seconds are what the API takes"
    )]
    Some(seconds as i64).filter(|_| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments() {
        let short = read_attachment("lab").expect("a name");
        assert_eq!(short.network, "lab");
        let long = read_attachment("name=lab,alias=db,alias=mysql,ip=10.5.0.7").expect("fields");
        assert_eq!(long.network, "lab");
        assert_eq!(
            long.endpoint.aliases,
            Some(vec!["db".to_owned(), "mysql".to_owned()])
        );
        assert_eq!(
            long.endpoint.ipam_config.and_then(|ipam| ipam.ipv4_address),
            Some("10.5.0.7".to_owned())
        );
        assert_eq!(
            read_attachment("foo=bar"),
            Err("invalid field key foo".to_owned())
        );
        assert_eq!(
            read_attachment("alias=db"),
            Err("network name/id is not specified".to_owned())
        );
    }

    #[test]
    fn points_in_time() {
        let now = Timestamp::from_second(10_000).expect("in range");
        let read = |value| point_in_time("since", value, now);
        assert_eq!(read("42m"), Ok(10_000 - 42 * 60));
        assert_eq!(read("1h30m"), Ok(10_000 - 5400));
        assert_eq!(read("5000.5"), Ok(5000));
        assert_eq!(read("1970-01-01T00:00:05Z"), Ok(5));
        assert_eq!(read("1970-01-01T00:00:05"), Ok(5));
        assert_eq!(read("1970-01-01T01:01"), Ok(3660));
        assert_eq!(read("1970-01-01T01"), Ok(3600));
        assert_eq!(read("1970-01-02"), Ok(86_400));
        assert_eq!(read("2999-01-01"), Ok(i32::MAX));
        let wrong =
            "invalid value for \"since\": failed to parse value as time or duration: \"foo\"";
        assert_eq!(read("foo"), Err(wrong.to_owned()));
    }

    #[test]
    fn durations_as_go_reads_them() {
        let read =
            ["1m30s", "1.5h", "-5s", "0", "300ms"].map(|text| nanoseconds(text).expect("one"));
        assert_eq!(
            read,
            [
                90_000_000_000,
                5_400_000_000_000,
                -5_000_000_000,
                0,
                300_000_000
            ]
        );
        let wrong = ["foo", "5", "5x", ""].map(|text| nanoseconds(text).expect_err("none"));
        let expected = [
            "time: invalid duration \"foo\"",
            "time: missing unit in duration \"5\"",
            "time: unknown unit \"x\" in duration \"5x\"",
            "time: invalid duration \"\"",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn checked_before_the_engine_is_asked() {
        assert_eq!(nano_cpus("1.5"), Ok(1_500_000_000));
        assert_eq!(
            cpus("foo"),
            Err("failed to parse foo as a rational number".to_owned())
        );
        assert_eq!(extra_host_as_sent("db=[::1]"), Ok("db:::1".to_owned()));
        assert_eq!(
            extra_host("foo"),
            Err("bad format for add-host: \"foo\"".to_owned())
        );
        assert_eq!(
            ip_address("foo"),
            Err("IP address is not correctly formatted: foo".to_owned())
        );
        assert_eq!(
            environment("=x"),
            Err("invalid environment variable: =x".to_owned())
        );
        assert_eq!(
            label("=x"),
            Err("invalid label '=x': empty name".to_owned())
        );
        assert_eq!(link("a:b:c"), Err("bad format for links: a:b:c".to_owned()));
        assert!(is_mac_address("92:d0:c6:0a:29:33") && !is_mac_address("foo"));
    }
}
