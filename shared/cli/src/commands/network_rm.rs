//! `docker network rm`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    failure::{Failure, told},
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct NetworkRm;

static FLAGS: &[Flag] = &[Flag::switch("force", "Do not mind if it does not exist").short('f')];

static GRAMMAR: Grammar = Grammar {
    names: &["network rm|remove"],
    usage: "NETWORK [NETWORK...]",
    about: "Remove networks to which no running container is connected",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["network"],
    program_from: None,
};

#[async_trait]
impl Command for NetworkRm {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let mut failed = false;
        for name in &call.given.arguments {
            match context.engine.remove_network(name).await {
                Ok(()) => console.line(name).await,
                Err(error) if call.given.on("force") && error.is_not_found() => {}
                Err(error) => {
                    console.err_line(&told(&error)).await;
                    failed = true;
                }
            }
        }
        if failed {
            Err(Failure::new(1, "exit status 1"))
        } else {
            Ok(0)
        }
    }
}
