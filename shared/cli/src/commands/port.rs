//! `docker port`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    go::natural_order,
    grammar::{Call, Command, Count, Grammar},
    ports::{host_and_port, unsigned},
};

pub struct Port;

static GRAMMAR: Grammar = Grammar {
    names: &["port", "container port"],
    usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
    about: "Show where a container's ports are published on the host",
    flags: &[],
    count: Count::Between(1, 2),
    arguments: &["container", "port"],
    program_from: None,
};

#[async_trait]
impl Command for Port {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let name = &call.given.arguments[0];
        let container = context
            .engine
            .inspect_container(name, false)
            .await?
            .parse()?;
        let ports = container
            .network_settings
            .and_then(|settings| settings.ports)
            .unwrap_or_default();
        let published = ports.iter().flat_map(|(port, bindings)| {
            let bindings = bindings.iter().flatten();
            bindings.map(move |binding| {
                let ip = binding.host_ip.as_deref().unwrap_or_default();
                (
                    port,
                    host_and_port(ip, binding.host_port.as_deref().unwrap_or_default()),
                )
            })
        });
        let mut lines: Vec<String> = if let Some(wanted) = call.given.arguments.get(1) {
            let (port, protocol) = wanted.split_once('/').unwrap_or((wanted, ""));
            unsigned(port)
                .map_err(|why| Failure::new(1, format!("Error: invalid port ({port}): {why}")))?;
            let key = format!(
                "{port}/{}",
                if protocol.is_empty() { "tcp" } else { protocol }
            );
            let lines: Vec<String> = published
                .filter(|(port, _)| **port == key)
                .map(|(_, address)| address)
                .collect();
            if lines.is_empty() {
                return Err(Failure::new(
                    1,
                    format!("Error: No public port '{wanted}' published for {name}"),
                ));
            }
            lines
        } else {
            published
                .map(|(port, address)| format!("{port} -> {address}"))
                .collect()
        };
        lines.sort_by(|a, b| natural_order(a, b));
        for line in lines {
            console.line(&line).await;
        }
        Ok(0)
    }
}
