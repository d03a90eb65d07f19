//! Lists of notes.

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, QueryFilter, Select};
use serde_json::{Value as Json, json};
use wardkeep_tenancy::{TenantTx, UserId};

use super::entity::{Column, Entity};
use super::note::{Note, Status, wholes};
use super::{NoteError, READ};
use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::paging::{self, Order, Page, Paging};
use crate::patients::PatientId;
use crate::records::{self, Record as _, RecordError};
use crate::treatment_sessions::{self, TreatmentSessionId};

/// Ids sort by when they were made.
const ORDERS: &[Order<Column>] = &[
    Order {
        name: "createdAt",
        key: &[Column::Id],
    },
    Order {
        name: "updatedAt",
        key: &[Column::UpdatedAt, Column::Id],
    },
];

/// Which notes to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Only those about this session.
    pub treatment_session: Option<TreatmentSessionId>,
    /// Only those about sessions of this patient.
    pub patient: Option<PatientId>,
    /// Only those by this author.
    pub author: Option<UserId>,
    /// Only those with one of these statuses, by their names.
    pub statuses: Option<Vec<String>>,
    /// Only addenda, or only notes that are none.
    pub addendum: Option<bool>,
    /// The deleted ones instead, for who may restore them.
    pub deleted: bool,
    /// Which part of the list.
    pub paging: Paging,
}

/// Lists notes, each with its addenda. An addendum is a note of its own, so it is in the list as well.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<Note>, NoteError> {
    tx.require(READ).map_err(RecordError::from)?;
    let page = page(tx, listing).await?;
    let event = Event::search(Entity::RESOURCE, listing.filters());
    audit::record(tx, event.about(listing.patient)).await?;
    Ok(page)
}

/// The same without a trace of its own, for what shows notes among other things. Three statements, however many they are.
pub(crate) async fn page(tx: &TenantTx, listing: &Listing) -> Result<Page<Note>, RecordError> {
    let rows = listing.selected(tx)?;
    let page = paging::page(tx, rows, ORDERS, &listing.filters(), &listing.paging).await?;
    Ok(Page {
        items: wholes(tx, page.items).await?,
        next: page.next,
        total: page.total,
    })
}

impl Listing {
    fn filters(&self) -> Json {
        json!({
            "treatmentSessionId": self.treatment_session,
            "patientId": self.patient,
            "authorId": self.author,
            "status": self.statuses,
            "addendum": self.addendum,
            "deleted": self.deleted,
        })
    }

    fn selected(&self, tx: &TenantTx) -> Result<Select<Entity>, RecordError> {
        let mut refusals = Refusals::default();
        let statuses = self.statuses.as_ref().map(|names| {
            let named = names.iter();
            let named = named.filter_map(|name| Status::named(&mut refusals, name));
            named.fold(Condition::any(), |any, status| any.add(has(tx, status)))
        });
        refusals.none()?;
        let rows = if self.deleted {
            records::deleted::<Entity>(tx)?
        } else {
            records::present::<Entity>(tx)
        };
        let conditions = [
            self.treatment_session.map(|id| Column::TreatmentSessionId.eq(id)),
            self.patient
                .map(|id| Column::TreatmentSessionId.in_subquery(treatment_sessions::of_patient(tx, id))),
            self.author.map(|id| Column::AuthorId.eq(id)),
            self.addendum.map(|is| match is {
                true => Column::AddendumTo.is_not_null(),
                false => Column::AddendumTo.is_null(),
            }),
        ];
        let rows = conditions.into_iter().flatten().fold(rows, Select::filter);
        Ok(match statuses {
            Some(any) => rows.filter(any),
            None => rows,
        })
    }
}

/// That a note which is not deleted has this status.
fn has(tx: &TenantTx, status: Status) -> Condition {
    // Not a bound value: the index over drafts is for this text.
    let stored = |status: Status| {
        let literal = format!("'{}'", status.as_str());
        Expr::col((Entity, Column::Status)).eq(Expr::cust(literal))
    };
    let all = Condition::all();
    match status {
        Status::Draft => all.add(stored(Status::Draft)),
        Status::Final => all.add(stored(Status::Final)).add(has_addendum(tx, false).not()),
        Status::Amended => all
            .add(stored(Status::Final))
            .add(has_addendum(tx, false))
            .add(has_addendum(tx, true).not()),
        Status::EnteredInError => all.add(stored(Status::Final)).add(has_addendum(tx, true)),
    }
}

/// That a signed addendum is there, or one that retracts.
fn has_addendum(tx: &TenantTx, retracting: bool) -> SimpleExpr {
    let addendum = Alias::new("addendum");
    let of = |column: Column| Expr::col((addendum.clone(), column));
    let mut found = Query::select();
    found
        .expr(Expr::val(1))
        .from_as(Entity, addendum.clone())
        .and_where(of(Column::OrganizationId).eq(tx.organization()))
        .and_where(of(Column::AddendumTo).equals((Entity, Column::Id)))
        .and_where(of(Column::SignedAt).is_not_null());
    if retracting {
        found.and_where(of(Column::Retracts).into());
    }
    Expr::exists(found)
}
