//! A million lines of a container's log, to the end: through the agent's own way to the engine, beside the docker CLI.

use std::{
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use causeway::docker::Docker;
use futures::StreamExt as _;
use lab::{Containers as _, options::LogsOptions};
use tests::{
    program,
    report::{Goal, Report, Samples, variable},
};

const LINES: u32 = 1_000_000;
/// Pairs: ours, docker's, ours, docker's, …
const PAIRS: usize = 7;
const NAME: &str = "causeway-bench-logs";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    bench().await.context("the bench of logs could not run")
}

async fn bench() -> Result<()> {
    let both = Both {
        host: variable("CAUSEWAY_TEST_DOCKER_NEWEST")?,
        cli: variable("CAUSEWAY_TEST_DOCKER_CLI")?,
        state: tempfile::tempdir()?,
    };
    let script = format!("seq {LINES} | sed 's/^/this is a line of a log, and its number is /'");
    both.docker(&["run", "--name", NAME, "busybox", "sh", "-c", &script])?;
    let measured = measure(&both).await;
    both.docker(&["rm", "-f", NAME])?;
    measured?.print();
    Ok(())
}

async fn measure(both: &Both) -> Result<Report> {
    let mut report = Report::new(
        "Logs: 1,000,000 lines to the end, beside `docker logs >/dev/null` (min / median / max)",
    );
    let engine = Docker::connect(&both.host.parse()?).await?;
    let bytes = drain(&engine).await?;
    report.fact(format!("{bytes} bytes"));
    let (mut stream, mut sh, mut docker) =
        (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..PAIRS {
        let began = Instant::now();
        ensure!(drain(&engine).await? == bytes, "another length");
        stream.push(began.elapsed().as_secs_f64());
        docker.push(both.docker(&["logs", NAME])?);
        sh.push(both.ours()?);
    }
    let beside = docker.spread("s");
    for (what, samples) in [
        ("the engine's stream", stream),
        ("causeway sh >/dev/null", sh),
    ] {
        let ratio = docker.median() / samples.median();
        let goal = Goal::AtLeast(1.0, "× its speed");
        report.row(
            what,
            samples.spread("s"),
            beside.clone(),
            (ratio, "×"),
            goal,
        );
    }
    Ok(report)
}

async fn drain(engine: &Docker) -> Result<usize> {
    let options = LogsOptions {
        stdout: true,
        stderr: true,
        tail: "all".to_owned(),
        ..Default::default()
    };
    let mut output = engine.logs(NAME, options).await?;
    let mut bytes = 0;
    while let Some(chunk) = output.next().await {
        bytes += chunk?.bytes().len();
    }
    Ok(bytes)
}

struct Both {
    host: String,
    cli: String,
    state: tempfile::TempDir,
}

impl Both {
    /// Seconds, from the start of the process to its end.
    fn docker(&self, words: &[&str]) -> Result<f64> {
        let mut command = Command::new(&self.cli);
        seconds(command.env("DOCKER_HOST", &self.host).args(words))
    }

    fn ours(&self) -> Result<f64> {
        let mut command = program::causeway();
        command
            .args(["sh", "--engine", "docker", "--docker-host", &self.host])
            .arg("--state")
            .arg(self.state.path())
            .args(["-c", &format!("docker logs {NAME}")]);
        seconds(&mut command)
    }
}

fn seconds(command: &mut Command) -> Result<f64> {
    let began = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "{command:?} failed");
    Ok(began.elapsed().as_secs_f64())
}
