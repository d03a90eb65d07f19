use std::error::Error;
use std::fmt::Write as _;
use std::time::Instant;

use actix_web::HttpMessage as _;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use wardkeep_tenancy::{OrganizationId, UserId};

use crate::error::{ApiError, AuthError};

/// Who asked, as far as an extractor found out. Kept in the request's extensions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Caller {
    pub(crate) user: Option<UserId>,
    pub(crate) organization: Option<OrganizationId>,
}

/// Writes the one line of a request: the pattern of its route and not its path, which may hold a token; no query, no
/// header, no body.
pub(super) fn write<B>(response: &ServiceResponse<B>, request_id: &str, started: Instant) {
    let request = response.request();
    let method = request.method().as_str();
    let route = request.match_pattern().unwrap_or_else(|| "-".to_owned());
    let status = response.status().as_u16();
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let caller = request.extensions().get::<Caller>().copied().unwrap_or_default();
    let user = caller.user.map(tracing::field::display);
    let organization = caller.organization.map(tracing::field::display);
    match cause(response).filter(|_| response.status().is_server_error()) {
        Some(cause) => tracing::error!(
            target: "wardkeep::request",
            method, route, status, duration_us, request_id, user, organization, cause, "request failed"
        ),
        None => tracing::info!(
            target: "wardkeep::request",
            method, route, status, duration_us, request_id, user, organization, "request"
        ),
    }
}

/// The line of a request whose handler panicked, or whose inner middleware failed: its route and its caller are lost.
pub(super) fn write_lost(method: &Method, request_id: &str, started: Instant) {
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::error!(
        target: "wardkeep::request",
        method = method.as_str(), route = "-", status = 500, duration_us, request_id, "a handler panicked or was lost"
    );
}

/// The error behind the answer, with everything behind that.
fn cause<B>(response: &ServiceResponse<B>) -> Option<String> {
    let error = response.response().error()?;
    let own = error.as_error::<ApiError>().map(ApiError::source);
    let source = own.or_else(|| error.as_error::<AuthError>().map(AuthError::source));
    match source {
        Some(Some(source)) => Some(chain(source)),
        Some(None) => None,
        None => Some(error.to_string()),
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        // Writing to a string does not fail.
        let _ = write!(text, ": {source}");
        next = source.source();
    }
    text
}
