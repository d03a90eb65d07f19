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

/// Whether somebody is a member, and whether the organization knows them by their work: that of somebody who has left.
const STANDING: &str = r#"
select
  exists (select from public.member where "organizationId" = $1 and "userId" = $2),
  exists (select from public.appointments where organization_id = $1 and practitioner_id = $2 and deleted_at is null)
  or exists (select from public.working_hours where organization_id = $1 and practitioner_id = $2 and deleted_at is null)
  or exists (select from public.absences where organization_id = $1 and practitioner_id = $2 and deleted_at is null)"#;

/// What a practitioner is to the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Member,
    /// No member any more, and there is a record that names them.
    Former,
}

/// What somebody is to the organization; nothing, if it does not know them. Locks nothing.
pub(crate) async fn standing(tx: &TenantTx, id: UserId) -> Result<Option<Standing>, DbErr> {
    let values = [Value::from(tx.organization()), Value::from(id)];
    let Some(row) = tx.sql(STANDING, values).one().await? else {
        return Ok(None);
    };
    let (member, known): (bool, bool) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(match (member, known) {
        (true, _) => Some(Standing::Member),
        (false, true) => Some(Standing::Former),
        (false, false) => None,
    })
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
    lock(tx, id).await?.ok_or_else(unknown)
}

/// That somebody is not known here: never a member, of another organization, or gone.
pub(crate) fn unknown() -> RecordError {
    RecordError::Invalid(vec![InvalidField::new("practitioner_id", "names no member")])
}
