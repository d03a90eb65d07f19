use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_auth::accounts;

use super::answers::{Done, done};
use super::body::Body;
use super::fields::{Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::FreshSession;
use crate::state;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct UnlinkAccount {
    /// The `id` that `list-accounts` shows.
    account_id: String,
}

/// Takes one of the ways to sign in away. The last one stays.
#[utoipa::path(
    tag = "auth",
    operation_id = "unlinkAccount",
    request_body = UnlinkAccount,
    responses(
        (status = 200, body = Done, description = "It is unlinked"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `FAILED_TO_UNLINK_LAST_ACCOUNT`, `ACCOUNT_NOT_FOUND`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`SESSION_NOT_FRESH`: signed in more than a day ago"),
    ),
)]
#[post("/unlink-account")]
pub(super) async fn unlink_account(
    body_then_session: InOrder<(Body<UnlinkAccount>, FreshSession)>,
    request: HttpRequest,
) -> AuthResult<Json<Done>> {
    let InOrder((Body(body), FreshSession(current))) = body_then_session;
    let database = state::of(&request)?.database();
    // An id that is no uuid is nobody's.
    let account = body.account_id.parse().ok();
    accounts::unlink(database, current.context(), current.user.id, account).await?;
    Ok(done())
}

impl Shape for UnlinkAccount {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            account_id: fields.text("accountId"),
        }
    }
}
