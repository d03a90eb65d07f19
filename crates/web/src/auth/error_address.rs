//! The address of a page that is told what went wrong.

use actix_web::http::StatusCode;
use url::{Url, form_urlencoded};

use crate::error::{AuthError, AuthResult};

/// Adds `error`, and `error_description` where there is one, to the query of a page that was found to be trusted. The rest of
/// the query and the fragment stay; a path is resolved as a browser resolves it, and stays a path.
pub(super) fn with_error(
    base: &Url,
    page: &str,
    error: &str,
    description: Option<&str>,
) -> AuthResult<String> {
    let is_path = page.starts_with('/');
    let url = if is_path {
        base.join(page)
    } else {
        Url::parse(page)
    };
    let mut url = url.map_err(|_| AuthError::new(StatusCode::FORBIDDEN, "INVALID_CALLBACK_URL"))?;
    let description = description.map(|text| ("error_description", text));
    let added = form_urlencoded::Serializer::new(String::new())
        .append_pair("error", error)
        .extend_pairs(description)
        .finish();
    let query = match url.query().unwrap_or_default() {
        "" => added,
        query if query.ends_with('&') => format!("{query}{added}"),
        query => format!("{query}&{added}"),
    };
    url.set_query(Some(&query));
    Ok(if is_path { path_of(&url) } else { url.into() })
}

/// What stands behind the origin. `/.//x` is resolved to `//x`, which alone would name another host.
fn path_of(url: &Url) -> String {
    let dot = if url.path().starts_with("//") { "/." } else { "" };
    let query = url.query().map(|query| format!("?{query}"));
    let fragment = url.fragment().map(|fragment| format!("#{fragment}"));
    [
        dot,
        url.path(),
        &query.unwrap_or_default(),
        &fragment.unwrap_or_default(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, prop_assert_eq, proptest};
    use url::Url;

    use super::super::answers::in_ascii;
    use super::with_error;
    use crate::origins::addresses;

    #[test]
    fn an_error_is_added_as_better_auth_adds_it() {
        let base = Url::parse("https://clinic.example").unwrap();
        for (page, expected) in [
            ("/welcome", "/welcome?error=X"),
            ("/welcome?x=1#top", "/welcome?x=1&error=X#top"),
            ("/welcome?", "/welcome?error=X"),
            ("/welcome?x=1&", "/welcome?x=1&error=X"),
            ("/#/route?x", "/?error=X#/route?x"),
            ("/a/../b c", "/b%20c?error=X"),
            ("/\u{fc}?\u{fc}", "/%C3%BC?%C3%BC&error=X"),
            ("http://clinic.test", "http://clinic.test/?error=X"),
            ("http://clinic.test?x", "http://clinic.test/?x&error=X"),
            ("http://clinic.test/a?x=%20", "http://clinic.test/a?x=%20&error=X"),
            ("clinicapp://home#top", "clinicapp://home?error=X#top"),
        ] {
            assert_eq!(with_error(&base, page, "X", None).unwrap(), expected, "{page}");
        }
    }

    /// What a provider says is no more than a value there.
    #[test]
    fn a_code_and_its_description_add_nothing_else() {
        let base = Url::parse("https://clinic.example").unwrap();
        let location = with_error(&base, "/x?a=1#f", "<x>&y=1#", Some("no & way\r\nü")).unwrap();
        assert_eq!(
            location,
            "/x?a=1&error=%3Cx%3E%26y%3D1%23&error_description=no+%26+way%0D%0A%C3%BC#f"
        );
    }

    proptest! {
        #[test]
        fn a_redirect_leads_where_the_page_is_that_was_trusted(page in addresses::any()) {
            let origins = addresses::origins();
            let base = origins.base();
            if origins.may_redirect_to(&page) {
                let intended = base.join(&page).unwrap();
                for location in [in_ascii(&page), in_ascii(&with_error(base, &page, "X", None).unwrap())] {
                    let destination = base.join(&location).unwrap();
                    prop_assert!(location.is_ascii() && addresses::is_trusted(&destination), "{location:?}");
                    prop_assert_eq!(destination.host_str(), intended.host_str());
                    prop_assert_eq!(destination.path(), intended.path());
                    prop_assert_eq!(destination.fragment(), intended.fragment());
                }
            }
        }
    }

    /// Better Auth 1.7.25 makes `//evil.test?error=X` of it, which a browser takes for another host.
    #[test]
    fn a_path_never_becomes_a_host() {
        let base = Url::parse("https://clinic.example").unwrap();
        for page in [
            "/.//evil.test",
            "/a/..//evil.test",
            "/././/evil.test",
            "/%2e//evil.test",
        ] {
            let location = with_error(&base, page, "X", None).unwrap();
            assert_eq!(location, "/.//evil.test?error=X", "{page}");
            assert_eq!(base.join(&location).unwrap().host_str(), Some("clinic.example"));
        }
    }
}
