use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_auth::credentials::{self, Change};
use wardkeep_auth::passwords::Password;

use super::body::Body;
use super::client;
use super::fields::{Fields, Shape};
use super::view::UserView;
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct ChangePassword {
    /// 8 to 128 UTF-16 code units.
    new_password: String,
    current_password: String,
    /// True ends every session and makes a new one for this browser.
    revoke_other_sessions: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct PasswordChanged {
    /// The public handle of the new session, where one was made.
    token: Option<String>,
    user: UserView,
}

/// Gives the user another password.
#[utoipa::path(
    tag = "auth",
    operation_id = "changePassword",
    request_body = ChangePassword,
    responses(
        (status = 200, body = PasswordChanged, description = "With `revokeOtherSessions` sets the session cookie"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `PASSWORD_TOO_SHORT`, `PASSWORD_TOO_LONG`, `PASSWORD_COMPROMISED`, `CREDENTIAL_ACCOUNT_NOT_FOUND`, `INVALID_PASSWORD`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 429, body = AuthErrorBody, description = "`TOO_MANY_GUESSES`"),
    ),
)]
#[post("/change-password")]
pub(super) async fn change_password(
    body_then_session: InOrder<(Body<ChangePassword>, CurrentSession)>,
    request: HttpRequest,
    cookies: Cookies,
) -> AuthResult<Json<PasswordChanged>> {
    let InOrder((Body(body), current)) = body_then_session;
    let state = state::of(&request)?;
    let renew = body.revoke_other_sessions == Some(true);
    let change = Change {
        current: Password::new(body.current_password),
        new: Password::new(body.new_password),
        renew: renew.then(|| (client::of(&request), cookies.remember())),
    };
    let changed = credentials::change(
        state.database(),
        current.context(),
        state.auth(),
        &current,
        change,
    );
    let renewed = changed.await?;
    if let Some(signed_in) = &renewed {
        cookies.sign_in(signed_in, cookies.remember());
    }
    Ok(Json(PasswordChanged {
        token: renewed.map(|signed_in| signed_in.session.token),
        user: current.user.clone().into(),
    }))
}

impl Shape for ChangePassword {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            new_password: fields.text("newPassword"),
            current_password: fields.text("currentPassword"),
            revoke_other_sessions: fields.optional_boolean("revokeOtherSessions"),
        }
    }
}
