//! The address that a request counts for: the peer's, or what a proxy in front that we trust says about its own peer.
//!
//! Everybody can write `X-Forwarded-For`, so it is read only from a trusted proxy, and only as far as trusted proxies
//! have written it: from the right. An IPv6 address is cut to its /64, which one household or machine has whole
//! (GHSA-p6v2-xcpg-h6xw).

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};
use ipnet::{IpNet, Ipv4Net};

/// IPv4 addresses written as IPv6 ones have this many bits in front (RFC 4291, section 2.5.5.2).
const MAPPED_PREFIX: u8 = 96;

/// Whom a request counts for. Displays as the address, in full, or as nothing where there is none: a request that came
/// over no network. It is kept in the request's extensions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ClientAddress(Option<IpAddr>);

/// The proxies in front whose word counts. Clones share whether the warning was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies {
    networks: Vec<IpNet>,
    warned: Arc<AtomicBool>,
}

impl TrustedProxies {
    pub(crate) fn new(networks: Vec<IpNet>) -> Self {
        Self {
            networks: networks.into_iter().map(unmapped).collect(),
            warned: Arc::default(),
        }
    }

    /// The host from which a request of this peer with these headers came; none over no network.
    pub(crate) fn host(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?.ip().to_canonical();
        if self.trust(peer) {
            return Some(self.walk(peer, &chain(headers)));
        }
        if headers.contains_key(X_FORWARDED_FOR) && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %peer,
                "X-Forwarded-For is ignored, since it came from no trusted proxy. If a proxy of yours sent it, all who \
                 come through it count as one client: set TRUSTED_PROXIES. Further ones are not logged"
            );
        }
        Some(peer)
    }

    /// Each entry was written by the host to its right, from the peer on. The first host that is no proxy is the client.
    /// What cannot be read counts as the proxy that wrote it, and so do all who come through that one without a name.
    fn walk(&self, peer: IpAddr, chain: &str) -> IpAddr {
        let mut host = peer;
        // Empty elements of a list do not count (RFC 9110, section 5.6.1.2).
        let entries = chain.rsplit(',').map(str::trim).filter(|entry| !entry.is_empty());
        for entry in entries {
            let Some(address) = read(entry) else {
                return host;
            };
            host = address;
            if !self.trust(host) {
                return host;
            }
        }
        host
    }

    fn trust(&self, host: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&host))
    }
}

impl ClientAddress {
    /// Whom a request from this host counts for.
    pub(crate) fn of(host: Option<IpAddr>) -> Self {
        Self(host.map(|host| match host {
            IpAddr::V4(_) => host,
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }))
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(IpAddr::V4(address)) => address.fmt(out),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, e, f, g, h] = address.segments();
                write!(
                    out,
                    "{a:04x}:{b:04x}:{c:04x}:{d:04x}:{e:04x}:{f:04x}:{g:04x}:{h:04x}"
                )
            }
        }
    }
}

/// Several lines of a header are one list (RFC 9110, section 5.3).
fn chain(headers: &HeaderMap) -> String {
    let lines: Vec<_> = headers
        .get_all(X_FORWARDED_FOR)
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    lines.join(",")
}

/// An address as proxies write it: alone, with a port, or in brackets.
fn read(entry: &str) -> Option<IpAddr> {
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || entry.parse().map(|address: SocketAddr| address.ip()).ok();
    let address = entry.parse().ok().or_else(bracketed).or_else(with_port)?;
    Some(IpAddr::to_canonical(&address))
}

/// A network of IPv4 addresses that is written as one of IPv6.
fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(given) = network else {
        return network;
    };
    let (Some(address), Some(length)) = (
        given.addr().to_ipv4_mapped(),
        given.prefix_len().checked_sub(MAPPED_PREFIX),
    ) else {
        return network;
    };
    Ipv4Net::new(address, length).map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn client(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let networks = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 40_000);
        let host = TrustedProxies::new(networks).host(Some(peer), &headers);
        ClientAddress::of(host).to_string()
    }

    #[test]
    fn a_request_without_a_peer_has_no_address() {
        let mut headers = HeaderMap::new();
        headers.append(X_FORWARDED_FOR, HeaderValue::from_static("192.0.2.1"));

        let host = TrustedProxies::default().host(None, &headers);

        assert_eq!(ClientAddress::of(host).to_string(), "");
    }

    #[test]
    fn a_stranger_is_who_it_is_whatever_it_says() {
        for lines in [&[][..], &["198.51.100.1"], &["198.51.100.1, 10.0.0.1"]] {
            assert_eq!(client(&["10.0.0.0/8"], "192.0.2.1", lines), "192.0.2.1");
            assert_eq!(client(&[], "10.0.0.1", lines), "10.0.0.1");
        }
    }

    #[test]
    fn the_chain_is_walked_from_the_right_past_trusted_proxies() {
        let trusted = ["10.0.0.0/8", "2001:db8:1::/48"];
        for (lines, expected) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
            (&["10.9.9.9, 198.51.100.1"], "198.51.100.1"),
            (
                &["203.0.113.9, 198.51.100.1, 10.0.0.2, 2001:db8:1::7"],
                "198.51.100.1",
            ),
            (&["203.0.113.9", "198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            (&[" 198.51.100.1 ,, "], "198.51.100.1"),
            // Somebody in the network of the proxies.
            (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (&[], "10.0.0.1"),
            (&["", " , "], "10.0.0.1"),
        ] {
            assert_eq!(client(&trusted, "10.0.0.1", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_counts_as_the_proxy_that_wrote_it() {
        for (line, expected) in [
            ("unknown", "10.0.0.1"),
            ("198.51.100.1, unknown", "10.0.0.1"),
            ("198.51.100.1, _hidden, 10.0.0.2", "10.0.0.2"),
            ("198.51.100.256", "10.0.0.1"),
            ("198.51.100.1:x", "10.0.0.1"),
            ("198.51.100.1 198.51.100.2", "10.0.0.1"),
            ("[2001:db8::1", "10.0.0.1"),
            ("\"198.51.100.1\"", "10.0.0.1"),
            ("caf\u{e9}", "10.0.0.1"),
            // Further left than the client nobody reads.
            ("unknown, 198.51.100.1", "198.51.100.1"),
        ] {
            assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &[line]), expected, "{line}");
        }
    }

    #[test]
    fn addresses_are_read_with_port_and_brackets() {
        let v6 = "2001:0db8:0000:0000:0000:0000:0000:0000";
        for (entry, expected) in [
            ("198.51.100.1:8443", "198.51.100.1"),
            ("2001:DB8::1", v6),
            ("[2001:db8::1]", v6),
            ("[2001:db8::1]:8443", v6),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("[::ffff:198.51.100.1]:80", "198.51.100.1"),
        ] {
            assert_eq!(
                client(&["10.0.0.1/32"], "10.0.0.1", &[entry]),
                expected,
                "{entry}"
            );
        }
    }

    #[test]
    fn ghsa_p6v2_xcpg_h6xw_an_ipv6_address_counts_as_its_network() {
        let network = "2001:0db8:0001:0002:0000:0000:0000:0000";
        assert_eq!(client(&[], "2001:db8:1:2::1", &[]), network);
        assert_eq!(client(&[], "2001:db8:1:2:ffff:ffff:ffff:ffff", &[]), network);
        assert_ne!(client(&[], "2001:db8:1:3::1", &[]), network);
    }

    #[test]
    fn an_ipv4_address_is_the_same_however_it_is_written() {
        assert_eq!(client(&[], "::ffff:192.0.2.1", &[]), "192.0.2.1");
        for trusted in ["10.0.0.0/8", "::ffff:10.0.0.0/104", "::ffff:10.0.0.1/128"] {
            for peer in ["10.0.0.1", "::ffff:10.0.0.1"] {
                assert_eq!(client(&[trusted], peer, &["198.51.100.1"]), "198.51.100.1");
            }
        }
        // Every address, and not all of IPv4 alone.
        assert_eq!(
            client(&["::/0"], "2001:db8::1", &["198.51.100.1"]),
            "198.51.100.1"
        );
    }
}
