use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;
use wardkeep_auth::email_proofs::{self, Followed, ProofError};
use wardkeep_tenancy::{Fault as _, FaultKind};

use super::answers::redirect;
use super::body::Query;
use super::fields::{Fields, Shape, filled};
use super::view::UserView;
use crate::context::Context;
use crate::cookies::Cookies;
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::MaybeSession;
use crate::state;

pub(super) struct VerifyEmail {
    token: String,
    callback_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct EmailVerified {
    status: bool,
    /// The user with the new address, after a change.
    user: Option<UserView>,
}

/// What the link in the mail opens: proves an address, or makes a new one the user's. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "verifyEmail",
    params(
        ("token" = String, Query),
        ("callbackURL" = Option<String>, Query, description = "The page to go on to"),
    ),
    responses(
        (status = 200, body = EmailVerified, description = "Without `callbackURL`"),
        (status = 302, description = "To `callbackURL`, with `error` and a code if the link is not valid"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`"),
        (status = 401, body = AuthErrorBody, description = "`TOKEN_EXPIRED`, `INVALID_TOKEN`, `USER_NOT_FOUND`, `INVALID_USER`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL`"),
        (status = 422, body = AuthErrorBody, description = "`USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`: somebody else has the new address by now"),
    ),
)]
#[get("/verify-email")]
pub(super) async fn verify_email(
    query_then_session: InOrder<(Query<VerifyEmail>, MaybeSession)>,
    request: HttpRequest,
    cx: Context,
    cookies: Cookies,
) -> AuthResult<HttpResponse> {
    let InOrder((Query(query), MaybeSession(current))) = query_then_session;
    let state = state::of(&request)?;
    let (database, auth, current) = (state.database(), state.auth(), current.as_deref());
    let followed = email_proofs::follow(database, &cx, auth, current, &query.token).await;
    let callback = filled(query.callback_url);
    let followed = match (followed, callback.as_deref()) {
        (Err(error), Some(callback)) if is_about_the_link(&error) => {
            let page = with_error(state.origins().base(), callback, error.code())?;
            return Ok(redirect(&page));
        }
        (followed, _) => followed?,
    };
    let user = match followed {
        Followed::Proven => None,
        Followed::Changed(user) => {
            if current.is_some() {
                cookies.renew();
            }
            Some(user.into())
        }
    };
    Ok(match callback {
        Some(callback) => redirect(&callback),
        None => HttpResponse::Ok().json(EmailVerified { status: true, user }),
    })
}

fn is_about_the_link(error: &ProofError) -> bool {
    matches!(error.kind(), FaultKind::Unauthenticated | FaultKind::Conflict)
}

/// Adds `error` to the query of a page that was found to be trusted. The rest of the query and the fragment stay; a path
/// is resolved as a browser resolves it, and stays a path.
fn with_error(base: &Url, page: &str, code: &str) -> AuthResult<String> {
    let is_path = page.starts_with('/');
    let url = if is_path {
        base.join(page)
    } else {
        Url::parse(page)
    };
    let mut url = url.map_err(|_| AuthError::new(StatusCode::FORBIDDEN, "INVALID_CALLBACK_URL"))?;
    let query = match url.query().unwrap_or_default() {
        "" => format!("error={code}"),
        query if query.ends_with('&') => format!("{query}error={code}"),
        query => format!("{query}&error={code}"),
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

impl Shape for VerifyEmail {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            token: fields.text("token"),
            callback_url: fields.optional_text("callbackURL"),
        }
    }

    fn callback(&self) -> Option<&str> {
        self.callback_url.as_deref()
    }
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
            assert_eq!(with_error(&base, page, "X").unwrap(), expected, "{page}");
        }
    }

    proptest! {
        #[test]
        fn a_redirect_leads_where_the_page_is_that_was_trusted(page in addresses::any()) {
            let origins = addresses::origins();
            let base = origins.base();
            if origins.may_redirect_to(&page) {
                let intended = base.join(&page).unwrap();
                for location in [in_ascii(&page), in_ascii(&with_error(base, &page, "X").unwrap())] {
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
            let location = with_error(&base, page, "X").unwrap();
            assert_eq!(location, "/.//evil.test?error=X", "{page}");
            assert_eq!(base.join(&location).unwrap().host_str(), Some("clinic.example"));
        }
    }
}
