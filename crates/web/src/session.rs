//! Extractors that authenticate.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest};
use wardkeep_auth::sessions::{self, Remember, SessionError};
use wardkeep_tenancy::{Asked, Fault, FaultKind, RequestContext};

use crate::State;
use crate::context::{Caller, Context, Unsurrounded, is_auth};
use crate::cookies::Cookies;
use crate::error::{ApiError, AuthError};
use crate::state;

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// The session that the request's cookie proves, found by one statement. Without one the answer is 401 `UNAUTHORIZED`.
///
/// A remembered session that is due is prolonged, and its cookie set again, unless the query says `disableRefresh`. A
/// signed cookie whose session is no more is cleared.
pub struct CurrentSession {
    current: wardkeep_auth::CurrentSession,
    cx: RequestContext,
}

/// The same, signed in less than a day ago: else 403 `SESSION_NOT_FRESH`. For what a stolen, forgotten session must not do.
pub struct FreshSession(pub CurrentSession);

/// The session if there is one. For handlers that answer everybody.
pub struct MaybeSession(pub Option<CurrentSession>);

impl CurrentSession {
    /// The context of the request, with the session's user as actor.
    pub fn context(&self) -> &RequestContext {
        &self.cx
    }
}

impl Deref for CurrentSession {
    type Target = wardkeep_auth::CurrentSession;

    fn deref(&self) -> &Self::Target {
        &self.current
    }
}

impl FromRequest for CurrentSession {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let found = find(&request, Asked::Active).await;
            found
                .map_err(|error| failed(&request, error))?
                .ok_or_else(|| unauthorized(&request))
        })
    }
}

impl FromRequest for FreshSession {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let current = CurrentSession::from_request(request, payload);
        Box::pin(async move {
            let current = current.await?;
            if !current.session.is_fresh(current.cx.now()) {
                return Err(AuthError::new(StatusCode::FORBIDDEN, "SESSION_NOT_FRESH").into());
            }
            Ok(Self(current))
        })
    }
}

impl FromRequest for MaybeSession {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let found = find(&request, Asked::Active).await;
            Ok(Self(found.map_err(|error| failed(&request, error))?))
        })
    }
}

/// 401 in the words of the path.
pub(crate) fn unauthorized(request: &HttpRequest) -> Error {
    if is_auth(request.path()) {
        AuthError::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED").into()
    } else {
        ApiError::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "sign in first").into()
    }
}

/// Finds the session of the request's cookie, with the membership in the organization asked for.
pub(crate) async fn find(
    request: &HttpRequest,
    asked: Asked<'_>,
) -> Result<Option<CurrentSession>, FindError> {
    let state = state::of(request)?;
    let cx = Context::of(request)?;
    let cookies = Cookies::of(request)?;
    cookies.clear_cache();
    let Some(secret) = cookies.session_secret() else {
        return Ok(None);
    };
    let Some(mut current) = sessions::find(state.database(), &cx, &secret, asked).await? else {
        cookies.clear();
        return Ok(None);
    };
    let now = cx.now();
    let cx = cx
        .with_actor(current.user.id)
        .with_actor_name(current.user.name.as_str())
        .with_recent_sign_in(current.session.is_fresh(now));
    note_caller(request, &current);
    if current.session.is_due(cx.now()) && cookies.remember() == Remember::Yes && !refresh_disabled(request) {
        current.session = slide(state, &cx, &cookies, &current).await?;
    }
    Ok(Some(CurrentSession { current, cx }))
}

async fn slide(
    state: &State,
    cx: &RequestContext,
    cookies: &Cookies,
    current: &wardkeep_auth::CurrentSession,
) -> Result<sessions::Session, SessionError> {
    let slid = sessions::slide(state.database(), cx, &current.session).await;
    match &slid {
        Ok(_) => cookies.renew(),
        Err(SessionError::Ended(_)) => cookies.clear(),
        Err(_) => {}
    }
    slid
}

/// Why it could not be said whether there is a session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FindError {
    #[error(transparent)]
    Unsurrounded(#[from] Unsurrounded),
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Fault for FindError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Unsurrounded(error) => error.kind(),
            Self::Session(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unsurrounded(error) => error.code(),
            Self::Session(error) => error.code(),
        }
    }
}

/// A fault in the words of the path.
fn failed(request: &HttpRequest, fault: impl Fault + Send + Sync + 'static) -> Error {
    if is_auth(request.path()) {
        AuthError::from(fault).into()
    } else {
        ApiError::from(fault).into()
    }
}

fn note_caller(request: &HttpRequest, current: &wardkeep_auth::CurrentSession) {
    let organization = current
        .membership
        .as_ref()
        .map(|membership| membership.organization());
    request.extensions_mut().insert(Caller {
        user: Some(current.user.id),
        organization,
    });
}

/// Whether the query has a `disableRefresh` that is not empty: what JavaScript takes for true, `false` included.
fn refresh_disabled(request: &HttpRequest) -> bool {
    url::form_urlencoded::parse(request.query_string().as_bytes())
        .any(|(name, value)| name == "disableRefresh" && !value.is_empty())
}
