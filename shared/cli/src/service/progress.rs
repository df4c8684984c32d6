//! Waiting until a service has converged, with docker's progress: on a terminal each line is drawn again in its place,
//! in a pipe there is a line for each thing that is said.

use std::{collections::BTreeMap, time::Duration};

use futures::future::{Either, select};
use lab::{
    models::{Service, Task, TaskState},
    options::ListTasksOptions,
};

use crate::{Context, Input, console::Console, failure::Failure};

/// How often docker looks.
const EVERY: Duration = Duration::from_millis(200);
/// How long tasks have to stay as they are.
const STABLE: Duration = Duration::from_secs(5);
/// With more tasks than this there are no bars.
const BARS: u64 = 20;
/// A task's states on its way, in their order.
const STATES: [&str; 9] = [
    "new",
    "allocated",
    "pending",
    "assigned",
    "accepted",
    "preparing",
    "ready",
    "starting",
    "running",
];

/// `called`: the service as the learner wrote it, which the last line repeats.
pub async fn wait(
    id: &str,
    called: &str,
    context: &Context,
    console: &mut Console,
) -> Result<(), Failure> {
    let mut lines = Lines::default();
    let mut seen = Seen::default();
    let mut since = None;
    loop {
        let service = super::current(context, id).await?;
        let now = context.clock.now();
        let stable =
            since.map(|since| Duration::try_from(now.duration_since(since)).unwrap_or_default());
        if stable.is_some_and(|stable| stable >= STABLE) {
            let text = format!("Service {called} converged");
            lines.say(console, "verify", &text, None).await;
            return Ok(());
        }
        let tasks = tasks(id, context).await?;
        if seen.update(&service, &tasks, &mut lines, console).await {
            since = since.or(Some(now));
            let left = STABLE.saturating_sub(stable.unwrap_or_default());
            let seconds = left.as_nanos().saturating_sub(1) / 1_000_000_000 + 1;
            let text = format!("Waiting {seconds} seconds to verify that tasks are stable...");
            lines.say(console, "verify", &text, None).await;
        } else if since.take().is_some() {
            lines
                .say(console, "verify", "Detected task failure", None)
                .await;
        }
        if interrupted(context, console).await {
            if since.is_none() {
                let text = format!(
                    "Operation continuing in background.\nUse `docker service ps {called}` to check progress."
                );
                console.line(&text).await;
            }
            return Ok(());
        }
    }
}

async fn interrupted(context: &Context, console: &mut Console) -> bool {
    let looked = context.clock.sleep(EVERY);
    let typed =
        Box::pin(async { while !matches!(console.next_signal().await, Input::Interrupt) {} });
    matches!(select(looked, typed).await, Either::Right(_))
}

async fn tasks(id: &str, context: &Context) -> Result<Vec<Task>, Failure> {
    let filters = [
        ("service".to_owned(), vec![id.to_owned()]),
        ("_up-to-date".to_owned(), vec!["true".to_owned()]),
    ];
    let options = ListTasksOptions {
        filters: Some(filters.into()),
    };
    Ok(context.engine.list_tasks(options).await?)
}

#[derive(Default)]
struct Seen {
    begun: bool,
    done: bool,
    /// The bar of each place.
    bars: BTreeMap<String, u64>,
}

impl Seen {
    /// Whether all tasks that are wanted run.
    async fn update(
        &mut self,
        service: &Service,
        tasks: &[Task],
        lines: &mut Lines,
        console: &mut Console,
    ) -> bool {
        let mode = service.spec.as_ref().and_then(|spec| spec.mode.as_ref());
        let replicated = mode.and_then(|mode| mode.replicated.as_ref());
        let newest = newest(tasks);
        let wanted = match replicated {
            Some(replicated) => u64::try_from(replicated.replicas.unwrap_or(1)).unwrap_or(0),
            None => newest.len() as u64,
        };
        if !self.begun {
            if replicated.is_none() && wanted == 0 {
                return false;
            }
            self.begun = true;
            lines.overall(console, 0, wanted).await;
            if replicated.is_some() && wanted <= BARS {
                for bar in 1..=wanted {
                    lines.say(console, &bar_id(bar, wanted), " ", None).await;
                }
            }
        }
        let runs = |task: &Task| state(task) == "running";
        self.done = self.done && newest.values().all(|task| runs(task));
        let mut running = 0;
        for (place, task) in newest {
            let next = self.bars.len() as u64 + 1;
            let bar = *self.bars.entry(place.clone()).or_insert(next);
            if runs(task) && !is_over(task.desired_state) {
                running += 1;
            }
            if self.done || wanted > BARS || bar > wanted {
                continue;
            }
            let id = match replicated {
                Some(_) => bar_id(bar, wanted),
                None => place.chars().take(12).collect(),
            };
            lines.task(console, &id, task).await;
        }
        if !self.done {
            lines.overall(console, running, wanted).await;
            self.done = running == wanted;
        }
        running == wanted
    }
}

fn bar_id(bar: u64, of: u64) -> String {
    let digits = of.to_string().len();
    format!("{bar:digits$}/{of}")
}

/// By place (slot, or node), the newest task.
fn newest(tasks: &[Task]) -> BTreeMap<String, &Task> {
    let mut newest: BTreeMap<String, &Task> = BTreeMap::new();
    for task in tasks {
        let place = match task.slot {
            Some(slot) if slot != 0 => format!("{slot:08}"),
            _ => task.node_id.clone().unwrap_or_default(),
        };
        let entry = newest.entry(place).or_insert(task);
        if entry.created_at < task.created_at {
            *entry = task;
        }
    }
    newest
}

fn state(task: &Task) -> String {
    let status = task.status.as_ref();
    let state = status.and_then(|status| status.state);
    state.map(|state| state.to_string()).unwrap_or_default()
}

fn is_over(state: Option<TaskState>) -> bool {
    let word = state.map(|state| state.to_string()).unwrap_or_default();
    !STATES.contains(&word.as_str())
}

/// The lines of a progress: each has an id, and its place on a terminal.
#[derive(Default)]
struct Lines {
    ids: Vec<String>,
}

impl Lines {
    async fn overall(&mut self, console: &mut Console, running: u64, wanted: u64) {
        let text = format!("{running} out of {wanted} tasks");
        self.say(console, "overall progress", &text, None).await;
    }

    async fn task(&mut self, console: &mut Console, id: &str, task: &Task) {
        let status = task.status.as_ref();
        let error = status.and_then(|status| status.err.as_deref());
        if let Some(error) = error.filter(|error| !error.is_empty()) {
            let line: String = error.replace('\n', " ");
            let text = match line.char_indices().nth(75) {
                Some(_) => format!("{}…", line.chars().take(74).collect::<String>()),
                None => line,
            };
            return self.say(console, id, &text, None).await;
        }
        let state = state(task);
        if let Some(at) = STATES.iter().position(|known| *known == state)
            && !is_over(task.desired_state)
        {
            let text = format!("{state:<9}");
            self.say(console, id, &text, Some(at + 1)).await;
        }
    }

    /// `bar`: how many of the nine states are behind it. Bars are for terminals only.
    async fn say(&mut self, console: &mut Console, id: &str, text: &str, bar: Option<usize>) {
        let Some(terminal) = console.output_terminal() else {
            if bar.is_none() {
                console.line(&format!("{id}: {text}")).await;
            }
            return;
        };
        let known = self.ids.iter().position(|known| known == id);
        let mut drawn = String::new();
        let line = known.unwrap_or_else(|| {
            self.ids.push(id.to_owned());
            drawn.push('\n');
            self.ids.len() - 1
        });
        let up = self.ids.len() - line;
        let width = usize::from(terminal.columns);
        let bar = bar.filter(|_| width > 110).map(drawing).unwrap_or_default();
        let place = format!("\x1b[{up}A\x1b[2K\r{id}: {text} {bar}\r\x1b[{up}B");
        drawn.push_str(&place);
        console.out(drawn).await;
    }
}

/// `[=====>   ] `
fn drawing(done: usize) -> String {
    let filled = (done * 100 / STATES.len() / 2).min(50);
    format!("[{}>{}] ", "=".repeat(filled), " ".repeat(50 - filled))
}
