//! What happens around every request: its id, its time, whom it counts for, the limits, the check of its origin, its
//! cookies, and its line in the log.

mod log;

use std::future::{Ready, ready};
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, COOKIE, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _};
use futures_util::FutureExt as _;
use wardkeep_tenancy::{Entropy, Fault, FaultKind, RequestContext};

use crate::State;
use crate::client_address::ClientAddress;
use crate::cookies;
use crate::cors;
use crate::error::{ApiError, AuthError};
use crate::origins::Untrusted;

pub(crate) use log::Caller;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_REQUEST_ID: usize = 128;

/// The context of the request, for a handler that opens a scope itself. `Tenant` and `CurrentSession` carry their own.
#[derive(Debug, Clone)]
pub struct Context(RequestContext);

impl Deref for Context {
    type Target = RequestContext;

    fn deref(&self) -> &RequestContext {
        &self.0
    }
}

impl Context {
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Unsurrounded> {
        request
            .extensions()
            .get::<RequestContext>()
            .cloned()
            .map(Self)
            .ok_or(Unsurrounded)
    }
}

impl FromRequest for Context {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).map_err(ApiError::from))
    }
}

/// The application has the routes without what belongs around them.
#[derive(Debug, thiserror::Error)]
#[error("wrap the application in actix_web::middleware::from_fn(wardkeep_web::surround), and configure it")]
pub(crate) struct Unsurrounded;

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked, or an inner middleware failed")]
struct Lost;

impl Fault for Unsurrounded {
    fn kind(&self) -> FaultKind {
        FaultKind::Internal
    }

    fn code(&self) -> &'static str {
        "INTERNAL_ERROR"
    }
}

impl Fault for Lost {
    fn kind(&self) -> FaultKind {
        FaultKind::Internal
    }

    fn code(&self) -> &'static str {
        "INTERNAL_ERROR"
    }
}

/// The middleware that every Wardkeep route needs: `App::new().wrap(from_fn(wardkeep_web::surround))`.
///
/// A request id of the caller is kept if it is at most 128 visible ASCII characters, else a new one is made; the answer
/// carries it in `X-Request-Id`, and `Cache-Control: no-store` unless its handler set another. A request that comes too
/// often is answered 429, as [`RateLimits`](crate::RateLimits) says, before anything else. A request that may change
/// something and carries a cookie must come from a page of a trusted origin: otherwise it is refused, or under
/// `/api/auth`, where other errors come first, loses its cookies before any handler sees it. A panic is answered with
/// 500.
pub async fn surround<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let Some(state) = request.app_data::<State>().cloned() else {
        return Ok(request.into_response(ApiError::from(Unsurrounded).response(None)));
    };
    let request_id = given_id(&request).unwrap_or_else(|| new_id(state.entropy()));
    let host = state
        .trusted_proxies()
        .host(request.peer_addr(), request.headers());
    let client = ClientAddress::of(host);
    // What is recorded names the host itself, not the network that it counts as.
    let context = RequestContext::new(&request_id, state.clock().now(), state.entropy().clone())
        .with_address(host.map(|host| host.to_string()).unwrap_or_default());
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(context.clone());

    let (method, auth) = (request.method().clone(), is_auth(request.path()));
    let origin = cors::trusted_origin(&state, request.headers());

    let response = if let Some(answered) = answer_early(&state, &context, client, &mut request) {
        request.into_response(answered)
    } else {
        match AssertUnwindSafe(next.call(request)).catch_unwind().await {
            Ok(Ok(response)) => response.map_into_boxed_body(),
            // The request is gone with the handler: what is needed of it was kept.
            _ => {
                let mut response = lost(auth, &request_id);
                log::write_lost(&method, &request_id, started);
                decorate(response.headers_mut(), origin, &request_id);
                return Err(InternalError::from_response(Lost, response).into());
            }
        }
    };
    Ok(finish(response, origin, &request_id, started))
}

/// Whether the path speaks Better Auth's protocol.
pub(crate) fn is_auth(path: &str) -> bool {
    auth_path(path).is_some()
}

/// What stands below `/api/auth`: nothing, or a path.
pub(crate) fn auth_path(path: &str) -> Option<&str> {
    path.strip_prefix("/api/auth")
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn given_id(request: &ServiceRequest) -> Option<String> {
    let given = request.headers().get(&REQUEST_ID)?.to_str().ok()?;
    let valid =
        (1..=MAX_REQUEST_ID).contains(&given.len()) && given.bytes().all(|byte| byte.is_ascii_graphic());
    valid.then(|| given.to_owned())
}

fn new_id(entropy: &Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// The answer to a request that no route needs to see. The order is Better Auth's: limits, then origin.
fn answer_early(
    state: &State,
    cx: &RequestContext,
    client: ClientAddress,
    request: &mut ServiceRequest,
) -> Option<HttpResponse> {
    cors::preflight(state, request)
        .or_else(|| state.limiter().refuse(request, client, cx.now()))
        .or_else(|| refuse_untrusted(state, request).map(|refused| refused.response(Some(cx.request_id()))))
}

fn refuse_untrusted(state: &State, request: &mut ServiceRequest) -> Option<ApiError> {
    if request.method().is_safe() {
        return None;
    }
    let untrusted = state.origins().check(request.headers()).err()?;
    if !is_auth(request.path()) {
        let detail = "a request with a cookie must come from a page of a trusted origin";
        return Some(ApiError::new(StatusCode::FORBIDDEN, untrusted.code(), detail));
    }
    request.headers_mut().remove(COOKIE);
    request.extensions_mut().insert::<Untrusted>(untrusted);
    None
}

/// 500 in the words of the path.
fn lost(auth: bool, request_id: &str) -> HttpResponse {
    if auth {
        AuthError::from(Lost).error_response()
    } else {
        ApiError::from(Lost).response(Some(request_id))
    }
}

fn finish(
    response: ServiceResponse<BoxBody>,
    origin: Option<HeaderValue>,
    request_id: &str,
    started: Instant,
) -> ServiceResponse<BoxBody> {
    log::write(&response, request_id, started);
    let (request, mut response) = worded(response, request_id).into_parts();
    cookies::append(&request, response.headers_mut());
    decorate(response.headers_mut(), origin, request_id);
    ServiceResponse::new(request, response)
}

/// What every answer carries. No cache may keep one, unless its handler says so: it was made for one caller.
fn decorate(headers: &mut HeaderMap, origin: Option<HeaderValue>, request_id: &str) {
    cors::expose(origin, headers);
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
}

/// Puts the request id into problem details, and the errors of libraries into our words.
fn worded(response: ServiceResponse<BoxBody>, request_id: &str) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else {
        return response;
    };
    let worded = if let Some(error) = error.as_error::<ApiError>() {
        error.response(Some(request_id))
    } else if error.as_error::<AuthError>().is_some() {
        return response;
    } else if is_auth(response.request().path()) {
        AuthError::from_status(response.status()).error_response()
    } else {
        ApiError::from_status(response.status()).response(Some(request_id))
    };
    response.into_response(worded)
}
