use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};

use crate::body::{media_type, read};
use crate::error::{ApiError, ApiResult};
use crate::state;

const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of an HTML form. The last of two of one name counts.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// A field, or nothing where there is none.
    pub(super) fn field(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A page elsewhere must not sign its visitors in to an account of its own, with cookies or without.
    pub(super) fn check_sign_in(&self, request: &HttpRequest) -> ApiResult<()> {
        let checked = state::of(request)?.origins().check_sign_in(request.headers());
        checked.map_err(|untrusted| {
            let detail = "this form must come from the page of the invitation";
            ApiError::new(StatusCode::FORBIDDEN, untrusted.code(), detail)
        })
    }
}

impl FromRequest for Form {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = ApiResult<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if media_type(&request).1 != FORM {
                let detail = "the body must be application/x-www-form-urlencoded";
                return Err(ApiError::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "UNSUPPORTED_MEDIA_TYPE",
                    detail,
                ));
            }
            let body = read(&request, payload).await.map_err(ApiError::unread)?;
            Ok(Self(url::form_urlencoded::parse(&body).into_owned().collect()))
        })
    }
}
