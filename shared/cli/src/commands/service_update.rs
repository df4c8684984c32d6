//! `docker service update`, as far as a lab needs it.

use async_trait::async_trait;
use lab::models::ServiceSpec;

use crate::{
    Context,
    commands::service_create::whole,
    console::Console,
    failure::Failure,
    flags::{Flag, Given},
    grammar::{Call, Command, Count, Grammar},
    service::{as_looked_at, attachments, current, progress, publish, tagged},
    values::{environment, label, pairs},
};

pub struct ServiceUpdate;

static FLAGS: &[Flag] = &[
    Flag::one("args", "command", "What its program is given"),
    Flag::many(
        "constraint-add",
        "list",
        "Only on machines for which this holds: node.role==worker",
    ),
    Flag::many("constraint-rm", "list", "Take a constraint away"),
    Flag::switch("detach", "Do not wait until the tasks run").short('d'),
    Flag::many("env-add", "list", "Set a variable: KEY=value").checked(environment),
    Flag::many("env-rm", "list", "Take a variable away"),
    Flag::switch("force", "Replace all tasks, even if nothing changes"),
    Flag::one("image", "string", "Another image"),
    Flag::many("label-add", "list", "A label of the service").checked(label),
    Flag::many("label-rm", "list", "Take a label away"),
    Flag::many("network-add", "network", "One network more"),
    Flag::switch(
        "no-resolve-image",
        "Do not ask a registry which image this is now",
    ),
    Flag::many("publish-add", "port", "A port on every machine: 8080:80").checked(publish::port),
    Flag::many("publish-rm", "port", "Take a port away: 80"),
    Flag::switch("quiet", "Show no progress").short('q'),
    Flag::one("replicas", "uint", "How many tasks").checked(whole),
];

static GRAMMAR: Grammar = Grammar {
    names: &["service update"],
    usage: "[OPTIONS] SERVICE",
    about: "Change a service: its tasks are replaced one by one",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["service"],
    program_from: None,
};

#[async_trait]
impl Command for ServiceUpdate {
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
        let name = &given.arguments[0];
        let service = current(context, name).await?;
        let options = as_looked_at(&service);
        let id = service.id.unwrap_or_default();
        let mut spec = service.spec.unwrap_or_default();
        change(&mut spec, given)?;
        let more = attachments(context, &given.all("network-add")).await?;
        if let (Some(template), Some(more)) = (&mut spec.task_template, more) {
            template.networks.get_or_insert_default().extend(more);
        }
        let updated = context.engine.update_service(&id, options, spec).await?;
        for warning in updated.warnings.unwrap_or_default() {
            console.err_line(&warning).await;
        }
        console.line(name).await;
        if !given.on("detach") && !given.on("quiet") {
            progress::wait(&id, name, context, console).await?;
        }
        Ok(0)
    }
}

fn change(spec: &mut ServiceSpec, given: &Given) -> Result<(), Failure> {
    let labels = spec.labels.get_or_insert_default();
    labels.extend(pairs(&given.all("label-add")));
    for label in given.all("label-rm") {
        labels.remove(&label);
    }
    if let Some(replicas) = given.number("replicas") {
        let mode = spec.mode.as_mut().and_then(|mode| mode.replicated.as_mut());
        let Some(replicated) = mode else {
            let why = "replicas can only be used with replicated or replicated-job mode";
            return Err(Failure::new(1, why));
        };
        replicated.replicas = Some(replicas);
    }
    change_template(spec, given);
    change_ports(spec, given);
    Ok(())
}

fn change_template(spec: &mut ServiceSpec, given: &Given) {
    let template = spec.task_template.get_or_insert_default();
    let container = template.container_spec.get_or_insert_default();
    if let Some(image) = given.text("image") {
        container.image = Some(tagged(&image));
    }
    if let Some(arguments) = given.one("args") {
        let arguments = arguments.split_whitespace().map(str::to_owned);
        container.args = Some(arguments.collect());
    }
    let named = |variable: &str| variable.split('=').next().unwrap_or_default().to_owned();
    let added = given.all("env-add");
    let mut gone = given.all("env-rm");
    gone.extend(added.iter().map(|variable| named(variable)));
    if !gone.is_empty() {
        let variables = container.env.get_or_insert_default();
        variables.retain(|variable| !gone.contains(&named(variable)));
        variables.extend(added);
        if variables.is_empty() {
            container.env = None;
        }
    }
    let (added, gone) = (given.all("constraint-add"), given.all("constraint-rm"));
    if !added.is_empty() || !gone.is_empty() {
        let placement = template.placement.get_or_insert_default();
        let constraints = placement.constraints.get_or_insert_default();
        constraints.retain(|constraint| !gone.contains(constraint));
        constraints.extend(added);
    }
    if given.on("force") {
        template.force_update = Some(template.force_update.unwrap_or_default() + 1);
    }
}

fn change_ports(spec: &mut ServiceSpec, given: &Given) {
    let (added, gone) = (given.all("publish-add"), given.all("publish-rm"));
    if added.is_empty() && gone.is_empty() {
        return;
    }
    let endpoint = spec.endpoint_spec.get_or_insert_default();
    let ports = endpoint.ports.get_or_insert_default();
    let gone: Vec<Option<i64>> = gone
        .iter()
        .filter_map(|port| publish::read(port).ok())
        .map(|port| port.target_port)
        .collect();
    let added: Vec<_> = added
        .iter()
        .filter_map(|port| publish::read(port).ok())
        .collect();
    ports.retain(|port| {
        let again = added
            .iter()
            .any(|added| added.target_port == port.target_port);
        !gone.contains(&port.target_port) && !again
    });
    ports.extend(added);
}
