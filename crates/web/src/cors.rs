//! Pages of other trusted origins may call us with cookies (Fetch Standard, section 3.2, "HTTP CORS protocol").

use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use actix_web::{HttpResponse, dev::ServiceRequest};

use crate::State;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("content-type, idempotency-key, if-match, organization-id, x-request-id");
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "etag, idempotency-replayed, location, retry-after, x-request-id, x-retry-after, x-total-count, x-total-count-invitations, x-total-count-teams",
);
/// What Chromium keeps at most; a preflight says nothing that changes.
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("7200");

/// The answer to a preflight from a trusted origin. From another one it goes on like any unknown request.
pub(crate) fn preflight(state: &State, request: &ServiceRequest) -> Option<HttpResponse> {
    if !is_preflight(request) || trusted_origin(state, request.headers()).is_none() {
        return None;
    }
    let mut response = HttpResponse::NoContent();
    response.insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS));
    response.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS));
    response.insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS));
    Some(response.finish())
}

/// Whether a browser asks what a page may send, before it sends it.
pub(crate) fn is_preflight(request: &ServiceRequest) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Lets the page of a trusted origin read the answer.
pub(crate) fn expose(trusted_origin: Option<HeaderValue>, headers: &mut HeaderMap) {
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = trusted_origin else {
        return;
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
}

/// The origin of the page that asks, if it is trusted.
pub(crate) fn trusted_origin(state: &State, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(ORIGIN)?;
    origin
        .to_str()
        .ok()
        .filter(|origin| state.origins().trusts(origin))
        .map(|_| origin.clone())
}
