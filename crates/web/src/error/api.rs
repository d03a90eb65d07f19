use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use wardkeep_tenancy::{Fault, FaultKind};

use crate::body::{Crowded, Unread};

use super::{INTERNAL, Source, UNAVAILABLE, json, retry_later, status_of};

/// What all problem details have; details of one code have other names.
const MEMBERS: [&str; 7] = ["type", "title", "status", "detail", "code", "requestId", "errors"];

/// An error under `/api/v1`, at `/health` and for unknown routes. Any [`Fault`] becomes one with `?`.
#[derive(Debug)]
pub struct ApiError(Box<Problem>);

#[derive(Debug)]
struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    fields: Vec<FieldError>,
    details: Vec<(&'static str, Value)>,
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
    /// What else the caller needs to go on; each code's own (RFC 9457, section 3.2).
    #[serde(flatten)]
    #[schema(additional_properties = true)]
    pub details: BTreeMap<&'static str, &'a Value>,
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
            details: Vec::new(),
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

    /// Tells the log what is behind it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
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

    /// 503 that says nothing but to try again.
    pub(crate) fn unavailable(code: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, UNAVAILABLE)
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

    /// A body that could not be read.
    pub(crate) fn unread(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge => Self::too_large(),
            Unread::Broken => Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "the body broke off"),
            Unread::TooSlow => Self::too_slow(),
            Unread::Crowded => Crowded.into(),
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

    pub(crate) fn too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "REQUEST_TIMEOUT",
            "the body of the request took too long to arrive",
        )
    }

    /// The answer, with the id that the log knows the request by.
    pub(crate) fn response(&self, request_id: Option<&str>) -> HttpResponse {
        let Problem {
            status,
            code,
            detail,
            fields,
            details,
            allow,
            ..
        } = &*self.0;
        let mut response = HttpResponse::build(*status);
        retry_later(&mut response, *status, Some(code));
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
                details: details.iter().map(|(name, value)| (*name, value)).collect(),
            },
        )
    }

    /// What the caller was told under this name, beside what all problem details have.
    pub(crate) fn detail(&self, name: &str) -> Option<&Value> {
        let mut details = self.0.details.iter();
        details.find(|(told, _)| *told == name).map(|(_, value)| value)
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        self.0.code
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
            error = error.with_field(camel_case(&invalid.field), invalid.problem.clone());
        }
        error.0.details = fault.details();
        debug_assert!(
            error.0.details.iter().all(|(name, _)| !MEMBERS.contains(name)),
            "a detail has the name of a member of every problem"
        );
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
