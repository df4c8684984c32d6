//! `docker service logs`

use async_trait::async_trait;
use std::collections::BTreeMap;

use bytes::Bytes;
use lab::{
    Chunk,
    options::{ListTasksOptions, ServiceLogsOptions},
};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::{Flag, Given},
    grammar::{Call, Command, Count, Grammar},
    service::{current, ids, tasks::Names},
    streams::{Ended, INTERRUPTED, print},
    values::point_in_time,
};

pub struct ServiceLogs;

static FLAGS: &[Flag] = &[
    Flag::switch("follow", "Go on showing lines as they come, until Ctrl-C").short('f'),
    Flag::switch("no-resolve", "Show ids, not names"),
    Flag::switch("no-task-ids", "Leave the ids of tasks out"),
    Flag::switch("no-trunc", "Show everything in full"),
    Flag::switch("raw", "Show the lines alone"),
    Flag::one(
        "since",
        "string",
        "Only what is newer: a time, or how long ago (42m)",
    ),
    Flag::one(
        "tail",
        "string",
        "Only the last lines, this many (default \"all\")",
    )
    .short('n'),
    Flag::switch("timestamps", "Show when each line was written").short('t'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["service logs"],
    usage: "[OPTIONS] SERVICE|TASK",
    about: "Show what the tasks of a service have written",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["service"],
    program_from: None,
};

#[async_trait]
impl Command for ServiceLogs {
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
        let asked = given.arguments[0].as_str();
        let (found, _) = ids(context, &given.arguments).await?;
        let Some(id) = found.first() else {
            return Err(Failure::new(1, format!("no such task or service: {asked}")));
        };
        let since = match given.text("since") {
            Some(value) => point_in_time("since", &value, context.clock.now())
                .map_err(|why| Failure::new(1, why))?,
            None => 0,
        };
        let options = ServiceLogsOptions {
            details: true,
            follow: given.on("follow"),
            stdout: true,
            stderr: true,
            since,
            timestamps: given.on("timestamps"),
            tail: given.text("tail").unwrap_or_else(|| "all".to_owned()),
        };
        let output = context.engine.service_logs(id, options).await?;
        let writers = writers(id, given, context).await?;
        let (raw, stamped) = (given.on("raw"), given.on("timestamps"));
        let change = move |chunk: Chunk| {
            let text = lines(chunk.bytes(), &writers, raw, stamped);
            match chunk {
                Chunk::Stdout(_) => Chunk::Stdout(text),
                Chunk::Stderr(_) => Chunk::Stderr(text),
                Chunk::Terminal(_) => Chunk::Terminal(text),
            }
        };
        match print(output, change, console).await? {
            Ended::Interrupted => Err(Failure::silent(INTERRUPTED)),
            Ended::Closed | Ended::Detached => Ok(0),
        }
    }
}

/// What stands before the lines of each task.
async fn writers(
    service: &str,
    given: &Given,
    context: &Context,
) -> Result<BTreeMap<String, String>, Failure> {
    let spec = current(context, service).await?.spec.unwrap_or_default();
    let replicated = spec.mode.and_then(|mode| mode.replicated);
    let most = replicated
        .and_then(|replicated| replicated.replicas)
        .unwrap_or_default();
    let filters = [("service".to_owned(), vec![service.to_owned()])];
    let options = ListTasksOptions {
        filters: Some(filters.into()),
    };
    let mut names = Names::new(context, given.on("no-resolve"));
    let mut writers = BTreeMap::new();
    for task in context.engine.list_tasks(options).await? {
        let id = task.id.clone().unwrap_or_default();
        let mut name = names.of(&task).await;
        if !given.on("no-task-ids") {
            let shown = if given.on("no-trunc") {
                &id[..]
            } else {
                id.get(..12).unwrap_or(&id)
            };
            name = format!("{name}.{shown}");
        }
        let node = names
            .node(task.node_id.as_deref().unwrap_or_default())
            .await;
        let digits = |number: i64| number.to_string().len();
        let padding = digits(most).saturating_sub(digits(task.slot.unwrap_or_default()));
        writers.insert(id, format!("{name}@{node}{}    | ", " ".repeat(padding)));
    }
    Ok(writers)
}

/// Each line with its task's name in place of the details that the engine gives.
fn lines(bytes: &[u8], writers: &BTreeMap<String, String>, raw: bool, stamped: bool) -> Bytes {
    let text = String::from_utf8_lossy(bytes);
    let mut shown = String::new();
    for line in text.split_inclusive('\n') {
        let (time, rest) = match line.split_once(' ') {
            Some((time, rest)) if stamped => (Some(time), rest),
            _ => (None, line),
        };
        let (details, message) = rest.split_once(' ').unwrap_or((rest, ""));
        let task = details
            .split(',')
            .find_map(|detail| detail.strip_prefix("com.docker.swarm.task.id="));
        if let Some(time) = time {
            shown.push_str(time);
            shown.push(' ');
        }
        let writer = task.and_then(|task| writers.get(task)).filter(|_| !raw);
        shown.push_str(writer.map_or("", String::as_str));
        shown.push_str(message);
    }
    Bytes::from(shown)
}
