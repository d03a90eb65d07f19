//! The page that the link in an invitation's mail opens: a person signs in or up there, and accepts or declines. It works
//! without script, since all of it is forms of this server.
//!
//! A form is checked like a request under `/api/auth`: where it carries a cookie it must come from a page of a trusted origin
//! (`surround`), and where it signs somebody in it must so without one. After what it did it leads back to the page
//! (Post/Redirect/Get), so that to reload is harmless.

mod form;
mod text;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use wardkeep_auth::email_proofs;
use wardkeep_auth::emails::Email;
use wardkeep_auth::passwords::Password;
use wardkeep_auth::sessions::{self, Remember};
use wardkeep_auth::sign_in::{self, SignIn, SignInError};
use wardkeep_auth::sign_up::{self, SignUp, SignedUp};
use wardkeep_organizations::invitations::{self, Card};
use wardkeep_tenancy::{Asked, InvitationId};

use self::form::Posted;
use self::text::Notice;
use crate::auth::client;
use crate::context::Context;
use crate::cookies::Cookies;
use crate::error::{ApiResult, AuthErrorBody, ProblemDetails};
use crate::session::{CurrentSession, find};
use crate::state;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(page)
        // Mail gateways look whether a link is there before they let it through (RFC 9110, section 9.3.2).
        .route("/accept-invitation/{id}", web::head().to(open))
        .service(answer)
        .service(prove)
        .service(sign_in_to_answer)
        .service(sign_up_to_answer);
}

/// The endpoint under `/api/auth` that does what a path of the page does, for the limits; `None` for other paths.
pub(crate) fn counterpart(path: &str) -> Option<&'static str> {
    let rest = path.strip_prefix("/accept-invitation/")?;
    Some(match rest.rsplit_once('/') {
        Some((_, "sign-in")) => "/sign-in/email",
        Some((_, "sign-up")) => "/sign-up/email",
        Some((_, "proof")) => "/send-verification-email",
        _ => "/organization/get-invitation",
    })
}

/// What a visitor does.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form to the OpenAPI document")]
struct InvitationAnswer {
    /// `accept`, `decline` or `sign-out`.
    #[schema(example = "accept")]
    action: String,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form to the OpenAPI document")]
struct InvitationSignIn {
    password: String,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form to the OpenAPI document")]
struct InvitationSignUp {
    name: String,
    /// 8 to 128 UTF-16 code units.
    password: String,
}

/// The page of an invitation, for whoever has its link. Public.
#[utoipa::path(
    tag = "organization",
    operation_id = "invitationPage",
    responses(
        (status = 200, content_type = "text/html", body = String, description = "What the visitor can do, or has done"),
        (status = 403, content_type = "text/html", body = String, description = "The visitor is signed in as somebody else"),
        (status = 404, content_type = "text/html", body = String, description = "There is no such invitation"),
        (status = 410, content_type = "text/html", body = String, description = "It was taken back, or has expired, or is answered"),
        (status = 429, body = AuthErrorBody, description = "Too often"),
    ),
)]
#[get("/accept-invitation/{id}")]
async fn page(id: Path<String>, request: HttpRequest) -> ApiResult<HttpResponse> {
    open(id, request).await
}

async fn open(id: Path<String>, request: HttpRequest) -> ApiResult<HttpResponse> {
    let visit = Visit::of(&request, &id).await?;
    Ok(visit.show(None))
}

/// Accepts or declines an invitation, or does what comes before.
#[utoipa::path(
    tag = "organization",
    operation_id = "answerInvitation",
    request_body(content = InvitationAnswer, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, content_type = "text/html", body = String, description = "The page, where nobody is signed in"),
        (status = 303, description = "Done: back to the page"),
        (status = 400, content_type = "text/html", body = String, description = "The page, with what went wrong"),
        (status = 401, content_type = "text/html", body = String, description = "The page: the account was deleted meanwhile"),
        (status = 403, body = ProblemDetails, description = "`MISSING_OR_NULL_ORIGIN`, `INVALID_ORIGIN`; or the page, with what went wrong"),
        (status = 404, content_type = "text/html", body = String, description = "There is no such invitation"),
        (status = 410, content_type = "text/html", body = String, description = "It was taken back, or has expired, or is answered"),
        (status = 429, body = AuthErrorBody, description = "Too often"),
    ),
    params(("id" = String, Path, description = "The invitation's id")),
)]
#[post("/accept-invitation/{id}")]
async fn answer(posted: Posted, request: HttpRequest) -> ApiResult<HttpResponse> {
    let state = state::of(&request)?;
    let visit = Visit::of(&request, posted.invitation()).await?;
    let (Some(session), Some(_)) = (&visit.session, &visit.card) else {
        return Ok(visit.show(None));
    };
    let (database, cx) = (state.database(), session.context());
    let refused = match posted.field("action") {
        "accept" => {
            let accepted =
                invitations::accept(database, cx, state.access(), state.rules(), session, visit.id).await;
            accepted.err().map(Notice::of).transpose()?
        }
        "decline" => {
            let rejected = invitations::reject(database, cx, state.rules(), session, visit.id).await;
            rejected.err().map(Notice::of).transpose()?
        }
        "sign-out" => {
            sign_out(&request, session).await?;
            None
        }
        _ => Some(Notice::unknown_action()),
    };
    match refused {
        None => Ok(visit.back()),
        // What is shown is what is there now.
        notice => Ok(Visit::of(&request, posted.invitation()).await?.show(notice)),
    }
}

/// Sends the mail that proves the address of who is signed in, where the invitation cannot be answered before.
#[utoipa::path(
    tag = "organization",
    operation_id = "proveForInvitation",
    responses(
        (status = 200, content_type = "text/html", body = String, description = "The page: a mail is on its way, or nothing has to be proven"),
        (status = 403, body = ProblemDetails, description = "`MISSING_OR_NULL_ORIGIN`, `INVALID_ORIGIN`; or the page, for somebody else"),
        (status = 404, content_type = "text/html", body = String, description = "There is no such invitation"),
        (status = 429, body = AuthErrorBody, description = "Too often"),
    ),
    params(("id" = String, Path, description = "The invitation's id")),
)]
#[post("/accept-invitation/{id}/proof")]
async fn prove(posted: Posted, request: HttpRequest) -> ApiResult<HttpResponse> {
    let visit = Visit::of(&request, posted.invitation()).await?;
    match (&visit.session, &visit.card) {
        (Some(session), Some(card))
            if visit.needs_proof && card.mine && card.invitation.is_open(visit.now) =>
        {
            visit.send_proof(&request, &session.user.email).await
        }
        _ => Ok(visit.show(None)),
    }
}

/// Signs in with the address that was invited.
#[utoipa::path(
    tag = "organization",
    operation_id = "signInToInvitation",
    request_body(content = InvitationSignIn, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Signed in: back to the page; sets the session cookie"),
        (status = 200, content_type = "text/html", body = String, description = "The page: a mail is on its way, since the address must be proven first"),
        (status = 401, content_type = "text/html", body = String, description = "The page: the password is not right"),
        (status = 403, body = ProblemDetails, description = "`MISSING_OR_NULL_ORIGIN`, `INVALID_ORIGIN`, `CROSS_SITE_NAVIGATION_LOGIN_BLOCKED`; or the page, with what went wrong"),
        (status = 404, content_type = "text/html", body = String, description = "There is no such invitation"),
        (status = 410, content_type = "text/html", body = String, description = "It was taken back, or has expired, or is answered"),
        (status = 429, body = AuthErrorBody, description = "Too often"),
    ),
    params(("id" = String, Path, description = "The invitation's id")),
)]
#[post("/accept-invitation/{id}/sign-in")]
async fn sign_in_to_answer(posted: Posted, request: HttpRequest) -> ApiResult<HttpResponse> {
    let state = state::of(&request)?;
    posted.check_sign_in(&request)?;
    let visit = Visit::of(&request, posted.invitation()).await?;
    let Some(card) = visit.open_card() else {
        return Ok(visit.show(None));
    };
    let sign_in = SignIn {
        email: card.invitation.email.clone(),
        password: Password::new(posted.field("password").to_owned()),
        remember: Remember::Yes,
        client: client::of(&request),
    };
    let cx = Context::of(&request)?;
    match sign_in::with_password(state.database(), &cx, state.auth(), sign_in).await {
        Ok(signed_in) => {
            Cookies::of(&request)?.sign_in(&signed_in, Remember::Yes);
            Ok(visit.back())
        }
        Err(SignInError::NotVerified) => visit.send_proof(&request, &card.invitation.email).await,
        Err(error) => Ok(visit.show(Some(Notice::of(error)?))),
    }
}

/// Signs up with the address that was invited.
#[utoipa::path(
    tag = "organization",
    operation_id = "signUpToInvitation",
    request_body(content = InvitationSignUp, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, content_type = "text/html", body = String, description = "The page: a mail is on its way, since the address must be proven first"),
        (status = 303, description = "Signed up and in: back to the page; sets the session cookie"),
        (status = 400, content_type = "text/html", body = String, description = "The page: the name or the password is refused"),
        (status = 403, body = ProblemDetails, description = "`MISSING_OR_NULL_ORIGIN`, `INVALID_ORIGIN`, `CROSS_SITE_NAVIGATION_LOGIN_BLOCKED`"),
        (status = 404, content_type = "text/html", body = String, description = "There is no such invitation"),
        (status = 409, content_type = "text/html", body = String, description = "The page: the address has an account"),
        (status = 410, content_type = "text/html", body = String, description = "It was taken back, or has expired, or is answered"),
        (status = 429, body = AuthErrorBody, description = "Too often"),
    ),
    params(("id" = String, Path, description = "The invitation's id")),
)]
#[post("/accept-invitation/{id}/sign-up")]
async fn sign_up_to_answer(posted: Posted, request: HttpRequest) -> ApiResult<HttpResponse> {
    let state = state::of(&request)?;
    posted.check_sign_in(&request)?;
    let visit = Visit::of(&request, posted.invitation()).await?;
    let Some(card) = visit.open_card() else {
        return Ok(visit.show(None));
    };
    let name = posted.field("name").trim();
    if let Some(notice) = Notice::of_name(name) {
        return Ok(visit.show(Some(notice)));
    }
    let sign_up = SignUp {
        name: name.to_owned(),
        email: card.invitation.email.clone(),
        password: Password::new(posted.field("password").to_owned()),
        image: None,
        remember: Remember::Yes,
        callback: Some(visit.path.clone()),
        client: client::of(&request),
    };
    let cx = Context::of(&request)?;
    match sign_up::with_password(state.database(), &cx, state.auth(), sign_up).await {
        Ok(SignedUp::In(signed_in)) => {
            Cookies::of(&request)?.sign_in(&signed_in, Remember::Yes);
            Ok(visit.back())
        }
        Ok(SignedUp::Pending(_)) => Ok(visit.show(Some(Notice::mail_sent(&card.invitation.email)))),
        Err(error) => Ok(visit.show(Some(Notice::of(error)?))),
    }
}

async fn sign_out(request: &HttpRequest, session: &CurrentSession) -> ApiResult<()> {
    let state = state::of(request)?;
    let cookies = Cookies::of(request)?;
    if let Some(secret) = cookies.session_secret() {
        sessions::sign_out(state.database(), session.context(), &secret).await?;
    }
    cookies.clear();
    Ok(())
}

/// Somebody who has opened the page.
struct Visit {
    /// An id that is no uuid is that of no invitation.
    id: Option<InvitationId>,
    path: String,
    card: Option<Card>,
    session: Option<CurrentSession>,
    /// Whether the address must be proven before the invitation can be answered.
    needs_proof: bool,
    now: time::OffsetDateTime,
}

impl Visit {
    async fn of(request: &HttpRequest, id: &str) -> ApiResult<Self> {
        let state = state::of(request)?;
        let cx = Context::of(request)?;
        let id: Option<InvitationId> = id.parse().ok();
        let session = find(request, Asked::Active).await?;
        let user = session.as_ref().map(|session| session.user.id);
        let card = invitations::card(state.database(), &cx, user, id).await?;
        let verified = session
            .as_ref()
            .is_some_and(|session| session.user.email_verified);
        Ok(Self {
            path: id
                .map(|id| format!("/accept-invitation/{id}"))
                .unwrap_or_default(),
            id,
            card,
            session,
            needs_proof: state.rules().invitations_need_verified_email && !verified,
            now: cx.now(),
        })
    }

    /// The invitation, if it can be answered and nobody is signed in.
    fn open_card(&self) -> Option<&Card> {
        let open = |card: &&Card| self.session.is_none() && card.invitation.is_open(self.now);
        self.card.as_ref().filter(open)
    }

    fn back(&self) -> HttpResponse {
        HttpResponse::build(StatusCode::SEE_OTHER)
            .insert_header((LOCATION, self.path.as_str()))
            .finish()
    }

    /// Sends the mail that proves the visitor's address, and says so.
    async fn send_proof(&self, request: &HttpRequest, address: &str) -> ApiResult<HttpResponse> {
        let state = state::of(request)?;
        let Some(email) = Email::parse(address) else {
            return Ok(self.show(None));
        };
        let (database, cx, auth) = (state.database(), Context::of(request)?, state.auth());
        let current = self.session.as_deref();
        match email_proofs::request(database, &cx, auth, current, &email, Some(&self.path)).await {
            Ok(()) => Ok(self.show(Some(Notice::mail_sent(address)))),
            Err(error) => Ok(self.show(Some(Notice::of(error)?))),
        }
    }
}
