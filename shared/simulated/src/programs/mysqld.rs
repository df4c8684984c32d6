//! `mysqld`, which in the lab's image is `MariaDB`'s: it makes its folder, says when it is ready, and ends when it is told.
//!
//! Its port accepts connections; what a client would ask is not simulated, and the connection is closed.

use std::{net::SocketAddr, task::Poll, time::Duration};

use crate::process::{INT, Process, TERM};

const VERSION: &str = "10.11.18-MariaDB-0+deb12u1";
const DATA: &str = "/var/lib/mysql/mysql";

pub async fn mysqld(process: Process) -> i64 {
    if process.words().iter().any(|word| word == "--bootstrap") {
        process.read_all().await;
        let now = process.world.now();
        let _ = process.change_files(DATA, |files, path| files.make_folders(path, now));
        process.pass(Duration::from_secs(1)).await;
        return 0;
    }
    let note = |text: &str| {
        let time = process.world.now().strftime("%Y-%m-%d %k:%M:%S");
        process.complain(&format!("{time} 0 [Note] {text}\n"));
    };
    note(&format!(
        "Starting MariaDB {VERSION} as process {}",
        process.pid
    ));
    process.pass(Duration::from_secs(1)).await;
    let Ok(listener) = process.net().listen(SocketAddr::from(([0, 0, 0, 0], 3306))) else {
        return 1;
    };
    note("Server socket created on IP: '0.0.0.0', port: '3306'.");
    note("mysqld: ready for connections.");
    process.complain(&format!(
        "Version: '{VERSION}'  socket: '/run/mysqld/mysqld.sock'  port: 3306  Debian 12\n"
    ));
    process.handle(&[INT, TERM]);
    futures::future::poll_fn(|_| {
        while listener.poll_accept().is_ready() {}
        process.take_signal().map_or(Poll::Pending, Poll::Ready)
    })
    .await;
    note("mysqld (initiated by: unknown): Normal shutdown");
    note("mysqld: Shutdown complete");
    0
}
