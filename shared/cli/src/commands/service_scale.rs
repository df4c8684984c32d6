//! `docker service scale`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    failure::{Failure, told},
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    service::{as_looked_at, current, progress},
};

pub struct ServiceScale;

static FLAGS: &[Flag] = &[Flag::switch("detach", "Do not wait until the tasks run").short('d')];

static GRAMMAR: Grammar = Grammar {
    names: &["service scale"],
    usage: "SERVICE=REPLICAS [SERVICE=REPLICAS...]",
    about: "Change how many tasks services have",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["service=replicas"],
    program_from: None,
};

#[async_trait]
impl Command for ServiceScale {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let arguments = &call.given.arguments;
        if let Some(bad) = arguments.iter().find(|argument| !argument.contains('=')) {
            let why = format!(
                "invalid scale specifier '{bad}'.\nSee 'docker service scale --help'.\n\n{}\n\nScale one or multiple replicated services",
                GRAMMAR.usage_line(&call.path)
            );
            return Err(Failure::new(1, why));
        }
        let (mut scaled, mut wrong) = (Vec::new(), Vec::new());
        for (name, replicas) in arguments
            .iter()
            .filter_map(|argument| argument.split_once('='))
        {
            match scale(name, replicas, context).await {
                Ok(id) => {
                    console.line(&format!("{name} scaled to {replicas}")).await;
                    scaled.push((id, name));
                }
                Err(why) => wrong.push(format!("{name}: {why}")),
            }
        }
        if !call.given.on("detach") {
            for (id, name) in scaled {
                progress::wait(&id, name, context, console).await?;
            }
        }
        Failure::all(&wrong)?;
        Ok(0)
    }
}

async fn scale(name: &str, replicas: &str, context: &Context) -> Result<String, String> {
    let wanted: u32 = replicas.parse().map_err(|_| {
        format!(
            "invalid replicas value {replicas}: strconv.ParseUint: parsing {}: invalid syntax",
            crate::go::quote(replicas)
        )
    })?;
    let service = current(context, name).await.map_err(|error| told(&error))?;
    let options = as_looked_at(&service);
    let id = service.id.unwrap_or_default();
    let mut spec = service.spec.unwrap_or_default();
    let mode = spec.mode.as_mut().and_then(|mode| mode.replicated.as_mut());
    let Some(replicated) = mode else {
        return Err("scale can only be used with replicated or replicated-job mode".to_owned());
    };
    replicated.replicas = Some(wanted.into());
    let updated = context.engine.update_service(&id, options, spec).await;
    updated.map(|_| id).map_err(|error| told(&error))
}
