//! `docker version`

use async_trait::async_trait;
use lab::models::SystemVersion;
use serde_json::{Value as Json, json};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    go,
    grammar::{Call, Command, Count, Grammar},
    template::{Options, Template},
    typed::typed,
    units::long_time,
};

pub struct Version;

static FLAGS: &[Flag] = &[Flag::one(
    "format",
    "string",
    "Show one field: '{{.Server.Version}}', or json",
)
.short('f')];

static GRAMMAR: Grammar = Grammar {
    names: &["version"],
    usage: "[OPTIONS]",
    about: "Show which engine answers",
    flags: FLAGS,
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
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let template = match call.given.text("format").as_deref() {
            None => None,
            Some("json") => Some("{{json .}}".to_owned()),
            Some(text) => Some(text.to_owned()),
        };
        let template = template.map(|text| Template::named("version", &text));
        let template = template
            .transpose()
            .map_err(|why| Failure::new(64, format!("template parsing error: {why}")))?;
        let version = context.engine.version().await?;
        let Some(template) = template else {
            console.out(text(version)).await;
            return Ok(0);
        };
        let version = typed("system.versionInfo", &as_docker(&version));
        let shown = template.execute(&version, Options::default());
        let (text, why) = match shown {
            Ok(text) => (text, None),
            Err(broken) => (broken.written, Some(broken.why)),
        };
        console.out(go::tabwriter(&(text + "\n"), 20, 1)).await;
        why.map_or(Ok(0), |why| Err(Failure::new(1, why)))
    }
}

/// Both ends, as docker tells them to a template.
fn as_docker(version: &SystemVersion) -> Json {
    let mut server = serde_json::to_value(version).unwrap_or_default();
    for component in server["Components"].as_array_mut().into_iter().flatten() {
        if component["Name"] == "Engine"
            && let Some(built) = component["Details"]["BuildTime"].as_str().map(long_time)
        {
            component["Details"]["BuildTime"] = built.into();
        }
        if let Some(details) = component["Details"].as_object_mut() {
            details.sort_keys();
        }
    }
    let client = json!({
        "Platform": {"Name": "Causeway"},
        "Version": env!("CARGO_PKG_VERSION"),
        "ApiVersion": version.api_version,
        "DefaultAPIVersion": version.api_version,
        "Os": version.os,
        "Arch": version.arch,
        "Context": "default",
    });
    json!({"Client": client, "Server": server})
}

fn text(version: SystemVersion) -> String {
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
        let mut line = |title: &str, value: &str| text.extend([format!("  {title:<17}{value}\n")]);
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
    text
}
