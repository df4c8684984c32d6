//! busybox's `traceroute`: three probes for each hop.

use std::{net::IpAddr, time::Duration};

use super::usage::{self, Options};
use crate::{net::Echo, process::Process};

pub async fn traceroute(process: Process) -> i64 {
    let options = match Options::read(&process, "46FIlnrdvxt:i:m:p:q:s:w:g:z:f:", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    match run(&process, &options).await {
        Ok(code) | Err(code) => code,
    }
}

async fn run(process: &Process, options: &Options) -> Result<i64, i64> {
    let Some(host) = options.rest.first() else {
        return Err(usage::show(process));
    };
    let most = options.number(process, "m")?.unwrap_or(30);
    let probes = options.number(process, "q")?.unwrap_or(3);
    let patience = options.number(process, "w")?.unwrap_or(3);
    let found = process.net().resolve(host);
    let Some(address) = found.first().copied() else {
        process.complain(&format!("traceroute: bad address '{host}'\n"));
        return Err(1);
    };
    process.print(&format!(
        "traceroute to {host} ({address}), {most} hops max, 46 byte packets\n"
    ));
    for hop in 1..=u8::try_from(most).unwrap_or(30) {
        process.print(&format!("{hop:2}"));
        let mut last = None;
        let mut arrived = false;
        for _ in 0..probes {
            match process.net().probe(address, hop) {
                Echo::TimeExceeded { from } => answered(process, options, from, &mut last, ""),
                Echo::Unreachable { from, what } => {
                    let mark = if what == crate::net::Unreachable::Host {
                        " !H"
                    } else {
                        ""
                    };
                    answered(process, options, from, &mut last, mark);
                    arrived = true;
                }
                Echo::Reply { from, .. } => {
                    answered(process, options, from, &mut last, "");
                    arrived = true;
                }
                Echo::NetworkUnreachable => {
                    process.complain("traceroute: sendto: Network is unreachable\n");
                    return Err(1);
                }
                Echo::Silence => {
                    process.sleep(Duration::from_secs(patience)).await;
                    process.print("  *");
                }
            }
        }
        process.print("\n");
        if arrived {
            break;
        }
    }
    Ok(0)
}

fn answered(
    process: &Process,
    options: &Options,
    from: IpAddr,
    last: &mut Option<IpAddr>,
    mark: &str,
) {
    if last.replace(from) != Some(from) {
        let named = if options.has("n") {
            None
        } else {
            process.net().ask_back(from).name
        };
        match named {
            Some(name) => process.print(&format!("  {name} ({from})")),
            None if options.has("n") => process.print(&format!("  {from}")),
            None => process.print(&format!("  {from} ({from})")),
        }
    }
    let micros = 3 + process.world.world().next() % 6;
    process.print(&format!("  0.{micros:03} ms{mark}"));
}
