//! 50 MB of coloured text through the page's terminal, beside xterm.js in the same Chromium; and keys typed meanwhile.
//!
//! The same pieces go over the same kind of socket to both, as fast as each takes them.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use lab::Size;
use session::wire::{ClientMessage, Frame, PROTOCOL, ServerMessage, TerminalId, encode_client};
use tests::{
    driver::Driver,
    fake::{FakeAgent, FromPage, ToPage},
    flood::{END, Flood},
    report::{Goal, Report, Samples, variable},
};
use thirtyfour::TypingData;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::sleep,
};

const XTERM: &str = "@xterm/xterm@6.0.0";
const BYTES: u64 = 50_000_000;
/// Of each side, in turns.
const RUNS: usize = 3;
const KEYS: usize = 60;
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    bench()
        .await
        .context("the bench of the terminal could not run")
}

async fn bench() -> Result<()> {
    let site = PathBuf::from(variable("CAUSEWAY_TEST_SITE")?);
    let xterm = xterm(site.parent().context("a folder above the site")?)?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/xterm");
    let agent = FakeAgent::start(&[&site, &xterm, &here]).await?;
    let mut bench = Bench {
        agent,
        driver: Driver::start().await?,
        size: Size::default(),
    };
    let mut report = Report::new("The page's terminal beside xterm.js (min / median / max)");
    report.fact(format!(
        "Chromium {}, {XTERM} with its DOM renderer",
        bench.driver.version()
    ));
    let [mut ours, mut theirs] = [Samples::default(), Samples::default()];
    for _ in 0..RUNS {
        ours.push(bench.flood(Side::Ours).await?);
        theirs.push(bench.flood(Side::Xterm).await?);
    }
    report.fact(format!(
        "{} columns, {} rows, both with 5,000 rows above",
        bench.size.columns, bench.size.rows
    ));
    let ratio = ours.median() / theirs.median();
    report.row(
        "50 MB of coloured text",
        ours.spread("MB/s"),
        theirs.spread("MB/s"),
        (ratio, "×"),
        Goal::AtLeast(0.5, "×"),
    );
    let [mine, other] = [
        bench.keys(Side::Ours).await?,
        bench.keys(Side::Xterm).await?,
    ];
    let p99 = mine.arrived.percentile(99.0);
    report.row(
        "keydown to the agent, meanwhile",
        mine.arrived.tail("ms"),
        other.arrived.tail("ms"),
        (p99, "ms"),
        Goal::None,
    );
    let p99 = mine.shown.percentile(99.0);
    report.row(
        "keydown to its echo shown, meanwhile",
        mine.shown.tail("ms"),
        other.shown.tail("ms"),
        (p99, "ms"),
        Goal::AtMost(50.0, "ms"),
    );
    report.print();
    Ok(())
}

/// What npm has, put beside what is built. Never a part of ours.
fn xterm(target: &Path) -> Result<PathBuf> {
    let folder = target.join("xterm");
    let package = folder.join("node_modules/@xterm/xterm");
    if !package.join("lib/xterm.js").is_file() {
        std::fs::create_dir_all(&folder)?;
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--silent",
            "--no-save",
            "--ignore-scripts",
            "--prefix",
        ]);
        let fetched = npm
            .arg(&folder)
            .arg(XTERM)
            .status()
            .context("npm, which fetches xterm.js")?;
        ensure!(fetched.success(), "npm could not fetch {XTERM}");
    }
    Ok(package)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Ours,
    Xterm,
}

struct Bench {
    agent: FakeAgent,
    driver: Driver,
    /// Ours, as it was laid out: xterm.js gets the same.
    size: Size,
}

/// Milliseconds.
#[derive(Default)]
struct Keys {
    arrived: Samples,
    shown: Samples,
}

impl Bench {
    /// A new page that waits for bytes.
    async fn open(&mut self, side: Side) -> Result<(ToPage, FromPage)> {
        // The page before is left first, so that it does not come back as a new one.
        self.driver.goto("about:blank").await?;
        let path = match side {
            Side::Ours => "/".to_owned(),
            Side::Xterm => format!(
                "/xterm.html?columns={}&rows={}&hello={}",
                self.size.columns,
                self.size.rows,
                hello()
            ),
        };
        self.driver.goto(self.agent.address(&path)).await?;
        let (to, mut from) = self.agent.page("flood").await?;
        if side == Side::Ours {
            self.size = size(&mut from).await?;
        }
        Ok((to, from))
    }

    /// MB/s, from the first byte sent to the last row shown.
    async fn flood(&mut self, side: Side) -> Result<f64> {
        let (mut to, mut from) = self.open(side).await?;
        self.driver
            .execute(WATCH_END.replace("END", END), [])
            .await?;
        let reading = tokio::spawn(async move { while from.next().await.is_ok() {} });
        let began = unix_ms();
        let mut flood = Flood::default();
        let mut offset = 0;
        while offset < BYTES {
            offset = output(&mut to, offset, flood.piece()).await?;
        }
        output(&mut to, offset, END.into()).await?;
        let ended = self.wait_for("return window.ended").await?;
        reading.abort();
        let speed = BYTES as f64 / 1000.0 / (ended - began);
        println!("  {side:?}: {speed:.1} MB/s");
        Ok(speed)
    }

    /// Keys, typed by the browser while text streams below the row in which their echo is shown.
    async fn keys(&mut self, side: Side) -> Result<Keys> {
        let (to, from) = self.open(side).await?;
        self.driver.execute(WATCH_KEYS, []).await?;
        let (inputs, echoes) = unbounded_channel();
        let streaming = tokio::spawn(stream(to, echoes, self.size));
        let reading = tokio::spawn(read_inputs(from, inputs));
        sleep(Duration::from_secs(1)).await;
        for _ in 0..KEYS {
            let key = TypingData::from("k");
            self.driver.action_chain().send_keys(key).perform().await?;
            sleep(Duration::from_millis(150)).await;
        }
        sleep(Duration::from_secs(2)).await;
        streaming.abort();
        let read = self
            .driver
            .execute("return [window.typed, window.shown]", [])
            .await?;
        let [typed, shown]: [Vec<f64>; 2] = read.convert()?;
        self.driver.goto("about:blank").await?;
        let arrived = reading.await?;
        ensure!(
            typed.len() == KEYS && arrived.len() == KEYS,
            "{} keys of {KEYS} were typed, {} arrived, {} were shown",
            typed.len(),
            arrived.len(),
            shown.len()
        );
        // One that was overtaken by the next one's echo was shown no later than that.
        Ok(Keys {
            arrived: typed
                .iter()
                .zip(&arrived)
                .map(|(from, to)| to - from)
                .collect(),
            shown: typed
                .iter()
                .zip(&shown)
                .map(|(from, to)| to - from)
                .collect(),
        })
    }

    async fn wait_for(&self, script: &str) -> Result<f64> {
        let waiting = async {
            loop {
                let seen = self.driver.execute(script, []).await?;
                if let Some(seen) = seen.json().as_f64() {
                    return anyhow::Ok(seen);
                }
                sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .context("the last row was not shown in time")?
    }
}

/// The last rows are looked at in every frame; what is seen there was painted in the frame before or is in this one.
const WATCH_END: &str = "
    const rows = () => [...(document.querySelector('.rows, .xterm-rows')?.children ?? [])].slice(-3);
    const painted = (then) => { const c = new MessageChannel(); c.port1.onmessage = then; c.port2.postMessage(0); };
    const frame = () => {
        if (rows().some((row) => row.textContent.includes('END')))
            painted(() => { window.ended = performance.timeOrigin + performance.now(); });
        else requestAnimationFrame(frame);
    };
    frame();
";

/// `typed`: when each key was pressed; `shown`: when its echo, `key 12.`, or a later one's was painted.
const WATCH_KEYS: &str = "
    window.typed = []; window.shown = [];
    document.querySelector('.screen, .xterm-helper-textarea').focus();
    document.addEventListener('keydown', (event) => typed.push(performance.timeOrigin + event.timeStamp), true);
    const painted = (then) => { const c = new MessageChannel(); c.port1.onmessage = then; c.port2.postMessage(0); };
    const look = () => {
        const rows = document.querySelector('.rows, .xterm-rows').children;
        for (let at = 0; at < 3 && at < rows.length; at++) {
            const echo = rows[at].textContent.match(/key (\\d+)\\./);
            if (echo) painted(() => {
                const now = performance.timeOrigin + performance.now();
                while (shown.length < Number(echo[1])) shown.push(now);
            });
        }
        requestAnimationFrame(look);
    };
    look();
";

fn hello() -> String {
    let hello = ClientMessage::Hello {
        protocol: PROTOCOL,
        token: None,
        resume: None,
        progress: None,
    };
    match encode_client(&hello) {
        Frame::Text(text) => text.replace('"', "%22"),
        Frame::Binary(_) => String::new(),
    }
}

/// The page says its size once it is laid out.
async fn size(from: &mut FromPage) -> Result<Size> {
    loop {
        if let ClientMessage::Resize { size, .. } = from.next().await? {
            return Ok(size);
        }
    }
}

async fn output(to: &mut ToPage, offset: u64, bytes: Bytes) -> Result<u64> {
    let next = offset + bytes.len() as u64;
    let terminal = TerminalId(1);
    to.send(&ServerMessage::Output {
        terminal,
        offset,
        bytes,
    })
    .await?;
    Ok(next)
}

/// Text without end in all rows but the first; there each key's number is written as soon as it comes.
async fn stream(mut to: ToPage, mut echoes: UnboundedReceiver<usize>, size: Size) -> Result<()> {
    let mut flood = Flood::default();
    let below = format!("\x1b[2J\x1b[2;{}r\x1b[{};1H", size.rows, size.rows);
    let mut offset = output(&mut to, 0, below.into()).await?;
    loop {
        while let Ok(number) = echoes.try_recv() {
            let echo = format!("\x1b7\x1b[1;1H\x1b[0mkey {number}.\x1b8");
            offset = output(&mut to, offset, echo.into()).await?;
        }
        offset = output(&mut to, offset, flood.piece()).await?;
    }
}

/// When each key came.
async fn read_inputs(mut from: FromPage, inputs: UnboundedSender<usize>) -> Vec<f64> {
    let mut arrived = Vec::new();
    while let Ok(message) = from.next().await {
        if let ClientMessage::Input { .. } = message {
            arrived.push(unix_ms());
            let _ = inputs.send(arrived.len());
        }
    }
    arrived
}

fn unix_ms() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64() * 1000.0)
}
