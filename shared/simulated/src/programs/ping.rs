//! busybox's `ping`: a line for each echo, a summary at the end.

use std::{net::IpAddr, time::Duration};

use super::usage::{self, Options};
use crate::{
    net::{Echo, Unreachable},
    process::{INT, Process, Wake},
};

struct Ping {
    process: Process,
    host: String,
    address: IpAddr,
    size: u64,
    ttl: u8,
    quiet: bool,
    sent: u64,
    /// Microseconds there and back.
    times: Vec<u64>,
}

pub async fn ping(process: Process) -> i64 {
    let options = match Options::read(&process, "46Ac:s:i:W:w:t:I:p:qn", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    match run(process, &options).await {
        Ok(code) | Err(code) => code,
    }
}

async fn run(process: Process, options: &Options) -> Result<i64, i64> {
    let Some(host) = options.rest.first().cloned() else {
        return Err(usage::show(&process));
    };
    let count = options.number(&process, "c")?;
    let size = options.number(&process, "s")?.unwrap_or(56);
    let patience = options.number(&process, "W")?.unwrap_or(10);
    let deadline = options.number(&process, "w")?;
    let ttl = options.number(&process, "t")?.unwrap_or(64);
    let interval: f64 = options
        .value("i")
        .and_then(|text| text.parse().ok())
        .unwrap_or(1.0);
    let found = process.net().resolve(&host);
    let wanted = |address: &&IpAddr| {
        !(options.has("6") && address.is_ipv4() || options.has("4") && address.is_ipv6())
    };
    let Some(address) = found.iter().find(wanted).copied() else {
        process.complain(&format!("ping: bad address '{host}'\n"));
        return Err(1);
    };
    process.print(&format!("PING {host} ({address}): {size} data bytes\n"));
    process.handle(&[INT]);
    let mut ping = Ping {
        process,
        host,
        address,
        size,
        ttl: u8::try_from(ttl).unwrap_or(64),
        quiet: options.has("q"),
        sent: 0,
        times: Vec::new(),
    };
    let begun = ping.process.world.now();
    loop {
        let echoed = ping.once()?;
        if count == Some(ping.sent) {
            // It waits for what does not come, unless Ctrl-C comes.
            if !echoed {
                ping.interrupted(Duration::from_secs(patience)).await;
            }
            break;
        }
        if ping
            .interrupted(Duration::from_secs_f64(interval.clamp(0.0, 1e6)))
            .await
        {
            break;
        }
        let passed = ping.process.world.now().duration_since(begun).as_secs();
        if deadline.is_some_and(|deadline| passed >= i64::try_from(deadline).unwrap_or(i64::MAX)) {
            break;
        }
    }
    Ok(ping.summary())
}

impl Ping {
    /// One echo; whether it came back. The error is that it cannot be sent.
    fn once(&mut self) -> Result<bool, i64> {
        let number = self.sent;
        self.sent += 1;
        match self.process.net().echo(self.address, self.ttl) {
            Echo::Reply { from, ttl } => {
                let time = 55 + self.process.world.world().next() % 80;
                if !self.quiet {
                    self.process.print(&format!(
                        "{} bytes from {from}: seq={number} ttl={ttl} time={} ms\n",
                        self.size + 8,
                        millis(time)
                    ));
                }
                self.times.push(time);
                Ok(true)
            }
            Echo::NetworkUnreachable => {
                self.process
                    .complain("ping: sendto: Network is unreachable\n");
                Err(1)
            }
            Echo::Unreachable {
                what: Unreachable::Host | Unreachable::Port,
                ..
            }
            | Echo::TimeExceeded { .. }
            | Echo::Silence => Ok(false),
        }
    }

    /// Waits so long; true: Ctrl-C came before.
    async fn interrupted(&self, duration: Duration) -> bool {
        let wake = self.process.wait(Some(duration), false).await;
        matches!(wake, Wake::Signal(_))
    }

    fn summary(&self) -> i64 {
        let received = self.times.len() as u64;
        let loss = (self.sent - received) * 100 / self.sent.max(1);
        self.process.print(&format!(
            "\n--- {} ping statistics ---\n{} packets transmitted, {received} packets received, {loss}% packet loss\n",
            self.host, self.sent
        ));
        if let (Some(least), Some(most)) = (self.times.iter().min(), self.times.iter().max()) {
            let average = self.times.iter().sum::<u64>() / received;
            self.process.print(&format!(
                "round-trip min/avg/max = {}/{}/{} ms\n",
                millis(*least),
                millis(average),
                millis(*most)
            ));
        }
        i64::from(self.times.is_empty())
    }
}

fn millis(micros: u64) -> String {
    format!("{}.{:03}", micros / 1000, micros % 1000)
}
