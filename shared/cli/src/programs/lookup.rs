//! `dig`, `nslookup`, `host`: what the host's own name server says. It knows nothing of a lab's names: those are for
//! containers on a network of their own.

use std::{fmt::Write as _, net::IpAddr};

use async_trait::async_trait;

use super::{Call, Program};
use crate::{
    Context,
    console::Console,
    grammar::{Count, Grammar},
    shell::Ended,
};

/// The host's own addresses for a name. Further names are not looked up: a lab asks nobody outside.
pub fn addresses(name: &str) -> Vec<IpAddr> {
    match name.trim_end_matches('.') {
        "localhost" => vec![[127, 0, 0, 1].into(), [0, 0, 0, 0, 0, 0, 0, 1].into()],
        name => name.parse().into_iter().collect(),
    }
}

async fn server(context: &Context) -> IpAddr {
    let facts = context.host.facts().await;
    facts
        .name_servers
        .first()
        .copied()
        .unwrap_or_else(|| [127, 0, 0, 53].into())
}

pub struct Dig;

static DIG: Grammar = Grammar {
    names: &["dig"],
    usage: "[+short] NAME [TYPE]",
    about: "Asks the host's name server, which knows no container",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["name", "type"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Dig {
    fn grammar(&self) -> &'static Grammar {
        &DIG
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let short = call.words.iter().any(|word| word == "+short");
        let names: Vec<&String> = call
            .words
            .iter()
            .filter(|word| !word.starts_with(['+', '-', '@']))
            .collect();
        if call.words.iter().any(|word| word.starts_with('@')) {
            let why = "causeway: dig @SERVER: only the host's own name server is asked here; a container's is asked from inside: docker exec CONTAINER nslookup NAME";
            console.err_line(why).await;
            return Ended::with(10);
        }
        let Some(name) = names.first() else {
            console
                .err_line("causeway: dig: say which name: dig +short localhost")
                .await;
            return Ended::with(1);
        };
        let kind = names
            .get(1)
            .map_or("A", |kind| kind.as_str())
            .to_uppercase();
        let found: Vec<String> = addresses(name)
            .into_iter()
            .filter(|address| {
                name.parse::<IpAddr>().is_err()
                    && address.is_ipv4() == (kind == "A")
                    && matches!(kind.as_str(), "A" | "AAAA")
            })
            .map(|address| address.to_string())
            .collect();
        if short {
            console
                .out(
                    found
                        .iter()
                        .map(|address| format!("{address}\n"))
                        .collect::<String>(),
                )
                .await;
            return Ended::with(0);
        }
        let known = !addresses(name).is_empty();
        let status = if known { "NOERROR" } else { "NXDOMAIN" };
        let name = format!("{}.", name.trim_end_matches('.'));
        let answers: String = found
            .iter()
            .map(|address| format!("{name}\t\t0\tIN\t{kind}\t{address}\n"))
            .collect();
        let answers = if answers.is_empty() {
            answers
        } else {
            format!(";; ANSWER SECTION:\n{answers}\n")
        };
        let server = server(context).await;
        console
            .out(format!(
                ";; ->>HEADER<<- opcode: QUERY, status: {status}\n\n;; QUESTION SECTION:\n;{name}\t\t\tIN\t{kind}\n\n{answers};; SERVER: {server}#53({server})\n"
            ))
            .await;
        Ended::with(0)
    }
}

pub struct Nslookup;

static NSLOOKUP: Grammar = Grammar {
    names: &["nslookup"],
    usage: "NAME",
    about: "Asks the host's name server, which knows no container",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["name"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Nslookup {
    fn grammar(&self) -> &'static Grammar {
        &NSLOOKUP
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let Some(name) = call.words.first() else {
            console
                .err_line("causeway: nslookup: say which name: nslookup localhost")
                .await;
            return Ended::with(1);
        };
        let server = server(context).await;
        let mut text = format!("Server:\t\t{server}\nAddress:\t{server}#53\n\n");
        let found = addresses(name);
        if found.is_empty() {
            let _ = write!(text, "** server can't find {name}: NXDOMAIN\n\n");
            console.out(text).await;
            return Ended::with(1);
        }
        for address in &found {
            let _ = write!(text, "Name:\t{name}\nAddress: {address}\n");
        }
        text.push('\n');
        console.out(text).await;
        Ended::with(0)
    }
}

pub struct Host;

static HOST: Grammar = Grammar {
    names: &["host", "getent"],
    usage: "NAME",
    about: "Asks the host's name server, which knows no container",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["name"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Host {
    fn grammar(&self) -> &'static Grammar {
        &HOST
    }

    async fn run(&self, call: Call<'_>, _: &Context, console: &mut Console) -> Ended {
        let names: Vec<&String> = call
            .words
            .iter()
            .filter(|word| !matches!(word.as_str(), "hosts" | "ahosts"))
            .collect();
        let Some(name) = names.first() else {
            console
                .err_line(&format!("causeway: {}: say which name.", call.name))
                .await;
            return Ended::with(1);
        };
        let found = addresses(name);
        if call.name == "getent" {
            if let Some(address) = found.last() {
                console
                    .line(&format!("{:<15} {name}", address.to_string()))
                    .await;
                return Ended::with(0);
            }
            return Ended::with(2);
        }
        if found.is_empty() {
            console
                .line(&format!("Host {name} not found: 3(NXDOMAIN)"))
                .await;
            return Ended::with(1);
        }
        for address in &found {
            let what = if address.is_ipv4() {
                "address"
            } else {
                "IPv6 address"
            };
            console.line(&format!("{name} has {what} {address}")).await;
        }
        Ended::with(0)
    }
}
