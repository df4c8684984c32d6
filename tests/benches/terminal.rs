//! 50 MB of coloured text through the page's terminal, beside xterm.js in the same Chromium; and keys typed meanwhile.
//!
//! The same pieces go over the same kind of socket to both, as fast as each says that it has drawn them.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use lab::Size;
use session::wire::{ClientMessage, Frame, PROTOCOL, TerminalId, WINDOW, encode_client};
use tests::{
    driver::Driver,
    fake::{FakeAgent, Paced, unix_ms},
    flood::{END, Flood},
    report::{Goal, Report, Samples, variable},
};
use thirtyfour::TypingData;
use tokio::{sync::oneshot, time::sleep};

const XTERM: &str = "@xterm/xterm@6.0.0";
const BYTES: u32 = 50_000_000;
/// Of each side, in turns.
const RUNS: usize = 5;
const KEYS: usize = 100;
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
    let folders = [site.as_path(), &xterm, &here];
    let mut report = Report::new("The page's terminal beside xterm.js (min / median / max)");
    let mut ours = Side::start(&folders, "/".to_owned()).await?;
    let cells = ours.lay_out().await?;
    let mut theirs = Side::start(&folders, xterm_path(cells)).await?;
    report.fact(format!("Chromium {}", ours.driver.version()));
    report.fact(format!("{XTERM} with its DOM renderer (there is no GPU)"));
    report.fact(format!(
        "{} columns, {} rows, and 5,000 rows above, in both",
        cells.columns, cells.rows
    ));
    let [mut a, mut b] = [Samples::default(), Samples::default()];
    for _ in 0..RUNS {
        a.push(ours.flood().await?);
        b.push(theirs.flood().await?);
    }
    let ratio = a.median() / b.median();
    report.row(
        "50 MB of coloured text",
        a.spread("MB/s"),
        b.spread("MB/s"),
        (ratio, "×"),
        Goal::AtLeast(0.5, "×"),
    );
    let [a, b] = [ours.keys(cells).await?, theirs.keys(cells).await?];
    for (what, a, b, goal) in [
        ("keydown to agent, meanwhile", &a.arrived, &b.arrived, None),
        ("keydown to echo, meanwhile", &a.shown, &b.shown, Some(50.0)),
    ] {
        let goal = goal.map_or(Goal::None, |most| Goal::AtMost(most, "ms"));
        let p99 = a.percentile(99.0);
        report.row(what, a.tail("ms"), b.tail("ms"), (p99, "ms"), goal);
    }
    let [a, b] = [ours.driver.most_memory()?, theirs.driver.most_memory()?];
    report.row(
        "most memory of the browser's page",
        format!("{a:.0} MiB"),
        format!("{b:.0} MiB"),
        (a / b, "×"),
        Goal::None,
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
        npm.args(["install", "--silent", "--no-save", "--ignore-scripts"]);
        npm.arg("--prefix").arg(&folder).arg(XTERM);
        let fetched = npm.status().context("npm, which fetches xterm.js")?;
        ensure!(fetched.success(), "npm could not fetch {XTERM}");
    }
    Ok(package)
}

/// xterm.js in the size of ours, and what its page has to say in the wire's own words.
fn xterm_path(size: Size) -> String {
    let terminal = TerminalId(1);
    let hello = ClientMessage::Hello {
        protocol: PROTOCOL,
        token: None,
        resume: None,
        progress: None,
    };
    let drawn = ClientMessage::Drawn {
        terminal,
        offset: 0,
    };
    let [hello, drawn] = [hello, drawn].map(|message| match encode_client(&message) {
        Frame::Text(text) => text.replace('"', "%22"),
        Frame::Binary(_) => String::new(),
    });
    format!(
        "/xterm.html?columns={}&rows={}&every={}&hello={hello}&drawn={drawn}",
        size.columns,
        size.rows,
        WINDOW / 4
    )
}

/// A page in a browser of its own, and the agent that feeds it.
struct Side {
    agent: FakeAgent,
    driver: Driver,
    path: String,
}

/// Milliseconds.
struct Keys {
    arrived: Samples,
    shown: Samples,
}

impl Side {
    async fn start(folders: &[&Path], path: String) -> Result<Self> {
        Ok(Self {
            agent: FakeAgent::start(folders).await?,
            driver: Driver::start().await?,
            path,
        })
    }

    /// The size that the page says once it is laid out.
    async fn lay_out(&mut self) -> Result<Size> {
        self.open().await?.size().await
    }

    /// A new page that waits for bytes.
    async fn open(&mut self) -> Result<Paced> {
        // The page before is left first, and may have come back by then.
        self.driver.goto("about:blank").await?;
        sleep(Duration::from_millis(300)).await;
        self.agent.forget_pages();
        self.driver.goto(self.agent.address(&self.path)).await?;
        self.agent.page("flood").await
    }

    /// MB/s, from the first byte sent to the last row shown.
    async fn flood(&mut self) -> Result<f64> {
        let mut page = self.open().await?;
        let watch = WATCH_END.replace("END", END);
        self.driver.execute(watch, []).await?;
        let began = unix_ms();
        let mut flood = Flood::default();
        while page.offset < u64::from(BYTES) {
            page.send(flood.piece()).await?;
        }
        page.send(END.into()).await?;
        let ended = self.wait_for("return window.ended").await?;
        let speed = f64::from(BYTES) / 1000.0 / (ended - began);
        println!("  {speed:.1} MB/s");
        Ok(speed)
    }

    /// Keys, typed by the browser while text streams below the row in which their echo is shown.
    async fn keys(&mut self, size: Size) -> Result<Keys> {
        let page = self.open().await?;
        self.driver.execute(WATCH_KEYS, []).await?;
        let (stop, stopped) = oneshot::channel();
        let streaming = tokio::spawn(stream(page, size, stopped));
        sleep(Duration::from_secs(1)).await;
        for _ in 0..KEYS {
            let key = TypingData::from("k");
            self.driver.action_chain().send_keys(key).perform().await?;
            sleep(Duration::from_millis(100)).await;
        }
        sleep(Duration::from_secs(1)).await;
        let script = "return [window.typed, window.shown]";
        let [typed, shown]: [Vec<f64>; 2] = self.driver.execute(script, []).await?.convert()?;
        let _ = stop.send(());
        let arrived = streaming.await??;
        let counts = [typed.len(), arrived.len(), shown.len()];
        ensure!(
            counts == [KEYS; 3],
            "of {KEYS} keys {counts:?} were typed, arrived, were shown"
        );
        let since = |times: &[f64]| {
            typed
                .iter()
                .zip(times)
                .map(|(from, to)| to - from)
                .collect()
        };
        Ok(Keys {
            arrived: since(&arrived),
            shown: since(&shown),
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
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.context("the last row was not shown in time")?
    }
}

/// The last rows are looked at in every frame; `ended` is when the frame in which they are seen was painted.
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
            if (echo && Number(echo[1]) > shown.length) painted(() => {
                const now = performance.timeOrigin + performance.now();
                while (shown.length < Number(echo[1])) shown.push(now);
            });
        }
        requestAnimationFrame(look);
    };
    look();
";

/// Text without end in all rows but the first; there each key's number is written as soon as it comes. Gives when each came.
async fn stream(
    mut page: Paced,
    size: Size,
    mut stopped: oneshot::Receiver<()>,
) -> Result<Vec<f64>> {
    let mut flood = Flood::default();
    let below = format!("\x1b[2J\x1b[2;{}r\x1b[{};1H", size.rows, size.rows);
    page.send(below.into()).await?;
    let mut arrived = Vec::new();
    loop {
        let next = tokio::select! {
            biased;
            _ = &mut stopped => return Ok(arrived),
            next = page.input_or_room() => next?,
        };
        let Some(at) = next else {
            page.send_at_once(flood.piece()).await?;
            continue;
        };
        arrived.push(at);
        let echo = format!("\x1b7\x1b[1;1H\x1b[0mkey {}.\x1b8", arrived.len());
        page.send_at_once(echo.into()).await?;
    }
}
