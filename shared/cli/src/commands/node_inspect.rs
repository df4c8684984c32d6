//! `docker node inspect`

use async_trait::async_trait;
use lab::models::Node;

use crate::{
    Context,
    commands::{
        inspect::{FORMAT, show},
        node_ps::of,
    },
    console::Console,
    failure::{Failure, told},
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    listing::time,
    service::tasks::capital,
    units::binary_size,
};

pub struct NodeInspect;

static FLAGS: &[Flag] = &[FORMAT, Flag::switch("pretty", "For people to read")];

static GRAMMAR: Grammar = Grammar {
    names: &["node inspect"],
    usage: "[OPTIONS] self|NODE [NODE...]",
    about: "Show everything about machines of the swarm",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["node"],
    program_from: None,
};

#[async_trait]
impl Command for NodeInspect {
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
            let raw = context.engine.inspect_node(&of(name, context).await?).await;
            found.push(raw.map_err(|error| told(&error)));
        }
        if !call.given.on("pretty") {
            let found = found.into_iter();
            let found = found.map(|raw| raw.map(|raw| ("any", raw.json().to_owned())));
            return show(found.collect(), &call.given, console).await;
        }
        let mut wrong = Vec::new();
        for raw in found {
            match raw {
                Ok(raw) => console.line(&pretty(raw.parse()?)).await,
                Err(why) => wrong.push(why),
            }
        }
        Failure::all(&wrong)?;
        Ok(0)
    }
}

/// As docker lays it out, tabs and all.
fn pretty(node: Node) -> String {
    let mut text = String::new();
    let mut line = |part: String| {
        text.push_str(&part);
        text.push('\n');
    };
    let spec = node.spec.unwrap_or_default();
    let described = node.description.unwrap_or_default();
    let status = node.status.unwrap_or_default();
    line(format!("ID:\t\t\t{}", node.id.unwrap_or_default()));
    for (key, value) in spec.labels.unwrap_or_default() {
        line(format!(" - {key}={value}"));
    }
    line(format!(
        "Hostname:              \t{}",
        described.hostname.unwrap_or_default()
    ));
    let joined = time(node.created_at.as_deref().unwrap_or_default());
    line(format!(
        "Joined at:             \t{}",
        joined.to_lowercase()
    ));
    line("Status:".to_owned());
    let state = status.state.map(|state| state.to_string());
    line(format!(
        " State:\t\t\t{}",
        capital(&state.unwrap_or_default())
    ));
    let availability = spec.availability.map(|word| word.to_string());
    line(format!(
        " Availability:         \t{}",
        capital(&availability.unwrap_or_default())
    ));
    line(format!(" Address:\t\t{}", status.addr.unwrap_or_default()));
    if let Some(manager) = node.manager_status {
        line("Manager Status:".to_owned());
        line(format!(" Address:\t\t{}", manager.addr.unwrap_or_default()));
        let reachability = manager.reachability.map(|word| word.to_string());
        line(format!(
            " Raft Status:\t\t{}",
            capital(&reachability.unwrap_or_default())
        ));
        let leads = if manager.leader == Some(true) {
            "Yes"
        } else {
            "No"
        };
        line(format!(" Leader:\t\t{leads}"));
    }
    let platform = described.platform.unwrap_or_default();
    line("Platform:".to_owned());
    line(format!(
        " Operating System:\t{}",
        platform.os.unwrap_or_default()
    ));
    line(format!(
        " Architecture:\t\t{}",
        platform.architecture.unwrap_or_default()
    ));
    let resources = described.resources.unwrap_or_default();
    line("Resources:".to_owned());
    line(format!(
        " CPUs:\t\t\t{}",
        resources.nano_cpus.unwrap_or_default() / 1_000_000_000
    ));
    line(format!(
        " Memory:\t\t{}",
        binary_size(resources.memory_bytes.unwrap_or_default())
    ));
    let engine = described.engine.unwrap_or_default();
    line("Plugins:".to_owned());
    let plugins = engine.plugins.unwrap_or_default();
    for kind in ["Log", "Network", "Volume"] {
        let of_kind = plugins
            .iter()
            .filter(|plugin| plugin.typ.as_deref() == Some(kind));
        let names: Vec<&str> = of_kind
            .filter_map(|plugin| plugin.name.as_deref())
            .collect();
        if !names.is_empty() {
            line(format!(" {kind}:\t\t{}", names.join(", ")));
        }
    }
    line(format!(
        "Engine Version:\t\t{}",
        engine.engine_version.unwrap_or_default()
    ));
    let tls = described.tls_info.unwrap_or_default();
    line("TLS Info:".to_owned());
    line(format!(
        " TrustRoot:\n{}",
        tls.trust_root.unwrap_or_default()
    ));
    line(format!(
        " Issuer Subject:\t{}",
        tls.cert_issuer_subject.unwrap_or_default()
    ));
    line(format!(
        " Issuer Public Key:\t{}",
        tls.cert_issuer_public_key.unwrap_or_default()
    ));
    text.pop();
    text
}
