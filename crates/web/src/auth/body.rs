//! The body of a request under `/api/auth`, after all that the protocol checks before a handler runs.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use serde_json::{Map, Value};

use super::fields::{self, Shape, is_truthy};
use crate::State;
use crate::body::{Crowded, Unread, media_type};
use crate::context::Unsurrounded;
use crate::error::{AuthError, AuthResult};
use crate::origins::Untrusted;

/// A body in the shape of `T`. Every endpoint that is not a `GET` takes one, or says that it looks for nothing in it: it
/// is what answers a request from a page of another site.
///
/// The checks come in the order of Better Auth: media type (415), JSON (400), origin and redirect addresses (403), shape
/// (400 `VALIDATION_ERROR`), and at sign-in the origin of a request without cookies (403).
pub struct Body<T>(pub T);

/// A query in the shape of `T`: every value is a text, or an array of texts if a name comes twice. Where the endpoint
/// redirects, its [`callback`](Shape::callback) must be a trusted page: 403 `INVALID_CALLBACK_URL`.
pub struct Query<T>(pub T);

/// A body in which nothing is looked for: any JSON, or none. What [`Body`] checks before the shape is checked.
pub(super) struct AnyBody;

/// A body that is not even read. Only where the request comes from and where its query leads is checked.
pub(super) struct NoBody;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The fields that name where a redirect leads, with what the messages call them and their code.
const REDIRECTS: [(&str, &str, &str); 4] = [
    ("callbackURL", "callbackURL", "INVALID_CALLBACK_URL"),
    ("redirectTo", "redirectURL", "INVALID_REDIRECT_URL"),
    (
        "errorCallbackURL",
        "errorCallbackURL",
        "INVALID_ERROR_CALLBACK_URL",
    ),
    (
        "newUserCallbackURL",
        "newUserCallbackURL",
        "INVALID_NEW_USER_CALLBACK_URL",
    ),
];

impl<T: Shape + 'static> FromRequest for Body<T> {
    type Error = AuthError;
    type Future = Pin<Box<dyn Future<Output = AuthResult<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = parse(&request, payload, T::FORM).await?;
            check(&request, body.as_ref())?;
            let shape = fields::read("body", body.as_ref()).map_err(invalid)?;
            if T::SIGNS_IN {
                let state = request.app_data::<State>().ok_or(Unsurrounded)?;
                state
                    .origins()
                    .check_sign_in(request.headers())
                    .map_err(forbidden)?;
            }
            Ok(Self(shape))
        })
    }
}

impl FromRequest for AnyBody {
    type Error = AuthError;
    type Future = Pin<Box<dyn Future<Output = AuthResult<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = parse(&request, payload, false).await?;
            check(&request, body.as_ref())?;
            Ok(Self)
        })
    }
}

impl FromRequest for NoBody {
    type Error = AuthError;
    type Future = Ready<AuthResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(check(request, None).map(|()| Self))
    }
}

impl<T: Shape> FromRequest for Query<T> {
    type Error = AuthError;
    type Future = Ready<AuthResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query(request).map(Self))
    }
}

fn read_query<T: Shape>(request: &HttpRequest) -> AuthResult<T> {
    let state = request.app_data::<State>().ok_or(Unsurrounded)?;
    let query = Value::Object(query(request));
    let shape: T = fields::read("query", Some(&query)).map_err(invalid)?;
    let leads = shape.callback().filter(|url| !url.is_empty());
    if leads.is_some_and(|url| !state.origins().may_redirect_to(url)) {
        return Err(AuthError::new(StatusCode::FORBIDDEN, "INVALID_CALLBACK_URL"));
    }
    Ok(shape)
}

/// The body as a value; `None` if there is none.
async fn parse(request: &HttpRequest, payload: Payload, form: bool) -> AuthResult<Option<Value>> {
    let body = crate::body::read(request, payload)
        .await
        .map_err(|unread| match unread {
            Unread::TooLarge => AuthError::too_large(),
            Unread::Broken => AuthError::new(StatusCode::BAD_REQUEST, "BAD_REQUEST"),
            Unread::TooSlow => AuthError::too_slow(),
            Unread::Crowded => Crowded.into(),
        })?;
    if body.is_empty() {
        return Ok(None);
    }
    match (media_type(request), form) {
        ((_, media_type), _) if media_type == JSON => {
            // JavaScript's decoder drops a byte order mark.
            let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
            let value = serde_json::from_slice(json);
            value
                .map(Some)
                .map_err(|_| AuthError::new(StatusCode::BAD_REQUEST, "BAD_REQUEST"))
        }
        ((_, media_type), true) if media_type == FORM => {
            let pairs = url::form_urlencoded::parse(&body);
            let fields = pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
            Ok(Some(Value::Object(fields.collect())))
        }
        ((sent, _), form) => Err(unsupported(&sent, form)),
    }
}

fn unsupported(sent: &str, form: bool) -> AuthError {
    let allowed = if form {
        format!("{FORM}, {JSON}")
    } else {
        JSON.to_owned()
    };
    let message = if sent.is_empty() {
        format!("Content-Type is required. Allowed types: {allowed}")
    } else {
        format!("Content-Type \"{sent}\" is not allowed. Allowed types: {allowed}")
    };
    AuthError::with_message(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        message,
    )
}

/// Where the request comes from, and where it leads. Redirect addresses are checked before the shape, so any kind of
/// value may stand there.
fn check(request: &HttpRequest, body: Option<&Value>) -> AuthResult<()> {
    if let Some(untrusted) = request.extensions().get::<Untrusted>() {
        return Err(forbidden(*untrusted));
    }
    let state = request.app_data::<State>().ok_or(Unsurrounded)?;
    let query = query(request);
    for (field, label, code) in REDIRECTS {
        let in_body = body
            .and_then(|body| body.get(field))
            .filter(|value| is_truthy(value));
        let in_query = query
            .get(field)
            .filter(|value| field == "callbackURL" && is_truthy(value));
        match in_body.or(in_query) {
            None => {}
            Some(Value::String(address)) if state.origins().may_redirect_to(address) => {}
            Some(Value::String(_)) => return Err(AuthError::new(StatusCode::FORBIDDEN, code)),
            Some(_) => {
                let message = format!("Invalid {label}: expected a string");
                return Err(AuthError::without_code(StatusCode::BAD_REQUEST, message));
            }
        }
    }
    Ok(())
}

fn query(request: &HttpRequest) -> Map<String, Value> {
    let mut query = Map::new();
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        let value = Value::String(value.into_owned());
        match query.get_mut(name.as_ref()) {
            None => {
                query.insert(name.into_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    query
}

fn forbidden(untrusted: Untrusted) -> AuthError {
    AuthError::new(StatusCode::FORBIDDEN, untrusted.code())
}

fn invalid(message: String) -> AuthError {
    AuthError::with_message(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
}
