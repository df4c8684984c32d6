//! `docker info`, as far as a lab is concerned.

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
    units::binary_size,
};

pub struct Info;

static GRAMMAR: Grammar = Grammar {
    names: &["info", "system info"],
    usage: "[OPTIONS]",
    about: "Show what the engine is and how much it has to do",
    flags: &[],
    count: Count::None,
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Command for Info {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        _call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let info = context.engine.info().await?;
        let mut text = format!(
            "Client: Causeway\n Version:    {}\n\nServer:\n",
            env!("CARGO_PKG_VERSION")
        );
        let number = |value: Option<i64>| value.unwrap_or_default().to_string();
        let plugins = info.plugins.unwrap_or_default();
        let list = |names: Option<Vec<String>>| names.unwrap_or_default().join(" ");
        let lines = [
            (" Containers:", number(info.containers)),
            ("  Running:", number(info.containers_running)),
            ("  Paused:", number(info.containers_paused)),
            ("  Stopped:", number(info.containers_stopped)),
            (" Images:", number(info.images)),
            (" Server Version:", info.server_version.unwrap_or_default()),
            (" Storage Driver:", info.driver.unwrap_or_default()),
            (" Logging Driver:", info.logging_driver.unwrap_or_default()),
            (" Plugins:", String::new()),
            ("  Network:", list(plugins.network)),
            (" Kernel Version:", info.kernel_version.unwrap_or_default()),
            (
                " Operating System:",
                info.operating_system.unwrap_or_default(),
            ),
            (" OSType:", info.os_type.unwrap_or_default()),
            (" Architecture:", info.architecture.unwrap_or_default()),
            (" CPUs:", number(info.ncpu)),
            (
                " Total Memory:",
                binary_size(info.mem_total.unwrap_or_default()),
            ),
            (" Name:", info.name.unwrap_or_default()),
            (" ID:", info.id.unwrap_or_default()),
        ];
        for (title, value) in lines {
            text.push_str(format!("{title} {value}").trim_end());
            text.push('\n');
        }
        for warning in info.warnings.unwrap_or_default() {
            console.err_line(&warning).await;
        }
        console.out(text).await;
        Ok(0)
    }
}
