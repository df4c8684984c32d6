//! `/containers`

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, future::Either, stream};
use lab::{
    Attached, Chunk, Containers, Error, OutputStream, PathStat, Raw, Result, Size,
    engine::Items,
    models::{
        ContainerCreateBody, ContainerCreateResponse, ContainerInspectResponse,
        ContainerStatsResponse, ContainerSummary, ContainerSummaryHostConfig,
        ContainerSummaryNetworkSettings, ContainerTopResponse, ContainerWaitResponse, PortSummary,
    },
    options::{
        AttachContainerOptions, ListContainersOptions, LogsOptions, RemoveContainerOptions,
        RestartContainerOptions, StatsOptions, StopContainerOptions, TopOptions,
        UploadToContainerOptions, WaitContainerOptions,
    },
};

use crate::{
    Simulated, images, inspect,
    net::published,
    networks,
    process::{INT, Io, KILL, QUIT, TERM},
    programs,
    world::{Container, State, World},
};

#[async_trait]
impl Containers for Simulated {
    async fn list_containers(
        &self,
        options: ListContainersOptions,
    ) -> Result<Vec<ContainerSummary>> {
        self.drive();
        let world = self.world();
        let mut containers: Vec<&Container> = world
            .containers
            .values()
            .filter(|container| {
                (options.all || container.is_running()) && matches(container, &options)
            })
            .collect();
        containers
            .sort_by_key(|container| std::cmp::Reverse((container.created, container.id.clone())));
        let now = self.now();
        let summaries = containers
            .into_iter()
            .map(|container| summary(&world, container, now));
        Ok(summaries.collect())
    }

    async fn inspect_container(
        &self,
        container: &str,
        _: bool,
    ) -> Result<Raw<ContainerInspectResponse>> {
        self.drive();
        let world = self.world();
        let container = world.container(container)?;
        Ok(Raw::new(inspect::container(&world, container).to_string()))
    }

    async fn create_container(
        &self,
        name: Option<&str>,
        body: ContainerCreateBody,
    ) -> Result<ContainerCreateResponse> {
        let id = {
            let mut world = self.world();
            let container = new_container(&mut world, name, body, self.now())?;
            let id = container.id.clone();
            world.containers.insert(id.clone(), container);
            world.container_event(self.now(), "create", &id);
            id
        };
        self.changed();
        Ok(ContainerCreateResponse {
            id,
            warnings: Vec::new(),
        })
    }

    async fn start_container(&self, container: &str) -> Result<()> {
        let (id, begun) = {
            let mut world = self.world();
            let id = world.container(container)?.id.clone();
            if world.container(&id)?.is_running() {
                return Ok(());
            }
            let begun = begin(&mut world, &id, self.now());
            (id, begun)
        };
        match begun {
            Ok(()) => self.start_program(&id),
            Err(_) => self.not_started(&id),
        }
        self.changed();
        begun
    }

    async fn stop_container(&self, container: &str, options: StopContainerOptions) -> Result<()> {
        let (id, io, running) = {
            let world = self.world();
            let container = world.container(container)?;
            (
                container.id.clone(),
                container.io.clone(),
                container.is_running(),
            )
        };
        if !running {
            return Ok(());
        }
        let signal = if images::find(self.world().container(&id)?.image())
            .is_some_and(|image| image.name == "nginx")
        {
            QUIT
        } else {
            TERM
        };
        self.world().container_event(self.now(), "kill", &id);
        io.lock().signals.push_back(signal);
        self.changed();
        let patience = Duration::from_secs(
            u64::try_from(options.t.unwrap_or(10)).unwrap_or(u64::from(u32::MAX)),
        );
        let ended = Box::pin(self.until(|_| io.lock().exit));
        let patience = self.inner.clock.sleep(patience);
        if let Either::Right(_) = futures::future::select(ended, patience).await {
            self.container_ended(&id, 128 + i64::from(KILL));
        }
        self.world().container_event(self.now(), "stop", &id);
        self.changed();
        Ok(())
    }

    async fn restart_container(
        &self,
        container: &str,
        options: RestartContainerOptions,
    ) -> Result<()> {
        let options = StopContainerOptions {
            signal: options.signal,
            t: options.t,
        };
        self.stop_container(container, options).await?;
        self.start_container(container).await
    }

    async fn kill_container(&self, container: &str, signal: &str) -> Result<()> {
        let (id, io) = {
            let mut world = self.world();
            let container = world.container(container).map_err(|error| {
                Error::not_found(format!("cannot kill container: {container}: {error}"))
            })?;
            if !container.is_running() {
                return Err(Error::conflict(format!(
                    "cannot kill container: {}: container {} is not running",
                    container.name, container.id
                )));
            }
            let found = (container.id.clone(), container.io.clone());
            world.container_event(self.now(), "kill", &found.0);
            found
        };
        match number(signal)? {
            KILL => self.container_ended(&id, 128 + i64::from(KILL)),
            signal => io.lock().signals.push_back(signal),
        }
        self.changed();
        Ok(())
    }

    async fn pause_container(&self, container: &str) -> Result<()> {
        self.world().container(container)?;
        Err(Error::NotSimulated("pausing containers".to_owned()))
    }

    async fn unpause_container(&self, container: &str) -> Result<()> {
        self.world().container(container)?;
        Err(Error::NotSimulated("pausing containers".to_owned()))
    }

    async fn rename_container(&self, container: &str, name: &str) -> Result<()> {
        {
            let mut world = self.world();
            name_is_free(&world, name)?;
            let container = world.container_mut(container)?;
            name.clone_into(&mut container.name);
            let id = container.id.clone();
            world.container_event(self.now(), "rename", &id);
        }
        self.changed();
        Ok(())
    }

    async fn remove_container(
        &self,
        container: &str,
        options: RemoveContainerOptions,
    ) -> Result<()> {
        let (id, name, running) = {
            let world = self.world();
            let container = world.container(container)?;
            (
                container.id.clone(),
                container.name.clone(),
                container.is_running(),
            )
        };
        if running && !options.force {
            return Err(Error::conflict(format!(
                "cannot remove container \"{name}\": container is running: stop the container before removing or force remove"
            )));
        }
        if running {
            self.world().container_event(self.now(), "kill", &id);
            self.container_ended(&id, 128 + i64::from(KILL));
        }
        {
            let mut world = self.world();
            world.container_event(self.now(), "destroy", &id);
            world.containers.remove(&id);
        }
        self.changed();
        Ok(())
    }

    async fn wait_container(
        &self,
        container: &str,
        options: WaitContainerOptions,
    ) -> Result<Items<ContainerWaitResponse>> {
        self.drive();
        let (id, io, started) = {
            let world = self.world();
            let container = world.container(container)?;
            (
                container.id.clone(),
                container.io.clone(),
                container.state != State::Created,
            )
        };
        let (world, removed) = (self.clone(), options.condition == "removed");
        // `next-exit` waits for an exit that is still to come.
        if started && options.condition == "next-exit" {
            io.lock().exit = None;
        }
        let exit = async move {
            let code = world
                .until(|inner| {
                    io.lock()
                        .exit
                        .filter(|_| !removed || !inner.containers.contains_key(&id))
                })
                .await;
            Ok(ContainerWaitResponse {
                status_code: code,
                error: None,
            })
        };
        Ok(stream::once(exit).boxed())
    }

    async fn logs(&self, container: &str, options: LogsOptions) -> Result<OutputStream> {
        self.drive();
        let io = self.world().container(container)?.io.clone();
        if !options.stdout && !options.stderr {
            let message = "Bad parameters: you must choose at least one stream";
            return Err(Error::refused(400, message));
        }
        let from = first_of_tail(&io, &options.tail);
        let stamps = options.timestamps;
        let (wants_out, wants_err) = (options.stdout, options.stderr);
        let chunks =
            self.chunks(io, from, options.follow)
                .filter_map(move |(time, chunk)| async move {
                    let wanted = match chunk {
                        Chunk::Stdout(_) => wants_out,
                        Chunk::Stderr(_) => wants_err,
                        Chunk::Terminal(_) => true,
                    };
                    wanted.then(|| Ok(if stamps { stamped(time, chunk) } else { chunk }))
                });
        Ok(chunks.boxed())
    }

    async fn attach_container(
        &self,
        container: &str,
        options: AttachContainerOptions,
    ) -> Result<Attached> {
        self.drive();
        let io = self.world().container(container)?.io.clone();
        let from = if options.logs {
            0
        } else {
            io.lock().chunks.len()
        };
        Ok(self.attached(io, from))
    }

    async fn resize_container(&self, container: &str, size: Size) -> Result<()> {
        self.world().container(container)?.io.lock().size = size;
        Ok(())
    }

    async fn top(&self, container: &str, _: TopOptions) -> Result<ContainerTopResponse> {
        let world = self.world();
        let container = world.container(container)?;
        if !container.is_running() {
            return Err(Error::conflict(format!(
                "container {} is not running",
                container.id
            )));
        }
        let titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];
        let pid = container.pid.to_string();
        let command = programs::command(container).join(" ");
        let process = ["root", &pid, "1", "0", "00:00", "?", "00:00:00", &command];
        Ok(ContainerTopResponse {
            titles: Some(titles.map(str::to_owned).to_vec()),
            processes: Some(vec![process.map(str::to_owned).to_vec()]),
        })
    }

    async fn stats(&self, _: &str, _: StatsOptions) -> Result<Items<ContainerStatsResponse>> {
        Err(Error::NotSimulated("stats".to_owned()))
    }

    async fn container_path_stat(&self, _: &str, _: &str) -> Result<PathStat> {
        Err(Error::NotSimulated("copying files".to_owned()))
    }

    async fn download_from_container(&self, _: &str, _: &str) -> Result<(PathStat, Items<Bytes>)> {
        Err(Error::NotSimulated("copying files".to_owned()))
    }

    async fn upload_to_container(
        &self,
        _: &str,
        _: UploadToContainerOptions,
        _: Bytes,
    ) -> Result<()> {
        Err(Error::NotSimulated("copying files".to_owned()))
    }
}

impl Simulated {
    /// One that was to be removed at its end (`--rm`) is removed now.
    fn not_started(&self, id: &str) {
        let mut world = self.world();
        let Ok(container) = world.container(id) else {
            return;
        };
        let host = container.body.host_config.as_ref();
        if host.is_some_and(|host| host.auto_remove == Some(true)) {
            container.io.lock().exit = Some(container.exit_code);
            world.container_event(self.now(), "destroy", id);
            world.containers.remove(id);
        }
    }

    /// Output as it comes, from this chunk on; ends with the process, or at what is there.
    fn chunks(
        &self,
        io: Io,
        from: usize,
        follow: bool,
    ) -> impl futures::Stream<Item = (jiff::Timestamp, Chunk)> + Send + use<> {
        let world = self.clone();
        stream::unfold(from, move |at| {
            let (world, io) = (world.clone(), io.clone());
            async move {
                let next = world
                    .until(|_| {
                        let state = io.lock();
                        match state.chunks.get(at) {
                            Some(chunk) => Some(Some(chunk.clone())),
                            None if state.exit.is_some() || !follow => Some(None),
                            None => None,
                        }
                    })
                    .await;
                next.map(|chunk| (chunk, at + 1))
            }
        })
    }

    pub fn attached(&self, io: Io, from: usize) -> Attached {
        let output = self
            .chunks(io.clone(), from, true)
            .map(|(_, chunk)| Ok(chunk));
        let world = self.clone();
        let closing = CloseInput(io.clone());
        let input = futures::sink::unfold((), move |(), bytes: Bytes| {
            let _ = &closing;
            io.type_in(world.now(), &bytes);
            world.changed();
            async { Ok(()) }
        });
        Attached {
            output: output.boxed(),
            input: Box::pin(input),
        }
    }
}

/// Closing the sink, or dropping it, is the end of the input for a program without a terminal.
struct CloseInput(Io);

impl Drop for CloseInput {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if !state.tty {
            state.input_closed = true;
        }
    }
}

fn new_container(
    world: &mut World,
    name: Option<&str>,
    body: ContainerCreateBody,
    now: jiff::Timestamp,
) -> Result<Container> {
    images::get(body.image.as_deref().unwrap_or_default())?;
    let id = world.id();
    let name = name.map_or_else(|| invented_name(world), str::to_owned);
    name_is_free(world, &name)?;
    let mut container = Container {
        id,
        name,
        created: now,
        state: State::Created,
        exit_code: 0,
        started: None,
        finished: None,
        pid: 0,
        endpoints: BTreeMap::new(),
        io: Io::default(),
        listening: std::collections::BTreeSet::new(),
        body,
    };
    container.io.lock().tty = container.body.tty.unwrap_or_default();
    let mode = container.network_mode().to_owned();
    let asked = container
        .body
        .networking_config
        .take()
        .and_then(|config| config.endpoints_config)
        .unwrap_or_default();
    // One that is not there is missed only at the start.
    if joins_a_network(&mode)
        && let Ok(network) = world.network(&mode)
    {
        let (id, known) = (
            network.id.clone(),
            [
                network.name.clone(),
                network.id.clone(),
                "default".to_owned(),
            ],
        );
        let settings = asked
            .iter()
            .find(|(name, _)| known.contains(name))
            .map(|(_, settings)| settings);
        container.endpoints.insert(id, networks::endpoint(settings));
    }
    for (name, settings) in &asked {
        if let Ok(network) = world.network(name) {
            container
                .endpoints
                .entry(network.id.clone())
                .or_insert_with(|| networks::endpoint(Some(settings)));
        }
    }
    Ok(container)
}

fn joins_a_network(mode: &str) -> bool {
    !matches!(mode, "none" | "host") && !mode.starts_with("container:")
}

/// Everything that can refuse a start, then the addresses.
fn begin(world: &mut World, id: &str, now: jiff::Timestamp) -> Result<()> {
    let container = world.container(id)?;
    let command = programs::command(container);
    let program = command.first().map_or("", String::as_str);
    if !programs::exists(program) {
        let message = format!(
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"{program}\": executable file not found in $PATH"
        );
        world.container_mut(id)?.exit_code = 127;
        return Err(Error::refused(400, message));
    }
    let mode = container.network_mode();
    if container.started.is_none() && joins_a_network(mode) {
        world.network(mode).map_err(|error| {
            Error::not_found(format!("failed to set up container networking: {error}"))
        })?;
    }
    let wanted: Vec<u16> = published(container).map(|(_, outside)| outside).collect();
    for port in wanted {
        let taken = world.containers.values().any(|other| {
            other.id != id
                && other.is_running()
                && published(other).any(|(_, outside)| outside == port)
        });
        if taken {
            let container = world.container(id)?;
            let endpoint = &container.name;
            let message = format!(
                "failed to set up container networking: driver failed programming external connectivity on endpoint {endpoint}: Bind for 0.0.0.0:{port} failed: port is already allocated"
            );
            return Err(Error::refused(500, message));
        }
    }
    let networks: Vec<String> = world.container(id)?.endpoints.keys().cloned().collect();
    for network in &networks {
        world.attach(id, network)?;
    }
    let pid = 2000 + i64::try_from(world.next() % 30_000).unwrap_or_default();
    let container = world.container_mut(id)?;
    container.state = State::Running;
    container.started = Some(now);
    container.exit_code = 0;
    container.pid = pid;
    {
        let mut io = container.io.lock();
        io.exit = None;
        io.input.clear();
        io.input_closed = false;
        io.signals.clear();
    }
    for network in &networks {
        world.network_event(now, "connect", network, Some(id));
    }
    world.container_event(now, "start", id);
    Ok(())
}

fn name_is_free(world: &World, name: &str) -> Result<()> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    if !starts_well || name.len() < 2 || !name.chars().all(allowed) {
        return Err(Error::refused(
            400,
            format!("Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"),
        ));
    }
    match world
        .containers
        .values()
        .find(|container| container.name == name)
    {
        None => Ok(()),
        Some(other) => Err(Error::conflict(format!(
            "Conflict. The container name \"/{name}\" is already in use by container \"{}\". You have to remove (or rename) that container to be able to reuse that name.",
            other.id
        ))),
    }
}

fn invented_name(world: &mut World) -> String {
    const HOW: [&str; 8] = [
        "quirky", "eager", "calm", "brave", "keen", "jolly", "modest", "vivid",
    ];
    const WHO: [&str; 8] = [
        "turing", "hopper", "lovelace", "noether", "curie", "euler", "gauss", "kepler",
    ];
    loop {
        let number = usize::try_from(world.next() % 64).unwrap_or_default();
        let name = format!("{}_{}", HOW[number / 8], WHO[number % 8]);
        if name_is_free(world, &name).is_ok() {
            return name;
        }
        let name = format!("{name}{}", world.next() % 10);
        if name_is_free(world, &name).is_ok() {
            return name;
        }
    }
}

fn matches(container: &Container, options: &ListContainersOptions) -> bool {
    let labels: BTreeMap<String, String> = container
        .body
        .labels
        .iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    options.filters.iter().flatten().all(|(key, values)| {
        let matches = |value: &String| match key.as_str() {
            "name" => container.name.contains(value.trim_start_matches('/')),
            "id" => container.id.starts_with(value.as_str()),
            "status" => inspect::status_word(container.state) == value,
            "label" => networks::has_label(&labels, value),
            "ancestor" => container.image() == value,
            _ => true,
        };
        values.iter().any(matches)
    })
}

fn summary(world: &World, container: &Container, now: jiff::Timestamp) -> ContainerSummary {
    ContainerSummary {
        id: Some(container.id.clone()),
        names: Some(vec![format!("/{}", container.name)]),
        image: Some(container.image().to_owned()),
        image_id: Some(images::id(container.image())),
        command: Some(programs::command(container).join(" ")),
        created: Some(container.created.as_second()),
        ports: Some(port_summaries(container)),
        labels: Some(container.body.labels.clone().unwrap_or_default()),
        state: inspect::status_word(container.state).parse().ok(),
        status: Some(status(container, now)),
        host_config: Some(ContainerSummaryHostConfig {
            network_mode: Some(container.network_mode().to_owned()),
            annotations: None,
        }),
        network_settings: Some(ContainerSummaryNetworkSettings {
            networks: Some(inspect::networks(world, container)),
        }),
        mounts: Some(Vec::new()),
        ..Default::default()
    }
}

/// Exposed ports that are not published, then the published ones.
fn port_summaries(container: &Container) -> Vec<PortSummary> {
    if !container.is_running() {
        return Vec::new();
    }
    let port = |number, protocol: &str| PortSummary {
        private_port: number,
        typ: protocol.parse().ok(),
        ..Default::default()
    };
    let exposed = inspect::exposed(container);
    let exposed = exposed.iter().map(|port| {
        let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
        (number.parse().unwrap_or_default(), protocol)
    });
    let hidden = exposed
        .filter(|(number, _)| !published(container).any(|(inside, _)| inside == *number))
        .map(|(number, protocol)| port(number, protocol));
    let published = published(container).map(|(inside, outside)| PortSummary {
        ip: Some("0.0.0.0".to_owned()),
        public_port: Some(outside),
        ..port(inside, "tcp")
    });
    hidden.chain(published).collect()
}

fn status(container: &Container, now: jiff::Timestamp) -> String {
    match container.state {
        State::Created => "Created".to_owned(),
        State::Running | State::Paused => format!("Up {}", ago(container.started, now)),
        State::Exited => format!(
            "Exited ({}) {} ago",
            container.exit_code,
            ago(container.finished, now)
        ),
    }
}

/// As docker's go-units say it.
fn ago(then: Option<jiff::Timestamp>, now: jiff::Timestamp) -> String {
    let seconds = then.map_or(0, |then| now.as_second() - then.as_second());
    match seconds {
        ..1 => "Less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..60 => format!("{seconds} seconds"),
        60..120 => "About a minute".to_owned(),
        120..3600 => format!("{} minutes", seconds / 60),
        3600..7200 => "About an hour".to_owned(),
        7200..172_800 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A signal's number: `KILL`, `SIGKILL`, `9`.
fn number(signal: &str) -> Result<u8> {
    let name = signal.trim_start_matches("SIG");
    Ok(match name {
        "HUP" => 1,
        "INT" => INT,
        "QUIT" => QUIT,
        "" | "KILL" => KILL,
        "USR1" => 10,
        "USR2" => 12,
        "TERM" => TERM,
        "WINCH" => 28,
        number => number
            .parse()
            .map_err(|_| Error::refused(400, format!("Invalid signal: {signal}")))?,
    })
}

/// Where the last `tail` lines begin; a chunk is a line or more of them.
fn first_of_tail(io: &Io, tail: &str) -> usize {
    let Ok(wanted) = tail.parse::<usize>() else {
        return 0;
    };
    let state = io.lock();
    let mut lines = 0;
    for (at, (_, chunk)) in state.chunks.iter().enumerate().rev() {
        if lines >= wanted {
            return at + 1;
        }
        lines += chunk.bytes().iter().filter(|byte| **byte == b'\n').count();
    }
    0
}

fn stamped(time: jiff::Timestamp, chunk: Chunk) -> Chunk {
    let stamp =
        |bytes: Bytes| Bytes::from([format!("{time:.9} ").into_bytes(), bytes.to_vec()].concat());
    match chunk {
        Chunk::Stdout(bytes) => Chunk::Stdout(stamp(bytes)),
        Chunk::Stderr(bytes) => Chunk::Stderr(stamp(bytes)),
        Chunk::Terminal(bytes) => Chunk::Terminal(stamp(bytes)),
    }
}
