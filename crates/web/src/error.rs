//! What went wrong, on the wire: `{message, code}` under `/api/auth`, problem details (RFC 9457) everywhere else.
//!
//! This file alone turns a [`FaultKind`] into a status. The message of a fault is shown as the `detail` of a problem,
//! except of kinds `Unavailable` and `Internal`, which show nothing but the request id; no fault prints its source.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use wardkeep_tenancy::{Fault, FaultKind};

use crate::messages;

/// What a handler under `/api/v1` returns.
pub type ApiResult<T> = Result<T, ApiError>;
/// What a handler under `/api/auth` returns.
pub type AuthResult<T> = Result<T, AuthError>;

/// Seconds after which a request that found the server busy should be tried again.
const RETRY_AFTER_SECONDS: &str = "1";

type Source = Box<dyn Error + Send + Sync>;

/// An error under `/api/v1`, at `/health` and for unknown routes. Any [`Fault`] becomes one with `?`.
#[derive(Debug)]
pub struct ApiError(Box<Problem>);

#[derive(Debug)]
struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    fields: Vec<FieldError>,
    allow: Option<HeaderValue>,
    source: Option<Source>,
}

/// One field of a request that is not right.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// Where it stands in the body, dot-separated: `name`, `contacts.0.phone`.
    #[schema(example = "dateOfBirth")]
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemDetails<'a> {
    /// Always `about:blank`: the code says which problem it is.
    #[schema(example = "about:blank")]
    pub r#type: &'static str,
    /// The status in words.
    #[schema(example = "Not Found")]
    pub title: &'a str,
    /// The status.
    #[schema(example = 404)]
    pub status: u16,
    /// What happened this time, for a person.
    pub detail: &'a str,
    /// A stable code, for a program; docs/errors.md lists them.
    #[schema(example = "NOT_FOUND")]
    pub code: &'a str,
    /// The request, as the log names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
    /// The fields that are not right, if it was a matter of fields.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    pub errors: &'a [FieldError],
}

impl ApiError {
    /// An error that no domain crate knows of.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self(Box::new(Problem {
            status,
            code,
            detail,
            fields: Vec::new(),
            allow: None,
            source: None,
        }))
    }

    /// 400 `INVALID_FIELD` that names the field.
    pub fn invalid_field(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "INVALID_FIELD",
            "a field of the request is not valid",
        )
        .with_field(field, detail)
    }

    /// Names one more field that is not right.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>, detail: impl Into<String>) -> Self {
        self.0.fields.push(FieldError {
            field: field.into(),
            detail: detail.into(),
        });
        self
    }

    /// 405 with the methods that the path has (RFC 9110, section 15.5.6).
    pub(crate) fn method_not_allowed(methods: &[Method]) -> Self {
        let mut error = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "METHOD_NOT_ALLOWED",
            "this path has other methods",
        );
        let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
        error.0.allow = HeaderValue::from_str(&methods.join(", ")).ok();
        error
    }

    /// What a response of a library would have said, in our words.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            status if status.is_client_error() => {
                Self::new(status, "BAD_REQUEST", "the request is not valid")
            }
            status => Self::new(status, "INTERNAL_ERROR", INTERNAL),
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is nothing here")
    }

    pub(crate) fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "BODY_TOO_LARGE",
            "the body of the request is too large",
        )
    }

    /// The answer, with the id that the log knows the request by.
    pub(crate) fn response(&self, request_id: Option<&str>) -> HttpResponse {
        let Problem {
            status,
            code,
            detail,
            fields,
            allow,
            ..
        } = &*self.0;
        let mut response = HttpResponse::build(*status);
        retry_later(&mut response, *status);
        if let Some(allow) = allow {
            response.insert_header((ALLOW, allow.clone()));
        }
        response.insert_header((CONTENT_TYPE, "application/problem+json"));
        json(
            &mut response,
            &ProblemDetails {
                r#type: "about:blank",
                title: status.canonical_reason().unwrap_or("Error"),
                status: status.as_u16(),
                detail,
                code,
                request_id,
                errors: fields,
            },
        )
    }

    /// What the log should say about it, beyond the status.
    pub(crate) fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

impl<F: Fault + Send + Sync + 'static> From<F> for ApiError {
    fn from(fault: F) -> Self {
        let detail = match fault.kind() {
            FaultKind::Internal => Cow::Borrowed(INTERNAL),
            FaultKind::Unavailable => Cow::Borrowed(UNAVAILABLE),
            _ => Cow::Owned(fault.to_string()),
        };
        let mut error = Self::new(status_of(fault.kind()), fault.code(), detail);
        for invalid in fault.fields() {
            error = error.with_field(camel_case(invalid.field), invalid.problem);
        }
        error.0.source = Some(Box::new(fault));
        error
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.code)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        self.response(None)
    }
}

/// An error under `/api/auth`, in the form of Better Auth. Any [`Fault`] becomes one with `?`.
#[derive(Debug)]
pub struct AuthError(Box<Refusal>);

#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    body: Map<String, Value>,
    source: Option<Source>,
}

/// The body of an error under `/api/auth`.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthErrorBody {
    /// What happened, for a person.
    #[schema(example = "Invalid email or password")]
    pub message: String,
    /// A stable code, for a program. A few errors of the protocol have none.
    #[schema(example = "INVALID_EMAIL_OR_PASSWORD")]
    pub code: Option<String>,
}

impl AuthError {
    /// An error with a code and the message that the protocol has for it.
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self::with_message(status, code, messages::of(code).unwrap_or(code))
    }

    /// An error with a code and a message of its own.
    pub fn with_message(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::without_code(status, message).with("code", code)
    }

    /// An error that has a message only.
    pub fn without_code(status: StatusCode, message: impl Into<String>) -> Self {
        Self::empty(status).with("message", message.into())
    }

    /// An error that has a status and no body at all.
    pub fn empty(status: StatusCode) -> Self {
        Self(Box::new(Refusal {
            status,
            body: Map::new(),
            source: None,
        }))
    }

    /// What a response of a library would have said, in our words.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            status => Self::empty(status),
        }
    }

    pub(crate) fn too_large() -> Self {
        let message = "The body of the request is too large";
        Self::with_message(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", message)
    }

    /// Adds a key to the body, such as `missingPermissions`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.body.insert(key.to_owned(), value.into());
        self
    }

    /// What the log should say about it, beyond the status.
    pub(crate) fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

impl<F: Fault + Send + Sync + 'static> From<F> for AuthError {
    fn from(fault: F) -> Self {
        let mut error = match fault.kind() {
            FaultKind::Internal => Self::with_message(status_of(fault.kind()), fault.code(), INTERNAL),
            FaultKind::Unavailable => Self::with_message(status_of(fault.kind()), fault.code(), UNAVAILABLE),
            kind => {
                let status = recorded_status(fault.code()).unwrap_or_else(|| status_of(kind));
                match messages::of(fault.code()) {
                    Some(message) => Self::with_message(status, fault.code(), message),
                    None => Self::with_message(status, fault.code(), fault.to_string()),
                }
            }
        };
        error.0.source = Some(Box::new(fault));
        error
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.0.body.get("code").and_then(Value::as_str);
        formatter.write_str(code.unwrap_or_else(|| self.0.status.canonical_reason().unwrap_or("error")))
    }
}

impl ResponseError for AuthError {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.status);
        retry_later(&mut response, self.0.status);
        if self.0.body.is_empty() {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, "application/json"));
        json(&mut response, &self.0.body)
    }
}

const INTERNAL: &str = "something went wrong on the server; its log has the cause under the request id";
const UNAVAILABLE: &str = "the server cannot do this at the moment; try again a little later";

fn status_of(kind: FaultKind) -> StatusCode {
    match kind {
        FaultKind::Invalid => StatusCode::BAD_REQUEST,
        FaultKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        FaultKind::Forbidden => StatusCode::FORBIDDEN,
        FaultKind::NotFound => StatusCode::NOT_FOUND,
        FaultKind::Conflict => StatusCode::CONFLICT,
        FaultKind::Stale => StatusCode::PRECONDITION_FAILED,
        FaultKind::Gone => StatusCode::GONE,
        FaultKind::Limited => StatusCode::TOO_MANY_REQUESTS,
        FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        FaultKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The statuses of Better Auth that its kind of failure does not suggest.
fn recorded_status(code: &str) -> Option<StatusCode> {
    match code {
        "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" | "FAILED_TO_CREATE_USER" => {
            Some(StatusCode::UNPROCESSABLE_ENTITY)
        }
        _ => None,
    }
}

fn retry_later(response: &mut HttpResponseBuilder, status: StatusCode) {
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
    }
}

/// The name of a field in JSON, from its name in Rust.
fn camel_case(field: &str) -> String {
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        name + &letters
            .next()
            .map(|letter| letter.to_ascii_uppercase())
            .into_iter()
            .chain(letters)
            .collect::<String>()
    })
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
    use actix_web::body::to_bytes;
    use wardkeep_tenancy::InvalidField;

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
        let fields = vec![InvalidField {
            field: "date_of_birth",
            problem: "must not be in the future",
        }];
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
    fn a_busy_server_says_when_to_come_back() {
        let fault = || fault(FaultKind::Unavailable, "X");
        assert_eq!(
            ApiError::from(fault())
                .error_response()
                .headers()
                .get(RETRY_AFTER)
                .unwrap(),
            "1"
        );
        assert_eq!(
            AuthError::from(fault())
                .error_response()
                .headers()
                .get(RETRY_AFTER)
                .unwrap(),
            "1"
        );
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
