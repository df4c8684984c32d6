//! `redis-server`

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use futures::{FutureExt, future::BoxFuture};

use super::{
    data::Data,
    resp::{Reader, Value},
};
use crate::{
    net::{Errno, TcpStream},
    process::{INT, Process, TERM},
};

const VERSION: &str = "7.0.15";

pub async fn redis_server(process: Process) -> i64 {
    let words = process.words();
    if words.iter().any(|word| word == "--version" || word == "-v") {
        process.print(&format!("Redis server v={VERSION} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=e08dbad3e06f3fb\n"));
        return 0;
    }
    let option = |name: &str| {
        words
            .iter()
            .position(|word| word == name)
            .and_then(|at| words.get(at + 1))
    };
    let port = option("--port")
        .and_then(|port| port.parse().ok())
        .unwrap_or(6379_u16);
    let password = option("--requirepass").cloned();
    let log = |role: char, mark: char, text: &str| {
        let time = process.world.now().strftime("%d %b %Y %H:%M:%S%.3f");
        process.print(&format!("{}:{role} {time} {mark} {text}\n", process.pid));
    };
    log('C', '#', "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo");
    log(
        'C',
        '#',
        &format!(
            "Redis version={VERSION}, bits=64, commit=00000000, modified=0, pid={}, just started",
            process.pid
        ),
    );
    log(
        'C',
        '#',
        if words.is_empty() {
            "Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf"
        } else {
            "Configuration loaded"
        },
    );
    log('M', '*', "monotonic clock: POSIX clock_gettime");
    let at = SocketAddr::from(([0, 0, 0, 0], port));
    let Ok(listener) = process.net().listen(at) else {
        log(
            'M',
            '#',
            &format!(
                "Warning: Could not create server TCP listening socket *:{port}: bind: Address already in use"
            ),
        );
        log('M', '#', "Failed listening on port 6379 (TCP), aborting.");
        return 1;
    };
    log('M', '*', &format!("Running mode=standalone, port={port}."));
    log('M', '#', "Server initialized");
    log('M', '*', "Ready to accept connections");
    process.handle(&[INT, TERM]);
    let served = Arc::new(Served {
        process: process.clone(),
        data: Mutex::default(),
        password,
        port,
    });
    let mut open: Vec<BoxFuture<'static, ()>> = Vec::new();
    let signal = futures::future::poll_fn(|context| {
        if let Some(signal) = process.take_signal() {
            return Poll::Ready(signal);
        }
        while let Poll::Ready(stream) = listener.poll_accept() {
            let served = Arc::clone(&served);
            open.push(async move { served.talk(stream).await }.boxed());
        }
        open.retain_mut(|connection| connection.as_mut().poll(context).is_pending());
        Poll::Pending
    })
    .await;
    let name = if signal == INT { "SIGINT" } else { "SIGTERM" };
    let seconds = process.world.now().as_second();
    process.print(&format!(
        "{}:signal-handler ({seconds}) Received {name} scheduling shutdown...\n",
        process.pid
    ));
    log('M', '#', "User requested shutdown...");
    log('M', '*', "Saving the final RDB snapshot before exiting.");
    log('M', '*', "DB saved on disk");
    log('M', '#', "Redis is now ready to exit, bye bye...");
    0
}

struct Served {
    process: Process,
    data: Mutex<Data>,
    password: Option<String>,
    port: u16,
}

impl Served {
    async fn talk(&self, stream: TcpStream) {
        let mut reader = Reader::default();
        let mut let_in = self.password.is_none();
        while let Some(words) = reader.command(&stream).await {
            let words: Vec<String> = words
                .iter()
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect();
            let name = words[0].to_ascii_lowercase();
            let answer = match name.as_str() {
                "quit" => {
                    let _ = stream.write(Value::Simple("OK".to_owned()).bytes()).await;
                    return;
                }
                "auth" => self.auth(&words[1..], &mut let_in),
                _ if !let_in => Value::Error("NOAUTH Authentication required.".to_owned()),
                _ => self.answer(&name, &words),
            };
            if stream.write(answer.bytes()).await.is_err() {
                return;
            }
        }
    }

    fn auth(&self, words: &[String], let_in: &mut bool) -> Value {
        match &self.password {
            None => Value::Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?".to_owned()),
            Some(password) if words.last() == Some(password) => {
                *let_in = true;
                Value::Simple("OK".to_owned())
            }
            Some(_) => Value::Error("WRONGPASS invalid username-password pair or user is disabled.".to_owned()),
        }
    }

    fn answer(&self, name: &str, words: &[String]) -> Value {
        let now = self.process.world.now();
        match name {
            "info" => return Value::text(self.info()),
            "select" => return Value::Simple("OK".to_owned()),
            "client" | "config" | "command" | "hello" | "multi" | "exec" | "subscribe"
            | "publish" | "eval" | "zadd" | "scan" | "save" | "bgsave" => {
                return Value::Error(format!("causeway: not simulated: {name}"));
            }
            _ => {}
        }
        let mut data = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        data.run(name, &words[1..], now).unwrap_or_else(|| {
            let given: String = words[1..].iter().map(|word| format!("'{word}' ")).collect();
            Value::Error(format!(
                "ERR unknown command '{}', with args beginning with: {given}",
                words[0]
            ))
        })
    }

    fn info(&self) -> String {
        let seconds = {
            let world = self.process.world.world();
            let container = world.containers.get(&self.process.container);
            let started = container.and_then(|container| container.started);
            started.map_or(0, |started| {
                self.process.world.now().as_second() - started.as_second()
            })
        };
        format!(
            "# Server\r\nredis_version:{VERSION}\r\nredis_mode:standalone\r\nos:Linux x86_64\r\narch_bits:64\r\nprocess_id:{}\r\ntcp_port:{}\r\nuptime_in_seconds:{seconds}\r\n",
            self.process.pid, self.port
        )
    }
}

/// A connection to a server, for whoever asks it something.
pub struct Client {
    stream: TcpStream,
    reader: Reader,
}

impl Client {
    pub async fn connect(process: &Process, to: SocketAddr) -> Result<Self, Errno> {
        let stream = process.net().connect(to, None).await?;
        Ok(Self {
            stream,
            reader: Reader::default(),
        })
    }

    /// `None`: the server has gone.
    pub async fn ask(&mut self, words: &[String]) -> Option<Value> {
        let command = Value::Array(words.iter().map(Value::text).collect());
        self.stream.write(command.bytes()).await.ok()?;
        self.reader.value(&self.stream).await
    }
}
