//! Keys and cascades ignore row security: they must not reach into another organization by themselves.

use sea_orm::{DatabaseTransaction, TransactionTrait as _};
use wardkeep_migration::lint::{CLASSIFICATION, Class};
use wardkeep_tenancy::{sqlstate, violated_constraint};

use crate::database::{changed, run, state, texts};
use crate::fixture::{ANA, BEN, CLINIC_OF_ANA, CLINIC_OF_BEN, Clinics, EVA, ROW};

/// How many rows of a clinic each table has that holds an organization.
async fn rows_of(clinics: &Clinics, clinic: &str) -> Vec<(&'static str, String)> {
    let mut counts = Vec::new();
    for classified in CLASSIFICATION {
        let Some(column) = classified.organization else {
            continue;
        };
        let table = classified.table;
        let query = format!(r#"select count(*) from public."{table}" where "{column}" = '{clinic}'"#);
        counts.push((table, texts(&clinics.admin, &query).await.unwrap().concat()));
    }
    counts
}

/// Takes away what keeps an organization from being deleted: its records, and what it is told of them. That is refused
/// even to a superuser, unless no trigger fires.
async fn purge(clinics: &Clinics, clinic: &str) {
    let transaction = clinics.admin.begin().await.unwrap();
    run(&transaction, "set local session_replication_role = replica")
        .await
        .unwrap();
    for table in tables_of_records() {
        let deletion = format!("delete from public.{table} where organization_id = '{clinic}'");
        run(&transaction, &deletion).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn deleting_an_organization_deletes_all_of_its_rows_and_none_of_another() {
    let clinics = Clinics::new().await;
    purge(&clinics, CLINIC_OF_ANA).await;
    let other_before = rows_of(&clinics, CLINIC_OF_BEN).await;

    let deletion = format!("delete from public.organization where id = '{CLINIC_OF_ANA}'");
    assert_eq!(changed(&clinics.admin, &deletion).await.unwrap(), 1);

    let left: Vec<_> = rows_of(&clinics, CLINIC_OF_ANA).await;
    assert!(left.iter().all(|(_, count)| count == "0"), "{left:?}");
    assert_eq!(rows_of(&clinics, CLINIC_OF_BEN).await, other_before);
    assert!(
        other_before.iter().all(|(_, count)| count != "0"),
        "{other_before:?}"
    );
}

#[tokio::test]
async fn a_tenant_deletes_its_organization_with_everything_in_it() {
    let clinics = Clinics::new().await;
    purge(&clinics, CLINIC_OF_ANA).await;
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;

    assert_eq!(
        changed(&tenant, "delete from public.organization").await.unwrap(),
        1
    );
    tenant.commit().await.unwrap();

    let left = rows_of(&clinics, CLINIC_OF_ANA).await;
    assert!(left.iter().all(|(_, count)| count == "0"), "{left:?}");
    let other = rows_of(&clinics, CLINIC_OF_BEN).await;
    assert!(other.iter().all(|(_, count)| count != "0"), "{other:?}");
}

/// Leaves this clinic the rows of one table of records, and of no other, without a look at the keys between them.
async fn keep_the_rows_of(clinics: &Clinics, kept: &str, clinic: &str) -> DatabaseTransaction {
    let transaction = clinics.admin.begin().await.unwrap();
    run(&transaction, "set local session_replication_role = replica")
        .await
        .unwrap();
    for table in tables_of_records().filter(|table| *table != kept) {
        let deletion = format!("delete from public.{table} where organization_id = '{clinic}'");
        assert_eq!(changed(&transaction, &deletion).await.unwrap(), 1, "{table}");
    }
    run(&transaction, "set local session_replication_role = origin")
        .await
        .unwrap();
    transaction
}

fn tables_of_records() -> impl Iterator<Item = &'static str> {
    let records = CLASSIFICATION
        .iter()
        .filter(|classified| classified.class == Class::Tenant);
    records.map(|classified| classified.table)
}

#[tokio::test]
async fn one_row_in_any_table_of_records_keeps_the_organization() {
    let clinics = Clinics::new().await;
    let as_tenant =
        format!("set local role authenticated; set local app.current_organization_id = '{CLINIC_OF_ANA}'");
    let as_superuser = "select".to_owned();

    for table in tables_of_records() {
        for role in [&as_tenant, &as_superuser] {
            let transaction = keep_the_rows_of(&clinics, table, CLINIC_OF_ANA).await;
            run(&transaction, role).await.unwrap();

            let deletion = format!("delete from public.organization where id = '{CLINIC_OF_ANA}'");
            let refused = run(&transaction, &deletion).await.expect_err(table);

            assert_eq!(
                (
                    sqlstate(&refused).as_deref(),
                    violated_constraint(&refused).as_deref()
                ),
                (Some("23503"), Some("organization_has_records")),
                "{table}: {refused}"
            );
        }
    }
}

#[tokio::test]
async fn the_records_of_another_organization_keep_none() {
    let clinics = Clinics::new().await;
    // Row security shows the tenant its own; a superuser sees those of all.
    for (role, clinic) in [("authenticated", CLINIC_OF_ANA), ("none", CLINIC_OF_BEN)] {
        purge(&clinics, clinic).await;
        let other = if clinic == CLINIC_OF_ANA {
            CLINIC_OF_BEN
        } else {
            CLINIC_OF_ANA
        };
        let records = format!(
            "insert into patients (organization_id, id, first_name, last_name) \
             values ('{other}', '00000000-0000-7000-8000-0000000000ff', 'Ole', 'Dahl') on conflict do nothing"
        );
        run(&clinics.admin, &records).await.unwrap();
        let transaction = clinics.admin.begin().await.unwrap();
        run(
            &transaction,
            &format!("set local role {role}; set local app.current_organization_id = '{clinic}'"),
        )
        .await
        .unwrap();

        let deletion = format!("delete from public.organization where id = '{clinic}'");

        assert_eq!(changed(&transaction, &deletion).await.unwrap(), 1, "{role}");
        transaction.rollback().await.unwrap();
    }
}

/// Each reference between clinical tables.
const REFERENCES: &[(&str, &str)] = &[
    ("patient_words", "patient_id"),
    ("patient_phones", "patient_id"),
    ("patient_identifiers", "patient_id"),
    ("appointments", "patient_id"),
    ("appointments", "room_id"),
    ("treatments", "patient_id"),
    ("medical_records", "patient_id"),
    ("medical_record_chunks", "medical_record_id"),
    ("treatment_sessions", "appointment_id"),
    ("treatment_sessions", "treatment_id"),
    ("clinical_notes", "treatment_session_id"),
    ("clinical_notes", "addendum_to"),
    ("clinical_note_versions", "clinical_note_id"),
];

#[tokio::test]
async fn a_clinical_row_cannot_point_into_another_organization() {
    let clinics = Clinics::new().await;
    let only_in_b = "00000000-0000-7000-8000-000000000020";
    // What the keys contain beside the organization, the patient and the session, is the same there.
    run(
        &clinics.admin,
        &format!(
            "insert into patients (organization_id, id, first_name, last_name)
               values ('{CLINIC_OF_BEN}', '{only_in_b}', 'Ole', 'Dahl');
             insert into treatments (organization_id, id, patient_id, title, practitioner_id, practitioner_name, status,
                 created_by, created_by_name)
               values ('{CLINIC_OF_BEN}', '{only_in_b}', '{ROW}', 'Hip', '{BEN}', 'ben', 'active', '{BEN}', 'ben');
             insert into rooms (organization_id, id, name) values ('{CLINIC_OF_BEN}', '{only_in_b}', 'Room 2');
             insert into appointments (organization_id, id, patient_id, created_by, created_by_name, practitioner_id,
                 practitioner_name, starts_at, ends_at, time_zone, status)
               values ('{CLINIC_OF_BEN}', '{only_in_b}', '{ROW}', '{BEN}', 'ben', '{BEN}', 'ben',
                 '2026-03-02T10:00:00Z', '2026-03-02T10:30:00Z', 'Europe/Berlin', 'booked');
             insert into medical_records (organization_id, id, patient_id, category, status, code, effective_at, created_by,
                 created_by_name)
               values ('{CLINIC_OF_BEN}', '{only_in_b}', '{ROW}', 'problem', 'active', '{{}}', now(), '{BEN}', 'ben');
             insert into treatment_sessions (organization_id, id, appointment_id, treatment_id, patient_id, performer_id,
                 performer_name, number, status, created_by, created_by_name)
               values ('{CLINIC_OF_BEN}', '{only_in_b}', '{only_in_b}', '{only_in_b}', '{ROW}', '{BEN}', 'ben', 1,
                 'preparation', '{BEN}', 'ben');
             insert into clinical_notes (organization_id, id, treatment_session_id, author_id, author_name, note_type, text,
                 status)
               values ('{CLINIC_OF_BEN}', '{only_in_b}', '{ROW}', '{BEN}', 'ben', 'progress', 'worse', 'draft')"
        ),
    )
    .await
    .unwrap();

    // A superuser is not stopped by row security, only by the key.
    for (table, column) in REFERENCES {
        let transaction = keep_the_rows_of(&clinics, table, CLINIC_OF_ANA).await;
        if *table == "clinical_note_versions" {
            let off = "alter table public.clinical_note_versions disable trigger refuse_to_change";
            run(&transaction, off).await.unwrap();
        }
        let statement = format!(
            "update public.{table} set {column} = '{only_in_b}' where organization_id = '{CLINIC_OF_ANA}'"
        );

        let refused = run(&transaction, &statement).await.expect_err(&statement);

        assert_eq!(
            violated_constraint(&refused),
            Some(format!("{table}_{column}_fkey")),
            "{refused}"
        );
        assert_eq!(sqlstate(&refused).as_deref(), Some("23503"));
        transaction.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn every_reference_between_clinical_tables_was_tried() {
    let clinics = Clinics::new().await;
    let tenant: Vec<_> = CLASSIFICATION
        .iter()
        .filter(|classified| classified.class == Class::Tenant)
        .map(|classified| format!("'public.{}'::regclass", classified.table))
        .collect();
    let tables = tenant.join(", ");

    let references = texts(
        &clinics.admin,
        &format!(
            "select conname from pg_constraint where contype = 'f' and confrelid in ({tables}) order by conname"
        ),
    )
    .await
    .unwrap();

    // A new one belongs into the list above.
    let mut tried: Vec<_> = REFERENCES
        .iter()
        .map(|(table, column)| format!("{table}_{column}_fkey"))
        .collect();
    tried.sort_unstable();
    assert_eq!(references, tried);
}

#[tokio::test]
async fn a_patient_with_records_is_not_deleted() {
    let clinics = Clinics::new().await;

    let deletion = format!("delete from patients where organization_id = '{CLINIC_OF_ANA}'");

    assert_eq!(state(run(&clinics.admin, &deletion).await), "23503");
}

#[tokio::test]
async fn deleting_an_account_keeps_the_records_that_it_wrote() {
    let clinics = Clinics::new().await;

    run(
        &clinics.admin,
        &format!(r#"delete from public."user" where id = '{ANA}'"#),
    )
    .await
    .unwrap();

    let authors = texts(&clinics.admin, "select created_by_name from appointments")
        .await
        .unwrap();
    assert_eq!(authors, ["ana", "ana"]);
    let members = texts(&clinics.admin, r#"select "userId" from member"#)
        .await
        .unwrap();
    assert_eq!(members, [BEN]);
}

#[tokio::test]
async fn a_member_who_is_removed_leaves_the_teams_of_that_organization_alone() {
    let clinics = Clinics::new().await;
    run(
        &clinics.admin,
        &format!(
            r#"insert into member ("organizationId", "userId") values ('{CLINIC_OF_BEN}', '{ANA}');
               insert into "teamMember" ("teamId", "userId") values ('{CLINIC_OF_BEN}', '{ANA}')"#
        ),
    )
    .await
    .unwrap();
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;

    let removal = format!(r#"delete from member where "userId" = '{ANA}'"#);
    assert_eq!(changed(&tenant, &removal).await.unwrap(), 1);
    tenant.commit().await.unwrap();

    let teams = r#"select "teamId" from "teamMember" where "userId" = "#;
    let of_ana = texts(&clinics.admin, &format!("{teams} '{ANA}'")).await.unwrap();
    assert_eq!(of_ana, [CLINIC_OF_BEN]);
    let of_ben = texts(&clinics.admin, &format!("{teams} '{BEN}'")).await.unwrap();
    assert_eq!(of_ben, [CLINIC_OF_BEN]);
}

#[tokio::test]
async fn a_team_that_is_deleted_takes_its_team_rows_with_it() {
    let clinics = Clinics::new().await;
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;

    assert_eq!(changed(&tenant, "delete from public.team").await.unwrap(), 1);
    tenant.commit().await.unwrap();

    let left = texts(&clinics.admin, r#"select "userId" from "teamMember""#)
        .await
        .unwrap();
    assert_eq!(left, [BEN]);
}

#[tokio::test]
async fn a_team_row_gets_the_organization_of_its_team() {
    let clinics = Clinics::new().await;

    let found = texts(
        &clinics.admin,
        r#"select "organizationId" from "teamMember" order by 1"#,
    )
    .await
    .unwrap();

    assert_eq!(found, [CLINIC_OF_ANA, CLINIC_OF_BEN]);
}

#[tokio::test]
async fn only_a_member_of_the_organization_joins_its_teams() {
    let clinics = Clinics::new().await;

    for stranger in [BEN, EVA] {
        let joining = format!(
            r#"insert into "teamMember" ("teamId", "userId") values ('{CLINIC_OF_ANA}', '{stranger}')"#
        );

        assert_eq!(state(run(&clinics.admin, &joining).await), "23503");
    }
}

#[tokio::test]
async fn nobody_joins_a_team_of_another_organization() {
    let clinics = Clinics::new().await;
    let joining = format!(
        r#"insert into "teamMember" ("teamId", "userId", "organizationId")
           values ('{CLINIC_OF_BEN}', '{ANA}', '{CLINIC_OF_ANA}')"#
    );

    // The tenant does not see that team, so there is no organization to fill in, and null is not the tenant's.
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;
    assert_eq!(state(run(&tenant, &joining).await), "42501");
    // A superuser does, and is no member of that organization's.
    assert_eq!(state(run(&clinics.admin, &joining).await), "23503");
}

#[tokio::test]
async fn two_organizations_have_rows_of_the_same_id() {
    let clinics = Clinics::new().await;

    let patients = texts(
        &clinics.admin,
        &format!("select count(*) from patients where id = '{ROW}'"),
    )
    .await
    .unwrap();

    assert_eq!(patients, ["2"]);
}
