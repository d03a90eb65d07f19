use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_auth::passwords::Password;
use wardkeep_auth::sign_in::{self, SignIn};

use super::answers::in_ascii;
use super::body::Body;
use super::client;
use super::fields::{Fields, Shape};
use super::sign_up_email::remember;
use super::view::UserView;
use crate::context::Context;
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::{State, state};

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct SignInEmail {
    email: String,
    password: String,
    /// Where the client should go; given back as `url` and in `Location`.
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
    /// False for a session that ends with the browser, and after a day.
    remember_me: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct SignedInEmail {
    redirect: bool,
    /// The public handle of the new session.
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    user: UserView,
}

/// Signs in with an address and a password. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "signInEmail",
    request_body(content((SignInEmail = "application/json"), (SignInEmail = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = SignedInEmail, description = "Signed in; sets the session cookie"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `INVALID_EMAIL`, `PASSWORD_TOO_LONG`"),
        (status = 401, body = AuthErrorBody, description = "`INVALID_EMAIL_OR_PASSWORD`"),
        (status = 403, body = AuthErrorBody, description = "`EMAIL_NOT_VERIFIED`: the password is right, but the address must be proven first"),
    ),
)]
#[post("/sign-in/email")]
pub(super) async fn sign_in_email(
    Body(body): Body<SignInEmail>,
    request: HttpRequest,
    cx: Context,
    cookies: Cookies,
) -> AuthResult<HttpResponse> {
    let state: &State = state::of(&request)?;
    let remember = remember(body.remember_me);
    let sign_in = SignIn {
        email: body.email,
        password: Password::new(body.password),
        remember,
        client: client::of(&request),
    };
    let signed_in = sign_in::with_password(state.database(), &cx, state.auth(), sign_in).await?;
    cookies.sign_in(&signed_in, remember);
    let mut response = HttpResponse::Ok();
    let leads = body.callback_url.as_deref().filter(|url| !url.is_empty());
    if let Some(url) = leads {
        response.insert_header((LOCATION, in_ascii(url)));
    }
    Ok(response.json(SignedInEmail {
        redirect: leads.is_some(),
        token: signed_in.session.token,
        url: body.callback_url,
        user: signed_in.user.into(),
    }))
}

impl Shape for SignInEmail {
    const FORM: bool = true;
    const SIGNS_IN: bool = true;

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            email: fields.text("email"),
            password: fields.text("password"),
            callback_url: fields.optional_text("callbackURL"),
            remember_me: fields.optional_boolean("rememberMe"),
        }
    }
}
