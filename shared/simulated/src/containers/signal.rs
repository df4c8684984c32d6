//! Signals by name and by number.

use lab::{Error, Result};

/// By number, from 1 on.
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// Other names of the same.
const ALIASES: [(&str, i64); 3] = [("IOT", 6), ("CLD", 17), ("POLL", 29)];

const REAL_TIME: i64 = 34;
const LAST: i64 = 64;

/// `KILL`, `sigkill`, `9`, `RTMIN+3`: any number except 0, also of no signal.
pub fn parse(signal: &str) -> Result<i64> {
    let unknown = || Error::refused(400, format!("invalid signal: {signal}"));
    if let Ok(number) = signal.parse::<i64>() {
        return if number == 0 {
            Err(unknown())
        } else {
            Ok(number)
        };
    }
    let upper = signal.to_uppercase();
    by_name(upper.strip_prefix("SIG").unwrap_or(&upper)).ok_or_else(unknown)
}

/// One that there is.
pub fn number(signal: &str) -> Result<u8> {
    let number = parse(signal)?;
    u8::try_from(number)
        .ok()
        .filter(|number| (1..=LAST).contains(&i64::from(*number)))
        .ok_or_else(|| {
            let message = format!("the linux daemon does not support signal {number}");
            Error::refused(400, message)
        })
}

fn by_name(name: &str) -> Option<i64> {
    if let Some(above) = name.strip_prefix("RTMIN") {
        return offset(above, '+', LAST - REAL_TIME).map(|above| REAL_TIME + above);
    }
    if let Some(below) = name.strip_prefix("RTMAX") {
        return offset(below, '-', LAST - REAL_TIME).map(|below| LAST - below);
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    alias.map(|(_, number)| *number).or_else(|| {
        let place = NAMES.iter().position(|known| *known == name)?;
        i64::try_from(place + 1).ok()
    })
}

fn offset(text: &str, sign: char, most: i64) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let offset = text.strip_prefix(sign)?.parse().ok()?;
    (0..=most).contains(&offset).then_some(offset)
}
