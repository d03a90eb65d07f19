use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa::ToSchema;
use wardkeep_auth::deletions::{self, Deleted, Deletion};
use wardkeep_auth::passwords::Password;

use super::answers::{Said, redirect, said};
use super::body::{Body, Query};
use super::fields::{Fields, Shape, filled};
use crate::cookies::Cookies;
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::{CurrentSession, MaybeSession};
use crate::state;

const DELETED: &str = "User deleted";

#[derive(ToSchema)]
pub(super) struct DeleteUser {
    /// Needed when the user signed in more than a day ago.
    password: Option<String>,
    /// The token of the mail, where deleting needs one.
    token: Option<String>,
    /// The page that the link in the mail ends on.
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// Deletes the user, with every session, account and membership; or sends the mail whose link does.
#[utoipa::path(
    tag = "auth",
    operation_id = "deleteUser",
    request_body = DeleteUser,
    responses(
        (status = 200, body = Said, description = "`User deleted`, which clears the cookies, or `Verification email sent`"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `INVALID_PASSWORD`, `PASSWORD_TOO_LONG`, `CREDENTIAL_ACCOUNT_NOT_FOUND`, `SESSION_EXPIRED`, `YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL`"),
        (status = 404, body = AuthErrorBody, description = "`INVALID_TOKEN`"),
        (status = 429, body = AuthErrorBody, description = "`TOO_MANY_GUESSES`"),
    ),
)]
#[post("/delete-user")]
pub(super) async fn delete_user(
    body_then_session: InOrder<(Body<DeleteUser>, CurrentSession)>,
    request: HttpRequest,
    cookies: Cookies,
) -> AuthResult<Json<Said>> {
    let InOrder((Body(body), current)) = body_then_session;
    let state = state::of(&request)?;
    let deletion = Deletion {
        password: body.password.map(Password::new),
        token: body.token,
        callback: filled(body.callback_url),
    };
    let deleted = deletions::delete(
        state.database(),
        current.context(),
        state.auth(),
        &current,
        deletion,
    );
    Ok(said(match deleted.await? {
        Deleted::ByMail => "Verification email sent",
        Deleted::Now => {
            cookies.clear();
            DELETED
        }
    }))
}

pub(super) struct DeleteUserLink {
    token: String,
    callback_url: Option<String>,
}

/// What the link in the mail opens: deletes the user who is signed in in this browser.
#[utoipa::path(
    tag = "auth",
    operation_id = "deleteUserCallback",
    params(
        ("token" = String, Query),
        ("callbackURL" = Option<String>, Query, description = "The page to go on to"),
    ),
    responses(
        (status = 200, body = Said, description = "Without `callbackURL`; clears the cookies"),
        (status = 302, description = "To `callbackURL`; clears the cookies"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL`"),
        (status = 404, body = AuthErrorBody, description = "`FAILED_TO_GET_USER_INFO` (nobody is signed in), `INVALID_TOKEN`"),
    ),
)]
#[get("/delete-user/callback")]
pub(super) async fn delete_user_link(
    query_then_session: InOrder<(Query<DeleteUserLink>, MaybeSession)>,
    request: HttpRequest,
    cookies: Cookies,
) -> AuthResult<HttpResponse> {
    let InOrder((Query(query), MaybeSession(current))) = query_then_session;
    let state = state::of(&request)?;
    let nobody = || AuthError::new(StatusCode::NOT_FOUND, "FAILED_TO_GET_USER_INFO");
    let current = current.ok_or_else(nobody)?;
    let deletion = Deletion {
        token: Some(query.token),
        ..Deletion::default()
    };
    deletions::delete(
        state.database(),
        current.context(),
        state.auth(),
        &current,
        deletion,
    )
    .await?;
    cookies.clear();
    Ok(match filled(query.callback_url) {
        Some(callback) => redirect(&callback),
        None => HttpResponse::Ok().json(said(DELETED).0),
    })
}

impl Shape for DeleteUser {
    fn read(fields: &mut Fields<'_>) -> Self {
        let callback_url = fields.optional_text("callbackURL");
        Self {
            password: fields.optional_text("password"),
            token: fields.optional_text("token"),
            callback_url,
        }
    }
}

impl Shape for DeleteUserLink {
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
