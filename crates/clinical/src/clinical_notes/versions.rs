//! What a note said while it was a draft. Every change is kept; nobody changes what is.

mod entity;

use sea_orm::{ActiveValue, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde_json::json;
use wardkeep_tenancy::TenantTx;

use super::entity::{ClinicalNote, ClinicalNoteId};
use super::{NoteError, READ, find};
use crate::audit;
use crate::paging::{self, Order, Page, Paging};
use crate::records::{self, RecordError};
use entity::{ActiveModel, Column, Entity};

pub use entity::NoteVersion;

const ORDERS: &[Order<Column>] = &[Order {
    name: "version",
    key: &[Column::Version],
}];

/// Lists what a note said as it was made and after each change, the newest first; of a signed note the first is what is
/// signed. Deleting, restoring and signing give the note a version as well, and change nothing of what it says.
///
/// # Errors
///
/// When the caller may not, there is no such note, the paging is past its limits, the cursor is not one of the list, or the
/// database fails.
pub async fn versions(
    tx: &TenantTx,
    id: ClinicalNoteId,
    paging: &Paging,
) -> Result<Page<NoteVersion>, NoteError> {
    tx.require(READ).map_err(RecordError::from)?;
    let note = find(tx, id).await?;
    let rows = tx.find::<Entity>().filter(Column::ClinicalNoteId.eq(id));
    let paging = paging.or_sorted_by("-version");
    let page = paging::page(tx, rows, ORDERS, &json!({ "id": id }), &paging).await?;
    audit::record(tx, records::event::<super::Entity>(tx, "read", &note).await?).await?;
    Ok(page)
}

/// Keeps what a draft says now; the caller has written it.
pub(super) async fn keep(tx: &TenantTx, note: &ClinicalNote) -> Result<(), DbErr> {
    let version = ActiveModel {
        organization_id: ActiveValue::Set(note.organization_id),
        clinical_note_id: ActiveValue::Set(note.id),
        version: ActiveValue::Set(note.version),
        note_type: ActiveValue::Set(note.note_type.clone()),
        text: ActiveValue::Set(note.text.clone()),
        written_by: ActiveValue::Set(tx.user()),
        written_by_name: ActiveValue::Set(tx.context().actor_name().to_owned()),
        written_at: ActiveValue::Set(tx.now()),
    };
    Entity::insert(version).exec_without_returning(tx).await?;
    Ok(())
}
