use actix_web::http::StatusCode;
use actix_web::web::{Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use url::Url;
use utoipa::ToSchema;
use wardkeep_auth::passwords::Password;
use wardkeep_auth::resets;

use super::answers::{Done, done, redirect};
use super::body::{Body, Query};
use super::fields::{Fields, Shape, filled};
use crate::context::Context;
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::state;

pub(super) struct ResetPasswordLink {
    callback_url: String,
}

/// What the link in the mail opens: goes on to the page that was asked for, with the token in its query. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "resetPasswordCallback",
    params(
        ("token" = String, Path),
        ("callbackURL" = String, Query, description = "The page to go on to; empty goes to the error page"),
    ),
    responses(
        (status = 302, description = "To `callbackURL` with `token`, or with `error=INVALID_TOKEN`"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL`"),
    ),
)]
#[get("/reset-password/{token}")]
pub(super) async fn reset_password_link(
    token: Path<String>,
    Query(query): Query<ResetPasswordLink>,
    request: HttpRequest,
    cx: Context,
) -> AuthResult<HttpResponse> {
    let state = state::of(&request)?;
    let base = state.origins().base();
    let invalid = ("error", "INVALID_TOKEN");
    if query.callback_url.is_empty() {
        return Ok(redirect(&with_query(base, "/api/auth/error", invalid)?));
    }
    let result = match resets::is_valid(state.database(), &cx, &token).await? {
        true => ("token", token.as_str()),
        false => invalid,
    };
    Ok(redirect(&with_query(base, &query.callback_url, result)?))
}

/// The absolute address of a page, with a parameter set: the first one of this name, or else a new one at the end. The page
/// was found to be trusted before.
fn with_query(base: &Url, page: &str, (name, value): (&str, &str)) -> AuthResult<String> {
    let mut url = base
        .join(page)
        .map_err(|_| AuthError::new(StatusCode::FORBIDDEN, "INVALID_CALLBACK_URL"))?;
    let mut ours = Some((name.to_owned(), value.to_owned()));
    let mut pairs = Vec::new();
    for (other, value) in url.query_pairs() {
        if other != name {
            pairs.push((other.into_owned(), value.into_owned()));
        } else {
            pairs.extend(ours.take());
        }
    }
    pairs.extend(ours);
    url.query_pairs_mut().clear().extend_pairs(pairs);
    Ok(url.into())
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct ResetPassword {
    /// 8 to 128 UTF-16 code units.
    new_password: String,
    /// The token of the mail; may stand in the query instead.
    token: Option<String>,
}

pub(super) struct ResetPasswordQuery {
    token: Option<String>,
}

/// Sets the password of whoever the token was sent to. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "resetPassword",
    params(("token" = Option<String>, Query)),
    request_body = ResetPassword,
    responses(
        (status = 200, body = Done, description = "The password is changed"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `INVALID_TOKEN`, `PASSWORD_TOO_SHORT`, `PASSWORD_TOO_LONG`, `PASSWORD_COMPROMISED`, `USER_NOT_FOUND`"),
    ),
)]
#[post("/reset-password")]
pub(super) async fn reset_password(
    body_then_query: InOrder<(Body<ResetPassword>, Query<ResetPasswordQuery>)>,
    request: HttpRequest,
    cx: Context,
) -> AuthResult<Json<Done>> {
    let InOrder((Body(body), Query(query))) = body_then_query;
    let state = state::of(&request)?;
    let token = filled(body.token).or(filled(query.token));
    let token = token.ok_or_else(|| AuthError::new(StatusCode::BAD_REQUEST, "INVALID_TOKEN"))?;
    let password = Password::new(body.new_password);
    resets::reset(state.database(), &cx, state.auth(), &token, &password).await?;
    Ok(done())
}

impl Shape for ResetPasswordLink {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            callback_url: fields.text("callbackURL"),
        }
    }

    fn callback(&self) -> Option<&str> {
        Some(&self.callback_url)
    }
}

impl Shape for ResetPassword {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            new_password: fields.text("newPassword"),
            token: fields.optional_text("token"),
        }
    }
}

impl Shape for ResetPasswordQuery {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            token: fields.optional_text("token"),
        }
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::with_query;

    #[test]
    fn a_parameter_is_set_as_url_search_params_sets_it() {
        let base = Url::parse("https://clinic.example").unwrap();
        for (page, expected) in [
            ("/r", "https://clinic.example/r?token=T"),
            ("/r?x=1#top", "https://clinic.example/r?x=1&token=T#top"),
            ("/r?token=a&x=1&token=b", "https://clinic.example/r?token=T&x=1"),
            ("/r?x=%20y&z", "https://clinic.example/r?x=+y&z=&token=T"),
            ("/.//evil.test", "https://clinic.example//evil.test?token=T"),
            ("http://clinic.test:81", "http://clinic.test:81/?token=T"),
            ("clinicapp://home", "clinicapp://home?token=T"),
        ] {
            assert_eq!(
                with_query(&base, page, ("token", "T")).unwrap(),
                expected,
                "{page}"
            );
        }
    }
}
