//! Lines run against a small engine that has one image and keeps what it was asked: what comes out, whole.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use cli::{Context, Input, Io, Output, Session, run};
use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::{self, UnboundedSender},
    stream,
};
use lab::{
    Attached, Chunk, Containers, Error, Exec, Host, Images, Networks, OutputStream, PathStat, Raw,
    Result, Size, Swarm, System,
    clock::VirtualClock,
    engine::Items,
    files::Files,
    host::{ConnectError, Connection, HostFacts},
    models::{
        self, BuildInfo, ContainerCreateBody, ContainerCreateResponse, ContainerInspectResponse,
        ContainerStatsResponse, ContainerSummary, ContainerTopResponse, ContainerWaitResponse,
        CreateImageInfo, EventMessage, ExecConfig, ExecInspectResponse, ImageDeleteResponseItem,
        ImageHistoryResponseItem, ImageInspect, ImageSummary, Network, NetworkConnectRequest,
        NetworkCreateRequest, NetworkCreateResponse, NetworkDisconnectRequest, NetworkInspect,
        Node, NodeSpec, Service, ServiceCreateResponse, ServiceSpec, ServiceUpdateResponse,
        SwarmInitRequest, SwarmJoinRequest, SystemDataUsageResponse, SystemInfo, SystemVersion,
        Task,
    },
    options::{
        AttachContainerOptions, BuildImageOptions, CreateImageOptions, DataUsageOptions,
        DeleteNodeOptions, EventsOptions, InspectNetworkOptions, InspectServiceOptions,
        LeaveSwarmOptions, ListContainersOptions, ListImagesOptions, ListNetworksOptions,
        ListNodesOptions, ListServicesOptions, ListTasksOptions, LogsOptions,
        RemoveContainerOptions, RemoveImageOptions, RestartContainerOptions, ServiceLogsOptions,
        StatsOptions, StopContainerOptions, TagImageOptions, TopOptions, UpdateNodeOptions,
        UpdateServiceOptions, UploadToContainerOptions, WaitContainerOptions,
    },
};

const ID: &str = "eb625b2ac73e09390544e329c5e12e60fe6cc48ff624e3b0513322eef441f514";

/// A container that writes `hello`, repeats its input in capitals, and ends with code 3 when input ends or SIGINT comes.
#[derive(Default)]
struct Small {
    asked: Mutex<Vec<String>>,
    output: Mutex<Option<UnboundedSender<Result<Chunk>>>>,
}

impl Small {
    fn note(&self, what: impl Into<String>) {
        self.asked.lock().expect("one thread").push(what.into());
    }

    fn end(&self) {
        self.output.lock().expect("one thread").take();
    }
}

fn missing<T>(what: &str) -> Result<T> {
    Err(Error::not_found(format!("No such container: {what}")))
}

fn elsewhere<T>() -> Result<T> {
    Err(Error::NotSimulated("this small engine".to_owned()))
}

#[async_trait]
impl Containers for Small {
    async fn list_containers(&self, _: ListContainersOptions) -> Result<Vec<ContainerSummary>> {
        Ok(vec![ContainerSummary {
            id: Some(ID.to_owned()),
            ..ContainerSummary::default()
        }])
    }

    async fn inspect_container(
        &self,
        container: &str,
        _: bool,
    ) -> Result<Raw<ContainerInspectResponse>> {
        if container == "web" {
            Ok(Raw::new(format!("{{\"Id\":\"{ID}\",\"Args\":[]}}\n")))
        } else {
            missing(container)
        }
    }

    async fn create_container(
        &self,
        name: Option<&str>,
        body: ContainerCreateBody,
    ) -> Result<ContainerCreateResponse> {
        let image = body.image.unwrap_or_default();
        self.note(format!(
            "create {} {image} {}",
            name.unwrap_or("-"),
            body.cmd.unwrap_or_default().join(" ")
        ));
        match image.as_str() {
            "busybox" => Ok(ContainerCreateResponse {
                id: ID.to_owned(),
                warnings: Vec::new(),
            }),
            _ => Err(Error::not_found(format!("No such image: {image}:latest"))),
        }
    }

    async fn start_container(&self, container: &str) -> Result<()> {
        self.note(format!("start {}", container.get(..4).unwrap_or(container)));
        match container {
            "web" | ID => Ok(()),
            _ => missing(container),
        }
    }

    async fn stop_container(&self, container: &str, _: StopContainerOptions) -> Result<()> {
        if container == "web" {
            Ok(())
        } else {
            missing(container)
        }
    }

    async fn restart_container(&self, _: &str, _: RestartContainerOptions) -> Result<()> {
        elsewhere()
    }

    async fn kill_container(&self, _: &str, signal: &str) -> Result<()> {
        self.note(format!("kill {signal}"));
        self.end();
        Ok(())
    }

    async fn pause_container(&self, _: &str) -> Result<()> {
        elsewhere()
    }

    async fn unpause_container(&self, _: &str) -> Result<()> {
        elsewhere()
    }

    async fn rename_container(&self, container: &str, _: &str) -> Result<()> {
        missing(container)
    }

    async fn remove_container(&self, container: &str, _: RemoveContainerOptions) -> Result<()> {
        self.note(format!("remove {container}"));
        if ID.starts_with(container) {
            Ok(())
        } else {
            missing(container)
        }
    }

    async fn wait_container(
        &self,
        _: &str,
        options: WaitContainerOptions,
    ) -> Result<Items<ContainerWaitResponse>> {
        self.note(format!("wait {}", options.condition));
        let exit = ContainerWaitResponse {
            status_code: 3,
            error: None,
        };
        Ok(stream::iter([Ok(exit)]).boxed())
    }

    async fn logs(&self, _: &str, options: LogsOptions) -> Result<OutputStream> {
        self.note(format!("logs {} {}", options.tail, options.since));
        let lines = [
            Chunk::Stdout("GET /\n".into()),
            Chunk::Stderr("oops\n".into()),
            Chunk::Stdout("POST /\n".into()),
        ];
        let lines = stream::iter(lines.map(Ok));
        Ok(if options.follow {
            lines.chain(stream::pending()).boxed()
        } else {
            lines.boxed()
        })
    }

    async fn attach_container(&self, _: &str, options: AttachContainerOptions) -> Result<Attached> {
        self.note(format!("attach stdin={}", options.stdin));
        let (sender, output) = mpsc::unbounded();
        sender
            .unbounded_send(Ok(Chunk::Stdout("hello\n".into())))
            .expect("open");
        let back = sender.clone();
        *self.output.lock().expect("one thread") = Some(sender);
        let (input, typed) = mpsc::channel::<Bytes>(8);
        if options.stdin {
            // It answers as long as input is open, so the output's end is the input's.
            self.end();
            let answers = typed.map(|bytes| Ok(Chunk::Stdout(bytes.to_ascii_uppercase().into())));
            let output = stream::iter([Ok(Chunk::Stdout("hello\n".into()))])
                .chain(answers)
                .boxed();
            drop(back);
            return Ok(Attached {
                output,
                input: Box::pin(input.sink_map_err(|error| Error::Unreachable(error.to_string()))),
            });
        }
        drop(back);
        Ok(Attached {
            output: output.boxed(),
            input: Box::pin(input.sink_map_err(|error| Error::Unreachable(error.to_string()))),
        })
    }

    async fn resize_container(&self, _: &str, size: Size) -> Result<()> {
        self.note(format!("resize {}x{}", size.columns, size.rows));
        Ok(())
    }

    async fn top(&self, _: &str, _: TopOptions) -> Result<ContainerTopResponse> {
        elsewhere()
    }

    async fn stats(&self, _: &str, _: StatsOptions) -> Result<Items<ContainerStatsResponse>> {
        elsewhere()
    }

    async fn container_path_stat(&self, _: &str, _: &str) -> Result<PathStat> {
        elsewhere()
    }

    async fn download_from_container(&self, _: &str, _: &str) -> Result<(PathStat, Items<Bytes>)> {
        elsewhere()
    }

    async fn upload_to_container(
        &self,
        _: &str,
        _: UploadToContainerOptions,
        _: Bytes,
    ) -> Result<()> {
        elsewhere()
    }
}

#[async_trait]
impl Networks for Small {
    async fn list_networks(&self, _: ListNetworksOptions) -> Result<Vec<Network>> {
        let network = |name: &str, driver: &str| Network {
            name: Some(name.to_owned()),
            id: Some(ID.to_owned()),
            driver: Some(driver.to_owned()),
            scope: Some("local".to_owned()),
            ..Network::default()
        };
        Ok(vec![network("none", "null"), network("bridge", "bridge")])
    }

    async fn inspect_network(
        &self,
        network: &str,
        _: InspectNetworkOptions,
    ) -> Result<Raw<NetworkInspect>> {
        Err(Error::not_found(format!("network {network} not found")))
    }

    async fn create_network(&self, _: NetworkCreateRequest) -> Result<NetworkCreateResponse> {
        Err(Error::NotAllowed(
            "a lab has at most 8 networks; remove one first".to_owned(),
        ))
    }

    async fn connect_network(&self, _: &str, _: NetworkConnectRequest) -> Result<()> {
        elsewhere()
    }

    async fn disconnect_network(&self, _: &str, _: NetworkDisconnectRequest) -> Result<()> {
        elsewhere()
    }

    async fn remove_network(&self, network: &str) -> Result<()> {
        if network == "lab" {
            Ok(())
        } else {
            Err(Error::not_found(format!("network {network} not found")))
        }
    }
}

#[async_trait]
impl Exec for Small {
    async fn create_exec(&self, _: &str, _: ExecConfig) -> Result<String> {
        elsewhere()
    }

    async fn start_exec(&self, _: &str, _: bool) -> Result<Attached> {
        elsewhere()
    }

    async fn start_exec_detached(&self, _: &str) -> Result<()> {
        elsewhere()
    }

    async fn inspect_exec(&self, _: &str) -> Result<ExecInspectResponse> {
        elsewhere()
    }

    async fn resize_exec(&self, _: &str, _: Size) -> Result<()> {
        elsewhere()
    }
}

#[async_trait]
impl Images for Small {
    async fn list_images(&self, _: ListImagesOptions) -> Result<Vec<ImageSummary>> {
        Ok(Vec::new())
    }

    async fn inspect_image(&self, image: &str) -> Result<Raw<ImageInspect>> {
        Err(Error::not_found(format!("No such image: {image}:latest")))
    }

    async fn image_history(&self, _: &str) -> Result<Vec<ImageHistoryResponseItem>> {
        elsewhere()
    }

    async fn tag_image(&self, _: &str, _: TagImageOptions) -> Result<()> {
        elsewhere()
    }

    async fn pull_image(&self, _: CreateImageOptions) -> Result<Items<CreateImageInfo>> {
        Err(Error::not_found("pull access denied for nosuch"))
    }

    async fn remove_image(
        &self,
        _: &str,
        _: RemoveImageOptions,
    ) -> Result<Vec<ImageDeleteResponseItem>> {
        elsewhere()
    }

    async fn build_image(&self, _: BuildImageOptions, _: Bytes) -> Result<Items<BuildInfo>> {
        elsewhere()
    }
}

#[async_trait]
impl System for Small {
    async fn version(&self) -> Result<SystemVersion> {
        Err(Error::Unreachable(
            "no engine answers; start Docker".to_owned(),
        ))
    }

    async fn info(&self) -> Result<SystemInfo> {
        elsewhere()
    }

    async fn data_usage(&self, _: DataUsageOptions) -> Result<SystemDataUsageResponse> {
        elsewhere()
    }

    async fn events(&self, _: EventsOptions) -> Result<Items<EventMessage>> {
        elsewhere()
    }

    async fn ping(&self) -> Result<Bytes> {
        elsewhere()
    }
}

/// Port 8080 answers with a page; nobody listens elsewhere.
struct OnePage;

#[async_trait]
impl Host for OnePage {
    async fn facts(&self) -> HostFacts {
        HostFacts::default()
    }

    async fn connect(&self, address: std::net::SocketAddr) -> Result<Connection, ConnectError> {
        if address != ([127, 0, 0, 1], 8080).into() {
            return Err(ConnectError::Refused);
        }
        let page = [
            "HTTP/1.1 200 OK\r\nContent-Le",
            "ngth: 6\r\n\r\nhel",
            "lo\n",
        ];
        let read = stream::iter(page.map(|piece| Ok(Bytes::from(piece)))).boxed();
        let write = futures::sink::drain().sink_map_err(|never| match never {});
        Ok(Connection {
            read,
            write: Box::pin(write),
        })
    }
}

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<String>>);

#[async_trait]
impl Output for Screen {
    async fn stdout(&mut self, bytes: &[u8]) {
        self.0
            .lock()
            .expect("one thread")
            .push_str(&String::from_utf8_lossy(bytes));
    }

    /// Marked, so that one string shows both.
    async fn stderr(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let marked: String = text
            .split_inclusive('\n')
            .flat_map(|line| ["! ", line])
            .collect();
        self.0.lock().expect("one thread").push_str(&marked);
    }
}

/// Runs the line with these inputs; the screen, the exit code, and what the engine was asked.
fn try_with(line: &str, input: Vec<Input>, terminal: Option<Size>) -> (String, u8, Vec<String>) {
    let engine = Arc::new(Small::default());
    let clock =
        VirtualClock::starting_at(jiff::Timestamp::UNIX_EPOCH + Duration::from_secs(1_000_000));
    let context = Context {
        engine: engine.clone(),
        host: Arc::new(OnePage),
        hosts: Arc::new(lab::OnlyThisHost),
        clock: Arc::new(Slow(clock)),
        files: Files::default(),
        session: Session::default(),
    };
    let screen = Screen::default();
    let input = stream::iter(input).chain(stream::pending()).boxed();
    let io = Io {
        input,
        output: Box::new(screen.clone()),
        terminal,
    };
    let code = finished(run(line, &context, io));
    let asked = engine.asked.lock().expect("one thread").clone();
    let shown = screen.0.lock().expect("one thread").clone();
    (shown, code, asked)
}

/// What it gives, without anything else to wait for: parts of a pipeline only wait for each other.
fn finished<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut turns = std::iter::repeat_with(|| future.as_mut().now_or_never()).take(1000);
    turns.find_map(|turn| turn).expect("nothing to wait for")
}

/// Never lets a timeout pass.
struct Slow(VirtualClock);

impl lab::Clock for Slow {
    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }

    fn sleep(&self, _: Duration) -> futures::future::BoxFuture<'static, ()> {
        futures::future::pending().boxed()
    }
}

fn check(line: &str, expected: &str, code: u8) {
    let (shown, got, _) = try_with(line, Vec::new(), None);
    assert_eq!((shown.as_str(), got), (expected, code), "{line}");
}

#[test]
fn what_docker_says_about_mistakes() {
    check(
        "docker foo",
        "! docker: unknown command: docker foo\n! \n! Run 'docker --help' for more information\n",
        1,
    );
    check(
        "docker run --x",
        "! unknown flag: --x\n! \n! Usage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]\n! \n! Run 'docker run --help' for more information\n",
        125,
    );
    check(
        "docker container list foo",
        "! docker: 'docker container ls' accepts no arguments\n! \n! Usage:  docker container ls [OPTIONS]\n! \n! Run 'docker container ls --help' for more information\n",
        1,
    );
    check(
        "docker exec a",
        "! docker: 'docker exec' requires at least 2 arguments\n! \n! Usage:  docker exec [OPTIONS] CONTAINER COMMAND [ARG...]\n! \n! See 'docker exec --help' for more information\n",
        1,
    );
    check(
        "docker images a b",
        "! docker: 'docker images' requires at most 1 argument\n! \n! Usage:  docker images [OPTIONS] [REPOSITORY[:TAG]]\n! \n! SRun 'docker images --help' for more information\n",
        1,
    );
    check(
        "docker network creat",
        "! docker: unknown command: docker network creat\n! \n! Usage:  docker network\n! \n! Run 'docker network --help' for more information\n",
        1,
    );
    check(
        "docker network -x",
        "! unknown shorthand flag: 'x' in -x\n! \n! Usage:  docker network\n! \n! Run 'docker network --help' for more information\n",
        125,
    );
    check(
        "docker run --memory=foo a",
        "! invalid argument \"foo\" for \"-m, --memory\" flag: invalid size: 'foo'\n! \n! Usage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]\n! \n! Run 'docker run --help' for more information\n",
        125,
    );
    check(
        "docker run -p 99999:80 a",
        "! docker: invalid hostPort: 99999\n! \n! Run 'docker run --help' for more information\n",
        125,
    );
    check(
        "docker run -it busybox",
        "! the input device is not a TTY\n",
        1,
    );
}

#[test]
fn what_the_engine_says() {
    check(
        "docker run nosuch",
        "! Unable to find image 'nosuch:latest' locally\n! docker: Error response from daemon: pull access denied for nosuch\n! \n! Run 'docker run --help' for more information\n",
        125,
    );
    check(
        "docker inspect nosuch",
        "[]\n! Error: No such object: nosuch\n",
        1,
    );
    check(
        "docker inspect web",
        &format!("[\n    {{\n        \"Id\": \"{ID}\",\n        \"Args\": []\n    }}\n]\n"),
        0,
    );
    check(
        "docker network inspect nosuch",
        "[]\n! Error response from daemon: network nosuch not found\n",
        1,
    );
    check(
        "docker start web nosuch",
        "web\n! Error response from daemon: No such container: nosuch\n! Error: failed to start containers: nosuch\n",
        1,
    );
    check(
        "docker stop nosuch web",
        "web\n! Error response from daemon: No such container: nosuch\n",
        1,
    );
    check(
        "docker rm -f nosuch",
        "! Error response from daemon: No such container: nosuch\n",
        0,
    );
    check(
        "docker network rm nosuch lab",
        "! Error response from daemon: network nosuch not found\nlab\n! exit status 1\n",
        1,
    );
    check(
        "docker network create x",
        "! causeway: a lab has at most 8 networks; remove one first\n",
        1,
    );
    check(
        "docker pause web",
        "! causeway: not simulated: this small engine\n",
        1,
    );
    check(
        "docker version",
        "! causeway: no engine answers; start Docker\n",
        1,
    );
    check(
        "docker network ls",
        "NETWORK ID     NAME      DRIVER    SCOPE\neb625b2ac73e   bridge    bridge    local\neb625b2ac73e   none      null      local\n",
        0,
    );
}

#[test]
fn nothing_of_the_learners_machine_is_run() {
    check("htop", "! bash: htop: command not found\n", 127);
    check(
        "rm -rf /",
        "! rm: cannot remove '/': it is the lab's own folder, which stays (remove what is in it: rm -r *)\n",
        1,
    );
    check(
        "sudo docker ps",
        "! causeway: sudo: not needed here, type the docker command alone.\n",
        127,
    );
    check("./run", "! bash: ./run: No such file or directory\n", 127);
    check(
        "docker run --privileged busybox",
        "! causeway: --privileged is not for a lab: a container of a lab gets none of your machine's rights.\n",
        1,
    );
    check(
        "docker -H tcp://other ps",
        "! causeway: docker --host is not for a lab: the engine was chosen when causeway was started.\n",
        1,
    );
    check(
        "docker ps \"",
        "! causeway: The quote \" at character 11 is not closed; add another \" where it ends.\n",
        2,
    );
}

#[test]
fn one_command_after_the_other() {
    check(
        "docker stop web && docker stop nosuch || docker start web; docker ps -q",
        "web\n! Error response from daemon: No such container: nosuch\nweb\neb625b2ac73e\n",
        0,
    );
    check("docker rm $(docker ps -q)", "eb625b2ac73e\n", 0);
    check("docker logs web | grep -c / | head -1", "! oops\n2\n", 0);
    check("docker logs -f web | head -1", "GET /\n", 0);
    check(
        "docker logs web | less",
        "! bash: less: command not found\n",
        127,
    );
}

#[test]
fn run_attaches_before_it_starts() {
    let (shown, code, asked) = try_with(
        "docker run --rm --name a busybox echo -n",
        vec![Input::Interrupt],
        None,
    );
    assert_eq!((shown.as_str(), code), ("hello\n", 3));
    assert_eq!(
        asked,
        [
            "create a busybox echo -n",
            "attach stdin=false",
            "wait removed",
            "start eb62",
            "kill SIGINT"
        ]
    );
    let (shown, code, asked) = try_with("docker run -d busybox", Vec::new(), None);
    assert_eq!((shown, code), (format!("{ID}\n"), 0));
    assert_eq!(asked, ["create - busybox ", "start eb62"]);
}

#[test]
fn what_is_typed_goes_to_the_container() {
    let typed = |text: &'static str| Input::Bytes(Bytes::from_static(text.as_bytes()));
    let (shown, code, _) = try_with(
        "docker run -i busybox",
        vec![typed("abc\n"), Input::End],
        None,
    );
    assert_eq!((shown.as_str(), code), ("hello\nABC\n", 3));
    // A terminal: Ctrl-C is a byte for the program, the detach keys leave it running.
    let size = Size {
        columns: 100,
        rows: 30,
    };
    let keys = vec![
        Input::Interrupt,
        Input::Resize(Size::default()),
        typed("\x10\x11"),
    ];
    let (_, code, asked) = try_with("docker run -it busybox", keys, Some(size));
    assert_eq!(code, 0);
    assert_eq!(
        asked,
        [
            "create - busybox ",
            "attach stdin=true",
            "wait next-exit",
            "start eb62",
            "resize 100x30",
            "resize 80x24"
        ]
    );
}

#[test]
fn ctrl_c_ends_what_follows() {
    let (shown, code, asked) = try_with(
        "docker logs -f -n 5 --since 10s web",
        vec![Input::Interrupt],
        None,
    );
    assert_eq!(code, 130);
    assert_eq!(asked, ["logs 5 999990"]);
    assert!("GET /\n! oops\nPOST /\n".starts_with(&shown), "{shown}");
}

#[test]
fn prune_asks_first() {
    let question = "WARNING! This will remove all stopped containers.\nAre you sure you want to continue? [y/N] ";
    let (shown, code, asked) = try_with(
        "docker container prune",
        vec![Input::Bytes("n\n".into())],
        None,
    );
    assert_eq!((shown.as_str(), code, asked.len()), (question, 0, 0));
    let (shown, _, asked) = try_with(
        "docker container prune",
        vec![Input::Bytes("y\n".into())],
        None,
    );
    assert_eq!(
        shown,
        format!("{question}Deleted Containers:\n{ID}\n\nTotal reclaimed space: 0B\n")
    );
    assert_eq!(asked, [format!("remove {ID}")]);
}

#[test]
fn curl_fetches_what_is_published() {
    check("curl localhost:8080", "hello\n", 0);
    check(
        "curl -sI http://127.0.0.1:8080",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n",
        0,
    );
    check(
        "curl -s -o /dev/null -w '%{http_code}\\n' localhost:8080",
        "200\n",
        0,
    );
    check(
        "curl localhost:81",
        "! curl: (7) Failed to connect to localhost port 81 after 0 ms: Couldn't connect to server\n",
        7,
    );
    check("curl -s localhost:81", "", 7);
    check(
        "curl http://web",
        "! curl: (6) Could not resolve host: web\n",
        6,
    );
}

#[async_trait]
impl Swarm for Small {
    async fn inspect_swarm(&self) -> Result<Raw<models::Swarm>> {
        elsewhere()
    }

    async fn init_swarm(&self, _: SwarmInitRequest) -> Result<String> {
        elsewhere()
    }

    async fn join_swarm(&self, _: SwarmJoinRequest) -> Result<()> {
        elsewhere()
    }

    async fn leave_swarm(&self, _: LeaveSwarmOptions) -> Result<()> {
        elsewhere()
    }

    async fn list_nodes(&self, _: ListNodesOptions) -> Result<Vec<Node>> {
        elsewhere()
    }

    async fn inspect_node(&self, _: &str) -> Result<Raw<Node>> {
        elsewhere()
    }

    async fn update_node(&self, _: &str, _: UpdateNodeOptions, _: NodeSpec) -> Result<()> {
        elsewhere()
    }

    async fn remove_node(&self, _: &str, _: DeleteNodeOptions) -> Result<()> {
        elsewhere()
    }

    async fn create_service(&self, _: ServiceSpec) -> Result<ServiceCreateResponse> {
        elsewhere()
    }

    async fn list_services(&self, _: ListServicesOptions) -> Result<Vec<Service>> {
        elsewhere()
    }

    async fn inspect_service(&self, _: &str, _: InspectServiceOptions) -> Result<Raw<Service>> {
        elsewhere()
    }

    async fn update_service(
        &self,
        _: &str,
        _: UpdateServiceOptions,
        _: ServiceSpec,
    ) -> Result<ServiceUpdateResponse> {
        elsewhere()
    }

    async fn remove_service(&self, _: &str) -> Result<()> {
        elsewhere()
    }

    async fn service_logs(&self, _: &str, _: ServiceLogsOptions) -> Result<OutputStream> {
        elsewhere()
    }

    async fn list_tasks(&self, _: ListTasksOptions) -> Result<Vec<Task>> {
        elsewhere()
    }

    async fn inspect_task(&self, _: &str) -> Result<Raw<Task>> {
        elsewhere()
    }
}

/// What the docker CLI (28) prints for lines that it answers by itself, each with its exit code.
#[test]
fn as_recorded_from_the_docker_cli() {
    let recorded = include_str!("recorded.txt").trim_end().split("\n\n$ ");
    let mut differences = String::new();
    for one in recorded {
        let (line, expected) = one
            .trim_start_matches("$ ")
            .split_once('\n')
            .expect("a line and what follows");
        let (shown, code, _) = try_with(line, vec![Input::End], None);
        let shown = format!("{shown}= {code}");
        if shown != expected {
            differences.extend([format!("$ {line}\n{expected}\n--- but\n{shown}\n\n")]);
        }
    }
    assert_eq!(differences, "", "{differences}");
}
