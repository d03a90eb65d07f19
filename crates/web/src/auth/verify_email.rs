use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_auth::email_proofs::{self, Followed, ProofError};
use wardkeep_tenancy::{Fault as _, FaultKind};

use super::answers::redirect;
use super::body::Query;
use super::error_address::with_error;
use super::fields::{Fields, Shape, filled};
use super::view::UserView;
use crate::context::Context;
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
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
            let page = with_error(state.origins().base(), callback, error.code(), None)?;
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
