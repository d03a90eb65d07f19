//! Deleting an organization, as the application's login.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};
use sqlx::AssertSqlSafe;
use wardkeep_organizations::{self as organizations, AuthorityError, DeletionError, Organization};
use wardkeep_tenancy::{OrganizationId, TenantTx, sqlstate};
use wardkeep_testkit::race_rounds;

use crate::clinic::{Clinic, Person};

async fn delete(
    clinic: &Clinic,
    caller: &Person,
    organization: OrganizationId,
) -> Result<Organization, DeletionError> {
    let tx = clinic.enter(caller, organization).await;
    delete_in(clinic, tx).await
}

async fn delete_in(clinic: &Clinic, tx: TenantTx) -> Result<Organization, DeletionError> {
    let deleted = organizations::delete(&tx, &clinic.access).await?;
    tx.commit().await?;
    Ok(deleted)
}

const PATIENT: &str = "insert into public.patients (organization_id, id, first_name, last_name) values ($1, gen_random_uuid(), 'Bo', 'Lind')";

/// Records a patient, and says whether the organization was still there to have it.
async fn record(tx: TenantTx) -> bool {
    match tx.sql(PATIENT, [tx.organization().into()]).execute().await {
        Ok(_) => {
            tx.commit().await.unwrap();
            true
        }
        Err(error) => {
            assert_eq!(sqlstate(&error).as_deref(), Some("23503"), "{error}");
            false
        }
    }
}

/// Every table of the catalogue that names an organization, with how many of its rows name this one, and whether they are
/// records, which keep an organization from being deleted.
async fn rows_of(clinic: &Clinic, organization: OrganizationId) -> BTreeMap<String, (i64, bool)> {
    let mut admin = clinic.db.admin().await;
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select pg_class.oid::regclass::text, pg_attribute.attname::text
         from pg_attribute
         join pg_class on pg_class.oid = pg_attribute.attrelid and pg_class.relkind in ('r', 'p')
         where pg_class.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
           and lower(replace(pg_attribute.attname, '_', '')) = 'organizationid'
           and not pg_attribute.attisdropped",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    let mut counts = BTreeMap::new();
    for (table, column) in tables {
        let count = format!(r#"select count(*) from {table} where "{column}" = $1"#);
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(count))
            .bind(organization.as_uuid())
            .fetch_one(&mut admin)
            .await
            .unwrap();
        counts.insert(table, (count, column == "organization_id"));
    }
    counts
}

/// Founds an organization, which has rows of each kind afterwards.
async fn found_with_everything(clinic: &Clinic, founder: &Person, seed: u64, slug: &str) -> OrganizationId {
    let id = clinic.found(founder, seed, slug).await.unwrap().organization.id;
    sqlx::query(
        "with role as (insert into \"organizationRole\" (\"organizationId\", role, permission) values ($1, 'nurse', '{}'))
         insert into invitation (\"organizationId\", email, \"inviterId\", \"expiresAt\")
         values ($1, 'eve@example.com', $2, now())",
    )
    .bind(id.as_uuid())
    .bind(founder.id.as_uuid())
    .execute(&mut clinic.db.admin().await)
    .await
    .unwrap();
    id
}

#[tokio::test]
async fn an_organization_goes_with_every_row_that_names_it_and_no_other_goes() {
    let clinic = Clinic::new().await;
    let ana = clinic.sign_up(1, "Ana").await;
    let salt_lane = found_with_everything(&clinic, &ana, 2, "salt-lane").await;
    let other = found_with_everything(&clinic, &ana, 3, "other").await;
    assert!(record(clinic.enter(&ana, other).await).await);
    let (before, others) = (rows_of(&clinic, salt_lane).await, rows_of(&clinic, other).await);
    // A new table gets a row in this test, unless it is one of records.
    for (table, (count, records)) in &before {
        assert_eq!(*count == 0, *records, "{table}: {count}");
    }
    assert!(before.len() >= 12, "{before:?}");

    let deleted = delete(&clinic, &ana, salt_lane).await.unwrap();

    assert_eq!((deleted.id, deleted.slug.as_str()), (salt_lane, "salt-lane"));
    for (table, (count, _)) in rows_of(&clinic, salt_lane).await {
        assert_eq!(count, 0, "{table}");
    }
    assert_eq!(rows_of(&clinic, other).await, others);
    let left = "select count(*) from organization where $1 is not null";
    assert_eq!(clinic.count(left, other).await, 1);
}

#[tokio::test]
async fn an_organization_with_a_record_stays_whole() {
    let clinic = Clinic::new().await;
    let ana = clinic.sign_up(1, "Ana").await;
    let salt_lane = found_with_everything(&clinic, &ana, 2, "salt-lane").await;
    assert!(record(clinic.enter(&ana, salt_lane).await).await);
    // Who deleted a patient must still be able to say what was done.
    sqlx::query("update patients set deleted_at = now()")
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();
    let before = rows_of(&clinic, salt_lane).await;

    let refused = delete(&clinic, &ana, salt_lane).await;

    assert!(matches!(refused, Err(DeletionError::HasRecords)), "{refused:?}");
    assert_eq!(rows_of(&clinic, salt_lane).await, before);
}

#[tokio::test]
async fn an_admin_deletes_nothing_and_an_owner_whose_role_was_taken_neither() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let salt_lane = clinic.db.organization("Salt Lane").await;
    clinic.db.member(salt_lane, ana.id, "admin,member").await;
    clinic.db.member(salt_lane, ben.id, "owner").await;

    let denied = delete(&clinic, &ana, salt_lane).await;
    let waiting = clinic.enter(&ben, salt_lane).await;
    sqlx::query("update member set role = 'admin'")
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();
    let late = delete_in(&clinic, waiting).await;

    assert!(matches!(denied, Err(DeletionError::Denied)), "{denied:?}");
    assert!(matches!(late, Err(DeletionError::Denied)), "{late:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_delete_an_organization_at_once_one_does() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    for round in 0..race_rounds() {
        let organization = clinic.db.organization(&format!("Round {round}")).await;
        clinic.db.member(organization, ana.id, "owner").await;
        clinic.db.member(organization, ben.id, "owner").await;
        let by_ana = clinic.enter(&ana, organization).await;
        let by_ben = clinic.enter(&ben, organization).await;

        let outcomes = join(delete_in(&clinic, by_ana), delete_in(&clinic, by_ben)).await;

        let ((Ok(_), Err(lost)) | (Err(lost), Ok(_))) = outcomes else {
            panic!("{outcomes:?}")
        };
        assert!(
            matches!(lost, DeletionError::Authority(AuthorityError::NotAMember)),
            "{lost:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_who_record_and_delete_at_once_no_record_is_lost_with_the_organization() {
    let clinic = Clinic::new().await;
    let ana = clinic.sign_up(1, "Ana").await;
    for round in 0..race_rounds() {
        let organization = clinic.db.organization(&format!("Round {round}")).await;
        clinic.db.member(organization, ana.id, "owner").await;
        let session = clinic.session(&ana, Some(organization)).await;
        // The deletion has several statements before the one that counts: with this start it wins now and then.
        let deletion = async {
            let tx = clinic.enter_in(&session).await;
            delete_in(&clinic, tx).await.is_ok()
        };
        let records = (0..63).map(async |number| {
            let mut session = session.clone();
            for _ in 0..1 + (number + round) % 4 {
                session = clinic.session(&ana, Some(organization)).await;
            }
            if session.membership.is_none() {
                return false;
            }
            record(clinic.enter_in(&session).await).await
        });

        let (deleted, recorded) = join(deletion, join_all(records)).await;

        let recorded = recorded.into_iter().filter(|recorded| *recorded).count();
        let patients = "select count(*) from patients where organization_id = $1";
        let left = "select count(*) from organization where id = $1";
        assert_eq!(
            clinic.count(patients, organization).await,
            i64::try_from(recorded).unwrap(),
            "round {round}"
        );
        assert_eq!(
            (deleted, clinic.count(left, organization).await),
            (recorded == 0, i64::from(!deleted)),
            "round {round}"
        );
    }
}
