//! `docker swarm join`

use async_trait::async_trait;
use lab::models::SwarmJoinRequest;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct SwarmJoin;

static FLAGS: &[Flag] = &[
    Flag::one(
        "token",
        "string",
        "The token that docker swarm join-token shows",
    ),
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
        "listen-addr",
        "node-addr",
        "Where to listen for other machines (default 0.0.0.0:2377)",
    ),
    Flag::refused("availability", "change it later, with docker node update"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["swarm join"],
    usage: "[OPTIONS] HOST:PORT",
    about: "Bring this machine into a swarm",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["host:port"],
    program_from: None,
};

#[async_trait]
impl Command for SwarmJoin {
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
        let request = SwarmJoinRequest {
            listen_addr: Some(
                given
                    .text("listen-addr")
                    .unwrap_or_else(|| "0.0.0.0:2377".to_owned()),
            ),
            advertise_addr: given.text("advertise-addr"),
            data_path_addr: given.text("data-path-addr"),
            remote_addrs: Some(given.arguments.clone()),
            join_token: given.text("token"),
        };
        context.engine.join_swarm(request).await?;
        let swarm = context.engine.info().await?.swarm.unwrap_or_default();
        let role = if swarm.control_available == Some(true) {
            "manager"
        } else {
            "worker"
        };
        console
            .line(&format!("This node joined a swarm as a {role}."))
            .await;
        Ok(0)
    }
}
