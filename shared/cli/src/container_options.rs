//! What `docker run` and `docker create` have in common: their flags, and the body they become.
//!
//! The body says what was asked for and nothing else: a field that no flag stands for is never set.

use std::collections::HashMap;

use lab::{
    Size,
    models::{
        ContainerCreateBody, EndpointSettings, HostConfig, NetworkingConfig, RestartPolicy,
        RestartPolicyNameEnum,
    },
};

use crate::{
    Context,
    flags::{Flag, Given},
    from_files, health, ports, units,
    values::{self, Attachment},
};

const RIGHTS: &str = "a container of a lab gets none of your machine's rights";
const FILES: &str = "a container of a lab sees none of your machine's files";
const WINDOWS: &str = "it is for Windows";
const NOT_HERE: &str = "a lab does not have it; docker itself does";

/// `docker run`'s flags; `docker create` has all but the first three.
pub static FLAGS: &[Flag] = &[
    Flag::switch("detach", "Run it in the background and print its id").short('d'),
    Flag::one(
        "detach-keys",
        "string",
        "Keys that leave it running (default ctrl-p,ctrl-q)",
    ),
    Flag::switch("sig-proxy", "Pass signals on to it (default true)"),
    Flag::many(
        "add-host",
        "list",
        "Another line for its /etc/hosts: name:address",
    )
    .checked(values::extra_host),
    Flag::many("attach", "list", "Attach to STDIN, STDOUT or STDERR only")
        .short('a')
        .checked(stream),
    Flag::one(
        "cidfile",
        "string",
        "Write the container's id into this file of the lab",
    ),
    Flag::one("cpus", "decimal", "How many cpus it may use: 0.5").checked(values::cpus),
    Flag::many("dns", "list", "Name server to ask").checked(values::ip_address),
    Flag::many("dns-opt", "list", "").stores("dns-option"),
    Flag::many("dns-option", "list", "Option for its /etc/resolv.conf"),
    Flag::many(
        "dns-search",
        "list",
        "Domain in which short names are looked for",
    )
    .checked(values::search_domain),
    Flag::one("domainname", "string", "Its NIS domain name"),
    Flag::one(
        "entrypoint",
        "string",
        "Run this program instead of the image's own",
    ),
    Flag::many(
        "env",
        "list",
        "Set a variable: NAME=value, or NAME as it is exported in this terminal",
    )
    .short('e')
    .checked(values::environment),
    Flag::many(
        "env-file",
        "list",
        "Set the variables that this file of the lab names",
    ),
    Flag::many(
        "expose",
        "list",
        "Say that it listens on a port; does not publish it",
    ),
    Flag::one(
        "health-cmd",
        "string",
        "Command that says whether it is well",
    ),
    Flag::one("health-interval", "duration", "How often it is asked: 30s")
        .checked(values::duration),
    Flag::number("health-retries", "How often in a row it may be unwell"),
    Flag::one(
        "health-start-interval",
        "duration",
        "How often it is asked while it starts",
    )
    .checked(values::duration),
    Flag::one(
        "health-start-period",
        "duration",
        "How long it may take to start",
    )
    .checked(values::duration),
    Flag::one("health-timeout", "duration", "How long an answer may take")
        .checked(values::duration),
    Flag::one("hostname", "string", "What it calls itself").short('h'),
    Flag::switch(
        "init",
        "Run a small init that passes signals on and reaps processes",
    ),
    Flag::switch("interactive", "Keep its input open").short('i'),
    Flag::one("ip", "string", "Its IPv4 address on the network"),
    Flag::one("ip6", "string", "Its IPv6 address on the network"),
    Flag::many("label", "list", "Set a label: key=value")
        .short('l')
        .checked(values::label),
    Flag::many(
        "label-file",
        "list",
        "Set the labels that this file of the lab names",
    ),
    Flag::many(
        "link",
        "list",
        "Know another container by a name (old way, before networks)",
    )
    .checked(values::link),
    Flag::many(
        "link-local-ip",
        "list",
        "A link-local address on the network",
    ),
    Flag::one("mac-address", "string", "Its MAC address"),
    Flag::one("memory", "bytes", "How much memory it may use: 128m")
        .short('m')
        .checked(values::size),
    Flag::one(
        "name",
        "string",
        "What it is called; other containers on its network find it by this name",
    ),
    Flag::many("net", "network", "")
        .stores("network")
        .checked(values::attachment),
    Flag::many("net-alias", "list", "").stores("network-alias"),
    Flag::many(
        "network",
        "network",
        "The network it is connected to; also name=…,alias=…,ip=…",
    )
    .checked(values::attachment),
    Flag::many(
        "network-alias",
        "list",
        "Another name for it on that network",
    ),
    Flag::switch("no-healthcheck", "Do not ask it whether it is well"),
    Flag::number("pids-limit", "How many processes it may have"),
    Flag::one(
        "platform",
        "string",
        "Only if the engine is of this kind: linux/amd64",
    ),
    Flag::many(
        "publish",
        "list",
        "Publish a port on the host: 8080:80 is host 8080 to container 80",
    )
    .short('p'),
    Flag::switch(
        "publish-all",
        "Publish all exposed ports on free ports of the host",
    )
    .short('P'),
    Flag::one(
        "pull",
        "string",
        "When to fetch the image: always, missing, never (default \"missing\")",
    ),
    Flag::switch("quiet", "Do not show how fetching the image goes").short('q'),
    Flag::switch("read-only", "It cannot write to its own files"),
    Flag::one(
        "restart",
        "string",
        "When to start it again: no, on-failure:3, always, unless-stopped (default \"no\")",
    ),
    Flag::switch("rm", "Remove it when it ends"),
    Flag::one("stop-signal", "string", "Signal that docker stop sends it"),
    Flag::number("stop-timeout", "Seconds that docker stop waits for it"),
    Flag::switch("tty", "Give it a terminal").short('t'),
    Flag::one(
        "user",
        "string",
        "Run as this user: name or uid, and :group",
    )
    .short('u'),
    Flag::one("workdir", "string", "Directory to start in").short('w'),
    Flag::refused("privileged", RIGHTS),
    Flag::refused("cap-add", RIGHTS),
    Flag::refused("cap-drop", NOT_HERE),
    Flag::refused("device", RIGHTS),
    Flag::refused("gpus", RIGHTS),
    Flag::refused("security-opt", RIGHTS),
    Flag::refused("sysctl", RIGHTS),
    Flag::refused("runtime", RIGHTS),
    Flag::refused("pid", RIGHTS),
    Flag::refused("ipc", RIGHTS),
    Flag::refused("uts", RIGHTS),
    Flag::refused("userns", RIGHTS),
    Flag::refused("cgroupns", RIGHTS),
    Flag::refused("cgroup-parent", RIGHTS),
    Flag::refused("use-api-socket", RIGHTS),
    Flag {
        short: Some('v'),
        ..Flag::refused("volume", FILES)
    },
    Flag::refused("mount", FILES),
    Flag::refused("volumes-from", FILES),
    Flag::refused("tmpfs", NOT_HERE),
    Flag::refused("ulimit", NOT_HERE),
    Flag::refused("log-driver", NOT_HERE),
    Flag::refused("log-opt", NOT_HERE),
    Flag::refused("group-add", NOT_HERE),
    Flag::refused("shm-size", NOT_HERE),
    Flag::refused("cpu-shares", "its shares are set by --cpus here").short('c'),
    Flag::refused("cpuset-cpus", "its shares are set by --cpus here"),
    Flag::refused("memory-swap", NOT_HERE),
    Flag::refused("oom-kill-disable", NOT_HERE),
    Flag::refused("disable-content-trust", NOT_HERE),
    Flag::refused("annotation", NOT_HERE),
    Flag::refused("blkio-weight", NOT_HERE),
    Flag::refused("blkio-weight-device", NOT_HERE),
    Flag::refused("cpu-count", WINDOWS),
    Flag::refused("cpu-percent", WINDOWS),
    Flag::refused("cpu-period", "its shares are set by --cpus here"),
    Flag::refused("cpu-quota", "its shares are set by --cpus here"),
    Flag::refused("cpu-rt-period", RIGHTS),
    Flag::refused("cpu-rt-runtime", RIGHTS),
    Flag::refused("cpuset-mems", NOT_HERE),
    Flag::refused("device-cgroup-rule", RIGHTS),
    Flag::refused("device-read-bps", NOT_HERE),
    Flag::refused("device-read-iops", NOT_HERE),
    Flag::refused("device-write-bps", NOT_HERE),
    Flag::refused("device-write-iops", NOT_HERE),
    Flag::refused("io-maxbandwidth", WINDOWS),
    Flag::refused("io-maxiops", WINDOWS),
    Flag::refused("isolation", WINDOWS),
    Flag::refused("kernel-memory", NOT_HERE),
    Flag::refused("memory-reservation", NOT_HERE),
    Flag::refused("memory-swappiness", NOT_HERE),
    Flag::refused("oom-score-adj", RIGHTS),
    Flag::refused("storage-opt", NOT_HERE),
    Flag::refused("volume-driver", FILES),
];

/// `docker create`'s.
pub static CREATE_FLAGS: &[Flag] = FLAGS.split_at(3).1;

/// When an image is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    Always,
    Missing,
    Never,
}

impl Pull {
    pub fn read(given: &Given) -> Result<Self, String> {
        match given.one("pull") {
            None | Some("missing" | "") => Ok(Self::Missing),
            Some("always") => Ok(Self::Always),
            Some("never") => Ok(Self::Never),
            Some(other) => Err(format!(
                "invalid pull option: '{other}': must be one of \"always\", \"missing\" or \"never\""
            )),
        }
    }
}

/// The body, or docker's words for what is wrong. The first argument is the image.
pub fn body(given: &Given, terminal: Option<Size>) -> Result<ContainerCreateBody, String> {
    let healthcheck = health::check(given)?;
    let attach = given.all("attach");
    let attached = |stream: &str| attach.iter().any(|name| name.eq_ignore_ascii_case(stream));
    if given
        .text("mac-address")
        .is_some_and(|address| !values::is_mac_address(&address))
    {
        return Err(format!(
            "{} is not a valid mac address",
            given.one("mac-address").unwrap_or_default()
        ));
    }
    let stdin = given.on("interactive");
    let attach_stdin = stdin || attached("stdin");
    let mut mappings = Vec::new();
    for spec in given.all("publish") {
        mappings.extend(ports::published(&spec)?);
    }
    let mut exposed: Vec<String> = mappings
        .iter()
        .map(|mapping| mapping.port.clone())
        .collect();
    for spec in given.all("expose") {
        exposed.extend(ports::exposed(&spec)?);
    }
    exposed.sort_unstable();
    exposed.dedup();
    let restart_policy = restart_policy(given)?;
    if given.on("rm")
        && restart_policy
            .as_ref()
            .is_some_and(|policy| policy.name != Some(RestartPolicyNameEnum::NO))
    {
        return Err("conflicting options: cannot specify both --restart and --rm".to_owned());
    }
    let endpoints = endpoints(given)?;
    let (image, program) = given
        .arguments
        .split_first()
        .ok_or("invalid reference format")?;
    let entrypoint = given
        .one("entrypoint")
        .map(|entrypoint| vec![entrypoint.to_owned()]);
    let nano_cpus = given
        .text("cpus")
        .map(|cpus| values::nano_cpus(&cpus))
        .transpose()?;
    let memory = given
        .text("memory")
        .map(|size| units::ram_in_bytes(&size))
        .transpose()?;
    let extra_hosts: Result<Vec<String>, String> = given
        .all("add-host")
        .iter()
        .map(|host| values::extra_host_as_sent(host))
        .collect();
    let (rows, columns) = terminal.map_or((0, 0), |size| {
        (usize::from(size.rows), usize::from(size.columns))
    });
    let network_mode = networks(given)?
        .first()
        .map_or("default".to_owned(), |first| first.network.clone());
    let host_config = HostConfig {
        network_mode: Some(network_mode),
        port_bindings: Some(ports::bindings(mappings)),
        publish_all_ports: Some(given.on("publish-all")),
        auto_remove: Some(given.on("rm")),
        restart_policy,
        dns: Some(given.all("dns")),
        dns_options: Some(given.all("dns-option")),
        dns_search: Some(given.all("dns-search")),
        extra_hosts: some(extra_hosts?),
        links: some(given.all("link")),
        memory,
        nano_cpus,
        pids_limit: given.number("pids-limit"),
        readonly_rootfs: Some(given.on("read-only")),
        init: given.has("init").then(|| given.on("init")),
        console_size: Some(vec![rows, columns]),
        ..HostConfig::default()
    };
    Ok(ContainerCreateBody {
        hostname: given.text("hostname"),
        domainname: given.text("domainname"),
        user: given.text("user"),
        attach_stdin: Some(attach_stdin),
        attach_stdout: Some(attach.is_empty() || attached("stdout")),
        attach_stderr: Some(attach.is_empty() || attached("stderr")),
        exposed_ports: some(exposed),
        tty: Some(given.on("tty")),
        open_stdin: Some(stdin),
        stdin_once: Some(stdin && attach_stdin),
        env: some(given.all("env")),
        cmd: some(program.to_vec()),
        image: Some(image.clone()),
        working_dir: given.text("workdir"),
        entrypoint,
        labels: Some(values::pairs(&given.all("label"))).filter(|labels| !labels.is_empty()),
        healthcheck,
        stop_signal: given.text("stop-signal"),
        stop_timeout: given.number("stop-timeout"),
        host_config: Some(host_config),
        networking_config: endpoints.map(|endpoints| NetworkingConfig {
            endpoints_config: Some(endpoints),
        }),
        ..ContainerCreateBody::default()
    })
}

/// The same with what is in the lab's files and in this terminal.
pub fn body_here(
    given: &Given,
    terminal: Option<Size>,
    context: &Context,
) -> Result<ContainerCreateBody, String> {
    let environment = from_files::environment(given, context)?;
    let labels = from_files::labels(given, context)?;
    Ok(ContainerCreateBody {
        env: some(environment),
        labels: Some(values::pairs(&labels)).filter(|labels| !labels.is_empty()),
        ..body(given, terminal)?
    })
}

fn networks(given: &Given) -> Result<Vec<Attachment>, String> {
    given
        .all("network")
        .iter()
        .map(|value| values::read_attachment(value))
        .collect()
}

fn endpoints(given: &Given) -> Result<Option<HashMap<String, EndpointSettings>>, String> {
    let mut attachments = networks(given)?;
    if attachments.is_empty() {
        attachments.push(Attachment {
            network: "default".to_owned(),
            ..Attachment::default()
        });
    }
    let only_one = attachments.len() == 1;
    let mut endpoints = HashMap::new();
    let (mut defined, mut built_in) = (false, false);
    for (
        index,
        Attachment {
            network,
            mut endpoint,
        },
    ) in attachments.into_iter().enumerate()
    {
        if index == 0 {
            apply_flags(given, &network, &mut endpoint)?;
        }
        let user_defined = is_user_defined(&network);
        defined |= user_defined && given.has("network");
        built_in |= !user_defined && given.has("network");
        check(&network, &endpoint, user_defined)?;
        if endpoints.contains_key(&network) {
            return Err(format!("network \"{network}\" is specified multiple times"));
        }
        // The engine makes one without anything special by itself.
        if !(only_one && endpoint == EndpointSettings::default()) {
            endpoints.insert(network, endpoint);
        }
    }
    if defined && built_in {
        return Err("conflicting options: cannot attach both user-defined and non-user-defined network-modes".to_owned());
    }
    Ok(Some(endpoints).filter(|endpoints| !endpoints.is_empty()))
}

/// `--ip`, `--network-alias` and the like are for the first network.
fn apply_flags(
    given: &Given,
    network: &str,
    endpoint: &mut EndpointSettings,
) -> Result<(), String> {
    let conflict = |flag: &str, what: &str| {
        Err(format!(
            "conflicting options: cannot specify both {flag} and per-network {what}"
        ))
    };
    let ipam = endpoint.ipam_config.clone().unwrap_or_default();
    let (aliases, links) = (given.all("network-alias"), given.all("link"));
    let (ip, ip6, mac) = (
        given.text("ip"),
        given.text("ip6"),
        given.text("mac-address"),
    );
    if endpoint.aliases.is_some() && !aliases.is_empty() {
        return conflict("--network-alias", "alias");
    }
    if ipam.ipv4_address.is_some() && ip.is_some() {
        return conflict("--ip", "IPv4 address");
    }
    if ipam.ipv6_address.is_some() && ip6.is_some() {
        return conflict("--ip6", "IPv6 address");
    }
    if endpoint.mac_address.is_some() && mac.is_some() {
        return conflict("--mac-address", "MAC address");
    }
    let link_local = given.all("link-local-ip");
    if ipam.link_local_ips.is_some() && !link_local.is_empty() {
        return conflict("--link-local-ip", "link-local IP addresses");
    }
    endpoint.aliases = some(aliases).or(endpoint.aliases.take());
    if is_user_defined(network) {
        endpoint.links = some(links).or(endpoint.links.take());
    }
    let link_local = some(link_local).or(ipam.link_local_ips).unwrap_or_default();
    endpoint.ipam_config = values::ipam(
        ip.or(ipam.ipv4_address),
        ip6.or(ipam.ipv6_address),
        link_local,
    );
    endpoint.mac_address = mac.or(endpoint.mac_address.take());
    Ok(())
}

fn check(network: &str, endpoint: &EndpointSettings, user_defined: bool) -> Result<(), String> {
    if network.trim().is_empty() {
        return Err("no name set for network".to_owned());
    }
    if !user_defined && endpoint.aliases.is_some() {
        return Err(
            "network-scoped aliases are only supported for user-defined networks".to_owned(),
        );
    }
    match &endpoint.mac_address {
        Some(address) if !values::is_mac_address(address) => {
            Err(format!("{address} is not a valid mac address"))
        }
        _ => Ok(()),
    }
}

fn is_user_defined(network: &str) -> bool {
    !matches!(network, "default" | "bridge" | "host" | "none") && !network.starts_with("container:")
}

fn restart_policy(given: &Given) -> Result<Option<RestartPolicy>, String> {
    let Some(policy) = given.text("restart") else {
        return Ok(Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::NO),
            maximum_retry_count: Some(0),
        }));
    };
    let (name, count) = policy.split_once(':').unwrap_or((&policy, ""));
    if name.is_empty() {
        return Err("invalid restart policy format: no policy provided before colon".to_owned());
    }
    let count = match count {
        "" => 0,
        count => count
            .parse()
            .map_err(|_| "invalid restart policy format: maximum retry count must be an integer")?,
    };
    let name = match name {
        "no" => RestartPolicyNameEnum::NO,
        "always" => RestartPolicyNameEnum::ALWAYS,
        "unless-stopped" => RestartPolicyNameEnum::UNLESS_STOPPED,
        "on-failure" => RestartPolicyNameEnum::ON_FAILURE,
        // In the engine's words: the API's model cannot even say it.
        other => {
            let known = "use one of 'no', 'always', 'on-failure', or 'unless-stopped'";
            return Err(format!(
                "Error response from daemon: invalid restart policy: unknown policy '{other}'; {known}"
            ));
        }
    };
    Ok(Some(RestartPolicy {
        name: Some(name),
        maximum_retry_count: Some(count),
    }))
}

fn stream(value: &str) -> Result<(), String> {
    match value.to_lowercase().as_str() {
        "stdin" | "stdout" | "stderr" => Ok(()),
        _ => Err("valid streams are STDIN, STDOUT and STDERR".to_owned()),
    }
}

fn some<T>(values: Vec<T>) -> Option<Vec<T>> {
    Some(values).filter(|values| !values.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags;

    fn read(line: &str) -> Result<ContainerCreateBody, String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        body(
            &flags::parse(FLAGS, &words, false).expect("flags are right"),
            None,
        )
    }

    fn check(line: &str, expected: &str) {
        assert_eq!(read(line).expect_err("is wrong"), expected, "{line}");
    }

    #[test]
    fn a_body_says_what_was_asked_for() {
        let body = read("-d --name web --network name=lab,ip=10.5.0.7 --network-alias www -p 8080:80 -e A=b nginx -g x").expect("right");
        assert_eq!(body.cmd, Some(vec!["-g".to_owned(), "x".to_owned()]));
        assert_eq!(body.exposed_ports, Some(vec!["80/tcp".to_owned()]));
        let endpoints = body
            .networking_config
            .and_then(|config| config.endpoints_config)
            .expect("one");
        assert_eq!(endpoints["lab"].aliases, Some(vec!["www".to_owned()]));
        let ipam = endpoints["lab"].ipam_config.clone().expect("an address");
        assert_eq!(ipam.ipv4_address.as_deref(), Some("10.5.0.7"));
        let plain = read("--network lab nginx").expect("right");
        assert_eq!(plain.networking_config, None);
        assert_eq!(
            plain
                .host_config
                .and_then(|host| host.network_mode)
                .as_deref(),
            Some("lab")
        );
    }

    #[test]
    fn what_docker_refuses_itself() {
        check(
            "--rm --restart always nginx",
            "conflicting options: cannot specify both --restart and --rm",
        );
        check(
            "--network-alias a nginx",
            "network-scoped aliases are only supported for user-defined networks",
        );
        check("--mac-address foo nginx", "foo is not a valid mac address");
        check(
            "--network a --network a nginx",
            "network \"a\" is specified multiple times",
        );
        check(
            "--network lab --network host nginx",
            "conflicting options: cannot attach both user-defined and non-user-defined network-modes",
        );
        check("-p 99999:80 nginx", "invalid hostPort: 99999");
        check(
            "--restart on-failure:x nginx",
            "invalid restart policy format: maximum retry count must be an integer",
        );
    }
}
