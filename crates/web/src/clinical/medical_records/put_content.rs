//! `PUT /api/v1/medical-records/{id}/content`.

use actix_web::web::Payload;
use actix_web::{Error, FromRequest as _, HttpRequest, HttpResponse, put};
use utoipa::ToSchema;
use wardkeep_clinical::medical_records::{MedicalRecord, documents};

use super::upload::Upload;
use super::view::MedicalRecordView;
use crate::Tenant;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiError;

/// The bytes of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it only describes a body, which is never in one place")]
pub(super) struct FileContent(Vec<u8>);

/// Gives a document its content, once: it is never replaced. Another version of a document is another record, and the status
/// of this one then `superseded`. What kind of file it is says what is in it: PDF, PNG, JPEG, GIF, WebP, TIFF, HEIC, DICOM,
/// RTF or plain text in UTF-8, up to the size that the server is set to (20 MiB, if nothing is said). A `Content-Type` is not
/// needed; one that is not true is refused, but for `application/octet-stream`. The bytes must be there within 5 minutes.
#[utoipa::path(
    tag = "medical-records",
    operation_id = "putMedicalRecordContent",
    params(("id" = Uuid, Path, description = "The document."), OfVersion, InOrganization),
    request_body(content = FileContent, content_type = "application/octet-stream", description = "The file, as it is."),
    responses(
        (status = 201, description = "The record, which has its content now.", body = MedicalRecordView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 400, description = "`EMPTY_CONTENT`, `MEDIA_TYPE_MISMATCH`; `BAD_REQUEST`: the content broke off"),
        (status = 404, description = "`MEDICAL_RECORD_NOT_FOUND`"),
        (status = 409, description = "`CONTENT_EXISTS`; `NOT_A_DOCUMENT`: the record is of another category"),
        (status = 413, description = "`CONTENT_TOO_LARGE`"),
        (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`: a file of this kind is not kept"),
    ),
)]
#[put("/medical-records/{id}/content")]
pub(super) async fn put_content(request: HttpRequest, body: Payload) -> Result<HttpResponse, Error> {
    let tenant = Tenant::extract(&request).await?;
    let id = Named::<MedicalRecord>::extract(&request).await?.0;
    let version = IfMatch::extract(&request).await?.0;
    let tx = tenant.begin().await.map_err(ApiError::from)?;
    let expected = documents::expect(&tx, id, version).await;
    drop(tx);
    expected.map_err(ApiError::from)?;

    let organization = tenant.scope().organization();
    let mut upload = Upload::receive(&request, body.into_inner(), organization).await?;

    // Who sends decides when the last byte comes: whoever was removed meanwhile is no member any more.
    let tenant = Tenant::extract(&request).await?;
    let tx = tenant.begin().await.map_err(ApiError::from)?;
    let content = upload.content.clone();
    let record = documents::put(&tx, id, version, &content, async || upload.next().await).await;
    let record = record.map_err(ApiError::from)?;
    tx.commit().await.map_err(ApiError::from)?;
    Ok(HttpResponse::Created()
        .insert_header(etag(record.version))
        .json(MedicalRecordView::from(record)))
}
