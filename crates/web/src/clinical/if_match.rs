//! The version that a change is meant for.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderName, HeaderValue, IF_MATCH};
use actix_web::{FromRequest, HttpRequest};

use crate::error::{ApiError, ApiResult};

/// The version in the header `If-Match` (RFC 9110, section 13.1.1): the entity tag with which the record was read.
///
/// The answer is 428 `PRECONDITION_REQUIRED` (RFC 6585) without the header, and for `*`, which would overwrite what the
/// caller has not read; 400 `INVALID_IF_MATCH` for what is not one entity tag. A tag that no version has, such as a
/// weak one, stands for no version, and whatever is changed will answer that it is stale.
pub(crate) struct IfMatch(pub(crate) i64);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all(IF_MATCH);
        ready(match (values.next(), values.next()) {
            (Some(value), None) => value
                .to_str()
                .map_err(|_| malformed())
                .and_then(version)
                .map(Self),
            (None, _) => Err(required(
                "send the ETag of the record, as you read it, in the header If-Match",
            )),
            (Some(_), Some(_)) => Err(malformed()),
        })
    }
}

/// The header with which a record of this version is sent.
pub(crate) fn etag(version: i64) -> (HeaderName, HeaderValue) {
    let tag = HeaderValue::from_str(&format!("\"{version}\""));
    (ETAG, tag.unwrap_or_else(|_| HeaderValue::from_static("\"0\"")))
}

/// Versions begin at 1.
const NO_VERSION: i64 = 0;

fn version(value: &str) -> ApiResult<i64> {
    if value.trim() == "*" {
        return Err(required(
            "name the version that you read; * would overwrite one that you have not seen",
        ));
    }
    let (strong, tag) = match value.trim().strip_prefix("W/") {
        Some(weak) => (false, weak),
        None => (true, value.trim()),
    };
    let tag = tag
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'))
        .ok_or_else(malformed)?;
    if tag.contains(['"', ' ']) {
        return Err(malformed());
    }
    let number = tag
        .parse()
        .ok()
        .filter(|number: &i64| strong && number.to_string() == tag);
    Ok(number.unwrap_or(NO_VERSION))
}

fn malformed() -> ApiError {
    let detail = "the header If-Match must be one entity tag, such as \"3\" with its quotes";
    ApiError::new(StatusCode::BAD_REQUEST, "INVALID_IF_MATCH", detail)
}

fn required(detail: &'static str) -> ApiError {
    ApiError::new(StatusCode::PRECONDITION_REQUIRED, "PRECONDITION_REQUIRED", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError as _;

    fn read(value: &str) -> Result<i64, u16> {
        version(value).map_err(|error| error.status_code().as_u16())
    }

    #[test]
    fn a_strong_tag_is_a_version() {
        assert_eq!(read("\"3\""), Ok(3));
        assert_eq!(read(" \"12\" "), Ok(12));
        assert_eq!(etag(3).1, "\"3\"");
    }

    #[test]
    fn a_tag_that_is_not_ours_is_no_version() {
        for tag in [
            "W/\"3\"",
            "\"\"",
            "\"abc\"",
            "\"03\"",
            "\"+3\"",
            "\"99999999999999999999\"",
        ] {
            assert_eq!(read(tag), Ok(NO_VERSION), "{tag}");
        }
    }

    #[test]
    fn what_is_not_one_tag_is_malformed() {
        for value in ["3", "", "\"3", "3\"", "\"", "\"1\", \"2\"", "w/\"3\"", "\"a b\""] {
            assert_eq!(read(value), Err(400), "{value}");
        }
    }

    #[test]
    fn any_version_is_not_a_version() {
        assert_eq!(read("*"), Err(428));
    }
}
