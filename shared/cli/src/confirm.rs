//! `Are you sure …? [y/N]`

use crate::{Input, console::Console, failure::Failure, streams::INTERRUPTED};

/// Asks, and reads one line; `y` is yes.
pub async fn confirm(warning: &str, console: &mut Console) -> Result<bool, Failure> {
    console.out(format!("{warning} [y/N] ")).await;
    let mut answer = Vec::new();
    loop {
        match console.next().await {
            Input::Bytes(bytes) => answer.extend_from_slice(&bytes),
            Input::End => break,
            Input::Interrupt => return Err(Failure::silent(INTERRUPTED)),
            Input::Resize(_) => continue,
        }
        if answer.iter().any(|byte| matches!(byte, b'\n' | b'\r')) || answer.len() > 1024 {
            break;
        }
    }
    let answer = String::from_utf8_lossy(&answer);
    let answer = answer.lines().next().unwrap_or_default().trim().to_owned();
    Ok(answer.eq_ignore_ascii_case("y"))
}
