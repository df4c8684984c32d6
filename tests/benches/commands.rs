//! Commands through a running agent, from the WebSocket message to the last byte, beside the docker CLI on the same engine.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use tests::{
    engine::Socket,
    page::Page,
    report::{Goal, Report, Samples, variable},
    spawned::Spawned,
};

/// Pairs: ours, docker's, ours, docker's, …
const PAIRS: usize = 40;
/// What happened is looked at by the agent; that is not a part of the next command.
const REST: Duration = Duration::from_millis(300);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    bench().await.context("the bench of commands could not run")
}

async fn bench() -> Result<()> {
    let host = variable("CAUSEWAY_TEST_DOCKER_NEWEST")?;
    let docker = Docker {
        program: variable("CAUSEWAY_TEST_DOCKER_CLI")?,
        host: host.clone(),
    };
    let mut agent = Spawned::found_through(&host);
    let mut both = Both {
        page: agent.page().await,
        docker,
    };
    let mut report =
        Report::new("Commands: through the agent, beside the docker CLI (min / median / max)");
    let engine = Socket::of(&host)?;
    report.fact(format!("Docker Engine {}", engine.version()?));
    // Something to list, and not the lab's: the label of what is, is shown by the docker CLI only.
    both.docker.run("docker network create mynet")?;
    let (_, container) = both.docker.run("docker run -d nginx")?;
    let measured = measure(&mut both, &mut report).await;
    both.docker
        .run(&format!("docker rm -f {}", container.trim()))?;
    both.docker.run("docker network rm mynet")?;
    measured?;
    report.print();
    Ok(())
}

struct Both {
    page: Page,
    docker: Docker,
}

async fn measure(both: &mut Both, report: &mut Report) -> Result<()> {
    for line in [
        "docker ps",
        "docker network ls",
        "docker network inspect mynet",
    ] {
        is_the_same(both, line).await?;
        compare(both, report, line, Goal::AtMost(0.15, "×")).await?;
    }
    compare(both, report, "docker run -d nginx", Goal::AtMost(1.0, "×")).await
}

/// Two that print different things cannot be compared. `Up 3 seconds` may become `Up 4 seconds` in between.
async fn is_the_same(both: &mut Both, line: &str) -> Result<()> {
    let mut last = (String::new(), String::new());
    for _ in 0..5 {
        let (_, ours) = ours(&mut both.page, line).await?;
        let (_, docker) = both.docker.run(line)?;
        let (_, ours) = ours.split_once("\r\n").context("no prompt")?;
        last = (ours.replace("\r\n", "\n"), docker);
        if last.0 == last.1 {
            return Ok(());
        }
    }
    anyhow::bail!("{line} prints\n{}\nand the docker CLI\n{}", last.0, last.1)
}

async fn compare(both: &mut Both, report: &mut Report, line: &str, goal: Goal) -> Result<()> {
    let makes = line.starts_with("docker run");
    let (mut a, mut b) = (Samples::default(), Samples::default());
    for _ in 0..PAIRS {
        let (took, text) = ours(&mut both.page, line).await?;
        a.push(took);
        if makes {
            let remove = format!("docker rm -f {}", last_line(&text)?);
            ours(&mut both.page, &remove).await?;
            tokio::time::sleep(REST).await;
        }
        let (took, text) = both.docker.run(line)?;
        b.push(took);
        if makes {
            both.docker
                .run(&format!("docker rm -f {}", last_line(&text)?))?;
            tokio::time::sleep(REST).await;
        }
    }
    let ratio = a.median() / b.median();
    report.row(line, a.spread("ms"), b.spread("ms"), (ratio, "×"), goal);
    Ok(())
}

/// Milliseconds, and what was printed.
async fn ours(page: &mut Page, line: &str) -> Result<(f64, String)> {
    let began = Instant::now();
    let (text, exit) = page.run(1, line).await;
    let took = began.elapsed();
    ensure!(exit == 0, "{line}: {text}");
    Ok((took.as_secs_f64() * 1000.0, text))
}

struct Docker {
    program: String,
    host: String,
}

impl Docker {
    /// From the start of the process to its end, with all that it printed.
    fn run(&self, line: &str) -> Result<(f64, String)> {
        let mut command = Command::new(&self.program);
        command
            .args(line.split(' ').skip(1))
            .env("DOCKER_HOST", &self.host);
        let began = Instant::now();
        let output = command.output()?;
        let took = began.elapsed();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(output.status.success(), "{line}: {output:?}");
        Ok((took.as_secs_f64() * 1000.0, text))
    }
}

/// A new container's id.
fn last_line(text: &str) -> Result<&str> {
    text.trim().lines().next_back().context("no id")
}
