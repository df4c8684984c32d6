//! `docker stats`: what containers use, drawn again and again, or once with `--no-stream`.

use std::time::Duration;

use async_trait::async_trait;
use futures::{
    FutureExt, StreamExt,
    future::{Either, join_all, select},
    stream::{self, BoxStream, SelectAll},
};
use lab::{
    Result as Answer,
    models::{ContainerCpuStats, ContainerStatsResponse, EventMessage},
    options::{EventsOptions, ListContainersOptions, StatsOptions},
};

use crate::{
    Context, Input,
    console::Console,
    failure::{Failure, told},
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    listing::{self, Listing, Row},
    streams::INTERRUPTED,
    units::{binary_size, human_size},
};

pub struct Stats;

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Show those that do not run too").short('a'),
    Flag::one(
        "format",
        "string",
        "Show these fields: '{{.Name}} {{.MemUsage}}', 'table {{.Name}}', json",
    ),
    Flag::switch("no-stream", "Show them once"),
    Flag::switch("no-trunc", "Show ids in full"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["stats", "container stats"],
    usage: "[OPTIONS] [CONTAINER...]",
    about: "Show what containers use: processor, memory, network, until Ctrl-C",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["container"],
    program_from: None,
};

static LISTING: Listing = Listing {
    table: "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
    headers: &[
        ("BlockIO", "BLOCK I/O"),
        ("CPUPerc", "CPU %"),
        ("Container", "CONTAINER"),
        ("ID", "CONTAINER ID"),
        ("MemPerc", "MEM %"),
        ("MemUsage", "MEM USAGE / LIMIT"),
        ("Name", "NAME"),
        ("NetIO", "NET I/O"),
        ("PIDs", "PIDS"),
    ],
    quiet: "{{.ID}}",
    context: "container.statsContext",
    raw: "",
};

/// How often the screen is drawn.
const FRAME: Duration = Duration::from_millis(500);

/// A container, by the name it was asked for, and what was last heard of it.
struct Entry {
    asked: String,
    heard: Option<ContainerStatsResponse>,
}

type Heard = BoxStream<'static, (String, Answer<ContainerStatsResponse>)>;

#[async_trait]
impl Command for Stats {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let given = &call.given;
        let asked = !given.arguments.is_empty();
        let names = if asked {
            given.arguments.clone()
        } else {
            ids(context, given.on("all")).await?
        };
        if given.on("no-stream") {
            let entries = once(names, context, asked).await?;
            console.out(drawn(&entries, call)?).await;
            return Ok(0);
        }
        live(names, asked, call, context, console).await
    }
}

async fn ids(context: &Context, all: bool) -> Result<Vec<String>, Failure> {
    let options = ListContainersOptions {
        all,
        ..ListContainersOptions::default()
    };
    let containers = context.engine.list_containers(options).await?;
    Ok(containers
        .into_iter()
        .filter_map(|container| container.id)
        .collect())
}

/// One look at each, all at the same time.
/// `strict`: that one is not there is an error.
async fn once(names: Vec<String>, context: &Context, strict: bool) -> Result<Vec<Entry>, Failure> {
    let look = async |asked: String| {
        let options = StatsOptions {
            stream: false,
            one_shot: false,
        };
        let heard = match context.engine.stats(&asked, options).await {
            Ok(mut stats) => stats.next().await.transpose(),
            Err(error) => Err(error),
        };
        (asked, heard)
    };
    let mut entries = Vec::new();
    let mut wrong = Vec::new();
    for (asked, heard) in join_all(names.into_iter().map(look)).await {
        match heard {
            Ok(heard) => entries.push(Entry { asked, heard }),
            Err(error) if strict => wrong.push(told(&error)),
            Err(_) => entries.push(Entry { asked, heard: None }),
        }
    }
    Failure::all(&wrong)?;
    Ok(entries)
}

async fn listen(asked: &str, context: &Context) -> Answer<Heard> {
    let options = StatsOptions {
        stream: true,
        one_shot: false,
    };
    let stats = context.engine.stats(asked, options).await?;
    let asked = asked.to_owned();
    Ok(stats.map(move |heard| (asked.clone(), heard)).boxed())
}

/// What happens while it is drawn.
enum Happened {
    Signal(Input),
    Heard(String, Answer<Box<ContainerStatsResponse>>),
    Event(Answer<EventMessage>),
    Frame,
}

async fn live(
    names: Vec<String>,
    strict: bool,
    call: &Call,
    context: &Context,
    console: &mut Console,
) -> Result<u8, Failure> {
    let mut news = news(strict, context).await?;
    let mut heard: SelectAll<Heard> = SelectAll::new();
    let mut entries = Vec::new();
    let mut wrong = Vec::new();
    for asked in names {
        match listen(&asked, context).await {
            Ok(stats) => heard.push(stats),
            Err(error) if strict => wrong.push(told(&error)),
            Err(_) => {}
        }
        entries.push(Entry { asked, heard: None });
    }
    Failure::all(&wrong)?;
    // Docker waits until it has heard of each once.
    let mut waiting = !entries.is_empty();
    let mut frame = context.clock.sleep(FRAME).boxed();
    loop {
        match next(console, &mut heard, &mut news, &mut frame).await {
            Happened::Signal(Input::Interrupt) => return Err(Failure::silent(INTERRUPTED)),
            Happened::Heard(asked, Ok(stats)) => {
                if let Some(entry) = entries.iter_mut().find(|entry| entry.asked == asked) {
                    entry.heard = Some(*stats);
                }
                waiting &= entries.iter().any(|entry| entry.heard.is_none());
            }
            Happened::Heard(_, Err(error)) if strict && waiting => return Err(error.into()),
            Happened::Heard(..) | Happened::Signal(_) => {}
            Happened::Event(Ok(event)) => {
                if let Some(stats) = changed(&event, call, &mut entries, context).await {
                    heard.push(stats);
                }
            }
            Happened::Event(Err(error)) => return Err(error.into()),
            Happened::Frame => {
                frame = context.clock.sleep(FRAME).boxed();
                if !waiting {
                    console.out(screen(&drawn(&entries, call)?)).await;
                }
            }
        }
        if console.closed() {
            return Ok(0);
        }
    }
}

/// What containers start and end, unless some were named.
async fn news(
    strict: bool,
    context: &Context,
) -> Result<BoxStream<'static, Answer<EventMessage>>, Failure> {
    if strict {
        return Ok(stream::pending().boxed());
    }
    let filters = [("type".to_owned(), vec!["container".to_owned()])];
    let options = EventsOptions {
        filters: Some(filters.into()),
        ..EventsOptions::default()
    };
    Ok(context.engine.events(options).await?)
}

async fn next(
    console: &mut Console,
    heard: &mut SelectAll<Heard>,
    news: &mut BoxStream<'static, Answer<EventMessage>>,
    frame: &mut (impl Future<Output = ()> + Unpin),
) -> Happened {
    let signal = Box::pin(console.next_signal());
    let stats = async {
        match heard.next().await {
            Some((asked, stats)) => Happened::Heard(asked, stats.map(Box::new)),
            None => std::future::pending().await,
        }
    };
    let event = async {
        match news.next().await {
            Some(event) => Happened::Event(event),
            None => std::future::pending().await,
        }
    };
    let engine = select(Box::pin(stats), Box::pin(event));
    match select(select(signal, frame), engine).await {
        Either::Left((Either::Left((signal, _)), _)) => Happened::Signal(signal),
        Either::Left((Either::Right(_), _)) => Happened::Frame,
        Either::Right((Either::Left((happened, _)) | Either::Right((happened, _)), _)) => happened,
    }
}

/// Takes note of an event; a container that is new is listened to.
async fn changed(
    event: &EventMessage,
    call: &Call,
    entries: &mut Vec<Entry>,
    context: &Context,
) -> Option<Heard> {
    let all = call.given.on("all");
    let id = event.actor.as_ref()?.id.clone()?;
    let action = event.action.as_deref().unwrap_or_default();
    if action == "die" && !all {
        entries.retain(|entry| entry.asked != id);
        return None;
    }
    let new = action == "start" || (action == "create" && all);
    if !new || entries.iter().any(|entry| entry.asked == id) {
        return None;
    }
    let stats = listen(&id, context).await.ok()?;
    entries.push(Entry {
        asked: id,
        heard: None,
    });
    Some(stats)
}

fn drawn(entries: &[Entry], call: &Call) -> Result<String, Failure> {
    let truncated = !call.given.on("no-trunc");
    let rows: Vec<Row> = entries.iter().map(|entry| row(entry, truncated)).collect();
    LISTING.show(&rows, &call.given)
}

/// As docker draws over what was there: to the top, every line twice (the second time with what is behind it wiped out),
/// and nothing below.
fn screen(text: &str) -> String {
    let text = format!("\x1b[H{text}");
    let again: String = text
        .split('\n')
        .map(|line| format!("{line} \x1b[K\n"))
        .collect();
    format!("{text}{again}\x1b[J")
}

#[expect(clippy::cast_precision_loss, reason = "as docker does, for display")]
fn row(entry: &Entry, truncated: bool) -> Row {
    let Some(stats) = &entry.heard else {
        return unknown(entry);
    };
    let memory = stats.memory_stats.clone().unwrap_or_default();
    let (used, limit) = (without_cache(&memory), memory.limit.unwrap_or_default());
    let percent = if limit == 0 {
        0.0
    } else {
        used as f64 / limit as f64 * 100.0
    };
    let networks = stats.networks.iter().flat_map(|networks| networks.values());
    let (received, sent) = networks.fold((0, 0), |(received, sent), network| {
        (
            received + network.rx_bytes.unwrap_or_default(),
            sent + network.tx_bytes.unwrap_or_default(),
        )
    });
    let (read, written) = blocks(stats);
    let name = stats.name.as_deref().unwrap_or_default();
    let name = match name.trim_start_matches('/') {
        "" => "--",
        name => name,
    };
    let id = stats.id.as_deref().unwrap_or_default();
    let pids = stats.pids_stats.as_ref().and_then(|pids| pids.current);
    let size = |bytes: u64| human_size(i64::try_from(bytes).unwrap_or(i64::MAX), 3);
    let binary = |bytes: u64| binary_size(i64::try_from(bytes).unwrap_or(i64::MAX));
    Row::from([
        ("BlockIO", format!("{} / {}", size(read), size(written))),
        ("CPUPerc", format!("{:.2}%", processor(stats))),
        ("Container", entry.asked.clone()),
        ("ID", listing::id(id, truncated)),
        ("MemPerc", format!("{percent:.2}%")),
        ("MemUsage", format!("{} / {}", binary(used), binary(limit))),
        ("Name", name.to_owned()),
        ("NetIO", format!("{} / {}", size(received), size(sent))),
        ("PIDs", pids.unwrap_or_default().to_string()),
    ])
}

/// Of which nothing was heard yet.
fn unknown(entry: &Entry) -> Row {
    let nothing = || "--".to_owned();
    Row::from([
        ("BlockIO", nothing()),
        ("CPUPerc", nothing()),
        ("Container", entry.asked.clone()),
        ("ID", String::new()),
        ("MemPerc", nothing()),
        ("MemUsage", "-- / --".to_owned()),
        ("Name", nothing()),
        ("NetIO", nothing()),
        ("PIDs", nothing()),
    ])
}

/// Memory without what can be given back at any time.
fn without_cache(memory: &lab::models::ContainerMemoryStats) -> u64 {
    let usage = memory.usage.unwrap_or_default();
    let stats = memory.stats.as_ref();
    let file = |name: &str| stats.and_then(|stats| stats.get(name)).copied();
    let cache = file("total_inactive_file")
        .filter(|cache| *cache < usage)
        .or(file("inactive_file"))
        .unwrap_or_default();
    if cache < usage { usage - cache } else { usage }
}

fn blocks(stats: &ContainerStatsResponse) -> (u64, u64) {
    let blocks = stats.blkio_stats.as_ref();
    let entries = blocks.and_then(|blocks| blocks.io_service_bytes_recursive.as_ref());
    let mut sums = (0, 0);
    for entry in entries.into_iter().flatten() {
        let bytes = entry.value.unwrap_or_default();
        match entry.op.as_deref().and_then(|op| op.chars().next()) {
            Some('r' | 'R') => sums.0 += bytes,
            Some('w' | 'W') => sums.1 += bytes,
            _ => {}
        }
    }
    sums
}

#[expect(clippy::cast_precision_loss, reason = "as docker does, for display")]
fn processor(stats: &ContainerStatsResponse) -> f64 {
    let nothing = ContainerCpuStats::default();
    let now = stats.cpu_stats.as_ref().unwrap_or(&nothing);
    let before = stats.precpu_stats.as_ref().unwrap_or(&nothing);
    let usage = |cpu: &ContainerCpuStats| {
        let usage = cpu.cpu_usage.as_ref();
        usage
            .and_then(|usage| usage.total_usage)
            .unwrap_or_default() as f64
    };
    let system = |cpu: &ContainerCpuStats| cpu.system_cpu_usage.unwrap_or_default() as f64;
    let (own, all) = (usage(now) - usage(before), system(now) - system(before));
    let per_cpu = now
        .cpu_usage
        .as_ref()
        .and_then(|usage| usage.percpu_usage.as_ref());
    let cpus = match now.online_cpus.filter(|cpus| *cpus > 0) {
        Some(cpus) => f64::from(cpus),
        None => per_cpu.map_or(0, Vec::len) as f64,
    };
    if own > 0.0 && all > 0.0 {
        own / all * cpus * 100.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use lab::models::{ContainerCpuUsage, ContainerMemoryStats, ContainerPidsStats};

    use super::*;

    fn cpu(total: u64, system: u64) -> ContainerCpuStats {
        ContainerCpuStats {
            cpu_usage: Some(ContainerCpuUsage {
                total_usage: Some(total),
                ..ContainerCpuUsage::default()
            }),
            system_cpu_usage: Some(system),
            online_cpus: Some(2),
            throttling_data: None,
        }
    }

    #[test]
    fn as_docker_prints_them() {
        let heard = ContainerStatsResponse {
            id: Some("eb625b2ac73e09390544e329c5e12e60".to_owned()),
            name: Some("/web".to_owned()),
            cpu_stats: Some(cpu(300, 2000)),
            precpu_stats: Some(cpu(200, 1000)),
            memory_stats: Some(ContainerMemoryStats {
                usage: Some(5 * 1024 * 1024),
                limit: Some(1024 * 1024 * 1024),
                stats: Some([("inactive_file".to_owned(), 1024 * 1024)].into()),
                ..ContainerMemoryStats::default()
            }),
            pids_stats: Some(ContainerPidsStats {
                current: Some(3),
                limit: None,
            }),
            ..ContainerStatsResponse::default()
        };
        let entry = Entry {
            asked: "web".to_owned(),
            heard: Some(heard),
        };
        let call = GRAMMAR.read("docker stats", &[]).expect("flags are right");
        let expected = "CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT   MEM %     NET I/O   BLOCK I/O   PIDS\n\
                        eb625b2ac73e   web       20.00%    4MiB / 1GiB         0.39%     0B / 0B   0B / 0B     3\n";
        assert_eq!(drawn(&[entry], &call).expect("fields"), expected);
        assert_eq!(screen("a\n"), "\x1b[Ha\n\x1b[Ha \x1b[K\n \x1b[K\n\x1b[J");
    }
}
