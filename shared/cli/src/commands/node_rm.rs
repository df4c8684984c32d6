//! `docker node rm`

use async_trait::async_trait;
use lab::options::DeleteNodeOptions;

use crate::{
    Context,
    console::Console,
    each::each,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct NodeRm;

static FLAGS: &[Flag] = &[Flag::switch("force", "Also one that is still in it").short('f')];

static GRAMMAR: Grammar = Grammar {
    names: &["node rm|remove"],
    usage: "[OPTIONS] NODE [NODE...]",
    about: "Forget machines that have left the swarm",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["node"],
    program_from: None,
};

#[async_trait]
impl Command for NodeRm {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let force = call.given.on("force");
        each(&call.given.arguments, console, |name| {
            context
                .engine
                .remove_node(name, DeleteNodeOptions { force })
        })
        .await
    }
}
