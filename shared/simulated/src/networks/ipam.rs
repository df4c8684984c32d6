//! Addresses: which subnet a new network gets, and which address a new endpoint. The lowest free one, as Docker does.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, Ipv6Addr},
};

use ipnet::{Ipv4Net, Ipv6Net};

/// Docker's default pools for bridges: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in pieces of /20.
fn pools() -> impl Iterator<Item = Ipv4Net> {
    let big = (17..32).filter_map(|second| Ipv4Net::new(Ipv4Addr::new(172, second, 0, 0), 16).ok());
    let small =
        (0..16).filter_map(|piece| Ipv4Net::new(Ipv4Addr::new(192, 168, piece * 16, 0), 20).ok());
    big.chain(small)
}

/// The first pool that overlaps nothing.
pub fn free_subnet(taken: &[Ipv4Net]) -> Option<Ipv4Net> {
    pools().find(|pool| !taken.iter().any(|other| overlap(pool, other)))
}

/// The first free /64 of the machine's own /48 of unique local addresses.
pub fn free_subnet6(base: Ipv6Net, taken: &[Ipv6Net]) -> Option<Ipv6Net> {
    let mut pieces = base.subnets(64).ok()?;
    pieces.find(|pool| {
        !taken
            .iter()
            .any(|other| other.contains(&pool.network()) || pool.contains(&other.network()))
    })
}

pub fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(&other.network()) || other.contains(&one.network())
}

pub fn overlap6(one: &Ipv6Net, other: &Ipv6Net) -> bool {
    one.contains(&other.network()) || other.contains(&one.network())
}

/// The lowest address that nobody has of a subnet, or of a range inside it. The subnet's own address and its broadcast
/// address are nobody's, unless it is as small as a /31; a range inside has no such addresses.
pub fn free_address(
    subnet: Ipv4Net,
    range: Option<Ipv4Net>,
    taken: &BTreeSet<Ipv4Addr>,
) -> Option<Ipv4Addr> {
    let range = range.unwrap_or(subnet);
    let reserved = |address: &Ipv4Addr| is_reserved(subnet, *address);
    let (first, last) = (u32::from(range.network()), u32::from(range.broadcast()));
    (first..=last)
        .map(Ipv4Addr::from)
        .find(|address| !reserved(address) && !taken.contains(address))
}

pub fn is_reserved(subnet: Ipv4Net, address: Ipv4Addr) -> bool {
    subnet.prefix_len() < 31 && (address == subnet.network() || address == subnet.broadcast())
}

pub fn free_address6(
    subnet: Ipv6Net,
    range: Option<Ipv6Net>,
    taken: &BTreeSet<Ipv6Addr>,
) -> Option<Ipv6Addr> {
    let range = range.unwrap_or(subnet);
    let (first, last) = (u128::from(range.network()), u128::from(range.broadcast()));
    (first..=last)
        .map(Ipv6Addr::from)
        .find(|address| *address != subnet.network() && !taken.contains(address))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pools_are_given_in_docker_s_order() {
        let mut taken = Vec::new();
        for _ in 0..17 {
            taken.push(free_subnet(&taken).unwrap());
        }
        let shown: Vec<String> = taken.iter().map(ToString::to_string).collect();
        assert_eq!(shown[0], "172.17.0.0/16");
        assert_eq!(shown[14], "172.31.0.0/16");
        assert_eq!(shown[15..], ["192.168.0.0/20", "192.168.16.0/20"]);
    }

    #[test]
    fn a_range_begins_with_its_first_address() {
        let check = |subnet: &str, range: &str, expected: &str| {
            let (subnet, range) = (subnet.parse().unwrap(), range.parse().ok());
            let free = free_address(subnet, range, &BTreeSet::new()).unwrap();
            assert_eq!(free.to_string(), expected, "{range:?}");
        };
        check("10.2.0.0/16", "", "10.2.0.1");
        check("10.2.0.0/16", "10.2.5.0/24", "10.2.5.0");
        check("10.2.0.0/16", "10.2.0.0/24", "10.2.0.1");
        check("10.9.0.0/31", "", "10.9.0.0");
    }

    proptest! {
        #[test]
        fn no_address_is_given_twice_and_a_freed_one_is_given_again(count in 1..40_usize, gone in 0..40_usize) {
            let subnet: Ipv4Net = "172.18.0.0/26".parse().unwrap();
            let mut taken = BTreeSet::from([Ipv4Addr::new(172, 18, 0, 1)]);
            for _ in 0..count {
                let address = free_address(subnet, None, &taken).unwrap();
                prop_assert!(subnet.contains(&address) && taken.insert(address));
            }
            let freed = *taken.iter().nth(gone % taken.len()).unwrap();
            taken.remove(&freed);
            prop_assert_eq!(free_address(subnet, None, &taken), Some(freed));
        }
    }
}
