//! What all kinds of record have in common: versions, deletion as "entered in error", and a trace of every access.

mod changes;

use std::future::{Future, ready};

use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColumnTrait, DbErr, IntoActiveModel, QueryFilter,
    QuerySelect, Select, Value,
};
use time::OffsetDateTime;
use wardkeep_tenancy::{Denied, Fault, FaultKind, Id, InvalidField, OrganizationOwned, Permission, TenantTx};

use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::patients::PatientId;

pub(crate) use changes::{between, instant};

/// The longest reason for a deletion, in characters.
const LONGEST_REASON: usize = 500;

/// A table of records. Its columns `version`, `updated_at`, `deleted_at` and `deletion_reason` are kept by this module.
pub(crate) trait Record:
    OrganizationOwned<ActiveModel: ActiveModelBehavior + Send, Model: IntoActiveModel<Self::ActiveModel> + Row>
{
    /// What permissions and audit events call it: `patient`.
    const RESOURCE: &'static str;
    /// The code of the error that there is none: `PATIENT_NOT_FOUND`.
    const NOT_FOUND: &'static str;
    /// The columns that this module keeps.
    const KEPT: Kept<Self::Column>;

    /// The patient whom a row tells of: the one that it names, unless another record says it.
    fn patient_of(
        _tx: &TenantTx,
        row: &Self::Model,
    ) -> impl Future<Output = Result<Option<PatientId>, DbErr>> + Send {
        ready(Ok(row.patient()))
    }
}

/// The columns that every table of records has.
pub(crate) struct Kept<C> {
    pub(crate) id: C,
    pub(crate) version: C,
    pub(crate) updated_at: C,
    pub(crate) deleted_at: C,
    pub(crate) deletion_reason: C,
}

/// A row of such a table.
pub(crate) trait Row: Sized + Send + Sync {
    fn id(&self) -> Id<Self>;
    fn version(&self) -> i64;
    /// The patient whom it names.
    fn patient(&self) -> Option<PatientId>;
}

/// Makes the entity of this module a table of records: `record!("room", "ROOM_NOT_FOUND")`, and for one that tells of a
/// patient `record!("appointment", "APPOINTMENT_NOT_FOUND", |row| Some(row.patient_id))`. Where another record says of whom,
/// `record!("clinicalNote", "CLINICAL_NOTE_NOT_FOUND", async |tx, row| …)`.
macro_rules! record {
    ($resource:literal, $not_found:literal) => {
        $crate::records::record!($resource, $not_found, |_row| None);
    };
    ($resource:literal, $not_found:literal, |$row:ident| $patient:expr) => {
        $crate::records::record!(@ $resource, $not_found, |$row| $patient, {});
    };
    ($resource:literal, $not_found:literal, async |$tx:ident, $row:ident| $patient:expr) => {
        $crate::records::record!(@ $resource, $not_found, |_row| None, {
            async fn patient_of(
                $tx: &wardkeep_tenancy::TenantTx,
                $row: &Model,
            ) -> Result<Option<$crate::patients::PatientId>, sea_orm::DbErr> {
                $patient
            }
        });
    };
    (@ $resource:literal, $not_found:literal, |$row:ident| $patient:expr, { $($more:item)* }) => {
        impl wardkeep_tenancy::OrganizationOwned for Entity {
            fn organization_column() -> Column {
                Column::OrganizationId
            }
        }

        impl $crate::records::Record for Entity {
            const RESOURCE: &'static str = $resource;
            const NOT_FOUND: &'static str = $not_found;
            const KEPT: $crate::records::Kept<Column> = $crate::records::Kept {
                id: Column::Id,
                version: Column::Version,
                updated_at: Column::UpdatedAt,
                deleted_at: Column::DeletedAt,
                deletion_reason: Column::DeletionReason,
            };

            $($more)*
        }

        impl $crate::records::Row for Model {
            fn id(&self) -> wardkeep_tenancy::Id<Self> {
                self.id
            }

            fn version(&self) -> i64 {
                self.version
            }

            fn patient(&self) -> Option<$crate::patients::PatientId> {
                let $row = self;
                $patient
            }
        }
    };
}

pub(crate) use record;

/// The right to do this to records of one kind.
pub(crate) const fn right<E: Record>(action: &'static str) -> Permission {
    Permission::new(E::RESOURCE, action)
}

/// The records of the organization that are not deleted.
pub(crate) fn present<E: Record>(tx: &TenantTx) -> Select<E> {
    tx.find::<E>().filter(E::KEPT.deleted_at.is_null())
}

/// Those that are, for who may restore them.
pub(crate) fn deleted<E: Record>(tx: &TenantTx) -> Result<Select<E>, Denied> {
    tx.require(right::<E>("restore"))?;
    Ok(tx.find::<E>().filter(E::KEPT.deleted_at.is_not_null()))
}

/// One record, unless it is deleted. Leaves no trace: for what has one of its own.
pub(crate) async fn find<E: Record>(tx: &TenantTx, id: Id<E::Model>) -> Result<Option<E::Model>, DbErr> {
    present::<E>(tx).filter(E::KEPT.id.eq(id)).one(tx).await
}

/// Reads one record.
pub(crate) async fn get<E: Record>(tx: &TenantTx, id: Id<E::Model>) -> Result<E::Model, RecordError> {
    tx.require(right::<E>("read"))?;
    let row = find::<E>(tx, id).await?.ok_or(not_found::<E>())?;
    audit::record(tx, event::<E>(tx, "read", &row).await?).await?;
    Ok(row)
}

/// Writes a new record.
pub(crate) async fn insert<E: Record>(tx: &TenantTx, row: E::ActiveModel) -> Result<E::Model, DbErr> {
    let row = row.insert(tx).await?;
    let changes = between::<E>(None, &row);
    audit::record(tx, event::<E>(tx, "create", &row).await?.changing(changes)).await?;
    Ok(row)
}

/// One record as it is, locked until the transaction ends; it must have this version. The first statement of a change.
pub(crate) async fn lock<E: Record>(
    tx: &TenantTx,
    id: Id<E::Model>,
    version: i64,
) -> Result<E::Model, RecordError> {
    locked(present::<E>(tx), tx, id, version).await
}

async fn locked<E: Record>(
    rows: Select<E>,
    tx: &TenantTx,
    id: Id<E::Model>,
    version: i64,
) -> Result<E::Model, RecordError> {
    let row = rows
        .filter(E::KEPT.id.eq(id))
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await?
        .ok_or(not_found::<E>())?;
    if row.version() == version {
        Ok(row)
    } else {
        Err(RecordError::Stale(row.version()))
    }
}

/// Writes the changes to a record that was locked, and gives it the next version.
pub(crate) async fn change<E: Record>(
    tx: &TenantTx,
    before: &E::Model,
    changes: E::ActiveModel,
) -> Result<E::Model, RecordError> {
    write::<E>(tx, "update", before, changes).await
}

/// Deletes a record as entered in error: the row stays, and is nowhere seen but among the deleted ones.
pub(crate) async fn delete<E: Record>(
    tx: &TenantTx,
    before: &E::Model,
    reason: &str,
) -> Result<E::Model, RecordError> {
    let mut refusals = Refusals::default();
    let reason = refusals.text("reason", reason, LONGEST_REASON);
    refusals.none()?;
    let mut changes = <E::ActiveModel as ActiveModelTrait>::default();
    changes.set(E::KEPT.deleted_at, Value::from(tx.now()));
    changes.set(E::KEPT.deletion_reason, Value::from(reason));
    write::<E>(tx, "delete", before, changes).await
}

/// A deleted record, locked until the transaction ends; it must have this version. The first statement of a restoration.
pub(crate) async fn lock_deleted<E: Record>(
    tx: &TenantTx,
    id: Id<E::Model>,
    version: i64,
) -> Result<E::Model, RecordError> {
    locked(deleted::<E>(tx)?, tx, id, version).await
}

/// Brings a deleted record back as it was.
pub(crate) async fn restore<E: Record>(tx: &TenantTx, before: &E::Model) -> Result<E::Model, RecordError> {
    let changes = <E::ActiveModel as ActiveModelTrait>::default();
    restore_with::<E>(tx, before, changes).await
}

/// Brings a deleted record back, with changes.
pub(crate) async fn restore_with<E: Record>(
    tx: &TenantTx,
    before: &E::Model,
    mut changes: E::ActiveModel,
) -> Result<E::Model, RecordError> {
    changes.set(E::KEPT.deleted_at, Value::from(None::<OffsetDateTime>));
    changes.set(E::KEPT.deletion_reason, Value::from(None::<String>));
    write::<E>(tx, "restore", before, changes).await
}

/// Writes the changes to a record that was locked, as what the audit calls them, such as `sign`.
pub(crate) async fn write<E: Record>(
    tx: &TenantTx,
    action: &'static str,
    before: &E::Model,
    mut changes: E::ActiveModel,
) -> Result<E::Model, RecordError> {
    changes.set(E::KEPT.updated_at, Value::from(tx.now()));
    let after = E::update_many()
        .set(changes)
        .col_expr(E::KEPT.version, Expr::col(E::KEPT.version).add(1))
        .filter(E::organization_column().eq(tx.organization()))
        .filter(E::KEPT.id.eq(before.id()))
        .filter(E::KEPT.version.eq(before.version()))
        .exec_with_returning(tx)
        .await?;
    let after = after.into_iter().next().ok_or(not_found::<E>())?;
    let changes = between::<E>(Some(before), &after);
    audit::record(tx, event::<E>(tx, action, &after).await?.changing(changes)).await?;
    Ok(after)
}

/// What is done to a record, for the audit.
pub(crate) async fn event<E: Record>(
    tx: &TenantTx,
    action: &'static str,
    row: &E::Model,
) -> Result<Event, DbErr> {
    let patient = E::patient_of(tx, row).await?;
    let event = Event::new(action, E::RESOURCE).of(row.id().as_uuid());
    Ok(event.about(patient))
}

/// A field to write, or none to leave as it is.
pub(crate) fn given<V: Into<Value>>(value: Option<V>) -> ActiveValue<V> {
    value.map_or(ActiveValue::NotSet, ActiveValue::Set)
}

pub(crate) fn not_found<E: Record>() -> RecordError {
    RecordError::NotFound {
        resource: E::RESOURCE,
        code: E::NOT_FOUND,
    }
}

/// `workingHours` as a person says it: `working hours`.
fn spoken(resource: &str) -> String {
    resource.chars().fold(String::new(), |mut words, letter| {
        if letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
        words
    })
}

/// Why something could not be done with any kind of record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// No role of the caller allows it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such record in this organization: it never was, was deleted, or is another organization's.
    #[error("there is no such {}", spoken(resource))]
    NotFound {
        /// The kind of record, such as `patient`.
        resource: &'static str,
        /// The code of the error, such as `PATIENT_NOT_FOUND`.
        code: &'static str,
    },
    /// The record has changed since the caller last read it; this is the version it has now.
    #[error("the record has been changed and is now at version {0}")]
    Stale(i64),
    /// Fields were refused; all of them are named.
    #[error("a field is not valid")]
    Invalid(Vec<InvalidField>),
    /// The cursor was not made by this list.
    #[error("the cursor is not one of this list; start again without it")]
    InvalidCursor,
    /// The database failed.
    #[error("the records could not be reached")]
    Database(#[from] DbErr),
}

impl Fault for RecordError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::NotFound { .. } => FaultKind::NotFound,
            Self::Stale(_) => FaultKind::Stale,
            Self::Invalid(_) | Self::InvalidCursor => FaultKind::Invalid,
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::NotFound { code, .. } => code,
            Self::Stale(_) => "STALE_VERSION",
            Self::Invalid(_) => "INVALID_FIELD",
            Self::InvalidCursor => "INVALID_CURSOR",
            Self::Database(error) => error.code(),
        }
    }

    fn fields(&self) -> &[InvalidField] {
        match self {
            Self::Invalid(fields) => fields,
            _ => &[],
        }
    }
}
