//! What went wrong, on the wire: `{message, code}` under `/api/auth`, problem details (RFC 9457) everywhere else.
//!
//! This file alone turns a [`FaultKind`] into a status. The message of a fault is shown as the `detail` of a problem,
//! except of kinds `Unavailable` and `Internal`, which show nothing but the request id; no fault prints its source.

mod api;
mod auth;

use std::error::Error;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use wardkeep_tenancy::FaultKind;

pub use api::{ApiError, FieldError, ProblemDetails};
pub use auth::{AuthError, AuthErrorBody};

/// What a handler under `/api/v1` returns.
pub type ApiResult<T> = Result<T, ApiError>;
/// What a handler under `/api/auth` returns.
pub type AuthResult<T> = Result<T, AuthError>;

/// Seconds after which a request that found the server busy should be tried again.
const RETRY_AFTER_SECONDS: &str = "1";
/// The same for a provider that is away. So long an address may begin three sign-ins ([`RateLimits`](crate::RateLimits)), and
/// a question to a provider that does not answer takes.
const RETRY_PROVIDER_AFTER_SECONDS: &str = "10";

type Source = Box<dyn Error + Send + Sync>;

const INTERNAL: &str = "something went wrong on the server; its log has the cause under the request id";
const UNAVAILABLE: &str = "the server cannot do this at the moment; try again a little later";

pub(crate) fn status_of(kind: FaultKind) -> StatusCode {
    match kind {
        FaultKind::Invalid => StatusCode::BAD_REQUEST,
        FaultKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        FaultKind::Forbidden => StatusCode::FORBIDDEN,
        FaultKind::NotFound => StatusCode::NOT_FOUND,
        FaultKind::Conflict => StatusCode::CONFLICT,
        FaultKind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        FaultKind::Stale => StatusCode::PRECONDITION_FAILED,
        FaultKind::Gone => StatusCode::GONE,
        FaultKind::Limited => StatusCode::TOO_MANY_REQUESTS,
        FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn retry_later(response: &mut HttpResponseBuilder, status: StatusCode, code: Option<&str>) {
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = match code {
            Some("PROVIDER_UNAVAILABLE") => RETRY_PROVIDER_AFTER_SECONDS,
            _ => RETRY_AFTER_SECONDS,
        };
        response.insert_header((RETRY_AFTER, seconds));
    }
}

/// Keeps the content type that was set, where `HttpResponseBuilder::json` would only fill a missing one.
fn json(response: &mut HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(body) {
        Ok(body) => response.body(body),
        Err(_) => response.finish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError as _;
    use actix_web::body::to_bytes;
    use actix_web::http::header::CONTENT_TYPE;
    use serde_json::Value;
    use wardkeep_tenancy::{Fault, InvalidField};

    #[derive(Debug, thiserror::Error)]
    #[error("the words of the fault")]
    struct Example {
        kind: FaultKind,
        code: &'static str,
        fields: Vec<InvalidField>,
    }

    impl Fault for Example {
        fn kind(&self) -> FaultKind {
            self.kind
        }

        fn code(&self) -> &'static str {
            self.code
        }

        fn fields(&self) -> &[InvalidField] {
            &self.fields
        }
    }

    fn fault(kind: FaultKind, code: &'static str) -> Example {
        Example {
            kind,
            code,
            fields: Vec::new(),
        }
    }

    async fn body(response: HttpResponse) -> Value {
        serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap_or_default()
    }

    #[test]
    fn every_kind_has_a_status() {
        for (kind, status) in [
            (FaultKind::Invalid, 400),
            (FaultKind::Unauthenticated, 401),
            (FaultKind::Forbidden, 403),
            (FaultKind::NotFound, 404),
            (FaultKind::Conflict, 409),
            (FaultKind::Gone, 410),
            (FaultKind::Stale, 412),
            (FaultKind::Unprocessable, 422),
            (FaultKind::Limited, 429),
            (FaultKind::Internal, 500),
            (FaultKind::Unavailable, 503),
        ] {
            assert_eq!(ApiError::from(fault(kind, "X")).status_code(), status, "{kind:?}");
            assert_eq!(
                AuthError::from(fault(kind, "X")).status_code(),
                status,
                "{kind:?}"
            );
        }
    }

    #[actix_web::test]
    async fn a_problem_says_what_where_and_in_which_request() {
        let fields = vec![InvalidField::new("date_of_birth", "must not be in the future")];
        let error = ApiError::from(Example {
            fields,
            ..fault(FaultKind::Invalid, "INVALID_FIELD")
        });

        let response = error.response(Some("r-1"));

        assert_eq!(
            response.headers().get(CONTENT_TYPE).unwrap(),
            "application/problem+json"
        );
        let expected = serde_json::json!({
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "the words of the fault",
            "code": "INVALID_FIELD",
            "requestId": "r-1",
            "errors": [{"field": "dateOfBirth", "detail": "must not be in the future"}],
        });
        assert_eq!(body(response).await, expected);
    }

    #[actix_web::test]
    async fn an_internal_fault_keeps_its_words_to_itself() {
        for kind in [FaultKind::Internal, FaultKind::Unavailable] {
            let problem = ApiError::from(fault(kind, "X"));
            assert!(!body(problem.error_response()).await.to_string().contains("words"));
            assert_eq!(problem.source().unwrap().to_string(), "the words of the fault");
            assert!(
                !body(AuthError::from(fault(kind, "X")).error_response())
                    .await
                    .to_string()
                    .contains("words")
            );
        }
    }

    #[test]
    fn what_is_unavailable_says_when_to_come_back() {
        for (code, seconds) in [("X", "1"), ("PROVIDER_UNAVAILABLE", "10")] {
            let fault = || fault(FaultKind::Unavailable, code);
            for answer in [
                ApiError::from(fault()).error_response(),
                AuthError::from(fault()).error_response(),
            ] {
                assert_eq!(answer.headers().get(RETRY_AFTER).unwrap(), seconds, "{code}");
            }
        }
    }

    #[actix_web::test]
    async fn under_auth_the_message_and_status_are_those_of_better_auth() {
        let error = AuthError::from(fault(
            FaultKind::Conflict,
            "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
        ));

        assert_eq!(error.status_code(), 422);
        let response = error.error_response();
        assert_eq!(response.headers().get(CONTENT_TYPE).unwrap(), "application/json");
        let expected = serde_json::json!({
            "message": "User already exists. Use another email.",
            "code": "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
        });
        assert_eq!(body(response).await, expected);
    }

    #[actix_web::test]
    async fn some_errors_have_no_code_and_some_no_body() {
        let no_code = AuthError::without_code(StatusCode::BAD_REQUEST, "No fields to update");
        assert_eq!(
            body(no_code.error_response()).await,
            serde_json::json!({"message": "No fields to update"})
        );

        let empty = AuthError::empty(StatusCode::UNAUTHORIZED).error_response();
        assert_eq!(empty.headers().get(CONTENT_TYPE), None);
        assert!(to_bytes(empty.into_body()).await.unwrap().is_empty());
    }
}
