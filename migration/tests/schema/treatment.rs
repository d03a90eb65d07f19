//! What the tables of treatments, records and notes refuse, whoever writes.

use sea_orm::TransactionTrait as _;
use wardkeep_migration::lint::lint;
use wardkeep_migration::{down, up};
use wardkeep_tenancy::{sqlstate, violated_constraint};
use wardkeep_testkit::TestDatabase;

use crate::audit::{changes, leave_the_refusal_to, refused_by_the_trigger, tried};
use crate::database::{changed, run, state, texts};
use crate::fixture::{ANA, CLINIC_OF_ANA, Clinics, ROW, SIGNED};

const DENIED: &str = "42501";
const DUPLICATE: &str = "23505";
/// A row that only one clinic has.
const OTHER: &str = "00000000-0000-7000-8000-000000000020";

/// What changes the row of the fixture into one that its check refuses; `front_desk` tries each.
pub(crate) const CHECKED: &[(&str, &str, &str)] = &[
    (
        "appointments",
        "appointments_fulfilled_from_check",
        "fulfilled_from = 'booked'",
    ),
    (
        "treatments",
        "treatments_status_check",
        "status = 'entered-in-error'",
    ),
    ("treatments", "treatments_status_check", "status = 'Active'"),
    (
        "treatments",
        "treatments_planned_sessions_check",
        "planned_sessions = 0",
    ),
    (
        "treatments",
        "treatments_planned_sessions_check",
        "planned_sessions = 1001",
    ),
    (
        "treatments",
        "treatments_period_check",
        "period_start = '2026-03-02', period_end = '2026-03-01'",
    ),
    (
        "treatments",
        "treatments_completion_check",
        "completion_reason = 'moved'",
    ),
    (
        "treatment_sessions",
        "treatment_sessions_status_check",
        "status = 'entered-in-error'",
    ),
    (
        "treatment_sessions",
        "treatment_sessions_number_check",
        "number = 0",
    ),
    (
        "treatment_sessions",
        "treatment_sessions_number_check",
        "number = 10001",
    ),
    (
        "treatment_sessions",
        "treatment_sessions_period_check",
        "starts_at = '2026-03-02T09:00:01Z', ends_at = '2026-03-02T09:00:00Z'",
    ),
    (
        "medical_records",
        "medical_records_category_check",
        "category = 'procedure'",
    ),
    // FHIR's statuses of another category.
    (
        "medical_records",
        "medical_records_status_check",
        "status = 'final'",
    ),
    (
        "medical_records",
        "medical_records_status_check",
        "category = 'problem'",
    ),
    (
        "medical_records",
        "medical_records_status_check",
        "category = 'allergy', status = 'remission'",
    ),
    (
        "medical_records",
        "medical_records_status_check",
        "category = 'medication', status = 'resolved'",
    ),
    (
        "medical_records",
        "medical_records_status_check",
        "category = 'observation', status = 'active'",
    ),
    (
        "medical_records",
        "medical_records_status_check",
        "status = 'entered-in-error'",
    ),
    (
        "medical_records",
        "medical_records_content_check",
        "media_type = 'image/png'",
    ),
    (
        "medical_records",
        "medical_records_content_check",
        "size = 1, sha256 = repeat('0', 64)",
    ),
    (
        "medical_records",
        "medical_records_content_check",
        "category = 'problem', status = 'active', media_type = 'image/png', size = 1, sha256 = repeat('0', 64)",
    ),
    (
        "clinical_notes",
        "clinical_notes_status_check",
        "status = 'amended'",
    ),
    (
        "clinical_notes",
        "clinical_notes_signature_check",
        "status = 'final'",
    ),
    (
        "clinical_notes",
        "clinical_notes_signature_check",
        "status = 'final', signed_by = author_id, signed_by_name = author_name, signed_at = now()",
    ),
    (
        "clinical_notes",
        "clinical_notes_signature_check",
        "signed_by = author_id, signed_by_name = author_name, signed_at = now(), sha256 = repeat('0', 64)",
    ),
    (
        "clinical_notes",
        "clinical_notes_retraction_check",
        "retracts = true",
    ),
    (
        "clinical_notes",
        "clinical_notes_deletion_check",
        "status = 'final', signed_by = author_id, signed_by_name = author_name, signed_at = now(), \
           sha256 = repeat('0', 64), deleted_at = now()",
    ),
];

/// A second patient of the first clinic with an appointment and a treatment.
async fn with_another_patient() -> Clinics {
    let clinics = Clinics::new().await;
    run(
        &clinics.admin,
        &format!(
            "insert into patients (organization_id, id, first_name, last_name)
               values ('{CLINIC_OF_ANA}', '{OTHER}', 'Ole', 'Dahl');
             insert into appointments (organization_id, id, patient_id, created_by, created_by_name, practitioner_id,
                 practitioner_name, starts_at, ends_at, time_zone, status)
               values ('{CLINIC_OF_ANA}', '{OTHER}', '{OTHER}', '{ANA}', 'ana', '{ANA}', 'ana', '2026-03-02T10:00:00Z',
                 '2026-03-02T10:30:00Z', 'Europe/Berlin', 'booked');
             insert into treatments (organization_id, id, patient_id, title, practitioner_id, practitioner_name, status,
                 created_by, created_by_name)
               values ('{CLINIC_OF_ANA}', '{OTHER}', '{OTHER}', 'Hip', '{ANA}', 'ana', 'active', '{ANA}', 'ana')"
        ),
    )
    .await
    .unwrap();
    clinics
}

#[tokio::test]
async fn a_session_its_treatment_and_its_appointment_are_of_one_patient() {
    const APPOINTMENT: &str = "treatment_sessions_appointment_id_fkey";
    const TREATMENT: &str = "treatment_sessions_treatment_id_fkey";
    let clinics = with_another_patient().await;
    let (appointment, treatment, patient) = (
        format!("appointment_id = '{OTHER}'"),
        format!("treatment_id = '{OTHER}'"),
        format!("patient_id = '{OTHER}'"),
    );
    let cases = [
        ("treatment_sessions", vec![&appointment], APPOINTMENT),
        ("treatment_sessions", vec![&treatment], TREATMENT),
        ("treatment_sessions", vec![&treatment, &patient], APPOINTMENT),
        ("treatment_sessions", vec![&appointment, &patient], TREATMENT),
        ("treatment_sessions", vec![&appointment, &treatment], APPOINTMENT),
        // Nor does either change its patient below the session.
        ("appointments", vec![&patient], APPOINTMENT),
        ("treatments", vec![&patient], TREATMENT),
    ];

    for (table, changes, constraint) in cases {
        let changes: Vec<_> = changes.into_iter().map(String::as_str).collect();
        let statement = format!(
            "update {table} set {} where organization_id = '{CLINIC_OF_ANA}' and id = '{ROW}'",
            changes.join(", ")
        );
        let refused = run(&clinics.admin, &statement).await.expect_err(&statement);
        assert_eq!(
            violated_constraint(&refused).as_deref(),
            Some(constraint),
            "{statement}"
        );
    }
    let all = format!(
        "update treatment_sessions set {appointment}, {treatment}, {patient} where organization_id = '{CLINIC_OF_ANA}'"
    );
    assert_eq!(changed(&clinics.admin, &all).await.unwrap(), 1);
}

fn session(number: u32) -> String {
    format!(
        "insert into treatment_sessions (organization_id, id, appointment_id, treatment_id, patient_id, performer_id,
           performer_name, number, status, created_by, created_by_name)
         values ('{CLINIC_OF_ANA}', gen_random_uuid(), '{ROW}', '{ROW}', '{ROW}', '{ANA}', 'ana', {number}, 'preparation',
           '{ANA}', 'ana')"
    )
}

#[tokio::test]
async fn a_number_is_taken_once_in_a_treatment_until_it_is_deleted() {
    let clinics = Clinics::new().await;

    let twice = run(&clinics.admin, &session(1)).await.unwrap_err();

    assert_eq!(
        violated_constraint(&twice).as_deref(),
        Some("treatment_sessions_number_key")
    );
    run(&clinics.admin, &session(2)).await.unwrap();
    run(
        &clinics.admin,
        "update treatment_sessions set deleted_at = now() where number = 1",
    )
    .await
    .unwrap();
    run(&clinics.admin, &session(1)).await.unwrap();
    let back = format!("update treatment_sessions set deleted_at = null where id = '{ROW}'");
    assert_eq!(state(run(&clinics.admin, &back).await), DUPLICATE);
}

#[tokio::test]
async fn an_addendum_is_about_a_note_of_its_session() {
    let clinics = Clinics::new().await;
    run(&clinics.admin, &session(2)).await.unwrap();
    let addendum = |number: u32| {
        format!(
            "insert into clinical_notes (organization_id, id, treatment_session_id, author_id, author_name, note_type, text,
               status, addendum_to)
             select organization_id, gen_random_uuid(), id, '{ANA}', 'ana', 'progress', 'left knee', 'draft', '{ROW}'
             from treatment_sessions where organization_id = '{CLINIC_OF_ANA}' and number = {number}"
        )
    };

    let elsewhere = run(&clinics.admin, &addendum(2)).await.unwrap_err();

    assert_eq!(
        (
            sqlstate(&elsewhere).as_deref(),
            violated_constraint(&elsewhere).as_deref()
        ),
        (Some("23503"), Some("clinical_notes_addendum_to_fkey"))
    );
    assert_eq!(changed(&clinics.admin, &addendum(1)).await.unwrap(), 1);
    // A note that has one stays where it is.
    let moved = format!(
        "update clinical_notes set treatment_session_id = (select id from treatment_sessions where number = 2) \
         where organization_id = '{CLINIC_OF_ANA}' and id = '{ROW}'"
    );
    assert_eq!(state(run(&clinics.admin, &moved).await), "23503");
}

/// The tables of this migration that a tenant adds to and never changes, with a change and how a further row differs.
const WRITTEN_ONCE: [(&str, &str, &str, &str); 2] = [
    (
        "medical_record_chunks",
        "content = 'y'",
        "number",
        "medical_record_id",
    ),
    (
        "clinical_note_versions",
        "text = 'worse'",
        "version",
        "clinical_note_id",
    ),
];

#[tokio::test]
async fn contents_and_versions_are_written_once() {
    let clinics = Clinics::new().await;

    for (table, change, number, key) in WRITTEN_ONCE {
        let tenant = clinics.tenant(CLINIC_OF_ANA).await;
        let again = format!("insert into public.{table} select * from public.{table}");
        let merge =
            format!("merge into public.{table} using (values (1)) as one (number) on true when matched then");
        for statement in [
            format!("update public.{table} set {change}"),
            format!("update only public.{table} set {change} where false"),
            format!("delete from public.{table}"),
            format!("with gone as (delete from public.{table} returning *) select * from gone"),
            format!("truncate public.{table}"),
            format!("{merge} update set {change}"),
            format!("{merge} delete"),
            format!("{again} on conflict (organization_id, {key}, {number}) do update set {change}"),
            format!("select * from public.{table} for update"),
            format!("lock table public.{table} in exclusive mode"),
            format!("alter table public.{table} disable trigger all"),
            format!("drop table public.{table}"),
        ] {
            assert_eq!(state(tried(&tenant, &statement).await), DENIED, "{statement}");
        }
        assert_eq!(state(tried(&tenant, &again).await), DUPLICATE, "{table}");
        let columns = format!(
            "select string_agg(case attname when '{number}' then attname || ' + 1' else attname end, ', ' order by attnum)
             from pg_attribute where attrelid = 'public.{table}'::regclass and attnum > 0"
        );
        let columns = texts(&clinics.admin, &columns).await.unwrap().concat();
        let next = format!("insert into public.{table} select {columns} from public.{table}");
        assert_eq!(tried(&tenant, &next).await.unwrap(), 1, "{table}");
    }
}

#[tokio::test]
async fn even_the_owner_changes_no_version_of_a_note() {
    let clinics = Clinics::new().await;
    let refused = "clinical note versions are never changed";

    for role in ["wardkeep_owner", "none"] {
        let transaction = clinics.admin.begin().await.unwrap();
        run(
            &transaction,
            &format!(
                "alter table public.clinical_note_versions no force row level security; set local role {role}"
            ),
        )
        .await
        .unwrap();
        leave_the_refusal_to(&transaction, "clinical_note_versions").await;
        for statement in changes("clinical_note_versions", "text = 'worse'") {
            refused_by_the_trigger(&transaction, &statement, refused).await;
        }
        transaction.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn a_signed_note_keeps_its_session_and_its_draft_versions() {
    let clinics = Clinics::new().await;
    let signing = format!("update clinical_notes set {SIGNED}");
    run(&clinics.admin, &signing).await.unwrap();

    for table in ["treatment_sessions", "clinical_notes", "clinical_note_versions"] {
        let tenant = clinics.tenant(CLINIC_OF_ANA).await;
        let deletion = format!("delete from public.{table}");
        let refused = state(run(&tenant, &deletion).await);
        assert!(
            [DENIED, "23503"].contains(&refused.as_str()),
            "{table}: {refused}"
        );
    }
}

#[tokio::test]
async fn treatment_comes_and_goes_where_there_are_appointments() {
    let database = TestDatabase::empty_owned().await;
    let url = database.owner_url();
    up(&url, None, &mut |_| ()).await.unwrap();
    let clinics = Clinics::in_database(database).await;
    let older = "select format('%s %s', (select count(*) from appointments where status = 'booked' and room_id is not null),
                   (select count(*) from patients where first_name = 'Ida'))";
    let newer = "select format('%s %s', (select count(*) from treatment_sessions
                   join appointments on (appointments.organization_id, appointments.id) = (treatment_sessions.organization_id, appointment_id)
                   join treatments on (treatments.organization_id, treatments.id) = (treatment_sessions.organization_id, treatment_id)),
                   (select count(*) from clinical_notes join medical_records using (organization_id)))";

    let mut gone = down(&url, Some(2), &mut |_| ()).await.unwrap();

    assert_eq!(gone, ["m20261126_000011_providers", "m20261126_000010_treatment"]);
    gone.reverse();
    for (query, left) in [(older, "2 2"), (newer, "2 2")] {
        assert_eq!(texts(&clinics.admin, query).await.unwrap(), [left], "{query}");
    }
    let elsewhere = format!("update treatment_sessions set appointment_id = '{OTHER}'");
    assert_eq!(state(run(&clinics.admin, &elsewhere).await), "23503");
    // Nobody wrote these rows before: what the columns would hold cannot be made up.
    assert!(up(&url, None, &mut |_| ()).await.is_err());
    run(
        &clinics.admin,
        "delete from clinical_notes; delete from treatment_sessions; delete from treatments; delete from medical_records",
    )
    .await
    .unwrap();
    assert_eq!(up(&url, None, &mut |_| ()).await.unwrap(), gone);
    assert_eq!(texts(&clinics.admin, older).await.unwrap(), ["2 2"]);
    assert_eq!(
        lint(&clinics.database.admin_url()).await.unwrap().len(),
        1,
        "set-config alone"
    );
}
