use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, USER_AGENT, X_FORWARDED_FOR};
use wardkeep_auth::sessions::Client;

/// What a request says about the browser or program that sent it.
pub(super) fn of(request: &HttpRequest) -> Client {
    let text = |name: HeaderName| {
        let value = request.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Client {
        ip_address: text(X_FORWARDED_FOR)
            .and_then(|chain| address(&chain))
            .unwrap_or_default(),
        user_agent: text(USER_AGENT).unwrap_or_default(),
    }
}

/// The address of a chain that has only one: of several, the first ones are whatever the client wrote. An IPv6 address
/// is cut to its /64, which is what one household or one machine has, and written out in full.
fn address(chain: &str) -> Option<String> {
    let mut addresses = chain
        .split(',')
        .map(str::trim)
        .filter(|address| !address.is_empty());
    let (address, None) = (addresses.next()?, addresses.next()) else {
        return None;
    };
    match address.parse().ok()? {
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => Some(match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => network(address),
        }),
    }
}

fn network(address: Ipv6Addr) -> String {
    let [a, b, c, d, ..] = address.segments();
    format!("{a:04x}:{b:04x}:{c:04x}:{d:04x}:0000:0000:0000:0000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_address_is_believed() {
        for (chain, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            (" 192.0.2.1 ,", Some("192.0.2.1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("2001:DB8::1", Some("2001:0db8:0000:0000:0000:0000:0000:0000")),
            ("192.0.2.1, 192.0.2.2", None),
            ("192.0.2.1:80", None),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(address(chain).as_deref(), expected, "{chain}");
        }
    }
}
