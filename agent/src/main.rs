//! `causeway`: reads its arguments and leaves the rest to the library.

use causeway::{
    api, app,
    args::{Causeway, Command},
    sh,
};
use clap::Parser as _;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let causeway = Causeway::parse();
    app::log_to_stderr();
    let outcome = match causeway.command {
        None => app::run(causeway.run).await.map(|()| 0),
        Some(Command::Run(options)) => app::run(options).await.map(|()| 0),
        Some(Command::Sh(options)) => sh::run(options).await,
        Some(Command::Engine(options)) => api::run(options).await.map(|()| 0),
    };
    let code = outcome.unwrap_or_else(|error| {
        eprintln!("causeway: {error}");
        1
    });
    // A read of standard input may still be waiting in its thread: it is not waited for.
    std::process::exit(code.into())
}
