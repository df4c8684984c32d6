//! `docker network connect`

use std::collections::HashMap;

use async_trait::async_trait;
use lab::models::{EndpointIpamConfig, EndpointSettings, NetworkConnectRequest};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    values,
};

pub struct NetworkConnect;

static FLAGS: &[Flag] = &[
    Flag::many(
        "alias",
        "strings",
        "Another name for the container on this network",
    ),
    Flag::refused("driver-opt", "it changes the host's own interfaces"),
    Flag::number(
        "gw-priority",
        "The network with the highest number gives the default gateway",
    ),
    Flag::one("ip", "string", "IPv4 address on this network"),
    Flag::one("ip6", "string", "IPv6 address on this network"),
    Flag::many(
        "link",
        "list",
        "Know another container by a name of its own",
    )
    .checked(values::link),
    Flag::many(
        "link-local-ip",
        "strings",
        "A link-local address on this network",
    ),
];

static GRAMMAR: Grammar = Grammar {
    names: &["network connect"],
    usage: "[OPTIONS] NETWORK CONTAINER",
    about: "Connect a container to a network, running or not",
    flags: FLAGS,
    count: Count::Exactly(2),
    arguments: &["network", "container"],
    program_from: None,
};

#[async_trait]
impl Command for NetworkConnect {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        _console: &mut Console,
    ) -> Result<u8, Failure> {
        let given = &call.given;
        let some = |values: Vec<String>| Some(values).filter(|values| !values.is_empty());
        let endpoint = EndpointSettings {
            // The CLI sends what is empty too, and the engine keeps it.
            ipam_config: values::ipam(
                given.text("ip"),
                given.text("ip6"),
                given.all("link-local-ip"),
            )
            .or_else(|| Some(EndpointIpamConfig::default())),
            driver_opts: Some(HashMap::new()),
            links: some(given.all("link")),
            aliases: Some(
                given
                    .all("alias")
                    .iter()
                    .flat_map(|names| names.split(','))
                    .map(str::to_owned)
                    .collect(),
            ),
            gw_priority: given.number("gw-priority"),
            ..EndpointSettings::default()
        };
        let request = NetworkConnectRequest {
            container: given.arguments[1].clone(),
            endpoint_config: Some(endpoint),
        };
        context
            .engine
            .connect_network(&given.arguments[0], request)
            .await?;
        Ok(0)
    }
}
