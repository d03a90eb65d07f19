//! JSON bodies and queries under `/api/v1`.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::body::{Unread, media_type, read};
use crate::error::{ApiError, ApiResult};

/// A JSON body. Make its type refuse unknown fields (`#[serde(deny_unknown_fields)]`), so that a mistyped one is not
/// lost without a word.
///
/// The answers are 415 `UNSUPPORTED_MEDIA_TYPE` for anything but `application/json`, 413 `BODY_TOO_LARGE`,
/// 408 `REQUEST_TIMEOUT`, 400 `MALFORMED_JSON`, and 400 `INVALID_FIELD` with the field and what is wrong with it.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = ApiResult<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { typed(value(&request, payload).await?).map(Self) })
    }
}

/// The JSON of a body, whatever it says.
pub(crate) async fn value(request: &HttpRequest, payload: Payload) -> ApiResult<Value> {
    if media_type(request).1 != "application/json" {
        let detail = "the body must be application/json";
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            detail,
        ));
    }
    let body = read(request, payload).await.map_err(|unread| match unread {
        Unread::Broken => malformed("the body broke off"),
        unread => ApiError::unread(unread),
    })?;
    serde_json::from_slice(&body).map_err(|_| malformed("the body is not JSON"))
}

/// The query of a request. 400 `INVALID_QUERY` with the parameter and what is wrong with it, if it does not fit the type.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
        let query = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
        ready(query.map(Self).map_err(|error| {
            let path = error.path().to_string();
            let detail = error.into_inner().to_string();
            let refused = ApiError::new(
                StatusCode::BAD_REQUEST,
                "INVALID_QUERY",
                "a parameter of the query is not valid",
            );
            refused.with_field(field(&path, &detail), detail)
        }))
    }
}

fn malformed(detail: &'static str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "MALFORMED_JSON", detail)
}

/// Reads a value to a type: what is no JSON is told from a field that does not fit.
pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> ApiResult<T> {
    if !value.is_object() {
        // serde would read a struct from an array as well.
        return Err(ApiError::invalid_field("", "the body must be an object"));
    }
    if let Some(field) = nul(&value) {
        return Err(ApiError::invalid_field(
            field,
            "must not contain the character U+0000",
        ));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string().replace('[', ".").replace(']', "");
        let detail = error.into_inner().to_string();
        ApiError::invalid_field(field(&path, &detail), detail)
    })
}

/// The path of the broken field. serde names a missing or unknown one in its message only.
fn field(path: &str, detail: &str) -> String {
    let path = if path == "." { "" } else { path };
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|start| detail.strip_prefix(start));
    let name = named.and_then(|rest| rest.split('`').next()).unwrap_or_default();
    match (path, name) {
        (path, "") => path.to_owned(),
        ("", name) => name.to_owned(),
        // The path of an unknown field ends in it already.
        (path, name) if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        (path, name) => format!("{path}.{name}"),
    }
}

/// The path of a text that holds U+0000, which PostgreSQL cannot store.
fn nul(value: &Value) -> Option<String> {
    let below = |key: String, child: &Value| {
        nul(child).map(|rest| {
            if rest.is_empty() {
                key.clone()
            } else {
                format!("{key}.{rest}")
            }
        })
    };
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| below(index.to_string(), item)),
        Value::Object(fields) => fields.iter().find_map(|(key, child)| {
            if key.contains('\0') {
                Some(key.replace('\0', "\u{fffd}"))
            } else {
                below(key.clone(), child)
            }
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError as _;
    use actix_web::body::to_bytes;
    use actix_web::http::header::ContentType;
    use actix_web::test::TestRequest;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Patient {
        first_name: String,
        #[serde(default)]
        contacts: Vec<Contact>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Contact {
        phone: String,
    }

    async fn refused(body: Value) -> Value {
        let error = typed::<Patient>(body).unwrap_err();
        serde_json::from_slice(&to_bytes(error.error_response().into_body()).await.unwrap()).unwrap()
    }

    #[test]
    fn a_body_that_fits_is_read() {
        let body = serde_json::json!({ "firstName": "Ana", "contacts": [{ "phone": "1" }] });
        let patient: Patient = typed(body).unwrap();
        assert_eq!(
            (patient.first_name.as_str(), patient.contacts[0].phone.as_str()),
            ("Ana", "1")
        );
    }

    #[actix_web::test]
    async fn a_field_that_does_not_fit_is_named() {
        for (body, field, detail) in [
            ("{}", "firstName", "missing field `firstName`"),
            (
                r#"{"firstName":5}"#,
                "firstName",
                "invalid type: integer `5`, expected a string",
            ),
            (
                r#"{"firstName":null}"#,
                "firstName",
                "invalid type: null, expected a string",
            ),
            (
                r#"{"firstName":"A","nick":"B"}"#,
                "nick",
                "unknown field `nick`, expected `firstName` or `contacts`",
            ),
            (
                r#"{"firstName":"A","contacts":[{}]}"#,
                "contacts.0.phone",
                "missing field `phone`",
            ),
            (
                r#"{"firstName":"A","contacts":[{"phone":true}]}"#,
                "contacts.0.phone",
                "invalid type: boolean `true`, expected a string",
            ),
            (
                r#"{"firstName":"A\u0000"}"#,
                "firstName",
                "must not contain the character U+0000",
            ),
            (
                r#"{"firstName":"A","contacts":[{"phone":"\u0000"}]}"#,
                "contacts.0.phone",
                "must not contain the character U+0000",
            ),
            (r#"["Ana",[]]"#, "", "the body must be an object"),
        ] {
            let problem = refused(serde_json::from_str(body).unwrap()).await;
            assert_eq!(problem["code"], "INVALID_FIELD", "{body}");
            assert_eq!(problem["errors"][0]["field"], field, "{body}");
            assert_eq!(problem["errors"][0]["detail"], detail, "{body}");
        }
    }

    #[actix_web::test]
    async fn what_is_no_json_is_malformed() {
        for body in ["", "{", "nope", "{\"firstName\":\"A\",}", "\u{feff}{}"] {
            let (request, mut payload) = TestRequest::default()
                .insert_header(ContentType::json())
                .set_payload(body)
                .to_http_parts();
            let error = value(&request, payload.take()).await.unwrap_err();
            assert_eq!(error.to_string(), "MALFORMED_JSON", "{body}");
        }
    }
}
