//! `cargo xtask audit verify-notes`: is every signed note what was signed?

use sqlx::postgres::PgRow;
use sqlx::{Connection, Executor, PgConnection, Row};
use wardkeep_clinical::clinical_notes::CanonicalNote;

use crate::database_url::AdminUrl;
use crate::failure::{Failure, OrFail};
use crate::process::block_on;
use crate::workspace::Workspace;

/// How many notes are read at once. At most 20,000 characters are in each.
const BATCH: i64 = 500;

/// How many notes are verified between two words to whoever waits.
const PATIENCE: u64 = 10_000;

/// It sees the signed notes of all organizations, whose they are, and nothing else.
const AUDITOR: &str = "set transaction read only; set local role wardkeep_auditor";

/// A note whose session is not there does not hold either.
const SIGNED: &str = "
select
  clinical_notes.organization_id::text,
  clinical_notes.id::text,
  clinical_notes.version,
  clinical_notes.treatment_session_id::text,
  treatment_sessions.patient_id::text,
  treatment_sessions.performer_id::text,
  clinical_notes.author_id::text,
  clinical_notes.author_name,
  clinical_notes.created_at,
  clinical_notes.note_type,
  clinical_notes.text,
  clinical_notes.addendum_to::text,
  clinical_notes.retracts,
  clinical_notes.signed_by::text,
  clinical_notes.signed_by_name,
  clinical_notes.signed_at,
  clinical_notes.sha256
from public.clinical_notes
left join public.treatment_sessions
  on treatment_sessions.organization_id = clinical_notes.organization_id
  and treatment_sessions.id = clinical_notes.treatment_session_id
where clinical_notes.signed_at is not null
  and (clinical_notes.organization_id, clinical_notes.id) > ($1::text::uuid, $2::text::uuid)
order by clinical_notes.organization_id, clinical_notes.id
limit $3";

/// A note by the ids of its organization and its own.
type Note = (String, String);

/// Prints each note that does not hold, and how many were looked at.
pub(super) fn run(workspace: &Workspace, args: &AdminUrl) -> Result<(), Failure> {
    let target = args.target(workspace)?;
    println!("==> verify the signed notes of {}", target.place);
    let mut broken = 0_u64;
    let found = block_on(verify(&target.url, &mut |progress| match progress {
        Progress::Broken((organization, note)) => {
            broken += 1;
            println!("    organization {organization}: note {note} is not what was signed");
        }
        Progress::Verified(number) => println!("    {number} so far"),
    }))?;
    let signed = found.or_fail(
        "could not read the signed notes",
        "the database must be migrated, and the login be the one that migrated it or a superuser",
    )?;
    println!("{signed} signed notes, {broken} do not hold");
    if broken == 0 {
        return Ok(());
    }
    Err(Failure::new(
        "notes were changed after they were signed",
        "whoever did it went past the trigger of the table: run `cargo xtask lint-schema`, and compare with a backup",
    ))
}

enum Progress {
    /// It does not hold.
    Broken(Note),
    /// So many were looked at.
    Verified(u64),
}

/// Verifies every signed note of all organizations; how many there are.
async fn verify(url: &str, tell: &mut impl FnMut(Progress)) -> Result<u64, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let nobody = "00000000-0000-0000-0000-000000000000";
    let (mut last, mut signed) = ((nobody.to_owned(), nobody.to_owned()), 0);
    loop {
        let rows = batch(&mut connection, &last).await?;
        for row in &rows {
            last = (row.try_get("organization_id")?, row.try_get("id")?);
            signed += 1;
            if !holds(row)? {
                tell(Progress::Broken(last.clone()));
            }
            if signed % PATIENCE == 0 {
                tell(Progress::Verified(signed));
            }
        }
        if rows.is_empty() {
            break;
        }
    }
    connection.close().await?;
    Ok(signed)
}

/// The signed notes behind this one.
async fn batch(connection: &mut PgConnection, last: &Note) -> Result<Vec<PgRow>, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    transaction.execute(AUDITOR).await?;
    let rows = sqlx::query(SIGNED).bind(&last.0).bind(&last.1).bind(BATCH);
    let rows = rows.fetch_all(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(rows)
}

/// Whether a note is what was signed.
fn holds(row: &PgRow) -> Result<bool, sqlx::Error> {
    let id = |column| row.try_get::<Option<&str>, _>(column);
    let (Some(patient), Some(performer)) = (id("patient_id")?, id("performer_id")?) else {
        return Ok(false);
    };
    let note = CanonicalNote {
        organization: parsed(row.try_get("organization_id")?)?,
        id: parsed(row.try_get("id")?)?,
        version: row.try_get("version")?,
        treatment_session: parsed(row.try_get("treatment_session_id")?)?,
        patient: parsed(patient)?,
        performer: parsed(performer)?,
        author: (parsed(row.try_get("author_id")?)?, row.try_get("author_name")?),
        created_at: row.try_get("created_at")?,
        note_type: row.try_get("note_type")?,
        text: row.try_get("text")?,
        addendum_to: id("addendum_to")?.map(parsed).transpose()?,
        retracts: row.try_get("retracts")?,
        signed_by: (parsed(row.try_get("signed_by")?)?, row.try_get("signed_by_name")?),
        signed_at: row.try_get("signed_at")?,
    };
    Ok(row.try_get::<&str, _>("sha256")? == note.sha256())
}

/// An id that the database has written.
fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: &str,
) -> Result<T, sqlx::Error> {
    text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use wardkeep_testkit::TestDatabase;

    use super::*;

    const CLINICS: [&str; 2] = [
        "00000000-0000-4000-8000-00000000000a",
        "00000000-0000-4000-8000-00000000000b",
    ];

    /// In each of two clinics a session, with a draft and this many notes that are signed next. Their ids begin with 1.
    const DRAFTS: &str = r#"
with organization as (
  insert into public.organization (id, name, slug) values ($1::text::uuid, $1, $1) returning id
), patient as (
  insert into public.patients (organization_id, id, first_name, last_name)
  select id, gen_random_uuid(), 'Ana', 'Brandt' from organization returning organization_id, id
), treatment as (
  insert into public.treatments (organization_id, id, patient_id, title, practitioner_id, practitioner_name, status, created_by,
    created_by_name)
  select organization_id, gen_random_uuid(), id, 'Knee', id, 'Ada', 'active', id, 'Ada' from patient returning id
), appointment as (
  insert into public.appointments (organization_id, id, patient_id, practitioner_id, practitioner_name, starts_at, ends_at,
    time_zone, status, created_by, created_by_name)
  select organization_id, gen_random_uuid(), id, id, 'Ada', '2026-03-02T09:00Z', '2026-03-02T09:30Z', 'UTC', 'arrived', id, 'Ada'
  from patient returning id
), session as (
  insert into public.treatment_sessions (organization_id, id, treatment_id, appointment_id, patient_id, performer_id,
    performer_name, number, status, created_by, created_by_name)
  select organization_id, gen_random_uuid(), treatment.id, appointment.id, patient.id, gen_random_uuid(), 'Ada', 1,
    'in-progress', patient.id, 'Ada'
  from patient, treatment, appointment returning organization_id, id
)
insert into public.clinical_notes (organization_id, id, treatment_session_id, author_id, author_name, note_type, text, status)
select organization_id, (case n when 0 then '0' else '1' end || lpad(n::text, 7, '0') || '-0000-7000-8000-000000000000')::uuid,
  id, gen_random_uuid(), 'Ada Byron', 'progress', 'Better: no pain, ' || n || ' °C', 'draft'
from session, generate_series(0, $2) as n"#;

    /// Signs them, with a hash of PostgreSQL's own.
    const SIGN: &str = r#"
with signature as (
  select now() as at, gen_random_uuid() as by
)
update public.clinical_notes
set status = 'final', version = 2, signed_by = signature.by, signed_by_name = 'Bea', signed_at = signature.at,
  sha256 = encode(sha256(convert_to(
    '{"addendumTo":null,"author":{"id":"' || author_id || '","name":"' || author_name
    || '"},"createdAt":"' || to_char(clinical_notes.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    || '","format":"wardkeep-clinical-note-1","id":"' || clinical_notes.id || '","noteType":"' || note_type
    || '","organizationId":"' || clinical_notes.organization_id || '","patientId":"' || patient_id
    || '","performerId":"' || performer_id || '","retracts":' || retracts
    || ',"signedAt":"' || to_char(signature.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    || '","signedBy":{"id":"' || signature.by || '","name":"Bea"},"text":"' || text
    || '","treatmentSessionId":"' || treatment_session_id || '","version":2}', 'UTF8')), 'hex')
from signature, public.treatment_sessions
where treatment_sessions.organization_id = clinical_notes.organization_id
  and treatment_sessions.id = clinical_notes.treatment_session_id
  and clinical_notes.id::text like '1%'"#;

    async fn signed(database: &TestDatabase, each: i32) {
        let mut admin = database.admin().await;
        for clinic in CLINICS {
            let drafts = sqlx::query(DRAFTS).bind(clinic).bind(each);
            drafts.execute(&mut admin).await.unwrap();
        }
        sqlx::query(SIGN).execute(&mut admin).await.unwrap();
    }

    async fn past_the_trigger(database: &TestDatabase, statement: &'static str) {
        let mut admin = database.admin().await;
        let disable = "alter table public.clinical_notes disable trigger refuse_to_change";
        for statement in [disable, statement] {
            sqlx::query(statement).execute(&mut admin).await.unwrap();
        }
    }

    async fn found(url: &str) -> (u64, Vec<Note>) {
        let mut broken = Vec::new();
        let mut tell = |progress| {
            if let Progress::Broken(note) = progress {
                broken.push(note);
            }
        };
        let verified = verify(url, &mut tell).await.unwrap();
        (verified, broken)
    }

    fn note(clinic: &str, number: u32) -> Note {
        (
            clinic.to_owned(),
            format!("1{number:07}-0000-7000-8000-000000000000"),
        )
    }

    #[tokio::test]
    async fn every_note_of_all_organizations_is_verified_and_the_broken_ones_are_named() {
        let database = TestDatabase::create().await;
        assert_eq!(found(&database.admin_url()).await, (0, vec![]));
        // More than two batches.
        signed(&database, 600).await;
        assert_eq!(found(&database.admin_url()).await, (1200, vec![]));

        past_the_trigger(
            &database,
            "update public.clinical_notes set text = text || '.'
             where organization_id = '00000000-0000-4000-8000-00000000000a' and id::text ~ '^1000(0001|0500|0501)'",
        )
        .await;
        past_the_trigger(
            &database,
            "update public.clinical_notes set signed_by_name = 'Eve'
             where organization_id = '00000000-0000-4000-8000-00000000000b' and id::text ~ '^10000600'",
        )
        .await;

        let broken = vec![
            note(CLINICS[0], 1),
            note(CLINICS[0], 500),
            note(CLINICS[0], 501),
            note(CLINICS[1], 600),
        ];
        assert_eq!(found(&database.admin_url()).await, (1200, broken));
    }

    #[tokio::test]
    async fn a_note_whose_session_was_handed_over_or_is_gone_does_not_hold() {
        let database = TestDatabase::create().await;
        signed(&database, 2).await;
        let mut admin = database.admin().await;
        for statement in [
            "set session_replication_role = replica",
            "update public.treatment_sessions set performer_id = gen_random_uuid()
             where organization_id = '00000000-0000-4000-8000-00000000000a'",
            "delete from public.treatment_sessions where organization_id = '00000000-0000-4000-8000-00000000000b'",
        ] {
            sqlx::query(statement).execute(&mut admin).await.unwrap();
        }

        let broken = CLINICS
            .iter()
            .flat_map(|clinic| [note(clinic, 1), note(clinic, 2)]);
        assert_eq!(found(&database.admin_url()).await, (4, broken.collect()));
    }

    /// As on a managed server, where nobody is a superuser.
    #[tokio::test]
    async fn the_login_that_migrated_verifies_and_the_application_does_not() {
        let database = TestDatabase::empty_owned().await;
        wardkeep_migration::up(&database.owner_url(), None, &mut |_| ())
            .await
            .unwrap();
        signed(&database, 1).await;

        assert_eq!(found(&database.owner_url()).await, (2, vec![]));
        let refused = verify(&database.app_url(), &mut |_| ()).await.unwrap_err();
        let code = refused
            .as_database_error()
            .and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{refused}");
    }
}
