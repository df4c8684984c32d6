//! `docker service inspect`

use std::fmt::Write as _;

use async_trait::async_trait;
use lab::{
    models::{Service, ServiceSpec, TaskSpecContainerSpec},
    options::{InspectNetworkOptions, InspectServiceOptions},
};

use crate::{
    Context,
    commands::inspect::{FORMAT, show},
    console::Console,
    failure::{Failure, told},
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    units::{binary_size, go_duration, human_duration},
};

pub struct ServiceInspect;

static FLAGS: &[Flag] = &[FORMAT, Flag::switch("pretty", "For people to read")];

static GRAMMAR: Grammar = Grammar {
    names: &["service inspect"],
    usage: "[OPTIONS] SERVICE [SERVICE...]",
    about: "Show everything about services",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["service"],
    program_from: None,
};

#[async_trait]
impl Command for ServiceInspect {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let mut found = Vec::new();
        for name in &call.given.arguments {
            let options = InspectServiceOptions {
                insert_defaults: true,
            };
            let raw = context.engine.inspect_service(name, options).await;
            found.push(raw.map_err(|error| {
                if error.is_not_found() {
                    format!("Error: no such service: {name}")
                } else {
                    told(&error)
                }
            }));
        }
        if !call.given.on("pretty") {
            let found = found.into_iter();
            let found = found.map(|raw| raw.map(|raw| ("any", raw.json().to_owned())));
            return show(found.collect(), &call.given, console).await;
        }
        let (mut shown, mut wrong) = (Vec::new(), Vec::new());
        for raw in found {
            match raw {
                Ok(raw) => shown.push(pretty(raw.parse()?, context).await),
                Err(why) => wrong.push(why),
            }
        }
        console.line(&shown.join("\n")).await;
        Failure::all(&wrong)?;
        Ok(0)
    }
}

/// As docker lays it out, tabs and spaces and all.
async fn pretty(service: Service, context: &Context) -> String {
    let mut text = String::new();
    let spec = service.spec.clone().unwrap_or_default();
    let _ = writeln!(text, "\nID:\t\t{}", service.id.clone().unwrap_or_default());
    let _ = writeln!(
        text,
        "Name:\t\t{}",
        spec.name.as_deref().unwrap_or_default()
    );
    let labels: std::collections::BTreeMap<_, _> = spec.labels.iter().flatten().collect();
    if !labels.is_empty() {
        text.push_str("Labels:\n");
        for (key, value) in labels {
            let _ = writeln!(text, " {key}={value}");
        }
    }
    let replicated = spec.mode.as_ref().and_then(|mode| mode.replicated.as_ref());
    match replicated {
        Some(replicated) => {
            let replicas = replicated.replicas.unwrap_or_default();
            let _ = writeln!(text, "Service Mode:\tReplicated\n Replicas:\t{replicas}");
        }
        None => text.push_str("Service Mode:\tGlobal\n"),
    }
    text.push_str(&update_status(&service, context));
    text.push_str(&placement(&spec));
    text.push_str(&updates(&spec));
    text.push_str(&container(&spec));
    text.push_str(&networks(&spec, context).await);
    text.push_str(&endpoint(&service));
    text
}

fn update_status(service: &Service, context: &Context) -> String {
    let Some(status) = &service.update_status else {
        return String::new();
    };
    let ago = |time: Option<&str>| {
        let time = time.unwrap_or_default().parse::<jiff::Timestamp>();
        let seconds = time.map_or(0, |time| context.clock.now().duration_since(time).as_secs());
        format!("{} ago", human_duration(seconds).to_lowercase())
    };
    let state = status
        .state
        .map(|state| state.to_string())
        .unwrap_or_default();
    let mut text = format!(
        "UpdateStatus:\n State:\t\t{state}\n Started:\t{}\n",
        ago(status.started_at.as_deref())
    );
    if state == "completed" {
        let _ = writeln!(text, " Completed:\t{}", ago(status.completed_at.as_deref()));
    }
    let message = status.message.as_deref().unwrap_or_default();
    let _ = writeln!(text, " Message:\t{message}");
    text
}

fn placement(spec: &ServiceSpec) -> String {
    let template = spec.task_template.as_ref();
    let placement = template.and_then(|template| template.placement.as_ref());
    let constraints = placement.and_then(|placement| placement.constraints.as_ref());
    let mut text = "Placement:\n".to_owned();
    if let Some(constraints) = constraints.filter(|constraints| !constraints.is_empty()) {
        let _ = writeln!(text, " Constraints:\t[{}]", constraints.join(" "));
    }
    let most = placement.and_then(|placement| placement.max_replicas);
    if let Some(most) = most.filter(|most| *most > 0) {
        let _ = writeln!(text, " Max Replicas Per Node:   {most}");
    }
    text
}

fn updates(spec: &ServiceSpec) -> String {
    let lines = |title: &str,
                 what: &str,
                 parallelism,
                 action: String,
                 monitor,
                 ratio,
                 order: String| {
        format!(
            "{title}:\n Parallelism:\t{}\n On failure:\t{action}\n Monitoring Period: {}\n Max failure ratio: {}\n {what} order:      {order}\n",
            i64::unwrap_or_default_of(parallelism),
            go_duration(i64::unwrap_or_default_of(monitor)),
            f64::unwrap_or_default_of(ratio),
        )
    };
    let mut text = String::new();
    if let Some(config) = &spec.update_config {
        let action = config.failure_action.map(|word| word.to_string());
        let order = config.order.map(|word| word.to_string());
        text += &lines(
            "UpdateConfig",
            "Update",
            config.parallelism,
            action.unwrap_or_default(),
            config.monitor,
            config.max_failure_ratio,
            order.unwrap_or_default(),
        );
    }
    if let Some(config) = &spec.rollback_config {
        let action = config.failure_action.map(|word| word.to_string());
        let order = config.order.map(|word| word.to_string());
        let shown = lines(
            "RollbackConfig",
            "Rollback",
            config.parallelism,
            action.unwrap_or_default(),
            config.monitor,
            config.max_failure_ratio,
            order.unwrap_or_default(),
        );
        // Two columns less, since the word is longer.
        text += &shown.replace("Rollback order:      ", "Rollback order:    ");
    }
    text
}

/// `unwrap_or_default`, where the type would have to be said.
trait OrDefault: Sized + Default {
    fn unwrap_or_default_of(value: Option<Self>) -> Self {
        value.unwrap_or_default()
    }
}

impl OrDefault for i64 {}
impl OrDefault for f64 {}

fn container(spec: &ServiceSpec) -> String {
    let template = spec.task_template.clone().unwrap_or_default();
    let container: TaskSpecContainerSpec = template.container_spec.unwrap_or_default();
    let mut text = "ContainerSpec:\n".to_owned();
    let _ = writeln!(text, " Image:\t\t{}", container.image.unwrap_or_default());
    let list = |words: &[String]| {
        words
            .iter()
            .map(|word| format!("{word} "))
            .collect::<String>()
    };
    let lists = [("Args:\t\t", container.args), ("Env:\t\t", container.env)];
    for (title, words) in lists {
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            let _ = writeln!(text, " {title}{}", list(&words));
        }
    }
    if let Some(folder) = container.dir {
        let _ = writeln!(text, " Dir:\t\t{folder}");
    }
    if let Some(user) = container.user {
        let _ = writeln!(text, " User: {user}");
    }
    if let Some(init) = container.init {
        let _ = writeln!(text, " Init:\t\t{init}");
    }
    text.push_str("Resources:\n");
    let limits = template
        .resources
        .and_then(|resources| resources.limits)
        .unwrap_or_default();
    let (cpus, memory) = (
        limits.nano_cpus.unwrap_or(0),
        limits.memory_bytes.unwrap_or(0),
    );
    if cpus > 0 || memory > 0 {
        text.push_str(" Limits:\n");
        if cpus > 0 {
            let whole = crate::units::significant(cpus_of(cpus), 6);
            let _ = writeln!(text, "  CPU:\t\t{whole}");
        }
        if memory > 0 {
            let _ = writeln!(text, "  Memory:\t{}", binary_size(memory));
        }
    }
    text
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a few processors, in billionths"
)]
fn cpus_of(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

async fn networks(spec: &ServiceSpec, context: &Context) -> String {
    let template = spec.task_template.as_ref();
    let attached = template.and_then(|template| template.networks.as_ref());
    let mut names = String::new();
    for network in attached.into_iter().flatten() {
        let id = network.target.as_deref().unwrap_or_default();
        let options = InspectNetworkOptions::default();
        let found = context.engine.inspect_network(id, options).await;
        let name = found.and_then(|found| found.parse()).ok();
        let name = name.and_then(|network| network.name);
        let _ = write!(names, " {}", name.unwrap_or_else(|| id.to_owned()));
    }
    if names.is_empty() {
        return names;
    }
    format!("Networks:{names} \n")
}

fn endpoint(service: &Service) -> String {
    let spec = service
        .spec
        .as_ref()
        .and_then(|spec| spec.endpoint_spec.as_ref());
    let mode = spec.and_then(|spec| spec.mode).map(|mode| mode.to_string());
    let mut text = format!("Endpoint Mode:\t{}\n", mode.unwrap_or_default());
    let ports = service
        .endpoint
        .as_ref()
        .and_then(|endpoint| endpoint.ports.as_ref());
    if let Some(ports) = ports.filter(|ports| !ports.is_empty()) {
        text.push_str("Ports:\n");
        for port in ports {
            let word = |word: Option<String>| word.unwrap_or_default();
            let _ = writeln!(
                text,
                " PublishedPort = {}\n  Protocol = {}\n  TargetPort = {}\n  PublishMode = {} ",
                port.published_port.unwrap_or_default(),
                word(port.protocol.map(|protocol| protocol.to_string())),
                port.target_port.unwrap_or_default(),
                word(port.publish_mode.map(|mode| mode.to_string())),
            );
        }
    }
    text
}
