//! Who treats: members of the organization. This crate knows of a person only the id and the display name.

use sea_orm::{DbErr, Value};
use wardkeep_tenancy::{InvalidField, TenantTx, UserId};

use crate::records::RecordError;

/// Locks member rows until the transaction ends: whoever books, or changes when somebody is there, does it first, so that
/// two bookings for one person follow each other and a member cannot leave in between. In the order of ids, so that two
/// who lock several do not wait for each other.
const LOCK: &str = r#"
select "user".id, "user".name
from public.member
join public."user" on "user".id = member."userId"
where member."organizationId" = $1
  and member."userId" in ($2, $3)
order by member."userId"
for no key update of member"#;

/// A member of the organization, as records name one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Practitioner {
    pub(crate) id: UserId,
    pub(crate) name: String,
}

/// Locks the calendar of this member and returns who it is; nobody, if it is no member.
pub(crate) async fn lock(tx: &TenantTx, id: UserId) -> Result<Option<Practitioner>, DbErr> {
    let locked = lock_both(tx, id, id).await?;
    Ok(locked.into_iter().next())
}

/// Locks the calendars of two members; those of them who are members.
pub(crate) async fn lock_both(tx: &TenantTx, one: UserId, other: UserId) -> Result<Vec<Practitioner>, DbErr> {
    let values = [
        Value::from(tx.organization()),
        Value::from(one),
        Value::from(other),
    ];
    let rows = tx.sql(LOCK, values).all().await?;
    rows.iter()
        .map(|row| {
            Ok(Practitioner {
                id: row.try_get_by_index(0)?,
                name: row.try_get_by_index(1)?,
            })
        })
        .collect()
}

/// The same for somebody who is to be given something, and must be a member.
pub(crate) async fn lock_member(tx: &TenantTx, id: UserId) -> Result<Practitioner, RecordError> {
    match lock(tx, id).await? {
        Some(practitioner) => Ok(practitioner),
        None => Err(RecordError::Invalid(vec![InvalidField::new(
            "practitioner_id",
            "names no member",
        )])),
    }
}
