//! `docker info`: what the engine is, what it has, and what it has to do.

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    template::{Options, Template},
    typed::typed,
    units::binary_size,
};

pub struct Info;

static FLAGS: &[Flag] = &[Flag::one(
    "format",
    "string",
    "Show one field: '{{.ServerVersion}}', or json",
)
.short('f')];

static GRAMMAR: Grammar = Grammar {
    names: &["info", "system info"],
    usage: "[OPTIONS]",
    about: "Show what the engine is and how much it has to do",
    flags: FLAGS,
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
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let info = context.engine.info().await?;
        let info = serde_json::to_value(info).unwrap_or_default();
        match call.given.text("format").as_deref() {
            None => {
                let version = env!("CARGO_PKG_VERSION");
                console
                    .out(format!("Client: Causeway\n Version:    {version}\n Context:    default\n Debug Mode: false\n\nServer:\n"))
                    .await;
                console.out(server(&info)).await;
                for warning in list(&info["Warnings"]) {
                    console.err_line(&warning).await;
                }
                Ok(0)
            }
            Some("json") => formatted("{{json .}}", info, console).await,
            Some(format) => formatted(format, info, console).await,
        }
    }
}

/// What was written before it went wrong is shown too.
async fn formatted(format: &str, mut info: Json, console: &mut Console) -> Result<u8, Failure> {
    let template = Template::parse(format)
        .map_err(|why| Failure::new(64, format!("template parsing error: {why}")))?;
    info["ClientInfo"] = json!({
        "Debug": false,
        "Platform": {"Name": "Causeway"},
        "Version": env!("CARGO_PKG_VERSION"),
        "Context": "default",
        "Plugins": [],
        "Warnings": null,
    });
    let info = typed("system.dockerInfo", &info);
    let (text, why) = match template.execute(&info, Options::default()) {
        Ok(text) => (text, None),
        Err(broken) => (broken.written, Some(broken.why)),
    };
    console.line(&text).await;
    why.map_or(Ok(0), |why| Err(Failure::new(1, why)))
}

/// Lines with a title, in docker's order.
struct Lines(String);

impl Lines {
    fn say(&mut self, title: &str, value: impl std::fmt::Display) {
        self.0.extend([format!("{title} {value}\n")]);
    }

    /// Left out where there is nothing to say.
    fn some(&mut self, title: &str, value: &Json) {
        match text(value) {
            empty if empty.is_empty() => {}
            value => self.say(title, value),
        }
    }

    fn items(&mut self, title: &str, items: Vec<String>) {
        if !items.is_empty() {
            self.0.extend([format!("{title}\n")]);
            self.0.extend(items.into_iter().map(|item| item + "\n"));
        }
    }
}

fn server(info: &Json) -> String {
    let mut lines = Lines(String::new());
    lines.say(" Containers:", number(&info["Containers"]));
    lines.say("  Running:", number(&info["ContainersRunning"]));
    lines.say("  Paused:", number(&info["ContainersPaused"]));
    lines.say("  Stopped:", number(&info["ContainersStopped"]));
    lines.say(" Images:", number(&info["Images"]));
    lines.some(" Server Version:", &info["ServerVersion"]);
    lines.some(" Storage Driver:", &info["Driver"]);
    for pair in info["DriverStatus"].as_array().into_iter().flatten() {
        let (name, value) = (text(&pair[0]), text(&pair[1]));
        lines.0.extend([format!("  {name}: {value}\n")]);
    }
    lines.some(" Logging Driver:", &info["LoggingDriver"]);
    lines.some(" Cgroup Driver:", &info["CgroupDriver"]);
    lines.some(" Cgroup Version:", &info["CgroupVersion"]);
    plugins(&mut lines, &info["Plugins"]);
    let indented = |value: &Json| {
        list(value)
            .into_iter()
            .map(|item| format!("  {item}"))
            .collect()
    };
    lines.items(" CDI spec directories:", indented(&info["CDISpecDirs"]));
    swarm(&mut lines, &info["Swarm"]);
    runtime(&mut lines, info);
    lines.some(" Kernel Version:", &info["KernelVersion"]);
    lines.some(" Operating System:", &info["OperatingSystem"]);
    lines.some(" OSType:", &info["OSType"]);
    lines.some(" Architecture:", &info["Architecture"]);
    lines.say(" CPUs:", number(&info["NCPU"]));
    lines.say(" Total Memory:", binary_size(number(&info["MemTotal"])));
    lines.some(" Name:", &info["Name"]);
    lines.some(" ID:", &info["ID"]);
    lines.say(" Docker Root Dir:", text(&info["DockerRootDir"]));
    lines.say(" Debug Mode:", truth(&info["Debug"]));
    lines.some(" HTTP Proxy:", &info["HttpProxy"]);
    lines.some(" HTTPS Proxy:", &info["HttpsProxy"]);
    lines.some(" No Proxy:", &info["NoProxy"]);
    lines.items(" Labels:", indented(&info["Labels"]));
    lines.say(" Experimental:", truth(&info["ExperimentalBuild"]));
    let registry = &info["RegistryConfig"];
    lines.items(" Insecure Registries:", insecure(registry));
    lines.items(" Registry Mirrors:", indented(&registry["Mirrors"]));
    lines.say(" Live Restore Enabled:", truth(&info["LiveRestoreEnabled"]));
    lines.some(" Product License:", &info["ProductLicense"]);
    let pools = info["DefaultAddressPools"].as_array().into_iter().flatten();
    let pools = pools.map(|pool| {
        let (base, size) = (text(&pool["Base"]), number(&pool["Size"]));
        format!("   Base: {base}, Size: {size}")
    });
    lines.items(" Default Address Pools:", pools.collect());
    lines.0 + "\n"
}

fn plugins(lines: &mut Lines, plugins: &Json) {
    let joined = |name: &str| list(&plugins[name]).join(" ");
    lines.0.push_str(" Plugins:\n");
    lines.say("  Volume:", joined("Volume"));
    lines.say("  Network:", joined("Network"));
    if !joined("Authorization").is_empty() {
        lines.say("  Authorization:", joined("Authorization"));
    }
    lines.say("  Log:", joined("Log"));
}

fn swarm(lines: &mut Lines, swarm: &Json) {
    let state = text(&swarm["LocalNodeState"]);
    lines.say(" Swarm:", &state);
    if matches!(state.as_str(), "" | "inactive" | "locked") {
        return;
    }
    lines.say("  NodeID:", text(&swarm["NodeID"]));
    lines.some("  Error:", &swarm["Error"]);
    lines.say("  Is Manager:", truth(&swarm["ControlAvailable"]));
    let cluster = &swarm["Cluster"];
    if truth(&swarm["ControlAvailable"]) && cluster.is_object() {
        lines.say("  ClusterID:", text(&cluster["ID"]));
        lines.say("  Managers:", number(&swarm["Managers"]));
        lines.say("  Nodes:", number(&swarm["Nodes"]));
        cluster_lines(lines, cluster);
    }
    lines.say("  Node Address:", text(&swarm["NodeAddr"]));
    let managers = swarm["RemoteManagers"].as_array().into_iter().flatten();
    let mut managers: Vec<String> = managers
        .map(|manager| format!("   {}", text(&manager["Addr"])))
        .collect();
    managers.sort_unstable();
    lines.items("  Manager Addresses:", managers);
}

fn cluster_lines(lines: &mut Lines, cluster: &Json) {
    let spec = &cluster["Spec"];
    let pools = list(&cluster["DefaultAddrPool"]);
    if !pools.is_empty() {
        let pools: String = pools.iter().map(|pool| format!("{pool}  ")).collect();
        lines.say("  Default Address Pool:", pools);
        lines.say("  SubnetSize:", number(&cluster["SubnetSize"]));
    }
    if number(&cluster["DataPathPort"]) > 0 {
        lines.say("  Data Path Port:", number(&cluster["DataPathPort"]));
    }
    let raft = &spec["Raft"];
    let period = |value: &Json| crate::units::human_duration(number(value) / 1_000_000_000);
    lines.0.push_str("  Orchestration:\n");
    let kept = number(&spec["Orchestration"]["TaskHistoryRetentionLimit"]);
    lines.say("   Task History Retention Limit:", kept);
    lines.0.push_str("  Raft:\n");
    lines.say("   Snapshot Interval:", number(&raft["SnapshotInterval"]));
    if !raft["KeepOldSnapshots"].is_null() {
        let kept = number(&raft["KeepOldSnapshots"]);
        lines.say("   Number of Old Snapshots to Retain:", kept);
    }
    lines.say("   Heartbeat Tick:", number(&raft["HeartbeatTick"]));
    lines.say("   Election Tick:", number(&raft["ElectionTick"]));
    lines.0.push_str("  Dispatcher:\n");
    let heartbeat = period(&spec["Dispatcher"]["HeartbeatPeriod"]);
    lines.say("   Heartbeat Period:", heartbeat);
    lines.0.push_str("  CA Configuration:\n");
    lines.say(
        "   Expiry Duration:",
        period(&spec["CAConfig"]["NodeCertExpiry"]),
    );
    lines.say("   Force Rotate:", number(&spec["CAConfig"]["ForceRotate"]));
    let locked = truth(&spec["EncryptionConfig"]["AutoLockManagers"]);
    lines.say("  Autolock Managers:", locked);
    let rotates = truth(&cluster["RootRotationInProgress"]);
    lines.say("  Root Rotation In Progress:", rotates);
}

fn runtime(lines: &mut Lines, info: &Json) {
    if let Some(runtimes) = info["Runtimes"].as_object().filter(|all| !all.is_empty()) {
        let mut names: Vec<&str> = runtimes.keys().map(String::as_str).collect();
        names.sort_unstable();
        lines.say(" Runtimes:", names.join(" "));
        lines.say(" Default Runtime:", text(&info["DefaultRuntime"]));
    }
    if info["OSType"] != "linux" {
        return;
    }
    lines.say(" Init Binary:", text(&info["InitBinary"]));
    lines.say(
        " containerd version:",
        text(&info["ContainerdCommit"]["ID"]),
    );
    lines.say(" runc version:", text(&info["RuncCommit"]["ID"]));
    lines.say(" init version:", text(&info["InitCommit"]["ID"]));
    let mut options = Vec::new();
    for option in list(&info["SecurityOptions"]) {
        for (key, value) in option.split(',').filter_map(|pair| pair.split_once('=')) {
            match key {
                "name" => options.push(format!("  {value}")),
                "profile" => options.push(format!("   Profile: {value}")),
                _ => {}
            }
        }
    }
    lines.items(" Security Options:", options);
}

fn insecure(registry: &Json) -> Vec<String> {
    let indexes = registry["IndexConfigs"].as_object().into_iter().flatten();
    let names = indexes
        .filter(|(_, index)| index["Secure"] == false)
        .map(|(_, index)| format!("  {}", text(&index["Name"])));
    let ranges = list(&registry["InsecureRegistryCIDRs"]);
    names
        .chain(ranges.into_iter().map(|range| format!("  {range}")))
        .collect()
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Json) -> i64 {
    value.as_i64().unwrap_or_default()
}

fn truth(value: &Json) -> bool {
    value.as_bool().unwrap_or_default()
}

fn list(value: &Json) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}
