//! `docker network disconnect`

use async_trait::async_trait;
use lab::models::NetworkDisconnectRequest;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct NetworkDisconnect;

static FLAGS: &[Flag] =
    &[Flag::switch("force", "Do it even if the container does not answer").short('f')];

static GRAMMAR: Grammar = Grammar {
    names: &["network disconnect"],
    usage: "[OPTIONS] NETWORK CONTAINER",
    about: "Disconnect a container from a network",
    flags: FLAGS,
    count: Count::Exactly(2),
    arguments: &["network", "container"],
    program_from: None,
};

#[async_trait]
impl Command for NetworkDisconnect {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        _console: &mut Console,
    ) -> Result<u8, Failure> {
        let force = Some(call.given.on("force"));
        let request = NetworkDisconnectRequest {
            container: call.given.arguments[1].clone(),
            force,
        };
        context
            .engine
            .disconnect_network(&call.given.arguments[0], request)
            .await?;
        Ok(0)
    }
}
