use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_auth::users::{self, Changes};

use super::answers::{Done, done};
use super::body::Body;
use super::fields::{Fields, Shape};
use crate::cookies::Cookies;
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

#[derive(ToSchema)]
pub(super) struct UpdateUser {
    name: Option<String>,
    /// The address of a picture; `null` for none.
    image: Option<Option<String>>,
    #[schema(ignore)]
    names_email: bool,
}

/// Changes the user's name or picture.
#[utoipa::path(
    tag = "auth",
    operation_id = "updateUser",
    request_body = UpdateUser,
    responses(
        (status = 200, body = Done, description = "Sets the session cookie again"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `EMAIL_CAN_NOT_BE_UPDATED`, or without a code when nothing would change"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[post("/update-user")]
pub(super) async fn update_user(
    body_then_session: InOrder<(Body<UpdateUser>, CurrentSession)>,
    request: HttpRequest,
    cookies: Cookies,
) -> AuthResult<Json<Done>> {
    let InOrder((Body(body), current)) = body_then_session;
    let database = state::of(&request)?.database();
    if body.names_email {
        return Err(AuthError::new(
            StatusCode::BAD_REQUEST,
            "EMAIL_CAN_NOT_BE_UPDATED",
        ));
    }
    let changes = Changes {
        name: body.name,
        image: body.image,
    };
    users::update(database, current.context(), &current, changes).await?;
    cookies.renew();
    Ok(done())
}

impl Shape for UpdateUser {
    const KINDS: &'static [&'static str] = &["record"];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            name: fields.optional_text("name"),
            image: fields.nullable_text("image"),
            names_email: fields.is_truthy("email"),
        }
    }
}
