//! Lists of notes.

use sea_orm::sea_query::extension::postgres::PgFunc;
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
            self.patient.map(|id| is_about(tx, id)),
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

/// That a note is about a session of this patient. The sessions are looked for first: of somebody with thousands of them
/// the database would else go through the notes of the whole clinic, and ask of each whose it is.
fn is_about(tx: &TenantTx, patient: PatientId) -> SimpleExpr {
    let sessions = treatment_sessions::of_patient(tx, patient);
    let sessions = SimpleExpr::SubQuery(None, Box::new(sessions.into()));
    let session = Expr::col((Entity, Column::TreatmentSessionId));
    session.eq(PgFunc::any(Expr::cust_with_expr("array($1)", sessions)))
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
        // Says nothing new, but lets the database begin with the addenda, which are few.
        .and_where(of(Column::AddendumTo).is_not_null())
        .and_where(of(Column::SignedAt).is_not_null());
    if retracting {
        found.and_where(of(Column::Retracts));
    }
    Expr::exists(found)
}

#[cfg(test)]
mod tests {
    use wardkeep_testkit::TestDatabase;

    use super::*;
    use crate::clinical_notes::ClinicalNote;
    use crate::plans;

    /// In each of ten clinics 300 patients with two sessions each, in Salt Lane 6,000 notes of 5 authors, as long as notes are.
    /// Most of them are signed, some have an addendum, and some were deleted.
    const STATEMENTS: [&str; 12] = [
        "insert into patients (organization_id, id, first_name, last_name)
         select id, md5(id::text || 'patient' || n)::uuid, 'Ana', 'Brandt' from organization, generate_series(0, 299) as n",
        "alter table appointments drop constraint appointments_practitioner_id_excl",
        "insert into appointments (organization_id, id, patient_id, practitioner_id, practitioner_name, starts_at, ends_at,
           time_zone, status, created_by, created_by_name)
         select organization_id, id, id, gen_random_uuid(), 'Ada', '2026-03-01T00:00Z', '2026-03-01T00:30Z', 'UTC', 'fulfilled',
           gen_random_uuid(), 'Ada'
         from patients",
        "insert into treatments (organization_id, id, patient_id, title, practitioner_id, practitioner_name, status, created_by,
           created_by_name)
         select organization_id, id, id, 'Knee', gen_random_uuid(), 'Ada', 'active', gen_random_uuid(), 'Ada' from patients",
        "insert into treatment_sessions (organization_id, id, treatment_id, appointment_id, patient_id, performer_id,
           performer_name, number, status, created_by, created_by_name)
         select organization_id, md5(id::text || 'session' || n)::uuid, id, id, id, gen_random_uuid(), 'Ada', n, 'completed',
           gen_random_uuid(), 'Ada'
         from patients, generate_series(1, 2) as n",
        "insert into clinical_notes (organization_id, id, treatment_session_id, author_id, author_name, note_type, text, status,
           updated_at, deleted_at)
         select organization.id, md5(organization.id::text || 'note' || n)::uuid,
           md5(md5(organization.id::text || 'patient' || n % 300)::uuid::text || 'session' || 1 + n / 300 % 2)::uuid,
           md5('author' || n % 5)::uuid, 'Ada', 'progress', repeat('x', 1000), 'draft', now() + n * 7919 % 6000 * interval '1 minute',
           case when n % 53 = 0 then now() end
         from organization, generate_series(0, case slug when 'salt-lane' then 5999 else 599 end) as n",
        "update clinical_notes set status = 'final', signed_by = author_id, signed_by_name = 'Ada', signed_at = now(), sha256 = 'x'
         where deleted_at is null and left(id::text, 1) <> '0'",
        "insert into clinical_notes (organization_id, id, treatment_session_id, author_id, author_name, note_type, text, status,
           addendum_to)
         select organization_id, gen_random_uuid(), treatment_session_id, author_id, 'Ada', 'progress', 'x', 'draft', id
         from clinical_notes where status = 'final' and left(id::text, 1) = '1'",
        "update clinical_notes set status = 'final', signed_by = author_id, signed_by_name = 'Ada', signed_at = now(), sha256 = 'x'
         where addendum_to is not null and left(id::text, 1) <> '0'",
        "analyze patients",
        "analyze treatment_sessions",
        "analyze clinical_notes",
    ];

    async fn clinic_of_thousands() -> (TestDatabase, TenantTx, ClinicalNote) {
        let (test, tx) = plans::ten_clinics(&STATEMENTS).await;
        let one = records::present::<Entity>(&tx).one(&tx).await.unwrap().unwrap();
        (test, tx, one)
    }

    async fn plan(tx: &TenantTx, listing: &Listing) -> String {
        let rows = listing.selected(tx).unwrap();
        let page = paging::asked(tx, rows, ORDERS, &json!(null), &listing.paging);
        plans::of(tx, page.unwrap().1).await
    }

    fn lines(plan: &str, of: &str) -> String {
        plan.lines().filter(|line| line.contains(of)).collect()
    }

    #[tokio::test]
    async fn every_filter_in_every_order_is_found_by_an_index() {
        let (_test, tx, one) = clinic_of_thousands().await;
        let session = one.treatment_session_id;
        let patient = treatment_sessions::patient_of(&tx, session).await.unwrap();
        let statuses = ["draft", "final", "amended", "entered-in-error"];
        for number in 0..128_usize {
            let asks = |bit: usize| number >> bit & 1 == 1;
            for sort in ["createdAt", "-createdAt", "updatedAt", "-updatedAt"] {
                let listing = Listing {
                    treatment_session: asks(0).then_some(session),
                    patient: patient.filter(|_| asks(1)),
                    author: asks(2).then_some(one.author_id),
                    statuses: asks(3).then(|| vec![statuses[number / 32].to_owned()]),
                    addendum: asks(4).then_some(number % 3 == 0),
                    deleted: number == 32,
                    paging: Paging {
                        sort: Some(sort.to_owned()),
                        ..Paging::default()
                    },
                };
                let plan = plan(&tx, &listing).await;

                assert!(!plan.contains("Seq Scan"), "{listing:?}\n{plan}");
                let used = lines(&plan, "Index Cond");
                assert!(used.contains("organization_id"), "{listing:?}\n{plan}");
                if listing.treatment_session.is_some() || listing.patient.is_some() {
                    assert!(used.contains("treatment_session_id"), "{listing:?}\n{plan}");
                }
                if number == 0 {
                    assert!(!plan.contains("Sort"), "{plan}");
                }
                if number == 4 && sort.ends_with("createdAt") {
                    assert!(plan.contains("clinical_notes_author_id_idx"), "{plan}");
                }
            }
        }
    }

    #[tokio::test]
    async fn who_has_not_signed_finds_what_by_one_scan_of_drafts() {
        let (_test, tx, one) = clinic_of_thousands().await;
        let listing = Listing {
            author: Some(one.author_id),
            statuses: Some(vec!["draft".to_owned()]),
            ..Listing::default()
        };

        let plan = plan(&tx, &listing).await;

        assert_eq!(plan.matches("Scan").count(), 1, "{plan}");
        assert!(plan.contains("clinical_notes_draft_idx"), "{plan}");
        assert!(lines(&plan, "Index Cond").contains("author_id"), "{plan}");
        assert!(!plan.contains("Sort"), "{plan}");
    }

    #[tokio::test]
    async fn the_notes_of_a_patient_are_found_by_their_sessions() {
        let (_test, tx, one) = clinic_of_thousands().await;
        let patient = treatment_sessions::patient_of(&tx, one.treatment_session_id).await;
        let listing = Listing {
            patient: patient.unwrap(),
            addendum: Some(false),
            paging: Paging::default().or_sorted_by("-createdAt"),
            ..Listing::default()
        };

        let plan = plan(&tx, &listing).await;

        assert!(plan.contains("treatment_sessions_patient_id_idx"), "{plan}");
        // Whichever index it is, by the sessions.
        let by_sessions = lines(&plan, "treatment_session_id = ANY");
        assert!(by_sessions.trim_start().starts_with("Index Cond"), "{plan}");
        assert!(!plan.contains("pkey"), "{plan}");
    }

    #[tokio::test]
    async fn addenda_are_found_by_what_they_add_to() {
        let (_test, tx, one) = clinic_of_thousands().await;
        let addenda = records::present::<Entity>(&tx).filter(Column::AddendumTo.is_in([one.id]));

        let plan = plans::of(&tx, addenda).await;

        assert!(plan.contains("clinical_notes_addendum_to_idx"), "{plan}");
    }
}
