//! Which addresses the gateway may connect to on a partner's behalf.
//!
//! A name that a partner or a policy gives can lead anywhere: to the gateway's own machine, its network, a cloud's
//! metadata service. So an address counts as public only where the registries of RFC 6890 say that it is globally
//! reachable, and what is neither public nor a private network is never connected to. Looking names up is not done here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To the Internet.
    Public,
    /// To this machine or a private network: only where a policy says so.
    Private,
    /// To a link (metadata services live there), to many, to nobody, or through a translator to who knows where: never.
    Never,
}

/// Where an address leads.
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        [10 | 127, ..] | [192, 168, ..] => Reach::Private,
        [172, second, ..] if (16..32).contains(&second) => Reach::Private,
        // Shared address space of carriers (RFC 6598).
        [100, second, ..] if (64..128).contains(&second) => Reach::Private,
        // This network, link-local, IETF protocols, 6to4 relays, benchmarks, multicast, reserved and broadcast.
        [0, ..] | [169, 254, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [224..=255, ..] => {
            Reach::Never
        }
        // Documentation.
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Reach::Never,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Private,
        [0xfc00..=0xfdff, ..] => Reach::Private,
        // IETF protocols with Teredo and ORCHID, documentation, 6to4: some of these hide an IPv4 address.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => Reach::Never,
        [0x2000..=0x3fff, ..] => Reach::Public,
        // Among them IPv4-mapped addresses, NAT64, link-local and multicast.
        _ => Reach::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_range_is_known_at_both_its_ends() {
        for (reach_expected, addresses) in [
            (
                Reach::Public,
                "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 \
                 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255 \
                 198.20.0.0 223.255.255.255 2000:: 2001:200:: 2003:: 2606:4700::1111 3ffe::1 3fff:1000::",
            ),
            (
                Reach::Private,
                "10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.255 172.16.0.0 \
                 172.31.255.255 192.168.0.0 192.168.255.255 ::1 fc00:: fdff:ffff::1",
            ),
            (
                Reach::Never,
                "0.0.0.0 0.255.255.255 169.254.0.0 169.254.169.254 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.0 \
                 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 :: ::ffff:127.0.0.1 \
                 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 1fff::1 2001::1 2001:1ff::1 2001:db8::1 \
                 2002:7f00:1::1 3fff::1 4000::1 5f00::1 fe80::1 fec0::1 ff02::1",
            ),
        ] {
            for address in addresses.split_whitespace() {
                assert_eq!(reach(address.parse().expect("an address")), reach_expected, "{address}");
            }
        }
    }
}
