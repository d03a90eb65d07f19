use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use wardkeep_tenancy::{Fault, FaultKind};

use super::{INTERNAL, Source, UNAVAILABLE, json, retry_later, status_of};
use crate::messages;

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
#[serde(rename_all = "camelCase")]
pub struct AuthErrorBody {
    /// What happened, for a person.
    #[schema(example = "Invalid email or password")]
    pub message: String,
    /// A stable code, for a program. A few errors of the protocol have none.
    #[schema(example = "INVALID_EMAIL_OR_PASSWORD", nullable = false)]
    pub code: Option<String>,
    /// As `resource:action`, what a role would grant that its maker does not hold; beside the code of create-role and
    /// update-role.
    #[schema(example = json!(["patient:delete"]), nullable = false)]
    pub missing_permissions: Option<Vec<String>>,
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

    pub(crate) fn too_slow() -> Self {
        let message = "The body of the request took too long to arrive";
        Self::with_message(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", message)
    }

    /// Adds a key to the body, such as `missingPermissions`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.body.insert(key.to_owned(), value.into());
        self
    }

    fn code(&self) -> Option<&str> {
        self.0.body.get("code").and_then(Value::as_str)
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
                match (messages::alone(fault.code()), messages::of(fault.code())) {
                    (Some(message), _) => Self::without_code(status, message),
                    (None, Some(message)) => Self::with_message(status, fault.code(), message),
                    (None, None) => Self::with_message(status, fault.code(), fault.to_string()),
                }
            }
        };
        error.0.source = Some(Box::new(fault));
        error
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code();
        formatter.write_str(code.unwrap_or_else(|| self.0.status.canonical_reason().unwrap_or("error")))
    }
}

impl ResponseError for AuthError {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.status);
        retry_later(&mut response, self.0.status, self.code());
        if self.0.body.is_empty() {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, "application/json"));
        json(&mut response, &self.0.body)
    }
}

/// The statuses of Better Auth that its kind of failure does not suggest.
fn recorded_status(code: &str) -> Option<StatusCode> {
    match code {
        "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" | "FAILED_TO_CREATE_USER" => {
            Some(StatusCode::UNPROCESSABLE_ENTITY)
        }
        "LINKING_FAILED" => Some(StatusCode::EXPECTATION_FAILED),
        _ => None,
    }
}
