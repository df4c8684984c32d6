//! `docker swarm init`

use async_trait::async_trait;
use lab::models::SwarmInitRequest;

use crate::{
    Context,
    commands::swarm_join_token::join_command,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct SwarmInit;

static FLAGS: &[Flag] = &[
    Flag::one(
        "advertise-addr",
        "string",
        "The address that other machines reach this one at",
    ),
    Flag::one(
        "data-path-addr",
        "string",
        "The address for the traffic of containers",
    ),
    Flag::one(
        "data-path-port",
        "uint32",
        "The port for the traffic of containers (1024 - 49151)",
    )
    .checked(number),
    Flag::one(
        "listen-addr",
        "node-addr",
        "Where to listen for other machines (default 0.0.0.0:2377)",
    ),
    Flag::one(
        "availability",
        "string",
        "Whether this machine takes tasks (active, pause, drain)",
    ),
    Flag::refused("autolock", "a lab's swarm ends with the lab"),
    Flag::refused("cert-expiry", "a lab's swarm ends with the lab"),
    Flag::refused(
        "default-addr-pool",
        "the lab's networks have docker's own addresses",
    ),
    Flag::refused(
        "default-addr-pool-mask-length",
        "the lab's networks have docker's own addresses",
    ),
    Flag::refused("dispatcher-heartbeat", "a lab's swarm ends with the lab"),
    Flag::refused("external-ca", "a lab's swarm certifies itself"),
    Flag::refused(
        "force-new-cluster",
        "it brings back a swarm that was there before",
    ),
    Flag::refused("max-snapshots", "a lab's swarm ends with the lab"),
    Flag::refused("snapshot-interval", "a lab's swarm ends with the lab"),
    Flag::refused("task-history-limit", "the lab keeps docker's own five"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["swarm init"],
    usage: "[OPTIONS]",
    about: "Make a swarm, with this machine as its first manager",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Command for SwarmInit {
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
        let availability = given
            .text("availability")
            .unwrap_or_else(|| "active".to_owned());
        if !["active", "pause", "drain"].contains(&availability.as_str()) {
            let why = format!(
                "invalid availability {}, only active, pause and drain are supported",
                crate::go::quote(&availability)
            );
            return Err(Failure::new(1, why));
        }
        if availability != "active" {
            let why = "causeway: --availability: a lab's first machine takes tasks; 'docker node update --availability drain' changes that.";
            return Err(Failure::new(1, why));
        }
        let request = SwarmInitRequest {
            listen_addr: Some(
                given
                    .text("listen-addr")
                    .unwrap_or_else(|| "0.0.0.0:2377".to_owned()),
            ),
            advertise_addr: given.text("advertise-addr"),
            data_path_addr: given.text("data-path-addr"),
            data_path_port: given
                .number("data-path-port")
                .and_then(|port| u32::try_from(port).ok()),
            ..Default::default()
        };
        let node = context.engine.init_swarm(request).await?;
        console
            .line(&format!(
                "Swarm initialized: current node ({node}) is now a manager.\n"
            ))
            .await;
        join_command(&node, "worker", context, console).await?;
        console
            .line("To add a manager to this swarm, run 'docker swarm join-token manager' and follow the instructions.")
            .await;
        Ok(0)
    }
}

fn number(value: &str) -> Result<(), String> {
    value.parse::<u32>().map(|_| ()).map_err(|_| {
        format!(
            "strconv.ParseUint: parsing {}: invalid syntax",
            crate::go::quote(value)
        )
    })
}
