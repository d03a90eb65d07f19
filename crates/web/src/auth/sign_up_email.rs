use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_auth::passwords::Password;
use wardkeep_auth::sessions::Remember;
use wardkeep_auth::sign_up::{self, SignUp, SignedUp};

use super::body::Body;
use super::client;
use super::fields::{Fields, Shape, filled};
use super::view::UserView;
use crate::context::Context;
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::{State, state};

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct SignUpEmail {
    /// May be empty.
    name: String,
    email: String,
    /// 8 to 128 UTF-16 code units.
    password: String,
    /// The address of a picture.
    image: Option<String>,
    /// Where the link in the mail leads, where the address must be proven first.
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
    /// False for a session that ends with the browser, and after a day.
    remember_me: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct SignedUpEmail {
    /// The public handle of the new session; `null` where the address must be proven first.
    token: Option<String>,
    user: UserView,
}

/// Signs up with an address and a password, and in. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "signUpWithEmailAndPassword",
    request_body(content((SignUpEmail = "application/json"), (SignUpEmail = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = SignedUpEmail, description = "Signed up and in; sets the session cookie. Where the address must be proven first: a mail is on its way, also to an address that has a user"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `PASSWORD_TOO_SHORT`, `PASSWORD_TOO_LONG`, `PASSWORD_COMPROMISED`"),
        (status = 422, body = AuthErrorBody, description = "`USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`, `FAILED_TO_CREATE_USER`"),
    ),
)]
#[post("/sign-up/email")]
pub(super) async fn sign_up_email(
    Body(body): Body<SignUpEmail>,
    request: HttpRequest,
    cx: Context,
    cookies: Cookies,
) -> AuthResult<Json<SignedUpEmail>> {
    let state: &State = state::of(&request)?;
    let remember = remember(body.remember_me);
    let sign_up = SignUp {
        name: body.name,
        email: body.email,
        password: Password::new(body.password),
        image: body.image,
        remember,
        callback: filled(body.callback_url),
        client: client::of(&request),
    };
    let signed_up = sign_up::with_password(state.database(), &cx, state.auth(), sign_up).await?;
    let (token, user) = match signed_up {
        SignedUp::In(signed_in) => {
            cookies.sign_in(&signed_in, remember);
            (Some(signed_in.session.token), signed_in.user)
        }
        SignedUp::Pending(user) => (None, user),
    };
    Ok(Json(SignedUpEmail {
        token,
        user: user.into(),
    }))
}

pub(super) fn remember(remember_me: Option<bool>) -> Remember {
    if remember_me == Some(false) {
        Remember::No
    } else {
        Remember::Yes
    }
}

impl Shape for SignUpEmail {
    const FORM: bool = true;
    const SIGNS_IN: bool = true;
    const KINDS: &'static [&'static str] = &["object", "record"];

    fn read(fields: &mut Fields<'_>) -> Self {
        let (name, email) = (fields.text("name"), fields.email("email"));
        let (password, image) = (fields.non_empty_text("password"), fields.optional_text("image"));
        let callback_url = fields.optional_text("callbackURL");
        Self {
            name,
            email,
            password,
            image,
            callback_url,
            remember_me: fields.optional_boolean("rememberMe"),
        }
    }
}
