//! Answers that several endpoints give.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, LOCATION};
use actix_web::web::Json;
use actix_web::{CustomizeResponder, Responder as _};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_auth::Listed;

/// How many rows a list has in all, of which the answer holds the first 100.
pub(crate) const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// It is done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Done {
    status: bool,
}

pub(crate) fn done() -> Json<Done> {
    Json(Done { status: true })
}

/// It is done, and said in words.
#[derive(Serialize, ToSchema)]
pub(super) struct Said {
    success: bool,
    message: &'static str,
}

pub(super) fn said(message: &'static str) -> Json<Said> {
    Json(Said {
        success: true,
        message,
    })
}

/// 302 to a page. The empty body is called JSON, as in Better Auth.
pub(super) fn redirect(to: &str) -> HttpResponse {
    HttpResponse::build(StatusCode::FOUND)
        .insert_header((LOCATION, in_ascii(to)))
        .content_type("application/json")
        .finish()
}

/// An address as it may stand in a header: a browser reads the bytes of another character as it likes (RFC 9110,
/// section 5.5), but `%C3%BC` as `ü` alone, in a host as well.
pub(super) fn in_ascii(address: &str) -> String {
    // Spaces around it are no part of it (WHATWG URL, "basic URL parser").
    utf8_percent_encode(address.trim_matches(' '), NO_CHARACTERS_OF_A_URL).to_string()
}

/// Beside all that is not ASCII.
const NO_CHARACTERS_OF_A_URL: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

/// The first rows of a list, and in a header how many there are.
pub(crate) fn listed<Row, View: From<Row> + Serialize>(
    list: Listed<Row>,
) -> CustomizeResponder<Json<Vec<View>>> {
    let total = list.total;
    Json(list.rows.into_iter().map(View::from).collect::<Vec<_>>())
        .customize()
        .insert_header((TOTAL_COUNT, total))
}
