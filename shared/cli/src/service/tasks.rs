//! Tables of tasks: `service ps`, `node ps`.

use std::collections::BTreeMap;

use lab::{
    models::{Task, TaskState},
    options::{InspectServiceOptions, ListTasksOptions},
};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::{Flag, Given},
    go::natural_order,
    listing::{Listing, Row},
    units::human_duration,
    values::{filter, filters},
};

pub static FLAGS: &[Flag] = &[
    Flag::many(
        "filter",
        "filter",
        "Only those that fit: node=host2, desired-state=running",
    )
    .short('f')
    .checked(filter),
    Flag::one(
        "format",
        "string",
        "Show these fields: '{{.Name}} {{.Node}}', json",
    ),
    Flag::switch("no-resolve", "Show ids, not names"),
    Flag::switch("no-trunc", "Show everything in full"),
    Flag::switch("quiet", "Show ids only").short('q'),
];

static LISTING: Listing = Listing {
    table: "table {{.ID}}\t{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}\t{{.Ports}}",
    headers: &[
        ("CurrentState", "CURRENT STATE"),
        ("DesiredState", "DESIRED STATE"),
        ("Error", "ERROR"),
        ("ID", "ID"),
        ("Image", "IMAGE"),
        ("Name", "NAME"),
        ("Node", "NODE"),
        ("Ports", "PORTS"),
    ],
    quiet: "{{.ID}}",
    context: "task.taskContext",
    raw: "id: {{.ID}}\nname: {{.Name}}\nimage: {{.Image}}\nnode: {{.Node}}\ndesired_state: {{.DesiredState}}\ncurrent_state: {{.CurrentState}}\nerror: {{.Error}}\nports: {{.Ports}}\n",
};

/// Of an error, so much is shown.
const ERROR: usize = 30;

/// Prints the tasks that these filters are for, beside those of `--filter`.
pub async fn print(
    wanted: &[(&str, String)],
    given: &Given,
    context: &Context,
    console: &mut Console,
) -> Result<(), Failure> {
    let mut all = filters(&given.all("filter")).unwrap_or_default();
    for (key, value) in wanted {
        all.entry((*key).to_owned())
            .or_default()
            .push(value.clone());
    }
    let options = ListTasksOptions { filters: Some(all) };
    let tasks = context.engine.list_tasks(options).await?;
    let rows = rows(tasks, given, context).await;
    console.out(LISTING.show(&rows, given)?).await;
    Ok(())
}

async fn rows(tasks: Vec<Task>, given: &Given, context: &Context) -> Vec<Row> {
    let mut names = Names::new(context, given.on("no-resolve"));
    let mut tasks_by_name = Vec::new();
    for task in tasks {
        tasks_by_name.push((names.of(&task).await, task));
    }
    tasks_by_name.sort_by(|(one, a), (other, b)| {
        natural_order(one, other).then_with(|| b.created_at.cmp(&a.created_at))
    });
    let truncated = !given.on("no-trunc") && !given.on("quiet");
    let mut before = String::new();
    let mut rows = Vec::new();
    for (name, task) in tasks_by_name {
        let node = names
            .node(task.node_id.as_deref().unwrap_or_default())
            .await;
        let shown = if name == before {
            format!(" \\_ {name}")
        } else {
            name.clone()
        };
        before = name;
        rows.push(row(&task, shown, node, truncated, context));
    }
    rows
}

fn row(task: &Task, name: String, node: String, truncated: bool, context: &Context) -> Row {
    let status = task.status.clone().unwrap_or_default();
    let id = task.id.clone().unwrap_or_default();
    let id = if truncated {
        id.chars().take(12).collect()
    } else {
        id
    };
    let spec = task.spec.as_ref();
    let container = spec.and_then(|spec| spec.container_spec.as_ref());
    let image = container.and_then(|container| container.image.clone());
    let since = status.timestamp.as_deref().unwrap_or_default();
    let ago = since.parse::<jiff::Timestamp>().map_or(0, |since| {
        context.clock.now().duration_since(since).as_secs()
    });
    let ports = status.port_status.and_then(|ports| ports.ports);
    Row::from([
        ("ID", id),
        ("Name", name),
        ("Image", untagged_digest(&image.unwrap_or_default())),
        ("Node", node),
        ("DesiredState", title(task.desired_state)),
        (
            "CurrentState",
            format!(
                "{} {} ago",
                title(status.state),
                human_duration(ago).to_lowercase()
            ),
        ),
        ("Error", quoted(&status.err.unwrap_or_default(), truncated)),
        (
            "Ports",
            super::publish::shown(ports.unwrap_or_default().iter()),
        ),
    ])
}

/// `nginx:latest@sha256:…` is `nginx:latest`.
pub fn untagged_digest(image: &str) -> String {
    match image.split_once('@') {
        Some((name, _)) if name.contains(':') => name.to_owned(),
        _ => image.to_owned(),
    }
}

fn title(state: Option<TaskState>) -> String {
    let word = state.map(|state| state.to_string()).unwrap_or_default();
    capital(&word)
}

pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn quoted(error: &str, truncated: bool) -> String {
    match error.char_indices().nth(ERROR - 1) {
        _ if error.is_empty() => String::new(),
        Some((at, _)) if truncated && error.chars().count() > ERROR => {
            format!("\"{}…\"", &error[..at])
        }
        _ => format!("\"{error}\""),
    }
}

/// Names of services and nodes, each asked for once.
pub struct Names<'a> {
    context: &'a Context,
    ids_only: bool,
    known: BTreeMap<String, String>,
}

impl<'a> Names<'a> {
    pub fn new(context: &'a Context, ids_only: bool) -> Self {
        Self {
            context,
            ids_only,
            known: BTreeMap::new(),
        }
    }

    /// `web.1`, `agent.<node>`
    pub async fn of(&mut self, task: &Task) -> String {
        let service = task.service_id.as_deref().unwrap_or_default();
        let service = self.service(service).await;
        match task.slot {
            Some(slot) if slot != 0 => format!("{service}.{slot}"),
            _ => format!("{service}.{}", task.node_id.as_deref().unwrap_or_default()),
        }
    }

    async fn service(&mut self, id: &str) -> String {
        if self.ids_only {
            return id.to_owned();
        }
        if let Some(name) = self.known.get(id) {
            return name.clone();
        }
        let options = InspectServiceOptions::default();
        let found = self.context.engine.inspect_service(id, options).await;
        let name = found
            .and_then(|found| found.parse())
            .ok()
            .and_then(|service| service.spec?.name);
        self.keep(id, name)
    }

    pub async fn node(&mut self, id: &str) -> String {
        if self.ids_only || id.is_empty() {
            return id.to_owned();
        }
        if let Some(name) = self.known.get(id) {
            return name.clone();
        }
        let found = self.context.engine.inspect_node(id).await;
        let name = found
            .and_then(|found| found.parse())
            .ok()
            .and_then(|node| node.description?.hostname);
        self.keep(id, name)
    }

    fn keep(&mut self, id: &str, name: Option<String>) -> String {
        let name = name.unwrap_or_else(|| id.to_owned());
        self.known.insert(id.to_owned(), name.clone());
        name
    }
}
