//! busybox's `nc` and `telnet`: bytes between a connection and the terminal.

use std::{net::SocketAddr, task::Poll, time::Duration};

use bytes::Bytes;
use futures::future::poll_fn;

use super::usage::{self, Options};
use crate::{
    net::{Errno, TcpStream},
    process::{Descriptor, Process, pipe},
};

pub async fn nc(process: Process) -> i64 {
    let mut options = match Options::read(&process, "lp:w:i:f:e:", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let patience = options
        .value("w")
        .and_then(|text| text.parse().ok())
        .map(Duration::from_secs);
    // `-e` takes all words after it.
    let listens = options.has("l");
    let first = options.value("e").map(str::to_owned);
    let program = first.map(|first| {
        let from = if listens {
            0
        } else {
            options.rest.len().min(2)
        };
        [vec![first], options.rest.split_off(from)].concat()
    });
    if options.has("l") {
        let port = options
            .value("p")
            .or(options.rest.last().map(String::as_str))
            .unwrap_or("0");
        let Ok(port) = port.parse::<u16>() else {
            process.complain(&format!("nc: bad port '{port}'\n"));
            return 1;
        };
        return listen(&process, port, program, options.count("l") > 1).await;
    }
    let [host, port] = options.rest.as_slice() else {
        return usage::show(&process);
    };
    let Ok(port) = port.parse::<u16>() else {
        process.complain(&format!("nc: bad port '{port}'\n"));
        return 1;
    };
    match connect(&process, host, port, patience).await {
        Ok(stream) => talk(&process, stream, program).await,
        Err(message) => {
            process.complain(&format!("nc: {message}\n"));
            1
        }
    }
}

pub async fn telnet(process: Process) -> i64 {
    let options = match Options::read(&process, "al:", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let Some(host) = options.rest.first() else {
        return usage::show(&process);
    };
    let port = options.rest.get(1).map_or("23", String::as_str);
    let Ok(port) = port.parse::<u16>() else {
        process.complain(&format!("telnet: bad port '{port}'\n"));
        return 1;
    };
    match connect(&process, host, port, None).await {
        Ok(stream) => {
            process.print("\nEntering character mode\nEscape character is '^]'.\n\n");
            talk(&process, stream, None).await;
            process.print("Connection closed by foreign host\n");
            1
        }
        Err(message) => {
            process.complain(&format!("telnet: {message}\n"));
            1
        }
    }
}

async fn connect(
    process: &Process,
    host: &str,
    port: u16,
    patience: Option<Duration>,
) -> Result<TcpStream, String> {
    let found = process.net().resolve(host);
    let address = *found
        .first()
        .ok_or_else(|| format!("bad address '{host}'"))?;
    let to = SocketAddr::new(address, port);
    let connected = process.net().connect(to, patience).await;
    connected.map_err(|errno| match errno {
        Errno::TimedOut if patience.is_some() => "timed out".to_owned(),
        errno => format!("can't connect to remote host ({address}): {}", errno.text()),
    })
}

async fn listen(process: &Process, port: u16, program: Option<Vec<String>>, again: bool) -> i64 {
    let listener = match process.net().listen(SocketAddr::from(([0, 0, 0, 0], port))) {
        Ok(listener) => listener,
        Err(errno) => {
            process.complain(&format!("nc: bind: {}\n", errno.text()));
            return 1;
        }
    };
    loop {
        let stream = listener.accept().await;
        if !again {
            drop(listener);
            return talk(process, stream, program).await;
        }
        talk(process, stream, program.clone()).await;
    }
}

/// Until the connection's end.
async fn talk(process: &Process, stream: TcpStream, program: Option<Vec<String>>) -> i64 {
    match program {
        Some(program) => run(process, stream, program).await,
        None => copy(process, &stream).await,
    }
}

async fn copy(process: &Process, stream: &TcpStream) -> i64 {
    let mut ended = false;
    loop {
        let next = poll_fn(|_| {
            if !ended && process.can_read(0) {
                return Poll::Ready(From::Input);
            }
            if let Poll::Ready(read) = stream.poll_read() {
                return Poll::Ready(From::Network(read));
            }
            Poll::Pending
        })
        .await;
        match next {
            From::Network(Ok(bytes)) if !bytes.is_empty() => process.write(1, &bytes),
            From::Network(_) => return 0,
            From::Input => {
                let bytes = process.take(0, 16 << 10);
                if bytes.is_empty() {
                    ended = true;
                    stream.finish();
                } else if stream.write(bytes).await.is_err() {
                    return 1;
                }
            }
        }
    }
}

enum From {
    Network(Result<Bytes, Errno>),
    Input,
}

/// A program whose input and output are the connection.
async fn run(process: &Process, stream: TcpStream, program: Vec<String>) -> i64 {
    let (into, its_input) = pipe();
    let (its_output, from) = pipe();
    let mut child = process.child(program);
    child.descriptors.insert(0, Descriptor::Reader(its_input));
    child
        .descriptors
        .insert(1, Descriptor::Writer(its_output.clone()));
    child.descriptors.insert(2, Descriptor::Writer(its_output));
    let pid = process.start(child);
    let mut here = process.clone();
    here.descriptors.insert(0, Descriptor::Reader(from));
    here.descriptors.insert(1, Descriptor::Writer(into));
    copy(&here, &stream).await;
    drop(here);
    process.wait_for(pid).await
}
