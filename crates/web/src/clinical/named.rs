//! The record that the path names.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use uuid::Uuid;
use wardkeep_tenancy::Id;

/// The `{id}` of the path. What is no uuid is an id that no record has, and answered as any other of those.
pub(crate) struct Named<T>(pub(crate) Id<T>);

impl<T: 'static> FromRequest for Named<T> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().query("id").parse();
        ready(Ok(Self(id.unwrap_or(Id::from_uuid(Uuid::nil())))))
    }
}
