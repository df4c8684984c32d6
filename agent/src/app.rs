//! Puts the parts together: the state folder, the engine, the session, the server; and `causeway run` around them.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::Arc,
};

use futures::{FutureExt as _, future::BoxFuture};
use session::Parts;

use crate::{
    args::Run,
    assets::Page,
    engine::Chosen,
    files::KeptFiles,
    server::{Access, DEFAULT_PORT, Listeners, Server, random_hex},
    state::{ProgressFile, StateDir},
    world::World,
};

/// A lab over an engine, ready to be served.
pub struct Agent {
    listeners: Listeners,
    server: Server,
    answering: BoxFuture<'static, ()>,
    world: Option<World>,
    files: KeptFiles,
    found: String,
}

impl Agent {
    /// Everything but serving.
    pub async fn start(options: &Run) -> anyhow::Result<Self> {
        let state = StateDir::open(options.lab.state.clone())?;
        let listeners = match options.port {
            Some(port) => Listeners::on(port).await?,
            None => Listeners::on_a_free_port().await?,
        };
        let chosen = Chosen::find(&options.lab, &state).await?;
        if let Err(error) = chosen.guard.recover().await {
            tracing::warn!("what the lab made before could not be looked for: {error}");
        }
        let (session, answering) = session::session(Parts {
            guard: chosen.guard,
            host: chosen.host,
            hosts: chosen.hosts,
            clock: chosen.clock,
            course: Arc::new(course::our_course()),
            files: chosen.files.now(),
            store: Arc::new(ProgressFile(state)),
            engine: chosen.about,
            epoch: random_hex::<16>()?,
        });
        Ok(Self {
            listeners,
            server: Server {
                access: Arc::new(Access::new()?),
                session,
                page: Page::built_in(),
            },
            answering,
            world: chosen.world,
            files: chosen.files,
            found: chosen.found,
        })
    }

    pub fn port(&self) -> u16 {
        self.listeners.port()
    }

    /// Which engine was found, and how: one sentence.
    pub fn found(&self) -> &str {
        &self.found
    }

    pub fn access(&self) -> Arc<Access> {
        Arc::clone(&self.server.access)
    }

    /// Answers until the future is dropped, or the server fails.
    pub async fn serve(self) -> std::io::Result<()> {
        let router = self.server.router(self.listeners.port());
        let world = self.world.clone();
        let keep = async {
            match &world {
                Some(world) => world.keep().await,
                None => std::future::pending().await,
            }
        };
        let mut serving = Box::pin(self.listeners.serve(router).fuse());
        let mut keeping = Box::pin(keep);
        let files = self.files.clone();
        let mut keeping_files = Box::pin(files.keep());
        let mut answering = self.answering.fuse();
        loop {
            tokio::select! {
                served = &mut serving => return served,
                () = &mut keeping => {}
                () = &mut keeping_files => {}
                () = &mut answering => {}
            }
        }
    }
}

/// An address that opens the page once, within ten minutes.
pub fn launch_url(port: u16, access: &Access) -> Result<String, getrandom::Error> {
    let code = access.launch_code()?;
    Ok(format!("http://127.0.0.1:{port}/#launch={}", code.reveal()))
}

/// `causeway run`: until Ctrl-C.
pub async fn run(options: Run) -> anyhow::Result<()> {
    let agent = Agent::start(&options).await?;
    let (port, access, world) = (agent.port(), agent.access(), agent.world.clone());
    let files = agent.files.clone();
    let url = launch_url(port, &access)?;
    say(agent.found());
    if options.port.is_none() && port != DEFAULT_PORT {
        say(&format!(
            "Port {DEFAULT_PORT} is in use by another program, so this is port {port}."
        ));
    }
    say(&format!("The lesson is at {url}"));
    say("Ctrl-C stops Causeway; the lab stays as it is until you reset it.");
    if !options.no_open {
        open(url);
    }
    let served = tokio::select! {
        served = agent.serve() => served,
        () = stopped() => Ok(()),
        () = print_new_addresses(port, &access) => Ok(()),
    };
    files.save();
    if let Some(world) = world {
        world.save();
    }
    Ok(served?)
}

/// To whoever started it. Nobody may read any more (`causeway | head`): the lesson goes on all the same.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A code is good once: who comes back later finds a new address here.
async fn print_new_addresses(port: u16, access: &Access) {
    loop {
        access.code_wanted().await;
        match launch_url(port, access) {
            Ok(url) => say(&format!("To open the lesson again: {url}")),
            Err(error) => tracing::error!("no new address can be made: {error}"),
        }
    }
}

/// Where no browser can be opened, the address was printed already.
fn open(url: String) {
    tokio::task::spawn_blocking(move || {
        if webbrowser::open(&url).is_err() {
            say("No browser could be opened here: open the address above yourself.");
        }
    });
}

pub(crate) async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without signals, there is only the way that cannot be caught.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// What happened, on standard error: our own words only, since libraries' may have a token in them.
pub fn log_to_stderr() {
    use tracing_subscriber::{
        filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
    };
    let level = std::env::var("CAUSEWAY_LOG")
        .ok()
        .and_then(|level| level.parse().ok());
    let ours = Targets::new().with_target("causeway", level.unwrap_or(tracing::Level::WARN));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // A second one is refused; then the first one goes on.
    let _ = tracing_subscriber::registry()
        .with(ours)
        .with(lines)
        .try_init();
}
