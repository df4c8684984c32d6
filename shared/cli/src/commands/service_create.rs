//! `docker service create`

use async_trait::async_trait;
use lab::models::{
    EndpointSpec, Limit, ServiceSpec, ServiceSpecMode, ServiceSpecModeReplicated, TaskSpec,
    TaskSpecContainerSpec, TaskSpecContainerSpecDnsConfig, TaskSpecPlacement, TaskSpecResources,
    TaskSpecRestartPolicy,
};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::{Flag, Given},
    go::quote,
    grammar::{Call, Command, Count, Grammar},
    service::{attachments, progress, publish, tagged},
    units::ram_in_bytes,
    values::{cpus, environment, label, nano_cpus, pairs, size},
};

pub struct ServiceCreate;

const OUTSIDE: &str = "it reaches beyond the service's containers";

static FLAGS: &[Flag] = &[
    Flag::many(
        "constraint",
        "list",
        "Only on machines for which this holds: node.role==worker",
    ),
    Flag::many("container-label", "list", "A label of its containers").checked(label),
    Flag::switch("detach", "Do not wait until the tasks run").short('d'),
    Flag::many("dns", "list", "A name server of its containers"),
    Flag::many("dns-option", "list", "An option for the name server"),
    Flag::many("dns-search", "list", "A domain to look names up in"),
    Flag::one(
        "endpoint-mode",
        "string",
        "One virtual address (vip), or each task's own (dnsrr)",
    ),
    Flag::one(
        "entrypoint",
        "command",
        "Run this instead of the image's own",
    ),
    Flag::many("env", "list", "Set a variable: KEY=value")
        .short('e')
        .checked(environment),
    Flag::many("host", "list", "A line for /etc/hosts: name:address"),
    Flag::one(
        "hostname",
        "string",
        "What its containers are called inside",
    ),
    Flag::many("label", "list", "A label of the service")
        .short('l')
        .checked(label),
    Flag::one("limit-cpu", "decimal", "How many processors a task may use").checked(cpus),
    Flag::one("limit-memory", "bytes", "How much memory a task may use").checked(size),
    Flag::one(
        "mode",
        "string",
        "Some tasks (replicated), or one on each machine (global)",
    ),
    Flag::one("name", "string", "What the service is called"),
    Flag::many("network", "network", "A network that its tasks are on"),
    Flag::switch(
        "no-resolve-image",
        "Do not ask a registry which image this is now",
    ),
    Flag::many("publish", "port", "A port on every machine: 8080:80")
        .short('p')
        .checked(publish::port),
    Flag::switch("quiet", "Show no progress").short('q'),
    Flag::switch(
        "read-only",
        "Its containers cannot write to their own files",
    ),
    Flag::one("replicas", "uint", "How many tasks").checked(whole),
    Flag::one(
        "replicas-max-per-node",
        "uint",
        "How many tasks on a machine at most",
    )
    .checked(whole),
    Flag::one(
        "restart-condition",
        "string",
        "When to replace a task that ended (none, on-failure, any)",
    ),
    Flag::one("restart-max-attempts", "uint", "How often to replace it").checked(whole),
    Flag::one(
        "stop-signal",
        "string",
        "The signal that ends its containers",
    ),
    Flag::switch("tty", "Give its containers a terminal").short('t'),
    Flag::one("user", "string", "Who its programs run as").short('u'),
    Flag::one("workdir", "string", "The folder that its programs start in").short('w'),
    Flag::refused("cap-add", OUTSIDE),
    Flag::refused("cap-drop", OUTSIDE),
    Flag::refused("config", "a lab has no configs"),
    Flag::refused("credential-spec", OUTSIDE),
    Flag::refused("env-file", "write its lines as --env"),
    Flag::refused("mount", "a lab mounts no folder of your machine"),
    Flag::refused("secret", "a lab has no secrets"),
    Flag::refused("sysctl", OUTSIDE),
    Flag::refused("ulimit", OUTSIDE),
];

static GRAMMAR: Grammar = Grammar {
    names: &["service create"],
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    about: "Make a service: tasks of one kind, on the machines of the swarm",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["image", "command", "argument"],
    program_from: Some(1),
};

#[async_trait]
impl Command for ServiceCreate {
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
        let mut spec = spec(given)?;
        let networks = attachments(context, &given.all("network")).await?;
        if let Some(template) = &mut spec.task_template {
            template.networks = networks;
        }
        let made = context.engine.create_service(spec).await?;
        for warning in made.warnings.unwrap_or_default() {
            console.err_line(&warning).await;
        }
        let id = made.id.unwrap_or_default();
        console.line(&id).await;
        if !given.on("detach") && !given.on("quiet") {
            progress::wait(&id, &id, context, console).await?;
        }
        Ok(0)
    }
}

pub fn whole(value: &str) -> Result<(), String> {
    value.parse::<u64>().map(|_| ()).map_err(|_| {
        format!(
            "strconv.ParseUint: parsing {}: invalid syntax",
            quote(value)
        )
    })
}

fn spec(given: &Given) -> Result<ServiceSpec, Failure> {
    let ports = given.all("publish");
    let ports: Vec<_> = ports
        .iter()
        .filter_map(|port| publish::read(port).ok())
        .collect();
    Ok(ServiceSpec {
        name: Some(given.text("name").unwrap_or_default()),
        labels: Some(pairs(&given.all("label"))),
        task_template: Some(template(given)?),
        mode: Some(mode(given)?),
        endpoint_spec: Some(EndpointSpec {
            mode: Some(endpoint_mode(given)?),
            ports: (!ports.is_empty()).then_some(ports),
        }),
        ..Default::default()
    })
}

fn mode(given: &Given) -> Result<ServiceSpecMode, Failure> {
    let replicas = given.number("replicas");
    let wrong = |why: String| Err(Failure::new(1, why));
    match given.text("mode").as_deref() {
        None | Some("replicated") => Ok(ServiceSpecMode {
            replicated: Some(ServiceSpecModeReplicated {
                replicas: Some(replicas.unwrap_or(1)),
            }),
            ..Default::default()
        }),
        Some("global") if replicas.is_some() => {
            wrong("replicas can only be used with replicated or replicated-job mode".to_owned())
        }
        Some("global") => Ok(ServiceSpecMode {
            global: Some(serde_json::from_str("{}").unwrap_or_default()),
            ..Default::default()
        }),
        Some(job @ ("replicated-job" | "global-job")) => wrong(format!(
            "causeway: --mode {job}: jobs are not part of a lab; services are."
        )),
        Some(other) => wrong(format!(
            "Unknown mode: {other}, only replicated and global supported"
        )),
    }
}

fn endpoint_mode(given: &Given) -> Result<lab::models::EndpointSpecModeEnum, Failure> {
    let word = given
        .text("endpoint-mode")
        .unwrap_or_else(|| "vip".to_owned());
    word.to_lowercase().parse().map_err(|_| {
        let why = format!(
            "Error response from daemon: invalid resolution mode: {}",
            quote(&word)
        );
        Failure::new(1, why)
    })
}

fn template(given: &Given) -> Result<TaskSpec, Failure> {
    let constraints = given.all("constraint");
    let limits = Limit {
        nano_cpus: given
            .text("limit-cpu")
            .and_then(|cpus| nano_cpus(&cpus).ok()),
        memory_bytes: given
            .text("limit-memory")
            .and_then(|size| ram_in_bytes(&size).ok()),
        pids: None,
    };
    Ok(TaskSpec {
        container_spec: Some(container(given)),
        resources: Some(TaskSpecResources {
            limits: Some(limits),
            reservations: Some(lab::models::ResourceObject::default()),
            ..Default::default()
        }),
        restart_policy: restart(given)?,
        placement: Some(TaskSpecPlacement {
            constraints: (!constraints.is_empty()).then_some(constraints),
            max_replicas: given.number("replicas-max-per-node"),
            ..Default::default()
        }),
        ..Default::default()
    })
}

fn restart(given: &Given) -> Result<Option<TaskSpecRestartPolicy>, Failure> {
    let attempts = given.number("restart-max-attempts");
    let Some(word) = given.text("restart-condition") else {
        return Ok(attempts.map(|attempts| TaskSpecRestartPolicy {
            max_attempts: Some(attempts),
            ..Default::default()
        }));
    };
    let condition = word.parse().map_err(|_| {
        let why = format!(
            "Error response from daemon: invalid RestartCondition: {}",
            quote(&word)
        );
        Failure::new(1, why)
    })?;
    Ok(Some(TaskSpecRestartPolicy {
        condition: Some(condition),
        max_attempts: attempts,
        ..Default::default()
    }))
}

fn container(given: &Given) -> TaskSpecContainerSpec {
    let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
    let labels = given.all("container-label");
    let (image, arguments) = given
        .arguments
        .split_first()
        .map_or((String::new(), Vec::new()), |(image, rest)| {
            (tagged(image), rest.to_vec())
        });
    let entrypoint = given.text("entrypoint");
    let entrypoint = entrypoint.map(|text| text.split_whitespace().map(str::to_owned).collect());
    TaskSpecContainerSpec {
        image: Some(image),
        args: some(arguments),
        command: entrypoint,
        labels: (!labels.is_empty()).then(|| pairs(&labels)),
        hostname: given.text("hostname"),
        env: some(given.all("env")),
        dir: given.text("workdir"),
        user: given.text("user"),
        tty: given.on("tty").then_some(true),
        read_only: given.on("read-only").then_some(true),
        stop_signal: given.text("stop-signal"),
        hosts: some(
            given
                .all("host")
                .iter()
                .map(|host| host_line(host))
                .collect(),
        ),
        dns_config: Some(TaskSpecContainerSpecDnsConfig {
            nameservers: some(given.all("dns")),
            search: some(given.all("dns-search")),
            options: some(given.all("dns-option")),
        }),
        init: Some(false),
        ..Default::default()
    }
}

/// `name:address` is `address name` in `/etc/hosts`.
fn host_line(host: &str) -> String {
    match host.split_once(':') {
        Some((name, address)) => format!("{address} {name}"),
        None => host.to_owned(),
    }
}
