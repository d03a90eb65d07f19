//! Extraction one after the other.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest};

use crate::body::await_whole;

/// Extracts its parts one after the other, so that the first one's error is the answer. The first part begins when the
/// whole body has come.
///
/// actix-web runs the extractors of several arguments at the same time: which of two errors comes first then depends on
/// the network and the database, and a lookup may be given up halfway. Under `/api/auth` the body comes first and then
/// the session; under `/api/v1` first the tenant.
///
/// A caller decides when the last byte of a body comes. Were the membership read before it, somebody who is removed
/// while a request of theirs is open could still finish it. A body that cannot be read is an error of the part that
/// reads it, in its turn.
///
/// ```
/// use actix_web::web::Path;
/// use wardkeep_web::{ApiResult, InOrder, JsonBody, Tenant};
///
/// # #[derive(serde::Deserialize)]
/// # struct Change;
/// async fn update(
///     InOrder((tenant, id, change)): InOrder<(Tenant, Path<String>, JsonBody<Change>)>,
/// ) -> ApiResult<String> {
///     # let _ = (tenant, change);
///     Ok(id.into_inner())
/// }
/// ```
pub struct InOrder<T>(pub T);

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

macro_rules! in_order {
    ($($part:ident)+) => {
        impl<$($part),+> FromRequest for InOrder<($($part,)+)>
        where
            $($part: FromRequest + 'static,)+
        {
            type Error = Error;
            type Future = Extracting<Self>;

            fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
                let (request, payload) = (request.clone(), payload.take());
                Box::pin(async move {
                    let mut payload = await_whole(&request, payload).await;
                    Ok(Self(($($part::from_request(&request, &mut payload).await.map_err(Into::into)?,)+)))
                })
            }
        }
    };
}

in_order!(A B);
in_order!(A B C);
in_order!(A B C D);
