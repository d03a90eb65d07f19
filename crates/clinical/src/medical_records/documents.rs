//! The contents of documents (FHIR R4 DocumentReference.content.attachment): examined while they come, kept in pieces,
//! written once.

mod entity;
mod examination;
mod media_types;
mod names;

use std::io;

use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::categories::DOCUMENT;
use super::entity::{ActiveModel, Entity, MedicalRecord, MedicalRecordId};
use super::errors::MedicalRecordError;
use super::{READ, UPDATE};
use crate::audit;
use crate::records::{self, RecordError};
use entity::Column;

pub use examination::{Content, Examination, Unfit};

/// How many bytes of a content are read and written at once; only the last piece may have fewer.
pub const PIECE: usize = 256 * 1024;

/// A content that is there.
#[derive(Clone)]
pub struct Document {
    record: MedicalRecordId,
    /// The version of the record.
    pub version: i64,
    /// What its file is to be called: as it was named, with an ending of its media type.
    pub file_name: String,
    /// What it is.
    pub content: Content,
}

/// Whether a content can be given to a document now, whose version is `version`. Leaves no trace: for [`put`] to be worth
/// the while of sending one, which asks again.
///
/// # Errors
///
/// Those of [`put`].
pub async fn expect(tx: &TenantTx, id: MedicalRecordId, version: i64) -> Result<(), MedicalRecordError> {
    tx.require(UPDATE).map_err(RecordError::from)?;
    let record = records::find::<Entity>(tx, id).await?;
    let record = record.ok_or_else(records::not_found::<Entity>)?;
    if record.version != version {
        return Err(RecordError::Stale(record.version).into());
    }
    is_empty(&record)
}

/// Gives a document whose version is still `version` its content, which it keeps: of several one is taken. `pieces` gives the
/// next [`PIECE`] bytes whenever it is called; it may read from a disk, and nothing that is slower.
///
/// # Errors
///
/// When the caller may not, there is no such record, it has another version, is no document or has a content, the pieces
/// cannot be read or are not what was examined, or the database fails.
pub async fn put(
    tx: &TenantTx,
    id: MedicalRecordId,
    version: i64,
    content: &Content,
    mut pieces: impl AsyncFnMut() -> io::Result<Vec<u8>>,
) -> Result<MedicalRecord, MedicalRecordError> {
    tx.require(UPDATE).map_err(RecordError::from)?;
    let record = records::lock::<Entity>(tx, id, version).await?;
    is_empty(&record)?;
    for number in 0..content.pieces() {
        let piece = pieces().await.map_err(MedicalRecordError::Unreadable)?;
        if piece.len() != content.length_of(number) {
            return Err(MedicalRecordError::Unreadable(
                io::ErrorKind::UnexpectedEof.into(),
            ));
        }
        let row = entity::ActiveModel {
            organization_id: ActiveValue::Set(tx.organization()),
            medical_record_id: ActiveValue::Set(id),
            number: ActiveValue::Set(number),
            content: ActiveValue::Set(piece),
        };
        entity::Entity::insert(row).exec_without_returning(tx).await?;
    }
    let changes = ActiveModel {
        media_type: ActiveValue::Set(Some(content.media_type.clone())),
        size: ActiveValue::Set(Some(content.size)),
        sha256: ActiveValue::Set(Some(content.sha256.clone())),
        ..Default::default()
    };
    Ok(records::change::<Entity>(tx, &record, changes).await?)
}

/// Opens the content of a document, of which [`piece`] then gives the bytes.
///
/// # Errors
///
/// When the caller may not, there is no such record, it has no content, or the database fails.
pub async fn open(tx: &TenantTx, id: MedicalRecordId) -> Result<Document, MedicalRecordError> {
    tx.require(READ).map_err(RecordError::from)?;
    let record = records::find::<Entity>(tx, id).await?;
    let record = record.ok_or_else(records::not_found::<Entity>)?;
    let content = Content::of(&record).ok_or(MedicalRecordError::NoContent)?;
    let event = records::event::<Entity>(tx, "download", &record).await?;
    audit::record(tx, event).await?;
    Ok(Document {
        record: id,
        version: record.version,
        file_name: names::of_file(record.file_name.as_deref(), &content.media_type),
        content,
    })
}

/// One piece of a content that was opened, the first of which has the number 0; none behind the last. In a transaction of
/// its own, so that none is held while somebody reads slowly. Leaves no trace beside that of [`open`].
///
/// # Errors
///
/// When the caller may not, the piece is not there or is not as long as it must be, or the database fails.
pub async fn piece(
    tx: &TenantTx,
    document: &Document,
    number: i32,
) -> Result<Option<Vec<u8>>, MedicalRecordError> {
    tx.require(READ).map_err(RecordError::from)?;
    if number >= document.content.pieces() {
        return Ok(None);
    }
    let piece = tx
        .find::<entity::Entity>()
        .select_only()
        .column(Column::Content)
        .filter(Column::MedicalRecordId.eq(document.record))
        .filter(Column::Number.eq(number))
        .into_tuple::<Vec<u8>>();
    let piece = piece.one(tx).await?.unwrap_or_default();
    if piece.len() == document.content.length_of(number) {
        Ok(Some(piece))
    } else {
        Err(MedicalRecordError::Unreadable(
            io::ErrorKind::UnexpectedEof.into(),
        ))
    }
}

fn is_empty(record: &MedicalRecord) -> Result<(), MedicalRecordError> {
    if record.category != DOCUMENT {
        Err(MedicalRecordError::NotADocument)
    } else if record.sha256.is_some() {
        Err(MedicalRecordError::ContentExists)
    } else {
        Ok(())
    }
}
