use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post};
use utoipa::ToSchema;

use crate::auth::body::Body;
use crate::auth::fields::{Fields, Shape};
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Social {
    /// The provider, such as `github`.
    #[expect(dead_code, reason = "there is no provider that it could name")]
    provider: String,
}

/// Would start signing in through a provider. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "socialSignIn",
    request_body = Social,
    responses(
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL` and its like"),
        (status = 404, body = AuthErrorBody, description = "`PROVIDER_NOT_FOUND`: none is configured"),
    ),
)]
#[post("/sign-in/social")]
pub(crate) async fn sign_in_social(_body: Body<Social>) -> AuthResult<HttpResponse> {
    Err(not_found())
}

/// Would link an account at a provider to the user.
#[utoipa::path(
    tag = "auth",
    operation_id = "linkSocialAccount",
    request_body = Social,
    responses(
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL` and its like"),
        (status = 404, body = AuthErrorBody, description = "`PROVIDER_NOT_FOUND`: none is configured"),
    ),
)]
#[post("/link-social")]
pub(crate) async fn link_social(
    _body_then_session: InOrder<(Body<Social>, CurrentSession)>,
) -> AuthResult<HttpResponse> {
    Err(not_found())
}

fn not_found() -> AuthError {
    AuthError::new(StatusCode::NOT_FOUND, "PROVIDER_NOT_FOUND")
}

impl Shape for Social {
    fn read(fields: &mut Fields<'_>) -> Self {
        let provider = fields.text_of_a_union("provider");
        for name in ["callbackURL", "newUserCallbackURL", "errorCallbackURL"] {
            fields.optional_text(name);
        }
        fields.optional_boolean("disableRedirect");
        fields.optional_boolean("requestSignUp");
        Self { provider }
    }
}
