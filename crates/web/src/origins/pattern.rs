use std::net::Ipv4Addr;

use url::{Host, Url};

/// One trusted origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// An `http` or `https` origin.
    Exact(String),
    /// A glob over `scheme://host:port`.
    Origin(String),
    /// A glob over `host:port`, by `http` or `https`.
    Host(String),
    /// Another scheme, and the host it must have if one is given.
    Scheme { scheme: String, host: String },
}

/// Schemes whose addresses hold a page or a program themselves, or read this machine: no redirect may lead there.
const UNSAFE_SCHEMES: [&str; 5] = ["javascript", "data", "blob", "file", "vbscript"];

impl Pattern {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let wild = text.contains(['*', '?']);
        let Some((scheme, rest)) = text.split_once("://") else {
            return (wild && !text.contains('/')).then_some(Self::Host(text));
        };
        if !matches!(scheme, "http" | "https") && !scheme.contains(['*', '?']) {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let named = !scheme.is_empty() && Url::parse(&format!("{scheme}://host")).is_ok();
            return (named && !UNSAFE_SCHEMES.contains(&scheme)).then(|| Self::Scheme {
                scheme: scheme.to_owned(),
                host: host.to_owned(),
            });
        }
        if wild {
            return Some(Self::Origin(text.trim_end_matches('/').to_owned()));
        }
        let url = Url::parse(&text).ok().filter(Url::has_host)?;
        Some(Self::Exact(url.origin().ascii_serialization()))
    }

    pub(super) fn matches(&self, url: &str) -> bool {
        // Browsers drop control characters before they read a URL, and some readers take a backslash for a slash; what
        // holds one is not what it looks like.
        if url.contains('\\') || url.chars().any(char::is_control) {
            return false;
        }
        let Ok(url) = Url::parse(url) else {
            return false;
        };
        // Not by the origin alone: that of `blob:https://clinic.example/1` is the one inside.
        let web = matches!(url.scheme(), "http" | "https");
        let origin = url.origin().ascii_serialization();
        match self {
            Self::Exact(exact) => web && origin == *exact,
            Self::Origin(glob) => {
                web && is_plain(&url)
                    && matches(glob, &origin)
                    && admits_address(after_scheme(glob), after_scheme(&origin))
            }
            Self::Host(glob) => {
                let host = authority(&url);
                web && is_plain(&url) && matches(glob, &host) && admits_address(glob, &host)
            }
            Self::Scheme { scheme, host } => {
                url.scheme() == scheme
                    && url.username().is_empty()
                    && (host.is_empty() || authority(&url) == *host)
            }
        }
    }
}

/// Whether the host is an address or a name as the DNS has them. A URL may also have `;`, `!` or `,` in one, which not every
/// reader takes for a part of the name: `https://evil.test;.clinic.example`.
fn is_plain(url: &Url) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    match url.host() {
        Some(Host::Domain(name)) => name.bytes().all(plain),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

fn after_scheme(origin: &str) -> &str {
    origin.split_once("://").map_or("", |(_, rest)| rest)
}

/// A pattern made only of digits, dots and wildcards names addresses: `10.*` must not admit `10.evil.test`.
fn admits_address(pattern: &str, authority: &str) -> bool {
    let pattern = pattern.split(':').next().unwrap_or_default();
    let numeric = pattern.contains(|c: char| c.is_ascii_digit())
        && pattern
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | '*' | '?'));
    let host = authority.split(':').next().unwrap_or_default();
    !numeric || host.parse::<Ipv4Addr>().is_ok()
}

/// Whether the glob fits the whole text. `*` stands for any run of characters but slashes, `?` for one of them.
fn matches(glob: &str, text: &str) -> bool {
    let (glob, text): (Vec<char>, Vec<char>) = (glob.chars().collect(), text.chars().collect());
    // Which prefixes of the text the glob read so far fits; no recursion, so that no pattern is slow.
    let mut fits: Vec<bool> = std::iter::once(true).chain(text.iter().map(|_| false)).collect();
    for part in glob {
        let mut next = Vec::with_capacity(fits.len());
        let mut before = false;
        for (index, fit) in fits.iter().enumerate() {
            let read = index.checked_sub(1).and_then(|previous| text.get(previous));
            let taken = match (part, read) {
                (_, None) => false,
                ('*', Some(read)) => *read != '/' && next.last().copied().unwrap_or(false),
                ('?', Some(read)) => *read != '/' && before,
                (part, Some(read)) => *read == part && before,
            };
            next.push(taken || (part == '*' && *fit));
            before = *fit;
        }
        fits = next;
    }
    fits.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusts(pattern: &str, url: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(url)
    }

    #[test]
    fn an_exact_origin_matches_itself_and_every_page_of_it() {
        assert!(trusts(
            "https://clinic.example",
            "https://clinic.example/page?x=1"
        ));
        assert!(trusts("https://Clinic.Example:443/", "https://clinic.example"));
        assert!(!trusts("https://clinic.example", "http://clinic.example"));
        assert!(!trusts("https://clinic.example", "https://clinic.example:8443"));
        assert!(!trusts("https://clinic.example", "https://www.clinic.example"));
    }

    #[test]
    fn a_wildcard_stands_for_anything_but_a_slash() {
        assert!(trusts("https://*.clinic.example", "https://a.b.clinic.example/x"));
        assert!(!trusts("https://*.clinic.example", "https://clinic.example"));
        assert!(!trusts(
            "https://*.clinic.example",
            "https://evil.test/.clinic.example"
        ));
        assert!(!trusts("https://*.clinic.example", "http://a.clinic.example"));
        assert!(trusts("*.clinic.example", "http://a.clinic.example"));
        assert!(trusts("http*://clinic.example", "https://clinic.example"));
        assert!(trusts("http://localhost:?000", "http://localhost:3000"));
        assert!(!trusts("http://localhost:?000", "http://localhost:33000"));
    }

    #[test]
    fn a_wildcard_stands_for_parts_of_a_name() {
        for host in ["b%C3%BCcher", "a_b", "a.b-c", "xn--bcher-kva"] {
            let url = format!("https://{host}.clinic.example/x");
            assert!(trusts("https://*.clinic.example", &url), "{url}");
            assert!(trusts("*.clinic.example", &url), "{url}");
        }
        for separator in [";", "!", ",", "&", "$", "'", "(", "*", "+", "=", "~"] {
            let url = format!("https://evil.test{separator}.clinic.example/x");
            assert!(!trusts("https://*.clinic.example", &url), "{url}");
            assert!(!trusts("*.clinic.example", &url), "{url}");
        }
    }

    #[test]
    fn a_wildcard_address_admits_addresses_alone() {
        assert!(trusts("192.168.*", "http://192.168.1.7"));
        assert!(!trusts("192.168.*", "http://192.168.evil.test"));
        assert!(trusts("http://10.*.*.1", "http://10.2.3.1"));
        assert!(!trusts("http://10.*", "http://10.evil.test"));
    }

    #[test]
    fn another_scheme_matches_by_scheme_and_by_host_if_given() {
        assert!(trusts("clinicapp://", "clinicapp://sign-in/done"));
        assert!(trusts("clinicapp://home", "clinicapp://home/x"));
        assert!(!trusts("clinicapp://home", "clinicapp://elsewhere"));
        assert!(!trusts("clinicapp://", "otherapp://"));
        assert!(!trusts("clinicapp://", "clinicapp://user@home"));
    }

    #[test]
    fn a_web_pattern_admits_web_pages_alone() {
        for pattern in [
            "*.clinic.example",
            "https://*.clinic.example",
            "*://*.clinic.example",
            "https://x.clinic.example",
        ] {
            assert!(trusts(pattern, "https://x.clinic.example/page"), "{pattern}");
            for url in [
                "javascript://x.clinic.example/%0aalert(1)",
                "data://x.clinic.example/page",
                "ftp://x.clinic.example/page",
                "blob:https://x.clinic.example/page",
            ] {
                assert!(!trusts(pattern, url), "{pattern} {url}");
            }
        }
    }

    #[test]
    fn a_backslash_is_never_trusted() {
        for (pattern, url) in [
            ("http://127.0.0.1:4700", r"http://127.0.0.1:4700\@evil.test"),
            ("http://127.0.0.1:4700", r"http://127.0.0.1:4700/\evil.test"),
            ("*.clinic.example", r"https:\\x.clinic.example"),
            ("clinicapp://", r"clinicapp://home\x"),
        ] {
            assert!(!trusts(pattern, url), "{pattern} {url}");
        }
    }

    #[test]
    fn a_scheme_that_runs_programs_or_reads_files_is_no_pattern() {
        for scheme in ["javascript", "JavaScript", "data", "blob", "file", "vbscript"] {
            assert_eq!(Pattern::parse(&format!("{scheme}://")), None, "{scheme}");
        }
    }

    #[test]
    fn the_case_of_a_pattern_does_not_matter() {
        assert!(trusts("HTTPS://*.Clinic.example", "https://a.clinic.example"));
        assert!(trusts("ClinicApp://Home", "clinicapp://home"));
        assert_eq!(Pattern::parse("HTTPS://"), None);
    }

    #[test]
    fn nonsense_is_no_pattern() {
        for text in ["", "clinic.example", "https://", "://x", "a/*", "http:/x"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_glob_with_many_stars_is_not_slow() {
        assert!(!matches(&"*a".repeat(200), &"a".repeat(199)));
        assert!(matches(&"*a".repeat(200), &"a".repeat(200)));
        assert!(matches("*", ""));
        assert!(!matches("", "a"));
    }
}
