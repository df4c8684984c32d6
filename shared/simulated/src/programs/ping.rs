//! busybox's `ping`: a line for each echo, a summary at the end.

use std::{net::IpAddr, time::Duration};

use crate::{
    net::Echo,
    process::{INT, Process, Wake},
};

struct Options {
    host: String,
    count: Option<u32>,
    wait: u32,
}

pub async fn ping(process: Process) -> i64 {
    let Some(options) = options(&process.arguments) else {
        process.complain("BusyBox v1.37.0 multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n");
        return 1;
    };
    let net = process.net();
    let Some(address) = net.resolve(&options.host).first().copied() else {
        process.complain(&format!("ping: bad address '{}'\n", options.host));
        return 1;
    };
    process.print(&format!(
        "PING {} ({address}): 56 data bytes\n",
        options.host
    ));
    process.handle(&[INT]);
    let mut times = Vec::new();
    let mut sent = 0;
    loop {
        sent += 1;
        let echo = net.echo(address, 64);
        if echo == Echo::NetworkUnreachable {
            process.complain("ping: sendto: Network is unreachable\n");
            return 1;
        }
        let echoed = matches!(echo, Echo::Reply { .. });
        if let Echo::Reply { from, ttl } = echo {
            let time = time(&process);
            process.print(&format!(
                "64 bytes from {from}: seq={} ttl={ttl} time={} ms\n",
                sent - 1,
                millis(time)
            ));
            times.push(time);
        }
        let last = options.count == Some(sent);
        let wait = match (last, echoed) {
            (true, true) => break,
            (true, false) => Duration::from_secs(options.wait.into()),
            _ => Duration::from_secs(1),
        };
        match process.wait(Some(wait), false).await {
            Wake::Signal(_) => break,
            _ if last => break,
            _ => {}
        }
    }
    summary(&process, &options.host, address, sent, &times);
    i64::from(times.is_empty())
}

fn options(arguments: &[String]) -> Option<Options> {
    let mut options = Options {
        host: String::new(),
        count: None,
        wait: 10,
    };
    let mut words = arguments.iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-c" => options.count = Some(words.next()?.parse().ok()?),
            "-W" | "-w" => options.wait = words.next()?.parse().ok()?,
            "-4" | "-q" => {}
            word if word.starts_with('-') => return None,
            host => host.clone_into(&mut options.host),
        }
    }
    (!options.host.is_empty()).then_some(options)
}

/// Microseconds there and back: between two containers on one bridge, under a tenth of a millisecond or so.
fn time(process: &Process) -> u64 {
    55 + process.world.world().next() % 80
}

fn millis(micros: u64) -> String {
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

fn summary(process: &Process, host: &str, _address: IpAddr, sent: u32, times: &[u64]) {
    let received = u32::try_from(times.len()).unwrap_or(u32::MAX);
    let loss = (sent - received) * 100 / sent;
    process.print(&format!(
        "\n--- {host} ping statistics ---\n{sent} packets transmitted, {received} packets received, {loss}% packet loss\n"
    ));
    if let (Some(least), Some(most)) = (times.iter().min(), times.iter().max()) {
        let average = times.iter().sum::<u64>() / u64::from(received);
        process.print(&format!(
            "round-trip min/avg/max = {}/{}/{} ms\n",
            millis(*least),
            millis(average),
            millis(*most)
        ));
    }
}
