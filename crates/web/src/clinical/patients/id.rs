//! The patient that the path names.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use wardkeep_clinical::patients::PatientId;

use crate::error::{ApiError, ApiResult};

/// The `{id}` of the path. What is no uuid is an id that no patient has: 404 `PATIENT_NOT_FOUND`.
pub(crate) struct Named(pub(crate) PatientId);

impl FromRequest for Named {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().query("id").parse();
        ready(id.map(Self).map_err(|_| {
            ApiError::new(
                StatusCode::NOT_FOUND,
                "PATIENT_NOT_FOUND",
                "there is no such patient",
            )
        }))
    }
}
