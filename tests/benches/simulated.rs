//! Docker commands a second on the simulated engine, and the same script beside a real one: both through `cli::run`, from
//! the line's text to the last byte, and no process is started for either.

use std::{sync::Arc, time::Instant};

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use causeway::{clock::SystemClock, docker::Docker};
use cli::{Context, Input, Io, Output, Session};
use futures::{StreamExt as _, stream};
use lab::{Clock, Engine, Host, OnlyThisHost, files::Files};
use simulated::Simulated;
use tests::report::{Goal, Report, Samples, variable};

/// What a lesson is made of: two that make, two that look, two that remove.
const SCRIPT: [&str; 6] = [
    "docker network create bench-net",
    "docker run -d --name bench-web --network bench-net busybox sleep 1000",
    "docker inspect bench-web",
    "docker network inspect bench-net",
    "docker rm -f bench-web",
    "docker network rm bench-net",
];
/// Times that the script is run for one sample.
const ROUNDS: u32 = 500;
const SAMPLES: usize = 9;
/// On the real engine, where it takes its time.
const REAL_ROUNDS: u32 = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    bench()
        .await
        .context("the bench of the simulated engine could not run")
}

async fn bench() -> Result<()> {
    let mut report =
        Report::new("The simulated engine: lines through cli::run (min / median / max)");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let world = Simulated::new(Arc::clone(&clock), 7);
    let simulated = context(Arc::new(world.clone()), Arc::new(world.clone()), &clock);
    let empty = rate(&simulated).await?;
    report.row(
        "commands a second",
        empty.spread("/s"),
        String::new(),
        (empty.median(), "/s"),
        Goal::AtLeast(10_000.0, "/s"),
    );
    fill(&simulated).await?;
    let full = rate(&simulated).await?;
    report.row(
        "… beside 50 containers that run",
        full.spread("/s"),
        String::new(),
        (full.median(), "/s"),
        Goal::None,
    );
    if let Ok(host) = variable("CAUSEWAY_TEST_DOCKER_NEWEST") {
        let engine = Docker::connect(&host.parse()?).await?;
        let real = context(Arc::new(engine), Arc::new(world), &clock);
        let mut seconds = Samples::default();
        for _ in 0..SAMPLES {
            seconds.push(script(&real, REAL_ROUNDS).await?);
        }
        let ratio = empty.median() / (f64::from(commands(REAL_ROUNDS)) / seconds.median());
        report.row(
            "the same script, beside dockerd",
            empty.spread("/s"),
            seconds.spread("s for 18 commands"),
            (ratio, "×"),
            Goal::AtLeast(200.0, "×"),
        );
    }
    report.print();
    Ok(())
}

fn context(engine: Arc<dyn Engine>, host: Arc<dyn Host>, clock: &Arc<dyn Clock>) -> Context {
    Context {
        engine,
        host,
        hosts: Arc::new(OnlyThisHost),
        clock: Arc::clone(clock),
        files: Files::default(),
        session: Session::default(),
    }
}

async fn rate(context: &Context) -> Result<Samples> {
    let mut samples = Samples::default();
    for _ in 0..SAMPLES {
        let seconds = script(context, ROUNDS).await?;
        samples.push(f64::from(commands(ROUNDS)) / seconds);
    }
    Ok(samples)
}

fn commands(rounds: u32) -> u32 {
    rounds * u32::try_from(SCRIPT.len()).unwrap_or(0)
}

/// Seconds.
async fn script(context: &Context, rounds: u32) -> Result<f64> {
    let began = Instant::now();
    for _ in 0..rounds {
        for line in SCRIPT {
            run(context, line).await?;
        }
    }
    Ok(began.elapsed().as_secs_f64())
}

async fn fill(context: &Context) -> Result<()> {
    run(context, "docker network create full").await?;
    for number in 0..50 {
        let line =
            format!("docker run -d --name full-{number} --network full busybox sleep 100000");
        run(context, &line).await?;
    }
    Ok(())
}

async fn run(context: &Context, line: &str) -> Result<()> {
    let io = Io {
        input: stream::pending::<Input>().boxed(),
        output: Box::new(Nobody),
        terminal: None,
    };
    let code = cli::run(line, context, io).await;
    ensure!(code == 0, "{line} exits with {code}");
    Ok(())
}

/// Reads nothing.
struct Nobody;

#[async_trait]
impl Output for Nobody {
    async fn stdout(&mut self, _: &[u8]) {}

    async fn stderr(&mut self, _: &[u8]) {}
}
