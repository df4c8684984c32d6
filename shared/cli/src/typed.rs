//! What Docker's answers are to a template: Go's structs, whose fields have an order, other names than in JSON now and then,
//! and a value where JSON has left them out.
//!
//! `docker inspect -f '{{.Config}}'` prints such a struct; what it lacks is looked for in the JSON itself.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::template::{ANY, Field, Struct, Value};

/// A type in each line, and its fields: `Name type`, or `Name=key type` where JSON calls it otherwise; `+` embeds one. In types,
/// `~` is a string with a type of its own.
const TYPES: &str = "\
container.InspectResponse: +ContainerJSONBase *container.ContainerJSONBase, Mounts []container.MountPoint, Config *container.Config, NetworkSettings *container.NetworkSettings, ImageManifestDescriptor *v1.Descriptor
container.ContainerJSONBase: ID=Id string, Created string, Path string, Args []string, State *container.State, Image string, ResolvConfPath string, HostnamePath string, HostsPath string, LogPath string, Name string, RestartCount int, Driver string, Platform string, MountLabel string, ProcessLabel string, AppArmorProfile string, ExecIDs []string, HostConfig *container.HostConfig, GraphDriver storage.DriverData, SizeRw *int64, SizeRootFs *int64
container.State: Status string, Running bool, Paused bool, Restarting bool, OOMKilled bool, Dead bool, Pid int, ExitCode int, Error string, StartedAt string, FinishedAt string, Health *container.Health
container.Health: Status string, FailingStreak int, Log []*container.HealthcheckResult
container.HealthcheckResult: Start time.Time, End time.Time, ExitCode int, Output string
container.MountPoint: Type ~mount.Type, Name string, Source string, Destination string, Driver string, Mode string, RW bool, Propagation ~mount.Propagation
container.Config: Hostname string, Domainname string, User string, AttachStdin bool, AttachStdout bool, AttachStderr bool, ExposedPorts map[nat.Port]struct{}, Tty bool, OpenStdin bool, StdinOnce bool, Env []string, Cmd strslice.StrSlice, Healthcheck *v1.HealthcheckConfig, ArgsEscaped bool, Image string, Volumes map[string]struct{}, WorkingDir string, Entrypoint strslice.StrSlice, NetworkDisabled bool, MacAddress string, OnBuild []string, Labels map[string]string, StopSignal string, StopTimeout *int, Shell strslice.StrSlice
v1.HealthcheckConfig: Test []string, Interval time.Duration, Timeout time.Duration, StartPeriod time.Duration, StartInterval time.Duration, Retries int
container.HostConfig: Binds []string, ContainerIDFile string, LogConfig container.LogConfig, NetworkMode ~container.NetworkMode, PortBindings map[nat.Port][]nat.PortBinding, RestartPolicy container.RestartPolicy, AutoRemove bool, VolumeDriver string, VolumesFrom []string, ConsoleSize [2]uint, Annotations map[string]string, CapAdd strslice.StrSlice, CapDrop strslice.StrSlice, CgroupnsMode ~container.CgroupnsMode, DNS=Dns []string, DNSOptions=DnsOptions []string, DNSSearch=DnsSearch []string, ExtraHosts []string, GroupAdd []string, IpcMode ~container.IpcMode, Cgroup ~container.CgroupSpec, Links []string, OomScoreAdj int, PidMode ~container.PidMode, Privileged bool, PublishAllPorts bool, ReadonlyRootfs bool, SecurityOpt []string, StorageOpt map[string]string, Tmpfs map[string]string, UTSMode ~container.UTSMode, UsernsMode ~container.UsernsMode, ShmSize int64, Sysctls map[string]string, Runtime string, Isolation ~container.Isolation, +Resources container.Resources, Mounts []mount.Mount, MaskedPaths []string, ReadonlyPaths []string, Init *bool
container.LogConfig: Type string, Config map[string]string
container.RestartPolicy: Name ~container.RestartPolicyMode, MaximumRetryCount int
container.Resources: CPUShares=CpuShares int64, Memory int64, NanoCPUs=NanoCpus int64, CgroupParent string, BlkioWeight uint16, BlkioWeightDevice []any, BlkioDeviceReadBps []any, BlkioDeviceWriteBps []any, BlkioDeviceReadIOps []any, BlkioDeviceWriteIOps []any, CPUPeriod=CpuPeriod int64, CPUQuota=CpuQuota int64, CPURealtimePeriod=CpuRealtimePeriod int64, CPURealtimeRuntime=CpuRealtimeRuntime int64, CpusetCpus string, CpusetMems string, Devices []any, DeviceCgroupRules []string, DeviceRequests []any, KernelMemory int64, KernelMemoryTCP int64, MemoryReservation int64, MemorySwap int64, MemorySwappiness *int64, OomKillDisable *bool, PidsLimit *int64, Ulimits []any, CPUCount=CpuCount int64, CPUPercent=CpuPercent int64, IOMaximumIOps uint64, IOMaximumBandwidth uint64
nat.PortBinding: HostIP=HostIp string, HostPort string
container.NetworkSettings: +NetworkSettingsBase container.NetworkSettingsBase, +DefaultNetworkSettings container.DefaultNetworkSettings, Networks map[string]*network.EndpointSettings
container.NetworkSettingsBase: Bridge string, SandboxID string, SandboxKey string, Ports map[nat.Port][]nat.PortBinding, HairpinMode bool, LinkLocalIPv6Address string, LinkLocalIPv6PrefixLen int, SecondaryIPAddresses []network.Address, SecondaryIPv6Addresses []network.Address
container.DefaultNetworkSettings: EndpointID string, Gateway string, GlobalIPv6Address string, GlobalIPv6PrefixLen int, IPAddress string, IPPrefixLen int, IPv6Gateway string, MacAddress string
network.EndpointSettings: IPAMConfig *network.EndpointIPAMConfig, Links []string, Aliases []string, MacAddress string, DriverOpts map[string]string, GwPriority int, NetworkID string, EndpointID string, Gateway string, IPAddress string, IPPrefixLen int, IPv6Gateway string, GlobalIPv6Address string, GlobalIPv6PrefixLen int, DNSNames []string
network.EndpointIPAMConfig: IPv4Address string, IPv6Address string, LinkLocalIPs []string
network.Inspect: Name string, ID=Id string, Created time.Time, Scope string, Driver string, EnableIPv4 bool, EnableIPv6 bool, IPAM network.IPAM, Internal bool, Attachable bool, Ingress bool, ConfigFrom network.ConfigReference, ConfigOnly bool, Containers map[string]network.EndpointResource, Options map[string]string, Labels map[string]string, Peers []network.PeerInfo, Services map[string]any
network.IPAM: Driver string, Options map[string]string, Config []network.IPAMConfig
network.IPAMConfig: Subnet string, IPRange string, Gateway string, AuxAddress=AuxiliaryAddresses map[string]string
network.ConfigReference: Network string
network.EndpointResource: Name string, EndpointID string, MacAddress string, IPv4Address string, IPv6Address string
network.PeerInfo: Name string, IP string
image.InspectResponse: ID=Id string, RepoTags []string, RepoDigests []string, Parent string, Comment string, Created string, Container string, ContainerConfig *container.Config, DockerVersion string, Author string, Config *v1.DockerOCIImageConfig, Architecture string, Variant string, Os string, OsVersion string, Size int64, VirtualSize int64, GraphDriver storage.DriverData, RootFS image.RootFS, Metadata image.Metadata, Descriptor *v1.Descriptor, Manifests []any
v1.DockerOCIImageConfig: +ImageConfig v1.ImageConfig, +DockerOCIImageConfigExt v1.DockerOCIImageConfigExt
v1.ImageConfig: User string, ExposedPorts map[string]struct{}, Env []string, Entrypoint []string, Cmd []string, Volumes map[string]struct{}, WorkingDir string, Labels map[string]string, StopSignal string, ArgsEscaped bool
v1.DockerOCIImageConfigExt: Healthcheck *v1.HealthcheckConfig, OnBuild []string, Shell []string
storage.DriverData: Data map[string]string, Name string
image.RootFS: Type string, Layers []string
image.Metadata: LastTagTime time.Time
v1.Descriptor: MediaType=mediaType string, Digest=digest ~digest.Digest, Size=size int64, URLs=urls []string, Annotations=annotations map[string]string, Data=data any, Platform=platform *v1.Platform, ArtifactType=artifactType string
v1.Platform: Architecture=architecture string, OS=os string, OSVersion=os.version string, OSFeatures=os.features []string, Variant=variant string
events.Message: Status=status string, ID=id string, From=from string, Type ~events.Type, Action ~events.Action, Actor events.Actor, Scope=scope string, Time=time int64, TimeNano=timeNano int64
events.Actor: ID string, Attributes map[string]string
system.dockerInfo: +Info *system.Info, ClientInfo *system.clientInfo, ServerErrors []string, ClientErrors []string
system.clientInfo: Debug bool, +clientVersion system.clientVersion, Plugins []any, Warnings []string
system.Info: ID string, Containers int, ContainersRunning int, ContainersPaused int, ContainersStopped int, Images int, Driver string, DriverStatus [][2]string, SystemStatus [][2]string, Plugins system.PluginsInfo, MemoryLimit bool, SwapLimit bool, KernelMemory bool, KernelMemoryTCP bool, CPUCfsPeriod=CpuCfsPeriod bool, CPUCfsQuota=CpuCfsQuota bool, CPUShares bool, CPUSet bool, PidsLimit bool, IPv4Forwarding bool, Debug bool, NFd int, OomKillDisable bool, NGoroutines int, SystemTime string, LoggingDriver string, CgroupDriver string, CgroupVersion string, NEventsListener int, KernelVersion string, OperatingSystem string, OSVersion string, OSType string, Architecture string, IndexServerAddress string, RegistryConfig any, NCPU int, MemTotal int64, GenericResources []any, DockerRootDir string, HTTPProxy=HttpProxy string, HTTPSProxy=HttpsProxy string, NoProxy string, Name string, Labels []string, ExperimentalBuild bool, ServerVersion string, Runtimes map[string]any, DefaultRuntime string, Swarm swarm.Info, LiveRestoreEnabled bool, Isolation ~container.Isolation, InitBinary string, ContainerdCommit system.Commit, RuncCommit system.Commit, InitCommit system.Commit, SecurityOptions []string, ProductLicense string, DefaultAddressPools []any, FirewallBackend *system.FirewallInfo, CDISpecDirs []string, DiscoveredDevices []any, Containerd any, Warnings []string
system.PluginsInfo: Volume []string, Network []string, Authorization []string, Log []string
system.Commit: ID string, Expected string
system.FirewallInfo: Driver string, Info [][2]string
swarm.Info: NodeID string, NodeAddr string, LocalNodeState ~swarm.LocalNodeState, ControlAvailable bool, Error string, RemoteManagers []any, Nodes int, Managers int, Cluster any, Warnings []string
system.versionInfo: Client system.clientVersion, Server *types.Version
system.clientVersion: Platform *system.platformInfo, Version string, APIVersion=ApiVersion string, DefaultAPIVersion string, GitCommit string, GoVersion string, Os string, Arch string, BuildTime string, Context string
system.platformInfo: Name string
types.Version: Platform types.Platform, Components []types.ComponentVersion, Version string, APIVersion=ApiVersion string, MinAPIVersion string, GitCommit string, GoVersion string, Os string, Arch string, KernelVersion string, Experimental bool, BuildTime string
types.Platform: Name string
types.ComponentVersion: Name string, Version string, Details map[string]string";

/// JSON as a value of this type: `*container.InspectResponse`, `[]string`.
pub fn typed(kind: &str, json: &Json) -> Value {
    if let Some(pointed) = kind.strip_prefix('*') {
        return match json {
            Json::Null => Value::Nil(kind.into()),
            json => match typed(pointed, json) {
                Value::Struct(value) => Value::Pointer(value),
                value => value,
            },
        };
    }
    if kind == "strslice.StrSlice" {
        return list(kind, "string", json);
    }
    if let Some((length, element)) = kind.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let json = match json {
            Json::Null if !length.is_empty() => &Json::Array(vec![Json::from(0); 2]),
            json => json,
        };
        return list(kind, element, json);
    }
    if let Some((_, element)) = kind
        .strip_prefix("map[")
        .and_then(|rest| rest.split_once(']'))
    {
        return map(kind, element, json);
    }
    scalar(kind, json).unwrap_or_else(|| structure(kind, json))
}

fn list(kind: &str, element: &str, json: &Json) -> Value {
    match json {
        Json::Array(items) => {
            let items = items.iter().map(|item| typed(element, item));
            Value::List(kind.into(), Arc::new(items.collect()))
        }
        _ => Value::Nil(
            if kind.starts_with('[') {
                kind
            } else {
                "[]string"
            }
            .into(),
        ),
    }
}

fn map(kind: &str, element: &str, json: &Json) -> Value {
    match json {
        Json::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), typed(element, value)));
            Value::Map(kind.into(), Arc::new(fields.collect()))
        }
        _ => Value::Nil(kind.into()),
    }
}

fn scalar(kind: &str, json: &Json) -> Option<Value> {
    let text = || json.as_str().unwrap_or_default();
    Some(match kind {
        "string" => Value::text(text()),
        "bool" => Value::Bool(json.as_bool().unwrap_or_default()),
        "int" | "int64" | "uint" | "uint16" | "uint64" => {
            Value::Int(json.as_i64().unwrap_or_default())
        }
        "time.Time" => Value::Shown("time.Time", go_time(text()).into()),
        "time.Duration" => {
            let shown = crate::units::go_duration(json.as_i64().unwrap_or_default());
            Value::Shown("time.Duration", shown.into())
        }
        "any" if json.is_null() => Value::Nil(ANY.into()),
        "any" => Value::untyped(json),
        "struct{}" => Value::Struct(Arc::default()),
        kind => Value::Text(kind.strip_prefix('~').map(|_| text())?.into()),
    })
}

fn structure(kind: &str, json: &Json) -> Value {
    let line = TYPES.lines().find_map(|line| {
        let (name, fields) = line.split_once(": ")?;
        (name == kind).then_some(fields)
    });
    let fields = line.unwrap_or_default().split(", ").map(|field| {
        let (name, kind) = field.split_once(' ').unwrap_or((field, "any"));
        let embedded = name.starts_with('+');
        let (name, key) = name.split_once('=').unwrap_or((name, name));
        let value = if embedded { json } else { &json[key] };
        Field {
            name: name.trim_start_matches('+').into(),
            embedded,
            value: typed(kind, value),
        }
    });
    let json = Some(json.clone()).filter(|json| !json.is_null());
    Value::Struct(
        Struct {
            name: kind.into(),
            fields: fields.collect(),
            json,
            escaped: false,
        }
        .into(),
    )
}

/// As Go prints a time; what is none is the first of its times.
fn go_time(text: &str) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(_) => crate::listing::time(text),
        Err(_) => "0001-01-01 00:00:00 +0000 UTC".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::template::{Options, Template};

    fn check(kind: &str, text: &str, expected: &str) {
        let network = json!({
            "Name": "lab", "Id": "ab12", "Created": "2026-01-02T03:04:05.6Z", "EnableIPv4": true,
            "IPAM": {"Driver": "default", "Options": null, "Config": [{"Subnet": "10.1.0.0/16", "Gateway": "10.1.0.1"}]},
            "Containers": {"c1": {"Name": "web", "IPv4Address": "10.1.0.2/16"}}, "Labels": {},
        });
        let shown = Template::parse(text)
            .map(|template| template.execute(&typed(kind, &network), Options::default()));
        let shown = match shown {
            Ok(Ok(shown)) => shown,
            Ok(Err(broken)) => broken.why,
            Err(why) => why,
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn structs_print_as_go_prints_them() {
        let network = "*network.Inspect";
        check(
            network,
            "{{.IPAM}}",
            "{default map[] [{10.1.0.0/16  10.1.0.1 map[]}]}",
        );
        check(network, "{{.Containers}}", "map[c1:{web   10.1.0.2/16 }]");
        check(
            network,
            "{{.ID}} {{.Created}}",
            "ab12 2026-01-02 03:04:05.6 +0000 UTC",
        );
        check(
            network,
            "{{.Internal}} {{.Options}} {{len .Peers}}",
            "false map[] 0",
        );
        check(
            network,
            "{{json .IPAM.Config}}",
            "[{\"Subnet\":\"10.1.0.0/16\",\"Gateway\":\"10.1.0.1\"}]",
        );
        check(
            network,
            "{{.Id}}",
            "template: :1:2: executing \"\" at <.Id>: can't evaluate field Id in type *network.Inspect",
        );
    }
}
