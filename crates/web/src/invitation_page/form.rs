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

/// A form of the page of an invitation. The last of two fields of one name counts.
pub(super) struct Posted {
    invitation: String,
    fields: HashMap<String, String>,
}

impl Posted {
    /// The id in the path, as it is written.
    pub(super) fn invitation(&self) -> &str {
        &self.invitation
    }

    /// A field, or nothing where there is none.
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map(String::as_str).unwrap_or_default()
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

impl FromRequest for Posted {
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
            Ok(Self {
                invitation: request.match_info().get("id").unwrap_or_default().to_owned(),
                fields: url::form_urlencoded::parse(&body).into_owned().collect(),
            })
        })
    }
}
