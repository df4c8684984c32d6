//! Signals by name and by number.

use lab::{Error, Result};

use crate::process::{INT, KILL, QUIT, TERM};

/// A signal's number: `KILL`, `SIGKILL`, `9`.
pub fn number(signal: &str) -> Result<u8> {
    let name = signal.trim_start_matches("SIG");
    Ok(match name {
        "HUP" => 1,
        "INT" => INT,
        "QUIT" => QUIT,
        "" | "KILL" => KILL,
        "USR1" => 10,
        "USR2" => 12,
        "TERM" => TERM,
        "WINCH" => 28,
        number => number
            .parse()
            .map_err(|_| Error::refused(400, format!("Invalid signal: {signal}")))?,
    })
}
