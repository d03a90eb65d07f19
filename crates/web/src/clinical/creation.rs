//! Creates, which can be sent again under one `Idempotency-Key`.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use wardkeep_clinical::idempotency::{self, Answer, Key};
use wardkeep_tenancy::{Permission, TenantTx};

use crate::Tenant;
use crate::clinical::if_match::etag;
use crate::error::{ApiError, ApiResult};
use crate::json_body;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST_KEY: usize = 255;

/// What [`Creation`] reads, for the document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it only describes the header")]
pub(crate) struct Repeatable {
    /// Makes the request safe to send again: within 24 hours the same key, from the same user in the same organization,
    /// gets the same answer and creates nothing. 1 to 255 visible ASCII characters; a new one for each record.
    #[param(
        rename = "Idempotency-Key",
        required = false,
        max_length = 255,
        example = "0194d3a0-7c11-4e5b-8a44-0f2e6b1c9d38"
    )]
    key: Option<String>,
}

/// The JSON body of a create, with its `Idempotency-Key` if it has one. The answers are those of
/// [`JsonBody`](crate::JsonBody), and 400 `INVALID_IDEMPOTENCY_KEY` for a key that is empty, too long, not visible ASCII,
/// or there twice.
pub(crate) struct Creation<T> {
    body: T,
    key: Option<Key>,
}

/// What was created.
pub(crate) struct Created<V> {
    /// Its path.
    pub(crate) location: String,
    /// Its version.
    pub(crate) version: i64,
    /// What is shown of it.
    pub(crate) view: V,
}

impl<T: DeserializeOwned + 'static> FromRequest for Creation<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = ApiResult<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let given = given_key(&request)?;
            let value = json_body::value(&request, payload).await?;
            let key = given.map(|key| Key {
                route: format!(
                    "{} {}",
                    request.method(),
                    request.match_pattern().unwrap_or_default()
                ),
                key,
                // The fields of a JSON object are kept in order, so that the same request has the same hash however it is
                // written. The route has no id of the record that its path names.
                fingerprint: Sha256::digest(format!(
                    "{}{}\n{value}",
                    request.match_info().query("id"),
                    request.query_string()
                ))
                .to_vec(),
            });
            let body = json_body::typed(value)?;
            Ok(Self { body, key })
        })
    }
}

impl<T> Creation<T> {
    /// Creates by `work`, or answers what was answered when the key was used before. `create` is the right that it takes.
    pub(crate) async fn make<V: Serialize>(
        self,
        tenant: &Tenant,
        create: Permission,
        work: impl AsyncFnOnce(&TenantTx, T) -> ApiResult<Created<V>>,
    ) -> ApiResult<HttpResponse> {
        let tx = tenant.begin().await?;
        if let Some(key) = &self.key
            && let Some(answer) = idempotency::claim(&tx, create, key).await?
        {
            tx.commit().await?;
            return Ok(response(&answer, true));
        }
        let created = work(&tx, self.body).await?;
        let answer = answer(&created)?;
        if let Some(key) = &self.key {
            idempotency::keep(&tx, key, &answer).await?;
        }
        tx.commit().await?;
        Ok(response(&answer, false))
    }
}

fn given_key(request: &HttpRequest) -> ApiResult<Option<String>> {
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY);
    let (Some(value), more) = (values.next(), values.next()) else {
        return Ok(None);
    };
    let sound = |key: &&str| {
        (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match value.to_str().ok().filter(sound) {
        Some(key) if more.is_none() => Ok(Some(key.to_owned())),
        _ => Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "INVALID_IDEMPOTENCY_KEY",
            "the header Idempotency-Key must be one key of 1 to 255 visible ASCII characters",
        )),
    }
}

fn answer<V: Serialize>(created: &Created<V>) -> ApiResult<Answer> {
    let (_, tag) = etag(created.version);
    let body = serde_json::to_string(&created.view)
        .map_err(|error| ApiError::from_status(StatusCode::INTERNAL_SERVER_ERROR).caused_by(error))?;
    Ok(Answer {
        status: StatusCode::CREATED.as_u16(),
        headers: json!({ "location": created.location, "etag": tag.to_str().unwrap_or_default() }),
        body,
    })
}

fn response(answer: &Answer, replayed: bool) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::CREATED);
    let mut response = HttpResponse::build(status);
    for (name, key) in [(LOCATION, "location"), (ETAG, "etag")] {
        if let Some(value) = answer.headers.get(key).and_then(|value| value.as_str()) {
            response.insert_header((name, value));
        }
    }
    if replayed {
        response.insert_header((IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true")));
    }
    response.insert_header((CONTENT_TYPE, "application/json"));
    response.body(answer.body.clone())
}
