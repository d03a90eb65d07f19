use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;

use crate::auth::{Body, Done, Fields, Shape, done};
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

#[derive(ToSchema)]
pub(super) struct CheckSlug {
    #[schema(example = "salt-lane")]
    slug: String,
}

/// Says whether no organization has a slug.
#[utoipa::path(
    tag = "organization",
    operation_id = "checkOrganizationSlug",
    request_body = CheckSlug,
    responses(
        (status = 200, body = Done, description = "It is free at this moment"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `ORGANIZATION_SLUG_ALREADY_TAKEN`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[post("/organization/check-slug")]
pub(super) async fn check_slug(
    body_then_caller: InOrder<(Body<CheckSlug>, CurrentSession)>,
    request: HttpRequest,
) -> AuthResult<Json<Done>> {
    let InOrder((Body(body), caller)) = body_then_caller;
    let database = state::of(&request)?.database();
    wardkeep_organizations::check_slug(database, caller.context(), caller.user.id, &body.slug).await?;
    Ok(done())
}

impl Shape for CheckSlug {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            slug: fields.text("slug"),
        }
    }
}
