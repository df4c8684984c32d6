//! `docker network inspect`

use async_trait::async_trait;
use lab::options::InspectNetworkOptions;

use super::inspect::{FORMAT, show, type_of};
use crate::{
    Context,
    console::Console,
    failure::{Failure, told},
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct NetworkInspect;

static FLAGS: &[Flag] = &[
    FORMAT,
    Flag::switch("verbose", "Show more, for finding faults").short('v'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["network inspect"],
    usage: "[OPTIONS] NETWORK [NETWORK...]",
    about: "Show everything about networks: subnet, gateway, who is connected",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["network"],
    program_from: None,
};

#[async_trait]
impl Command for NetworkInspect {
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
            let options = InspectNetworkOptions {
                verbose: call.given.on("verbose"),
                scope: None,
            };
            let raw = context.engine.inspect_network(name, options).await;
            found.push(
                raw.map(|raw| (type_of("network"), raw.json().to_owned()))
                    .map_err(|error| told(&error)),
            );
        }
        show(found, &call.given, console).await
    }
}
