use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_auth::providers::{self, Begin};

use super::given::IdToken;
use super::sent_away::{self, SentAway};
use crate::auth::body::Body;
use crate::auth::fields::{Fields, Shape, filled};
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SocialLink {
    /// Where the browser is led in the end; the start page by default.
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
    /// The id of a provider of this server, such as `github`.
    provider: String,
    /// What a program got from the provider by itself: links at once.
    id_token: Option<IdToken>,
    /// Scopes beside those that the server asks for.
    scopes: Option<Vec<String>>,
    /// Where the browser is led when something went wrong, with `error` in the query; the error page by default.
    #[schema(rename = "errorCallbackURL")]
    error_callback_url: Option<String>,
    /// Whether the answer is without `Location`, for a program that opens the address by itself.
    disable_redirect: Option<bool>,
    /// Who probably signs in.
    login_hint: Option<String>,
    /// More parameters for the provider.
    additional_params: Option<BTreeMap<String, String>>,
}

/// It is linked.
#[derive(Serialize, ToSchema)]
pub(crate) struct SocialLinked {
    /// Empty.
    url: &'static str,
    status: bool,
    redirect: bool,
}

#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the document says that it is one of the two")]
pub(crate) enum SocialLinkAnswer {
    SentAway(SentAway),
    Linked(SocialLinked),
}

/// Begins to link an account at a provider to the user; or links it, with an ID token that a program got from it.
#[utoipa::path(
    tag = "auth",
    operation_id = "linkSocialAccount",
    request_body = SocialLink,
    responses(
        (status = 200, body = SocialLinkAnswer, description = "Where to send the browser, and a cookie for its return. With an ID token: it is linked"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`; with an ID token `INVALID_TOKEN`, `USER_EMAIL_NOT_FOUND`, `LINKING_NOT_ALLOWED`: the provider does not say that the address is proven, `LINKING_DIFFERENT_EMAILS_NOT_ALLOWED`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL`, `INVALID_ERROR_CALLBACK_URL`, `INVALID_NEW_USER_CALLBACK_URL`"),
        (status = 404, body = AuthErrorBody, description = "`PROVIDER_NOT_FOUND`; `ID_TOKEN_NOT_SUPPORTED`: this provider's ID tokens are not taken from programs"),
        (status = 409, body = AuthErrorBody, description = "`SOCIAL_ACCOUNT_ALREADY_LINKED`: to somebody else"),
        (status = 417, body = AuthErrorBody, description = "`LINKING_FAILED`: it cannot be stored, or others did the same at the same moment"),
    ),
)]
#[post("/link-social")]
pub(crate) async fn link_social(
    body_then_session: InOrder<(Body<SocialLink>, CurrentSession)>,
    request: HttpRequest,
    cookies: Cookies,
) -> AuthResult<HttpResponse> {
    let InOrder((Body(body), current)) = body_then_session;
    let state = state::of(&request)?;
    let (database, auth, cx) = (state.database(), state.auth(), current.context());
    if let Some(given) = body.id_token {
        providers::link_id_token(database, cx, auth, &current, &body.provider, given.into()).await?;
        return Ok(HttpResponse::Ok().json(SocialLinked {
            url: "",
            status: true,
            redirect: false,
        }));
    }
    let begin = Begin {
        provider: body.provider,
        callback: filled(body.callback_url),
        error_callback: filled(body.error_callback_url),
        scopes: body.scopes.unwrap_or_default(),
        login_hint: filled(body.login_hint),
        additional: body.additional_params.unwrap_or_default(),
        ..Begin::default()
    };
    let begun = providers::begin(database, cx, auth, Some(&current), begin).await?;
    Ok(sent_away::answer(
        &cookies,
        begun,
        body.disable_redirect == Some(true),
    ))
}

impl Shape for SocialLink {
    fn read(fields: &mut Fields<'_>) -> Self {
        let callback_url = fields.optional_text("callbackURL");
        let provider = fields.text_of_a_union("provider");
        let id_token = fields.optional_object_of("idToken", IdToken::to_link);
        // Nobody is made by a link.
        fields.optional_boolean("requestSignUp");
        let scopes = fields.optional_texts("scopes");
        let error_callback_url = fields.optional_text("errorCallbackURL");
        let disable_redirect = fields.optional_boolean("disableRedirect");
        let login_hint = fields.optional_text("loginHint");
        let additional_params = sent_away::additional(fields);
        // It rides along in the original, for hooks of a program of one's own.
        fields.optional_record("additionalData");
        Self {
            callback_url,
            provider,
            id_token,
            scopes,
            error_callback_url,
            disable_redirect,
            login_hint,
            additional_params,
        }
    }
}
