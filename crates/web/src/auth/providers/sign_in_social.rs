use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_auth::providers::{self, Begin, Brought};
use wardkeep_auth::sessions::Remember;

use super::given::IdToken;
use super::sent_away::{self, SentAway};
use crate::auth::body::Body;
use crate::auth::client;
use crate::auth::fields::{Fields, Shape, filled};
use crate::auth::view::UserView;
use crate::context::Context;
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SocialSignIn {
    /// The id of a provider of this server, such as `github`.
    provider: String,
    /// Where the browser is led in the end; the start page by default.
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
    /// Where it is led instead, if the user is a new one.
    #[schema(rename = "newUserCallbackURL")]
    new_user_callback_url: Option<String>,
    /// Where it is led when something went wrong, with `error` in the query; the error page by default.
    #[schema(rename = "errorCallbackURL")]
    error_callback_url: Option<String>,
    /// Whether the answer is without `Location`, for a program that opens the address by itself.
    disable_redirect: Option<bool>,
    /// What a program got from the provider by itself: signs in at once.
    id_token: Option<IdToken>,
    /// Scopes beside those that the server asks for.
    scopes: Option<Vec<String>>,
    /// Whether a new user may be made where the provider's settings ask for that.
    request_sign_up: Option<bool>,
    /// Who probably signs in.
    login_hint: Option<String>,
    /// More parameters for the provider.
    additional_params: Option<BTreeMap<String, String>>,
}

/// Signed in with an ID token.
#[derive(Serialize, ToSchema)]
pub(crate) struct SocialSignedIn {
    redirect: bool,
    /// The public handle of the new session.
    token: String,
    user: UserView,
}

#[derive(ToSchema)]
#[schema(title = "SocialSignInAnswer")]
#[serde(untagged)]
#[expect(dead_code, reason = "the document says that it is one of the two")]
pub(crate) enum SocialSignInAnswer {
    SentAway(SentAway),
    SignedIn(SocialSignedIn),
}

/// Begins to sign in through a provider; or signs in, with an ID token that a program got from it. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "socialSignIn",
    request_body = SocialSignIn,
    responses(
        (status = 200, body = SocialSignInAnswer, description = "Where to send the browser, and a cookie for its return. With an ID token: signed in; sets the session cookie"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`"),
        (status = 401, body = AuthErrorBody, description = "`INVALID_TOKEN`, `USER_EMAIL_NOT_FOUND`, `OAUTH_LINK_ERROR`: with an ID token"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL`, `INVALID_ERROR_CALLBACK_URL`, `INVALID_NEW_USER_CALLBACK_URL`, `EMAIL_NOT_VERIFIED`: with an ID token, and the address must be proven first"),
        (status = 404, body = AuthErrorBody, description = "`PROVIDER_NOT_FOUND`; `ID_TOKEN_NOT_SUPPORTED`: this provider's ID tokens are not taken from programs"),
    ),
)]
#[post("/sign-in/social")]
pub(crate) async fn sign_in_social(
    Body(body): Body<SocialSignIn>,
    request: HttpRequest,
    cx: Context,
    cookies: Cookies,
) -> AuthResult<HttpResponse> {
    let state = state::of(&request)?;
    let (database, auth) = (state.database(), state.auth());
    let (request_sign_up, disable_redirect) = (body.request_sign_up == Some(true), body.disable_redirect);
    let callback = filled(body.callback_url);
    if let Some(given) = body.id_token {
        let brought = Brought {
            provider: body.provider,
            given: given.into(),
            callback,
            request_sign_up,
        };
        let signed_in = providers::with_id_token(database, &cx, auth, brought, client::of(&request)).await?;
        cookies.sign_in(&signed_in, Remember::Yes);
        return Ok(HttpResponse::Ok().json(SocialSignedIn {
            redirect: false,
            token: signed_in.session.token,
            user: signed_in.user.into(),
        }));
    }
    let begin = Begin {
        provider: body.provider,
        callback,
        error_callback: filled(body.error_callback_url),
        new_user_callback: filled(body.new_user_callback_url),
        request_sign_up,
        scopes: body.scopes.unwrap_or_default(),
        login_hint: filled(body.login_hint),
        additional: body.additional_params.unwrap_or_default(),
    };
    let begun = providers::begin(database, &cx, auth, None, begin).await?;
    Ok(sent_away::answer(&cookies, begun, disable_redirect == Some(true)))
}

impl Shape for SocialSignIn {
    const SIGNS_IN: bool = true;

    fn read(fields: &mut Fields<'_>) -> Self {
        let callback_url = fields.optional_text("callbackURL");
        let new_user_callback_url = fields.optional_text("newUserCallbackURL");
        let error_callback_url = fields.optional_text("errorCallbackURL");
        let provider = fields.text_of_a_union("provider");
        let disable_redirect = fields.optional_boolean("disableRedirect");
        let id_token = fields.optional_object_of("idToken", IdToken::to_sign_in);
        let scopes = fields.optional_texts("scopes");
        let request_sign_up = fields.optional_boolean("requestSignUp");
        let login_hint = fields.optional_text("loginHint");
        let additional_params = sent_away::additional(fields);
        // It rides along in the original, for hooks of a program of one's own.
        fields.optional_record("additionalData");
        Self {
            provider,
            callback_url,
            new_user_callback_url,
            error_callback_url,
            disable_redirect,
            id_token,
            scopes,
            request_sign_up,
            login_hint,
            additional_params,
        }
    }
}
