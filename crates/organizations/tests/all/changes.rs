//! Changing an organization, as the application's login.

use futures_util::future::join_all;
use serde_json::json;
use wardkeep_organizations::{self as organizations, AuthorityError, ChangeError, Changes, Organization};
use wardkeep_tenancy::{OrganizationId, TenantTx};
use wardkeep_testkit::race_rounds;

use crate::clinic::{Clinic, Person};

async fn update(
    clinic: &Clinic,
    caller: &Person,
    organization: OrganizationId,
    changes: Changes,
) -> Result<Organization, ChangeError> {
    let tx = clinic.enter(caller, organization).await;
    update_in(clinic, tx, changes).await
}

async fn update_in(clinic: &Clinic, tx: TenantTx, changes: Changes) -> Result<Organization, ChangeError> {
    let changed = organizations::update(&tx, &clinic.access, changes).await?;
    tx.commit().await?;
    Ok(changed)
}

fn to_slug(slug: &str) -> Changes {
    Changes {
        slug: Some(slug.to_owned()),
        ..Changes::default()
    }
}

#[tokio::test]
async fn what_is_not_named_stays_as_it_is() {
    let clinic = Clinic::new().await;
    let ana = clinic.sign_up(1, "Ana").await;
    let before = clinic.found(&ana, 2, "salt-lane").await.unwrap().organization;
    let attached = json!({"beds": 5}).as_object().cloned();

    let changed = update(
        &clinic,
        &ana,
        before.id,
        Changes {
            logo: Some(Some("/logo.png".to_owned())),
            metadata: attached,
            ..Changes::default()
        },
    )
    .await
    .unwrap();
    let nothing = update(&clinic, &ana, before.id, Changes::default())
        .await
        .unwrap();
    let cleared = update(
        &clinic,
        &ana,
        before.id,
        Changes {
            logo: Some(None),
            ..Changes::default()
        },
    )
    .await
    .unwrap();

    let expected = Organization {
        logo: Some("/logo.png".to_owned()),
        metadata: Some(r#"{"beds":5}"#.to_owned()),
        ..before
    };
    assert_eq!(changed, expected);
    assert_eq!(nothing, expected);
    assert_eq!(
        cleared,
        Organization {
            logo: None,
            ..expected
        }
    );
}

#[tokio::test]
async fn a_change_leaves_other_organizations_alone() {
    let clinic = Clinic::new().await;
    let ana = clinic.sign_up(1, "Ana").await;
    let other = clinic.found(&ana, 2, "other").await.unwrap().organization;
    let own = clinic.found(&ana, 3, "salt-lane").await.unwrap().organization;

    update(&clinic, &ana, own.id, to_slug("salt-road")).await.unwrap();

    let tx = clinic.enter(&ana, other.id).await;
    assert_eq!(organizations::get(&tx).await.unwrap(), other);
}

#[tokio::test]
async fn a_member_changes_nothing_and_a_removed_admin_neither() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let salt_lane = clinic.db.organization("Salt Lane").await;
    clinic.db.member(salt_lane, ana.id, "member").await;
    clinic.db.member(salt_lane, ben.id, "admin").await;

    let denied = update(&clinic, &ana, salt_lane, to_slug("mine")).await;
    let waiting = clinic.enter(&ben, salt_lane).await;
    sqlx::query("delete from member")
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();
    let late = update_in(&clinic, waiting, to_slug("mine")).await;

    assert!(matches!(denied, Err(ChangeError::Denied)), "{denied:?}");
    assert!(
        matches!(late, Err(ChangeError::Authority(AuthorityError::NotAMember))),
        "{late:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_organizations_that_want_one_slug_at_once_one_has_it() {
    let clinic = Clinic::new().await;
    let ana = clinic.person(1, "Ana").await;
    let mut organizations = Vec::new();
    for number in 0..64 {
        let organization = clinic.db.organization(&format!("Clinic {number}")).await;
        clinic.db.member(organization, ana.id, "owner").await;
        organizations.push(organization);
    }
    for round in 0..race_rounds() {
        let slug = format!("wanted-{round}");

        let outcomes = join_all(
            organizations
                .iter()
                .map(|organization| update(&clinic, &ana, *organization, to_slug(&slug))),
        )
        .await;

        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 63), "round {round}");
        for outcome in lost {
            assert!(matches!(outcome, Err(ChangeError::SlugTaken)), "{outcome:?}");
        }
        let winner = won.into_iter().next().unwrap().unwrap();
        let owners = "select count(*) from organization where slug like 'wanted-%' and id = $1";
        assert_eq!(
            (winner.slug.as_str(), clinic.count(owners, winner.id).await),
            (slug.as_str(), 1)
        );
    }
}
