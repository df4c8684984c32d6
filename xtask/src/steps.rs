//! Says what is being done and how long it took; runs programs so that a failure names them.

use std::{
    io::Read as _,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Does one step, saying so before and after.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {what} …");
    let began = Instant::now();
    let done = work().with_context(|| format!("{what}: failed"))?;
    println!("    {what}: {}", seconds(began.elapsed()));
    Ok(done)
}

/// Runs a program to its end; its output is seen.
pub fn run(command: &mut Command) -> Result<()> {
    let name = name(command);
    let status = command.status().with_context(|| unstarted(&name))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}

/// Runs a program to its end and gives what it printed; its errors are part of the error.
pub fn output(command: &mut Command) -> Result<String> {
    let name = name(command);
    let output = command.output().with_context(|| unstarted(&name))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{name} ended with {}: {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program that may hang, for no longer than this. An error's text is the last thing that it said.
pub fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let name = name(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| unstarted(&name))?;
    let reader = child.stderr.take().map(|mut said| {
        thread::spawn(move || {
            let mut text = String::new();
            // What was said before an unreadable byte is enough.
            let _ = said.read_to_string(&mut text);
            text
        })
    });
    let end = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            bail!("{name} was not done after {}", seconds(limit));
        }
        thread::sleep(Duration::from_millis(50));
    };
    if status.success() {
        return Ok(());
    }
    let said = reader.and_then(|reader| reader.join().ok());
    let said = said.unwrap_or_default();
    bail!("{name}: {}", said.trim().lines().last().unwrap_or("failed"));
}

pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn name(command: &Command) -> String {
    let path = std::path::Path::new(command.get_program());
    path.file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned()
}

fn unstarted(name: &str) -> String {
    format!("{name} could not be started: is it installed?")
}
