//! Where pages that may call us come from.

use std::net::SocketAddr;

use url::{Host, Url};
use wardkeep_web::{OriginError, Origins};

use super::Problem;
use super::arguments::Arguments;

/// The given base URL, else the address that is listened on when that is on this machine; and the origins besides.
pub(super) fn check(arguments: &Arguments, listen: Option<&SocketAddr>) -> Result<Origins, Problem> {
    let base = base_url(arguments, listen)?;
    let trusted = arguments
        .trusted_origins
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty());
    let trusted = trusted.map(some_site).collect::<Result<Vec<_>, _>>()?;
    let origins = Origins::new(&base, trusted).map_err(|error| {
        let setting = match error {
            OriginError::Base(_) => "BASE_URL",
            OriginError::Trusted(_) => "TRUSTED_ORIGINS",
        };
        Problem::new(setting, error.to_string())
    })?;
    if !origins.is_secure() && !is_loopback(origins.base()) {
        let message = format!(
            "{base} would send session cookies unencrypted over a network; write https:// (a proxy in front may end TLS)"
        );
        return Err(Problem::new("BASE_URL", message));
    }
    Ok(origins)
}

fn base_url(arguments: &Arguments, listen: Option<&SocketAddr>) -> Result<String, Problem> {
    let given = arguments
        .base_url
        .as_deref()
        .map(str::trim)
        .filter(|url| !url.is_empty());
    match (given, listen) {
        (Some(given), _) => Ok(given.to_owned()),
        (None, Some(address)) if address.ip().is_loopback() && address.port() != 0 => {
            Ok(format!("http://{address}"))
        }
        (None, _) => {
            let message = "is not set, and LISTEN is no fixed address on this machine; set it to how browsers reach the \
                           server, such as https://clinic.example";
            Err(Problem::new("BASE_URL", message))
        }
    }
}

/// A pattern whose host is of wildcards alone would let the pages of every site act for whoever visits them.
fn some_site(origin: &str) -> Result<&str, Problem> {
    let (scheme, rest) = origin.split_once("://").unwrap_or(("", origin));
    let web =
        scheme.is_empty() || scheme.contains(['*', '?']) || scheme.to_ascii_lowercase().starts_with("http");
    let authority = rest.split('/').next().unwrap_or_default();
    // What follows the last colon is the port, except inside of the brackets of an IPv6 address.
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    };
    if !web || host.contains(char::is_alphanumeric) {
        return Ok(origin);
    }
    let message = format!("{origin} would trust every site; write origins such as https://*.clinic.example");
    Err(Problem::new("TRUSTED_ORIGINS", message))
}

/// Whether somebody on another machine may reach the server, or is meant to.
pub(super) fn is_beyond(listen: Option<SocketAddr>, origins: Option<&Origins>) -> bool {
    listen.is_some_and(|address| !address.ip().is_loopback())
        || origins.is_some_and(|origins| !is_loopback(origins.base()))
}

/// Whether the host of a URL is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Origins, Problem, check};

    fn origins(more: &[&str]) -> Result<Origins, Problem> {
        let arguments = Arguments::of(["wardkeep"].into_iter().chain(more.iter().copied()));
        check(&arguments, Some(&arguments.listen().unwrap()))
    }

    #[test]
    fn the_base_url_follows_the_address_on_this_machine() {
        assert_eq!(
            origins(&["--listen", "[::1]:4010"]).unwrap().base().as_str(),
            "http://[::1]:4010/"
        );
    }

    #[test]
    fn an_open_address_needs_a_base_url() {
        assert!(origins(&["--listen", "0.0.0.0:4000"]).is_err());
        assert!(origins(&["--listen", "127.0.0.1:0"]).is_err());
        assert!(origins(&["--listen", "0.0.0.0:4000", "--base-url", "https://clinic.example"]).is_ok());
    }

    #[test]
    fn a_base_url_that_is_no_origin_is_refused() {
        for url in [
            "clinic.example",
            "ftp://clinic.example",
            "https://clinic.example/app",
        ] {
            let said = origins(&["--base-url", url]).unwrap_err().to_string();
            assert!(said.starts_with("BASE_URL: "), "{said}");
        }
    }

    #[test]
    fn cookies_go_unencrypted_on_this_machine_only() {
        assert!(origins(&["--base-url", "http://clinic.example"]).is_err());
        assert!(origins(&["--base-url", "http://localhost:3000"]).is_ok());
    }

    #[test]
    fn trusted_origins_are_separated_by_commas() {
        assert!(
            origins(&[
                "--trusted-origins",
                "https://app.example, https://*.clinic.example,clinicapp://,http://[::1]:3000,*.example:8443"
            ])
            .is_ok()
        );
    }

    #[test]
    fn what_trusts_nothing_or_everything_is_refused() {
        for origin in [
            "app.example",
            "*",
            "*:8443",
            "https://*",
            "https://*:8443",
            "HTTPS://*:8443/",
            "https://*.*:8443/app",
            "*://*",
            "*://",
            "https://",
            "HTTPS://",
            "javascript://",
        ] {
            let said = origins(&["--trusted-origins", origin]).unwrap_err().to_string();
            assert!(said.starts_with("TRUSTED_ORIGINS: "), "{said}");
        }
    }
}
