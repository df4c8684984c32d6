//! Addresses: which subnet a new network gets, and which address a new endpoint. The lowest free one, as Docker does.

use std::{collections::BTreeSet, net::Ipv4Addr};

use ipnet::Ipv4Net;

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

pub fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(&other.network()) || other.contains(&one.network())
}

/// The lowest address of the subnet that nobody has; the gateway is among the taken.
pub fn free_address(subnet: Ipv4Net, taken: &BTreeSet<Ipv4Addr>) -> Option<Ipv4Addr> {
    subnet.hosts().find(|address| !taken.contains(address))
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

    proptest! {
        #[test]
        fn no_address_is_given_twice_and_a_freed_one_is_given_again(count in 1..40_usize, gone in 0..40_usize) {
            let subnet: Ipv4Net = "172.18.0.0/26".parse().unwrap();
            let mut taken = BTreeSet::from([Ipv4Addr::new(172, 18, 0, 1)]);
            for _ in 0..count {
                let address = free_address(subnet, &taken).unwrap();
                prop_assert!(subnet.contains(&address) && taken.insert(address));
            }
            let freed = *taken.iter().nth(gone % taken.len()).unwrap();
            taken.remove(&freed);
            prop_assert_eq!(free_address(subnet, &taken), Some(freed));
        }
    }
}
