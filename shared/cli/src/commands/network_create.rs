//! `docker network create`

use std::{collections::HashMap, net::IpAddr};

use async_trait::async_trait;
use lab::models::{Ipam, IpamConfig, NetworkCreateRequest};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::{Flag, Given},
    grammar::{Call, Command, Count, Grammar},
    values::{label, pairs},
};

pub struct NetworkCreate;

static FLAGS: &[Flag] = &[
    Flag::switch("attachable", "Let plain containers join (overlay networks)"),
    Flag::many(
        "aux-address",
        "map",
        "Addresses that are not to be handed out: name=address",
    ),
    Flag::refused("config-from", "it is for a cluster's machines"),
    Flag::refused("config-only", "it is for a cluster's machines"),
    Flag::one(
        "driver",
        "string",
        "What kind of network: bridge, macvlan, overlay (default \"bridge\")",
    )
    .short('d'),
    Flag::many(
        "gateway",
        "strings",
        "The gateway's address, one for each subnet",
    ),
    Flag::refused("ingress", "it is for a cluster's machines"),
    Flag::switch("internal", "No way out to the world"),
    Flag::many(
        "ip-range",
        "strings",
        "Hand out addresses from this part of the subnet only",
    ),
    Flag::refused("ipam-driver", "addresses are handed out by docker itself"),
    Flag::refused("ipam-opt", "addresses are handed out by docker itself"),
    Flag::switch("ipv4", "Hand out IPv4 addresses (default true)"),
    Flag::switch("ipv6", "Hand out IPv6 addresses"),
    Flag::many("label", "list", "Set a label: key=value").checked(label),
    Flag::many("opt", "map", "Option for the driver: key=value").short('o'),
    Flag::one("scope", "string", "Where it exists: local or swarm"),
    Flag::many("subnet", "strings", "Its addresses: 172.28.0.0/16"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["network create"],
    usage: "[OPTIONS] NETWORK",
    about: "Create a network; containers on it find each other by name",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["name of the new network"],
    program_from: None,
};

#[async_trait]
impl Command for NetworkCreate {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let request = request(&call.given).map_err(|why| Failure::new(1, why))?;
        let made = context.engine.create_network(request).await?;
        console.line(&made.id).await;
        Ok(0)
    }
}

fn request(given: &Given) -> Result<NetworkCreateRequest, String> {
    let switch = |name| given.has(name).then(|| given.on(name));
    let config = ipam(given)?;
    Ok(NetworkCreateRequest {
        name: given.arguments[0].clone(),
        driver: Some(given.text("driver").unwrap_or_else(|| "bridge".to_owned())),
        scope: given.text("scope"),
        internal: Some(given.on("internal")),
        attachable: Some(given.on("attachable")),
        ipam: Some(Ipam {
            driver: Some("default".to_owned()),
            config: Some(config),
            options: Some(HashMap::new()),
        }),
        enable_ipv4: switch("ipv4"),
        enable_ipv6: switch("ipv6"),
        options: Some(pairs(&given.all("opt"))),
        labels: Some(pairs(&given.all("label"))),
        ..NetworkCreateRequest::default()
    })
}

/// Brings subnets, ranges, gateways and other addresses together.
fn ipam(given: &Given) -> Result<Vec<IpamConfig>, String> {
    let list = |name| -> Vec<String> {
        given
            .all(name)
            .iter()
            .flat_map(|values| values.split(','))
            .map(str::to_owned)
            .collect()
    };
    let (subnets, ranges, gateways) = (list("subnet"), list("ip-range"), list("gateway"));
    if subnets.len() < ranges.len() || subnets.len() < gateways.len() {
        return Err("every ip-range or gateway must have a corresponding subnet".to_owned());
    }
    let mut configs: Vec<IpamConfig> = Vec::new();
    for (index, subnet) in subnets.iter().enumerate() {
        for other in &subnets[..index] {
            if within(subnet, other)? || within(other, subnet)? {
                return Err("multiple overlapping subnet configuration is not supported".to_owned());
            }
        }
        configs.push(IpamConfig {
            subnet: Some(subnet.clone()),
            ..IpamConfig::default()
        });
    }
    for range in ranges {
        cidr(&range).ok_or_else(|| format!("invalid CIDR address: {range}"))?;
        let config = home(&mut configs, &range)?
            .ok_or_else(|| format!("no matching subnet for range {range}"))?;
        if let Some(other) = config.ip_range.replace(range.clone()) {
            let subnet = config.subnet.as_deref().unwrap_or_default();
            return Err(format!(
                "cannot configure multiple ranges ({range}, {other}) on the same subnet ({subnet})"
            ));
        }
    }
    for gateway in gateways {
        let config = home(&mut configs, &gateway)?
            .ok_or_else(|| format!("no matching subnet for gateway {gateway}"))?;
        if let Some(other) = config.gateway.replace(gateway.clone()) {
            let subnet = config.subnet.as_deref().unwrap_or_default();
            return Err(format!(
                "cannot configure multiple gateways ({gateway}, {other}) for the same subnet ({subnet})"
            ));
        }
    }
    for (name, address) in pairs(&given.all("aux-address")) {
        let config = home(&mut configs, &address)?
            .ok_or_else(|| format!("no matching subnet for aux-address {address}"))?;
        config
            .auxiliary_addresses
            .get_or_insert_default()
            .insert(name, address);
    }
    Ok(configs)
}

/// The subnet to which an address belongs.
fn home<'c>(
    configs: &'c mut [IpamConfig],
    address: &str,
) -> Result<Option<&'c mut IpamConfig>, String> {
    for config in configs {
        if within(config.subnet.as_deref().unwrap_or_default(), address)? {
            return Ok(Some(config));
        }
    }
    Ok(None)
}

fn within(subnet: &str, address: &str) -> Result<bool, String> {
    let (network, bits) =
        cidr(subnet).ok_or_else(|| format!("invalid subnet: invalid CIDR address: {subnet}"))?;
    let address = if address.contains('/') {
        Some(
            cidr(address)
                .ok_or_else(|| format!("invalid CIDR address: {address}"))?
                .0,
        )
    } else {
        address.parse().ok()
    };
    Ok(address.is_some_and(|address| same_network(network, address, bits)))
}

fn cidr(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.parse().ok().filter(|bits| *bits <= most)?;
    Some((address, bits))
}

fn same_network(one: IpAddr, other: IpAddr, bits: u32) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            (one.to_bits() ^ other.to_bits()).leading_zeros() >= bits
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            (one.to_bits() ^ other.to_bits()).leading_zeros() >= bits
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let call = GRAMMAR
            .read("docker network create", &words)
            .expect("flags are right");
        let shown = match ipam(&call.given) {
            Ok(configs) => serde_json::to_string(&configs).expect("plain data"),
            Err(why) => why,
        };
        assert_eq!(shown, expected, "{line}");
    }

    #[test]
    fn addresses_are_brought_together() {
        check(
            "--subnet 10.1.0.0/16 --gateway 10.1.0.9 --ip-range 10.1.5.0/24 --aux-address r=10.1.0.2 net",
            r#"[{"Subnet":"10.1.0.0/16","IPRange":"10.1.5.0/24","Gateway":"10.1.0.9","AuxiliaryAddresses":{"r":"10.1.0.2"}}]"#,
        );
        check(
            "--gateway 1.2.3.4 net",
            "every ip-range or gateway must have a corresponding subnet",
        );
        check(
            "--subnet 10.1.0.0/16 --gateway 1.2.3.4 net",
            "no matching subnet for gateway 1.2.3.4",
        );
        check(
            "--subnet 10.1.0.0/16,10.1.2.0/24 net",
            "multiple overlapping subnet configuration is not supported",
        );
        check(
            "--aux-address foo net",
            "no matching subnet for aux-address ",
        );
        // What the engine is to say about.
        check("--subnet foo net", r#"[{"Subnet":"foo"}]"#);
    }
}
