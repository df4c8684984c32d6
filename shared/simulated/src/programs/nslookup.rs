//! busybox's `nslookup`: it asks for both kinds of address.

use std::{net::IpAddr, time::Duration};

use super::usage;
use crate::{
    net::{Answer, Status},
    process::Process,
};

pub async fn nslookup(process: Process) -> i64 {
    let mut kinds: Vec<String> = Vec::new();
    let mut words = Vec::new();
    for word in process.words() {
        match word
            .strip_prefix("-type=")
            .or_else(|| word.strip_prefix("-querytype="))
        {
            Some(kind) => kinds.push(kind.to_ascii_lowercase()),
            None if word.starts_with('-') && word.len() > 1 => {}
            None => words.push(word.clone()),
        }
    }
    let Some(name) = words.first() else {
        return usage::show(&process);
    };
    if let Some(wrong) = kinds
        .iter()
        .find(|kind| !["a", "aaaa", "ptr", "any"].contains(&kind.as_str()))
    {
        process.complain(&format!(
            "causeway: not simulated: nslookup -type={wrong}\n"
        ));
        return 1;
    }
    let net = process.net();
    let answer = match name.parse::<IpAddr>() {
        Ok(address) => net.ask_back(address),
        Err(_) => net.ask(name),
    };
    let server = match words.get(1) {
        None => answer.server,
        Some(other) => {
            let Some(address) = net.resolve(other).first().copied() else {
                process.complain(&format!("nslookup: bad address '{other}'\n"));
                return 1;
            };
            address
        }
    };
    let head = format!("Server:\t\t{server}\nAddress:\t{}\n\n", shown(server));
    if server != answer.server || answer.status == Status::TimedOut {
        process.sleep(Duration::from_secs(5)).await;
        if server.is_loopback() {
            process.print(&head);
        }
        process.print(";; connection timed out; no servers could be reached\n\n");
        return 1;
    }
    process.print(&head);
    if name.parse::<IpAddr>().is_ok() {
        return say_name(&process, name, &answer);
    }
    let wants = |kind: &str| {
        kinds.is_empty() || kinds.iter().any(|wanted| wanted == kind || wanted == "any")
    };
    say_addresses(&process, name, &answer, wants("a"), wants("aaaa"))
}

fn shown(server: IpAddr) -> String {
    std::net::SocketAddr::new(server, 53).to_string()
}

fn say_addresses(process: &Process, name: &str, answer: &Answer, four: bool, six: bool) -> i64 {
    let mut failed = false;
    for (wanted, is_four) in [(four, true), (six, false)] {
        if !wanted {
            continue;
        }
        if let Some(word) = refused(answer.status) {
            process.print(&format!("** server can't find {name}: {word}\n\n"));
            failed = true;
            continue;
        }
        process.print("Non-authoritative answer:\n");
        for address in answer
            .addresses
            .iter()
            .filter(|address| address.is_ipv4() == is_four)
        {
            process.print(&format!("Name:\t{name}\nAddress: {address}\n"));
        }
        process.print("\n");
    }
    i64::from(failed)
}

fn say_name(process: &Process, address: &str, answer: &Answer) -> i64 {
    let question = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(four)) => {
            let [a, b, c, d] = four.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        _ => format!("{address}.ip6.arpa"),
    };
    match (&answer.name, refused(answer.status)) {
        (Some(name), _) => {
            process.print(&format!(
                "Non-authoritative answer:\n{question}\tname = {name}\n\n"
            ));
            0
        }
        (None, word) => {
            let word = word.unwrap_or("NXDOMAIN");
            process.print(&format!("** server can't find {question}: {word}\n\n"));
            1
        }
    }
}

fn refused(status: Status) -> Option<&'static str> {
    match status {
        Status::NoError | Status::TimedOut => None,
        Status::NoSuchName => Some("NXDOMAIN"),
        Status::ServerFailure => Some("SERVFAIL"),
    }
}
