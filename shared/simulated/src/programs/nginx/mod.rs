//! nginx as the lab's image has it: its configuration, its workers, its log.
//!
//! Of the configuration it knows `listen`, `server_name`, `location` (prefix, `=`, `^~`), `root`, `alias`, `index`, `return`,
//! `proxy_pass`, `proxy_set_header`; other directives of nginx's are read and do nothing.

mod conf;
mod serve;

use std::{net::SocketAddr, sync::Arc};

use futures::FutureExt;

use crate::{
    net::Listener,
    process::{CHLD, HUP, INT, Process, QUIT, TERM, USR1},
};
use conf::{Conf, Wrong};

const VERSION: &str = "nginx/1.22.1";
const CONF: &str = "/etc/nginx/nginx.conf";
const PID: &str = "/run/nginx.pid";
/// As many as the machine has processors.
const WORKERS: usize = 2;

pub async fn nginx(process: Process) -> i64 {
    let mut words = process.words().iter();
    let (mut test, mut signal, mut daemon) = (false, None, true);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-v" => {
                process.complain(&format!("nginx version: {VERSION}\n"));
                return 0;
            }
            "-t" => test = true,
            "-s" => signal = words.next().cloned(),
            "-g" => {
                daemon = !words
                    .next()
                    .is_some_and(|global| global.contains("daemon off"));
            }
            "-c" | "-p" | "-e" => drop(words.next()),
            "-q" => {}
            other => {
                process.complain(&format!(
                    "nginx: invalid option: \"{}\"\n",
                    other.trim_start_matches('-')
                ));
                return 1;
            }
        }
    }
    let conf = match Conf::read(&process, CONF).and_then(|conf| conf.resolve(&process)) {
        Ok(conf) => conf,
        Err(wrong) => {
            log(&process, "emerg", &wrong.0);
            if test {
                process.complain(&format!("nginx: configuration file {CONF} test failed\n"));
            }
            return 1;
        }
    };
    if test {
        process.complain(&format!(
            "nginx: the configuration file {CONF} syntax is ok\nnginx: configuration file {CONF} test is successful\n"
        ));
        return 0;
    }
    if let Some(signal) = signal {
        return send(&process, &signal);
    }
    let Some(listeners) = listen(&process, &conf).await else {
        return 1;
    };
    notice(&process, "using the \"epoll\" event method");
    notice(&process, VERSION);
    notice(&process, "OS: Linux 6.12.0");
    notice(&process, "getrlimit(RLIMIT_NOFILE): 1048576:1048576");
    if daemon {
        let child = process.child(process.arguments.clone());
        process.start_as(child, move |process| {
            master(process, conf, listeners).boxed()
        });
        return 0;
    }
    master(process, conf, listeners).await
}

/// `nginx -s`
fn send(process: &Process, name: &str) -> i64 {
    let signal = match name {
        "reload" => HUP,
        "quit" => QUIT,
        "stop" => TERM,
        "reopen" => USR1,
        _ => {
            process.complain(&format!("nginx: invalid option: \"-s {name}\"\n"));
            return 1;
        }
    };
    notice(process, "signal process started");
    let pid = process.read_file(PID).unwrap_or_default();
    let Ok(pid) = String::from_utf8_lossy(&pid).trim().parse::<u32>() else {
        log(
            process,
            "error",
            &format!("open() \"{PID}\" failed (2: No such file or directory)"),
        );
        return 1;
    };
    if !process.world.signal_from(process, pid, signal) {
        log(
            process,
            "alert",
            &format!("kill({pid}, {signal}) failed (3: No such process)"),
        );
        return 1;
    }
    0
}

pub(super) type Listeners = Arc<Vec<(SocketAddr, Arc<Listener>)>>;

/// Its ports; where one is taken it tries five times, half a second apart.
async fn listen(process: &Process, conf: &Conf) -> Option<Listeners> {
    let mut listeners = Vec::new();
    for port in conf.ports() {
        let at = SocketAddr::from(([0, 0, 0, 0], port));
        for attempt in 1..=5 {
            match process.net().listen(at) {
                Ok(listener) => {
                    listeners.push((at, Arc::new(listener)));
                    break;
                }
                Err(errno) => {
                    let taken = errno == crate::net::Errno::AddressInUse;
                    let number = if taken { "98: " } else { "" };
                    let text = format!("bind() to {at} failed ({number}{})", errno.text());
                    emergency(process, &text);
                    notice(process, "try again to bind() after 500ms");
                    process.pass(std::time::Duration::from_millis(500)).await;
                    if attempt == 5 {
                        emergency(process, "still could not bind()");
                        return None;
                    }
                }
            }
        }
    }
    Some(Arc::new(listeners))
}

/// The master process: starts workers, and does what signals say.
async fn master(process: Process, conf: Conf, mut listeners: Listeners) -> i64 {
    let process = process.titled("nginx: master process nginx -g daemon off;");
    let _ = process.write_file(PID, format!("{}\n", process.pid));
    process.handle(&[HUP, QUIT, TERM, INT, CHLD, USR1]);
    let mut conf = Arc::new(conf);
    let mut workers = start_workers(&process, &conf, &listeners);
    loop {
        let crate::process::Wake::Signal(signal) = process.wait(None, false).await else {
            continue;
        };
        match signal {
            HUP => {
                let from = process.last_sender().unwrap_or(0);
                notice(
                    &process,
                    &format!("signal 1 (SIGHUP) received from {from}, reconfiguring"),
                );
                notice(&process, "reconfiguring");
                match Conf::read(&process, CONF).and_then(|conf| conf.resolve(&process)) {
                    Ok(new) => {
                        conf = Arc::new(new);
                        listeners = again(&process, &conf, &listeners).unwrap_or(listeners);
                        notice(&process, "using the \"epoll\" event method");
                        let old = std::mem::take(&mut workers);
                        workers = start_workers(&process, &conf, &listeners);
                        end_workers(&process, old, true).await;
                    }
                    Err(Wrong(wrong)) => log(&process, "emerg", &wrong),
                }
            }
            QUIT | TERM | INT => {
                let (name, how) = match signal {
                    QUIT => ("SIGQUIT", "shutting down"),
                    TERM => ("SIGTERM", "exiting"),
                    _ => ("SIGINT", "exiting"),
                };
                notice(
                    &process,
                    &format!("signal {signal} ({name}) received, {how}"),
                );
                drop(listeners);
                end_workers(&process, workers, signal == QUIT).await;
                notice(&process, "exit");
                return 0;
            }
            _ => {}
        }
    }
}

/// The listeners of a new configuration: those that are there stay.
fn again(process: &Process, conf: &Conf, old: &Listeners) -> Option<Listeners> {
    let mut listeners: Vec<(SocketAddr, Arc<Listener>)> = Vec::new();
    for port in conf.ports() {
        let at = SocketAddr::from(([0, 0, 0, 0], port));
        match old.iter().find(|(known, _)| *known == at) {
            Some(known) => listeners.push(known.clone()),
            None => listeners.push((at, Arc::new(process.net().listen(at).ok()?))),
        }
    }
    Some(Arc::new(listeners))
}

fn start_workers(process: &Process, conf: &Arc<Conf>, listeners: &Listeners) -> Vec<u32> {
    notice(process, "start worker processes");
    let mut workers = Vec::new();
    for index in 0..WORKERS {
        let child = process.child(process.arguments.clone());
        let (conf, listeners) = (Arc::clone(conf), Arc::clone(listeners));
        let pid = process.start_as(child, move |process| {
            serve::worker(
                process.titled("nginx: worker process"),
                conf,
                listeners,
                index == 0,
            )
            .boxed()
        });
        notice(process, &format!("start worker process {pid}"));
        workers.push(pid);
    }
    workers
}

async fn end_workers(process: &Process, workers: Vec<u32>, gracefully: bool) {
    for worker in &workers {
        for line in if gracefully {
            ["gracefully shutting down", "exiting", "exit"].as_slice()
        } else {
            ["exiting", "exit"].as_slice()
        } {
            log_as(process, *worker, "notice", line);
        }
    }
    for worker in workers {
        process
            .world
            .signal(&process.container, worker, crate::process::KILL);
        process.wait_for(worker).await;
        notice(
            process,
            &format!("signal 17 (SIGCHLD) received from {worker}"),
        );
        notice(
            process,
            &format!("worker process {worker} exited with code 0"),
        );
        notice(process, "signal 29 (SIGIO) received");
    }
}

fn notice(process: &Process, text: &str) {
    log(process, "notice", text);
}

fn log(process: &Process, level: &str, text: &str) {
    log_as(process, process.pid, level, text);
}

/// While it starts, it tells both its log and who started it.
fn emergency(process: &Process, text: &str) {
    log(process, "emerg", text);
    process.complain(&format!("nginx: [emerg] {text}\n"));
}

fn log_as(process: &Process, pid: u32, level: &str, text: &str) {
    let time = process.world.now().strftime("%Y/%m/%d %H:%M:%S");
    process.complain(&format!("{time} [{level}] {pid}#{pid}: {text}\n"));
}
