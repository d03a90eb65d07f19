//! Where pages that may call us come from.

use std::net::SocketAddr;

use url::{Host, Url};

use super::Problem;
use super::arguments::Arguments;

/// An origin whose pages may call with cookies: `https://app.example`, perhaps with `*` or `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedOrigin(String);

impl TrustedOrigin {
    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The given base URL, else the address that is listened on, when that is on this machine.
pub(super) fn base_url(arguments: &Arguments, listen: Option<&SocketAddr>) -> Result<Url, Problem> {
    let problem = |message: String| Problem::new("BASE_URL", message);
    let given = arguments
        .base_url
        .as_deref()
        .map(str::trim)
        .filter(|url| !url.is_empty());
    let text = match (given, listen) {
        (Some(given), _) => given.to_owned(),
        (None, Some(address)) if address.ip().is_loopback() && address.port() != 0 => {
            format!("http://{address}")
        }
        (None, _) => {
            let message = "is not set, and LISTEN is no fixed address on this machine; set it to how browsers reach the \
                           server, such as https://clinic.example";
            return Err(problem(message.into()));
        }
    };
    let url = Url::parse(&text).map_err(|error| {
        problem(format!(
            "`{text}` cannot be read ({error}); write it as https://clinic.example"
        ))
    })?;
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || !bare || url.password().is_some() {
        let message = format!(
            "`{text}` is more or less than http(s), host and port; write it as https://clinic.example"
        );
        return Err(problem(message));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        let message = format!(
            "`{text}` would send session cookies unencrypted over a network; write https:// (a proxy in front may end TLS)"
        );
        return Err(problem(message));
    }
    Ok(url)
}

/// Origins separated by commas.
pub(super) fn trusted(list: &str) -> Result<Vec<TrustedOrigin>, Problem> {
    list.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(origin)
        .collect()
}

fn origin(text: &str) -> Result<TrustedOrigin, Problem> {
    let problem = |why: &str| {
        let message =
            format!("`{text}` {why}; write origins such as https://app.example,https://*.clinic.example");
        Err(Problem::new("TRUSTED_ORIGINS", message))
    };
    let Some((scheme, host)) = text.split_once("://") else {
        return problem("has no scheme");
    };
    if scheme.is_empty()
        || !scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    {
        return problem("has no scheme");
    }
    if host.contains(['/', '#', '@', ' ', '\\']) {
        return problem("is more than an origin");
    }
    if !host.contains(|character: char| character.is_alphanumeric()) {
        return problem("would trust every site");
    }
    Ok(TrustedOrigin(text.to_owned()))
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
    use url::Url;

    use super::{Arguments, Problem, base_url, trusted};

    fn base(more: &[&str]) -> Result<Url, Problem> {
        let arguments = Arguments::of(["wardkeep"].into_iter().chain(more.iter().copied()));
        let listen = arguments.listen().unwrap();
        base_url(&arguments, Some(&listen))
    }

    #[test]
    fn the_base_url_follows_the_address_on_this_machine() {
        assert_eq!(
            base(&["--listen", "[::1]:4010"]).unwrap().as_str(),
            "http://[::1]:4010/"
        );
    }

    #[test]
    fn an_open_address_needs_a_base_url() {
        assert!(base(&["--listen", "0.0.0.0:4000"]).is_err());
        assert!(base(&["--listen", "127.0.0.1:0"]).is_err());
        assert!(base(&["--listen", "0.0.0.0:4000", "--base-url", "https://clinic.example"]).is_ok());
    }

    #[test]
    fn a_base_url_that_is_no_origin_is_refused() {
        for url in [
            "clinic.example",
            "ftp://clinic.example",
            "https://clinic.example/app",
            "https://clinic.example/?a",
            "https://me@clinic.example",
        ] {
            assert!(base(&["--base-url", url]).is_err(), "{url}");
        }
    }

    #[test]
    fn cookies_go_unencrypted_on_this_machine_only() {
        assert!(base(&["--base-url", "http://clinic.example"]).is_err());
        assert!(base(&["--base-url", "http://localhost:3000"]).is_ok());
    }

    #[test]
    fn origins_are_separated_by_commas() {
        let origins = trusted("https://app.example, https://*.clinic.example,myapp://open,").unwrap();

        let written: Vec<_> = origins.iter().map(super::TrustedOrigin::as_str).collect();
        assert_eq!(
            written,
            ["https://app.example", "https://*.clinic.example", "myapp://open"]
        );
    }

    #[test]
    fn an_origin_that_is_none_is_refused() {
        for text in [
            "*",
            "app.example",
            "https://*",
            "https://app.example/path",
            "https://a b",
        ] {
            assert!(trusted(text).is_err(), "{text}");
        }
    }
}
