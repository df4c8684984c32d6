//! The page from the agent: how big it is as sent, how soon it is seen with nothing in the cache; and the agent's memory.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use tests::{
    driver::Driver,
    report::{Goal, Report, Samples, variable},
    spawned::Spawned,
};
use tokio::time::sleep;

const RUNS: usize = 10;
const MOST_KB: f64 = 450.0;
const MOST_MIB: f64 = 15.0;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    bench().await.context("the bench of the page could not run")
}

async fn bench() -> Result<()> {
    let mut report = Report::new("The page and the agent (min / median / max)");
    sizes(Path::new(&variable("CAUSEWAY_TEST_SITE")?), &mut report)?;
    paints(&mut report).await?;
    report.print();
    Ok(())
}

/// What a browser fetches from an agent, in KB as sent: each file's compressed twin, where that is kept.
fn sizes(site: &Path, report: &mut Report) -> Result<()> {
    let mut files = files(site, "")?;
    files.sort_by(|a, b| b.1.total_cmp(&a.1));
    // Licences lie beside what they are for; the session in the page is for where there is no agent.
    let (more, page): (Vec<_>, Vec<_>) = files
        .into_iter()
        .filter(|(name, _)| !name.contains("-OFL"))
        .partition(|(name, _)| name.starts_with("in-page"));
    let total: f64 = page.iter().map(|(_, size)| size).sum();
    for (name, size) in page {
        size_row(report, &name, size, Goal::None);
    }
    size_row(
        report,
        "the page as sent",
        total,
        Goal::AtMost(MOST_KB, "KB"),
    );
    let more = more.iter().map(|(_, size)| size).sum();
    size_row(report, "more where no agent answers", more, Goal::None);
    Ok(())
}

fn size_row(report: &mut Report, name: &str, size: f64, goal: Goal) {
    report.row(name, String::new(), String::new(), (size, "KB"), goal);
}

fn files(folder: &Path, before: &str) -> Result<Vec<(String, f64)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().context("a name")?.to_string_lossy();
        if path.is_dir() {
            found.extend(files(&path, &format!("{before}{name}/"))?);
        } else if path.extension().is_none_or(|end| end != "br") {
            let sent = path.with_file_name(format!("{name}.br"));
            let size = fs::metadata(&sent).or_else(|_| fs::metadata(&path))?.len();
            #[allow(clippy::cast_precision_loss, reason = "files of a page")]
            found.push((format!("{before}{name}"), size as f64 / 1000.0));
        }
    }
    Ok(found)
}

/// A browser and an agent of their own for each run: nothing is kept in any cache.
async fn paints(report: &mut Report) -> Result<()> {
    let [mut first, mut content, mut lesson] = [(); 3].map(|()| Samples::default());
    let [mut at_rest, mut with_page] = [(); 2].map(|()| Samples::default());
    let mut version = String::new();
    for run in 0..RUNS {
        let agent = agent();
        // Every run would only wait: what is at rest is the same in each.
        if run < 3 {
            sleep(Duration::from_secs(5)).await;
            at_rest.push(mebibytes(agent.memory()));
        }
        let driver = Driver::start().await?;
        version = driver.version();
        driver.goto(agent.address()).await?;
        sleep(Duration::from_secs(2)).await;
        let times: [f64; 3] = driver.execute_async(PAINTS, []).await?.convert()?;
        for (samples, time) in [&mut first, &mut content, &mut lesson]
            .into_iter()
            .zip(times)
        {
            samples.push(time);
        }
        with_page.push(mebibytes(agent.memory()));
    }
    report.fact(format!(
        "Chromium {version}, a new profile and a new agent in each run"
    ));
    for (what, samples) in [
        ("first paint", first),
        ("first contentful paint", content),
        ("lesson shown (largest contentful paint)", lesson),
    ] {
        time_row(report, what, &samples);
    }
    memory_row(report, "agent's memory at rest", &at_rest);
    memory_row(report, "agent's memory with a page open", &with_page);
    Ok(())
}

/// On Docker, where there is one to be had.
fn agent() -> Spawned {
    match variable("CAUSEWAY_TEST_DOCKER_NEWEST") {
        Ok(host) => Spawned::found_through(&host),
        Err(_) => Spawned::simulated(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}

fn time_row(report: &mut Report, what: &str, samples: &Samples) {
    let counts = (samples.median(), "ms");
    report.row(
        what,
        samples.spread("ms"),
        String::new(),
        counts,
        Goal::None,
    );
}

fn memory_row(report: &mut Report, what: &str, samples: &Samples) {
    let counts = (samples.percentile(100.0), "MiB");
    let goal = Goal::AtMost(MOST_MIB, "MiB");
    report.row(what, samples.spread("MiB"), String::new(), counts, goal);
}

/// Milliseconds after the page was asked for. The largest thing painted is in the lesson, or else the lesson was not shown.
const PAINTS: &str = "
    const done = arguments[0];
    const [first, content] = ['first-paint', 'first-contentful-paint']
        .map((name) => performance.getEntriesByName(name)[0]?.startTime ?? -1);
    new PerformanceObserver((list) => {
        const inside = list.getEntries().filter(({ element }) => element?.closest('.lesson'));
        done([first, content, inside[0]?.startTime ?? -1]);
    }).observe({ type: 'largest-contentful-paint', buffered: true });
";
