//! `GET /api/v1/medical-records/{id}/content`.

use std::io;

use actix_web::body::SizedStream;
use actix_web::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wardkeep_clinical::medical_records::MedicalRecord;
use wardkeep_clinical::medical_records::documents::{self, Document};
use wardkeep_tenancy::TenantScope;

use super::put_content::FileContent;
use crate::clinical::InOrganization;
use crate::clinical::if_match::etag;
use crate::clinical::named::Named;
use crate::error::{ApiError, ApiResult};
use crate::{InOrder, Tenant};

/// Sends the content of a document, as a file to be saved: no browser shows it as a page of this server. `Repr-Digest` has
/// its SHA-256 (RFC 9530). If something fails on the way, the connection breaks off before the last byte.
#[utoipa::path(
    tag = "medical-records",
    operation_id = "getMedicalRecordContent",
    params(("id" = Uuid, Path, description = "The document."), InOrganization),
    responses(
        (status = 200, description = "The file. Its `Content-Type` is the media type of the content.",
            body = FileContent, content_type = "application/octet-stream",
            headers(
                ("ETag" = String, description = "The version of the record."),
                ("Content-Disposition" = String, description = "`attachment`, with the name of the file."),
                ("Repr-Digest" = String, description = "The SHA-256, as `sha-256=:…:`."),
            )),
        (status = 404, description = "`MEDICAL_RECORD_NOT_FOUND`; `CONTENT_NOT_FOUND`: there is no content, or not yet"),
    ),
)]
#[get("/medical-records/{id}/content")]
pub(super) async fn get_content(
    InOrder((tenant, id)): InOrder<(Tenant, Named<MedicalRecord>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let document = documents::open(&tx, id.0).await?;
    tx.commit().await?;
    let content = &document.content;
    let digest = BASE64_STANDARD.encode(content.digest());
    let size = content.size.unsigned_abs();
    Ok(HttpResponse::Ok()
        .insert_header(etag(document.version))
        .insert_header((CONTENT_TYPE, content_type(&content.media_type)))
        .insert_header((CONTENT_DISPOSITION, attachment(&document.file_name)))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(("Repr-Digest", format!("sha-256=:{digest}:")))
        .body(SizedStream::new(size, pieces(tenant.scope().clone(), document))))
}

/// A text is known to be UTF-8.
fn content_type(media_type: &str) -> String {
    match media_type {
        "text/plain" => "text/plain; charset=utf-8".to_owned(),
        media_type => media_type.to_owned(),
    }
}

/// The pieces one after the other, each read when the one before has left. No transaction is open meanwhile.
fn pieces(scope: TenantScope, document: Document) -> impl Stream<Item = io::Result<Bytes>> {
    try_unfold((scope, document, 0), async |(scope, document, number)| {
        let piece = read(&scope, &document, number).await.map_err(|error| {
            let request_id = scope.context().request_id();
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            tracing::error!(request_id, cause, "a content broke off while it was sent");
            io::Error::other(error.to_string())
        })?;
        Ok(piece.map(|piece| (Bytes::from(piece), (scope, document, number + 1))))
    })
}

async fn read(scope: &TenantScope, document: &Document, number: i32) -> Result<Option<Vec<u8>>, ApiError> {
    let tx = scope.begin().await?;
    Ok(documents::piece(&tx, document, number).await?)
}

/// What RFC 8187, section 3.2.1, lets stand for itself.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// A file to be saved under this name (RFC 6266); for old programs also under one in ASCII.
fn attachment(name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || " -_.()".contains(letter);
    let ascii: String = name
        .chars()
        .map(|letter| if plain(letter) { letter } else { '_' })
        .collect();
    let name = utf8_percent_encode(name, ATTR_CHAR);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_gets_out_of_it() {
        assert_eq!(
            attachment("letter 1.pdf"),
            "attachment; filename=\"letter 1.pdf\"; filename*=UTF-8''letter%201.pdf"
        );
        assert_eq!(
            attachment("Röntgen\"; filename=\"x.exe\r\n%41'*.jpg"),
            "attachment; filename=\"R_ntgen__ filename__x.exe___41__.jpg\"; \
             filename*=UTF-8''R%C3%B6ntgen%22%3B%20filename%3D%22x.exe%0D%0A%2541%27%2A.jpg"
        );
    }
}
