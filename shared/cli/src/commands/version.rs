//! `docker version`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
    units::long_time,
};

pub struct Version;

static GRAMMAR: Grammar = Grammar {
    names: &["version"],
    usage: "[OPTIONS]",
    about: "Show which engine answers",
    flags: &[],
    count: Count::None,
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Command for Version {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        _call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let version = context.engine.version().await?;
        let mut text = format!(
            "Client: Causeway\n Version:           {}\n",
            env!("CARGO_PKG_VERSION")
        );
        let platform = version
            .platform
            .map(|platform| platform.name)
            .filter(|name| !name.is_empty());
        text += "\nServer:";
        text += &platform.map(|name| format!(" {name}")).unwrap_or_default();
        text.push('\n');
        for component in version.components.unwrap_or_default() {
            let details = component.details.unwrap_or_default();
            let detail = |name: &str| details.get(name).cloned().unwrap_or_default();
            text.extend([" ", &component.name, ":\n"]);
            let mut line =
                |title: &str, value: &str| text.extend([format!("  {title:<17}{value}\n")]);
            line("Version:", &component.version);
            if component.name == "Engine" {
                line(
                    "API version:",
                    &format!(
                        "{} (minimum version {})",
                        detail("ApiVersion"),
                        detail("MinAPIVersion")
                    ),
                );
                line("Go version:", &detail("GoVersion"));
                line("Git commit:", &detail("GitCommit"));
                line("Built:", &long_time(&detail("BuildTime")));
                line("OS/Arch:", &format!("{}/{}", detail("Os"), detail("Arch")));
                line("Experimental:", &detail("Experimental"));
            } else {
                line("GitCommit:", &detail("GitCommit"));
            }
        }
        console.out(text).await;
        Ok(0)
    }
}
