//! How long until it is seen: a line of ping, from the agent's byte to the painted row; and what happens on the engine,
//! from the event's arrival to the painted rail.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tests::{
    driver::Driver,
    engine::Socket,
    fake::{FakeAgent, unix_ms},
    report::{Goal, Report, Samples, variable},
    spawned::Spawned,
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::sleep,
};

const PINGS: u32 = 150;
/// Each is made and removed.
const NETWORKS: u32 = 50;
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    bench()
        .await
        .context("the bench of what is seen could not run")
}

async fn bench() -> Result<()> {
    let mut report = Report::new("Until it is seen");
    let driver = Driver::start().await?;
    report.fact(format!("Chromium {}, a frame is 16.7 ms", driver.version()));
    let pings = pings(&driver).await?;
    let tail = pings.percentile(99.0);
    report.row(
        "ping: byte to pixel",
        pings.tail("ms"),
        String::new(),
        (tail, "ms"),
        Goal::AtMost(50.0, "ms"),
    );
    let host = variable("CAUSEWAY_TEST_DOCKER_NEWEST")?;
    let engine = Socket::of(&host)?;
    report.fact(format!("Docker Engine {}", engine.version()?));
    let agent = Spawned::found_through(&host);
    let events = events(&driver, &agent, &engine).await?;
    let tail = events.percentile(99.0);
    report.row(
        "event's arrival to pixel",
        events.tail("ms"),
        String::new(),
        (tail, "ms"),
        Goal::AtMost(100.0, "ms"),
    );
    report.print();
    Ok(())
}

/// `seen`: what was painted, and when. A task that is posted in a frame's callback comes after that frame was painted; what
/// changes outside of such a callback is painted with the next frame.
const PAINTED: &str = "
    window.seen = [];
    const inThisFrame = (what) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => seen.push([what, performance.timeOrigin + performance.now()]);
        channel.port2.postMessage(0);
    };
    const inTheNextFrame = (what) => requestAnimationFrame(() => inThisFrame(what));
    const watch = (element, look) =>
        new MutationObserver(look).observe(element, { subtree: true, childList: true, characterData: true });
";

/// The page writes rows in a frame's callback.
const WATCH_ROWS: &str = "
    const rows = document.querySelector('.rows');
    let last = 0;
    watch(rows, () => {
        for (const found of rows.textContent.matchAll(/seq=(\\d+) /g)) {
            const number = Number(found[1]);
            if (number > last) { last = number; inThisFrame(found[1]); }
        }
    });
";

/// Rails are drawn when the message comes.
const WATCH_RAILS: &str = "
    const picture = document.querySelector('.picture');
    const names = () => new Set([...picture.querySelectorAll('.rail-name')].map((name) => name.childNodes[0].textContent));
    let before = names();
    watch(picture, () => {
        const now = names();
        for (const name of now) if (!before.has(name)) inTheNextFrame(`create ${name}`);
        for (const name of before) if (!now.has(name)) inTheNextFrame(`destroy ${name}`);
        before = now;
    });
";

async fn pings(driver: &Driver) -> Result<Samples> {
    let site = PathBuf::from(variable("CAUSEWAY_TEST_SITE")?);
    let mut agent = FakeAgent::start(&[&site]).await?;
    driver.goto(agent.address("/")).await?;
    let mut page = agent.page("ping web").await?;
    page.size().await?;
    driver.execute(format!("{PAINTED}{WATCH_ROWS}"), []).await?;
    let mut sent = Vec::new();
    for number in 1..=PINGS {
        // Not in step with the frames.
        sleep(Duration::from_millis(u64::from(90 + number * 37 % 61))).await;
        let line = format!("64 bytes from 172.18.0.2: seq={number} ttl=64 time=0.081 ms\r\n");
        sent.push(unix_ms());
        page.send(line.into()).await?;
    }
    sleep(Duration::from_secs(1)).await;
    let seen = seen(driver).await?;
    driver.goto("about:blank").await?;
    ensure!(
        seen.len() == sent.len(),
        "of {PINGS} lines {} were seen",
        seen.len()
    );
    Ok(seen
        .iter()
        .zip(&sent)
        .map(|((_, at), sent)| at - sent)
        .collect())
}

async fn events(driver: &Driver, agent: &Spawned, engine: &Socket) -> Result<Samples> {
    driver.goto(agent.address()).await?;
    wait_for(
        driver,
        "return document.querySelector('.rail-name') !== null",
    )
    .await?;
    // What the lesson's own checks ask is over then.
    sleep(Duration::from_secs(1)).await;
    driver
        .execute(format!("{PAINTED}{WATCH_RAILS}"), [])
        .await?;
    let mut arrivals = arrivals(engine)?;
    let mut samples = Samples::default();
    for number in 1..=NETWORKS {
        let name = format!("bench-{number}");
        let made = engine.ask("POST", "/networks/create", Some(&json!({ "Name": name })))?;
        let shown = one(driver, &mut arrivals, &format!("create {name}"), number).await;
        let id = made["Id"].as_str().context("no id")?;
        engine.ask("DELETE", &format!("/networks/{id}"), None)?;
        samples.push(shown?);
        samples.push(one(driver, &mut arrivals, &format!("destroy {name}"), number).await?);
    }
    driver.goto("about:blank").await?;
    Ok(samples)
}

/// From when its event came here until it was seen. Then a while, not in step with anything, until the next.
async fn one(
    driver: &Driver,
    arrivals: &mut UnboundedReceiver<(String, f64)>,
    what: &str,
    number: u32,
) -> Result<f64> {
    let arrived = loop {
        let next = tokio::time::timeout(PATIENCE, arrivals.recv()).await;
        let (happened, at) = next.context("no event came")?.context("no more events")?;
        if happened == what {
            break at;
        }
    };
    wait_for(
        driver,
        &format!("return seen.some(([what]) => what === '{what}')"),
    )
    .await?;
    let seen = seen(driver).await?;
    let found = seen.iter().find(|(there, _)| there == what);
    sleep(Duration::from_millis(u64::from(150 + number * 53 % 211))).await;
    Ok(found.context("not seen")?.1 - arrived)
}

/// The engine's own events of networks, and when each came.
fn arrivals(engine: &Socket) -> Result<UnboundedReceiver<(String, f64)>> {
    let lines = engine.events()?;
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let at = unix_ms();
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            let name = event["Actor"]["Attributes"]["name"].as_str();
            if let (Some("network"), Some(action), Some(name)) =
                (event["Type"].as_str(), event["Action"].as_str(), name)
                && sender.send((format!("{action} {name}"), at)).is_err()
            {
                return;
            }
        }
    });
    Ok(receiver)
}

async fn seen(driver: &Driver) -> Result<Vec<(String, f64)>> {
    Ok(driver.execute("return window.seen", []).await?.convert()?)
}

async fn wait_for(driver: &Driver, script: &str) -> Result<()> {
    for _ in 0..100 {
        if driver.execute(script, []).await?.json() == &Value::Bool(true) {
            return Ok(());
        }
        sleep(PATIENCE / 100).await;
    }
    bail!("not within {PATIENCE:?}: {script}")
}
