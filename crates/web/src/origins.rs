//! Which web pages may send requests with cookies, and where a redirect may lead.

#[cfg(test)]
pub(crate) mod addresses;
mod pattern;

use actix_web::http::header::{COOKIE, HOST, HeaderMap, ORIGIN, REFERER};
use url::Url;

use pattern::Pattern;

/// The address under which browsers reach this server, and the origins whose pages may use it.
#[derive(Debug, Clone)]
pub struct Origins {
    base: Url,
    trusted: Vec<Pattern>,
}

/// Why a request is not believed to come from a page of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untrusted {
    /// It names no origin, or the opaque one.
    Missing,
    /// It names another one.
    Foreign,
    /// It is a navigation that started on another site.
    Navigation,
}

impl Untrusted {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Missing => "MISSING_OR_NULL_ORIGIN",
            Self::Foreign => "INVALID_ORIGIN",
            Self::Navigation => "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
        }
    }
}

impl Origins {
    /// Takes the base address (`https://clinic.example`, without a path) and further origins to trust: exact ones,
    /// ones with wildcards (`https://*.clinic.example`, or `*.clinic.example` by `http` and `https`), or other schemes
    /// (`clinicapp://`). A `*` stands for any characters but slashes, a `?` for one of them.
    pub fn new<S: AsRef<str>>(base: &str, trusted: impl IntoIterator<Item = S>) -> Result<Self, OriginError> {
        let url = Url::parse(base).map_err(|_| OriginError::Base(base.to_owned()))?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !plain {
            return Err(OriginError::Base(base.to_owned()));
        }
        let mut patterns = vec![Pattern::Exact(url.origin().ascii_serialization())];
        for origin in trusted {
            let pattern = Pattern::parse(origin.as_ref());
            patterns.push(pattern.ok_or_else(|| OriginError::Trusted(origin.as_ref().to_owned()))?);
        }
        Ok(Self {
            base: url,
            trusted: patterns,
        })
    }

    /// The base address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Whether browsers reach this server by HTTPS, so that cookies can be `Secure`.
    pub fn is_secure(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// Whether pages of this origin, or at this absolute URL, are trusted.
    pub(crate) fn trusts(&self, url: &str) -> bool {
        !url.starts_with('/') && self.trusted.iter().any(|pattern| pattern.matches(url))
    }

    /// Whether a redirect may lead there: to a trusted origin, or by a safe path of this one.
    pub(crate) fn may_redirect_to(&self, url: &str) -> bool {
        if url.starts_with('/') {
            is_safe_path(url)
        } else {
            self.trusts(url)
        }
    }

    /// Checks a request that changes something and carries a cookie: a browser sends those along with requests that a
    /// page of another site made (OWASP CSRF Prevention Cheat Sheet, "Verifying Origin With Standard Headers").
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Untrusted> {
        if headers.contains_key(COOKIE) {
            self.check_origin(headers)
        } else {
            Ok(())
        }
    }

    /// Checks a sign-in without a cookie. Programs send neither origin nor fetch metadata and pass; what a browser
    /// sends must be ours, or a page elsewhere could sign its visitors in to an account of its own.
    pub(crate) fn check_sign_in(&self, headers: &HeaderMap) -> Result<(), Untrusted> {
        if headers.contains_key(COOKIE) {
            return self.check_origin(headers);
        }
        let metadata = |name| text(headers, name).filter(|value| !value.trim().is_empty());
        let (site, mode) = (metadata("sec-fetch-site"), metadata("sec-fetch-mode"));
        if site == Some("cross-site") && mode == Some("navigate") {
            return Err(Untrusted::Navigation);
        }
        let from_browser = site.or(mode).or(metadata("sec-fetch-dest")).is_some();
        let names_origin = [ORIGIN.as_str(), REFERER.as_str()]
            .into_iter()
            .any(|name| metadata(name).is_some());
        if from_browser || names_origin {
            self.check_origin(headers)
        } else {
            Ok(())
        }
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Untrusted> {
        let origin = text(headers, ORIGIN.as_str()).filter(|origin| !origin.is_empty());
        // A page of ours under a strict referrer policy has the opaque origin, and no page can forge the metadata.
        if origin == Some("null") && text(headers, "sec-fetch-site") == Some("same-origin") {
            let host = text(headers, HOST.as_str()).unwrap_or_default();
            let here = format!("{}://{host}", self.base.scheme());
            return if self.trusts(&here) {
                Ok(())
            } else {
                Err(Untrusted::Foreign)
            };
        }
        match origin
            .or_else(|| text(headers, REFERER.as_str()))
            .unwrap_or_default()
        {
            "" | "null" => Err(Untrusted::Missing),
            origin if self.trusts(origin) => Ok(()),
            _ => Err(Untrusted::Foreign),
        }
    }
}

/// Why a list of origins makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// The base address is no `http` or `https` origin.
    #[error("the base URL {0:?} must be http:// or https:// with a host, and without path or query")]
    Base(String),
    /// A trusted origin cannot be read.
    #[error(
        "the trusted origin {0:?} must be like https://clinic.example, https://*.clinic.example or clinicapp://"
    )]
    Trusted(String),
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // What is not visible ASCII is no origin of ours either.
    headers.get(name).map(|value| value.to_str().unwrap_or("null"))
}

/// Whether a browser and every router read this as a path of the same origin: one leading slash, no backslash, no
/// control character, no encoded slash or backslash before the query.
fn is_safe_path(url: &str) -> bool {
    let path = url
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    url.starts_with('/')
        && !url.starts_with("//")
        && !url.contains('\\')
        && !url.chars().any(char::is_control)
        && !path.contains("%2f")
        && !path.contains("%5c")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};
    use proptest::{prop_assert, proptest};

    const BASE: &str = "http://127.0.0.1:4000";

    fn origins() -> Origins {
        let none: [&str; 0] = [];
        Origins::new(BASE, none).unwrap()
    }

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        headers
    }

    // The expectations of the three tables below were read off Better Auth 1.7.25.

    #[test]
    fn a_request_with_a_cookie_must_come_from_a_page_of_ours() {
        let origins = origins();
        for (pairs, expected) in [
            (&[("origin", "http://evil.test")][..], Ok(())),
            (&[("cookie", "a=b")], Err(Untrusted::Missing)),
            (&[("cookie", "")], Err(Untrusted::Missing)),
            (&[("cookie", "a=b"), ("origin", "null")], Err(Untrusted::Missing)),
            (
                &[("cookie", "a=b"), ("origin", "http://evil.test")],
                Err(Untrusted::Foreign),
            ),
            (
                &[("cookie", "a=b"), ("origin", "http://127.0.0.1:4001")],
                Err(Untrusted::Foreign),
            ),
            (
                &[("cookie", "a=b"), ("origin", "https://127.0.0.1:4000")],
                Err(Untrusted::Foreign),
            ),
            (
                &[("cookie", "a=b"), ("origin", "http://127.0.0.1:4000.evil.test")],
                Err(Untrusted::Foreign),
            ),
            (
                &[("cookie", "a=b"), ("origin", "http://127.0.0.1:4000@evil.test")],
                Err(Untrusted::Foreign),
            ),
            (&[("cookie", "a=b"), ("origin", "/x")], Err(Untrusted::Foreign)),
            (&[("cookie", "a=b"), ("origin", BASE)], Ok(())),
            (&[("cookie", "a=b"), ("origin", "HTTP://127.0.0.1:4000/")], Ok(())),
            (
                &[("cookie", "a=b"), ("referer", "http://127.0.0.1:4000/page")],
                Ok(()),
            ),
            (
                &[("cookie", "a=b"), ("referer", "http://evil.test/page")],
                Err(Untrusted::Foreign),
            ),
            (
                &[
                    ("cookie", "a=b"),
                    ("origin", "http://evil.test"),
                    ("referer", BASE),
                ],
                Err(Untrusted::Foreign),
            ),
            (
                &[
                    ("cookie", "a=b"),
                    ("origin", "null"),
                    ("sec-fetch-site", "same-origin"),
                    ("host", "127.0.0.1:4000"),
                ],
                Ok(()),
            ),
            (
                &[
                    ("cookie", "a=b"),
                    ("origin", "null"),
                    ("sec-fetch-site", "same-origin"),
                    ("host", "evil.test"),
                ],
                Err(Untrusted::Foreign),
            ),
            (
                &[
                    ("cookie", "a=b"),
                    ("origin", "null"),
                    ("sec-fetch-site", "cross-site"),
                ],
                Err(Untrusted::Missing),
            ),
        ] {
            assert_eq!(origins.check(&headers(pairs)), expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_sign_in_without_a_cookie_is_checked_when_a_browser_sends_it() {
        let origins = origins();
        for (pairs, expected) in [
            (&[][..], Ok(())),
            (&[("sec-fetch-dest", " ")], Ok(())),
            (&[("sec-fetch-user", "?1")], Ok(())),
            (&[("origin", BASE)], Ok(())),
            (&[("origin", "http://evil.test")], Err(Untrusted::Foreign)),
            (&[("origin", "null")], Err(Untrusted::Missing)),
            (&[("referer", "http://evil.test/")], Err(Untrusted::Foreign)),
            (&[("sec-fetch-site", "same-origin")], Err(Untrusted::Missing)),
            (&[("sec-fetch-site", "same-origin"), ("origin", BASE)], Ok(())),
            (
                &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")],
                Err(Untrusted::Missing),
            ),
            (
                &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
                Err(Untrusted::Navigation),
            ),
            (
                &[
                    ("cookie", "a=b"),
                    ("origin", BASE),
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "navigate"),
                ],
                Ok(()),
            ),
        ] {
            assert_eq!(origins.check_sign_in(&headers(pairs)), expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_redirect_stays_on_a_trusted_origin() {
        let origins = origins();
        for good in [
            "/",
            "/dashboard",
            "/ok?x=%5c",
            "/#/%2f",
            BASE,
            "http://127.0.0.1:4000/x?y=1",
            "HTTP://127.0.0.1:4000/",
        ] {
            assert!(origins.may_redirect_to(good), "{good:?}");
        }
        for bad in [
            "//evil.test",
            "/\\evil",
            "/a%2fb",
            "/a%2Fb?x=%2f",
            "/%5cx",
            "/a\tb",
            " /x",
            "foo",
            "",
            "http://evil.test",
            "http://127.0.0.1:4000.evil.test/",
            "http://127.0.0.1:4000@evil.test/",
            "javascript:alert(1)",
        ] {
            assert!(!origins.may_redirect_to(bad), "{bad:?}");
        }
    }

    proptest! {
        /// A browser resolves what it is told against the page that told it (WHATWG URL), which is what `join` does.
        #[test]
        fn whatever_passes_is_resolved_to_a_trusted_origin(address in addresses::any()) {
            let origins = addresses::origins();
            if origins.may_redirect_to(&address) {
                let resolved = origins.base().join(&address);
                prop_assert!(resolved.as_ref().is_ok_and(addresses::is_trusted), "{address:?}: {resolved:?}");
            }
        }
    }

    #[test]
    fn a_base_address_is_a_plain_origin() {
        let none: [&str; 0] = [];
        for bad in [
            "",
            "clinic.example",
            "ftp://clinic.example",
            "https://clinic.example/app",
            "https://a:b@clinic.example",
        ] {
            assert_eq!(
                Origins::new(bad, none).unwrap_err(),
                OriginError::Base(bad.to_owned())
            );
        }
        assert!(Origins::new("https://clinic.example", none).unwrap().is_secure());
        assert!(!origins().is_secure());
        assert_eq!(
            Origins::new(BASE, ["nonsense"]).unwrap_err(),
            OriginError::Trusted("nonsense".to_owned())
        );
    }
}
