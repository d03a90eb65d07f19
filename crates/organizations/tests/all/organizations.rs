//! Founding, listing and choosing organizations, as the application's login.

use crate::clinic::Clinic;
use futures_util::future::join_all;
use wardkeep_auth::deletions::{Deleted, DeletionError};
use wardkeep_organizations::{self as organizations, Activation, OrganizationError, Rules, Selection};
use wardkeep_testkit::{context, race_rounds};

#[tokio::test]
async fn a_founder_is_the_owner_and_works_in_the_new_organization_and_its_default_team() {
    let clinic = Clinic::new().await;
    let ana = clinic.sign_up(1, "Ana").await;

    let created = clinic.found(&ana, 2, "salt-lane").await.unwrap();

    let id = created.organization.id;
    let current = clinic.session(&ana, None).await;
    assert_eq!(
        (created.founder.user_id, created.founder.role.as_str()),
        (ana.id, "owner")
    );
    assert_eq!(current.session.active_organization_id, Some(id));
    assert_eq!(current.membership.unwrap().role(), "owner");
    let teams = "select count(*) from team
        join \"teamMember\" on \"teamId\" = team.id and \"userId\" = $2
        where team.\"organizationId\" = $1 and team.name = 'SALT-LANE' and \"memberCount\" = 1 and team.id = $3";
    let row: (i64,) = sqlx::query_as(teams)
        .bind(id.as_uuid())
        .bind(ana.id.as_uuid())
        .bind(current.session.active_team_id.map(|team| team.as_uuid()))
        .fetch_one(&mut clinic.db.admin().await)
        .await
        .unwrap();
    assert_eq!(row.0, 1);
}

#[tokio::test]
async fn a_taken_slug_is_refused_and_nothing_is_left_of_the_try() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let created = clinic.found(&ana, 3, "salt-lane").await.unwrap();

    let refused = clinic.found(&ben, 4, "salt-lane").await;

    assert!(matches!(refused, Err(OrganizationError::AlreadyExists)));
    assert_eq!(
        clinic.session(&ben, None).await.session.active_organization_id,
        None
    );
    let all = "select count(*) from organization where $1 is not null";
    assert_eq!(clinic.count(all, created.organization.id).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_founders_of_one_slug_at_once_one_succeeds() {
    let clinic = Clinic::new().await;
    let ana = clinic.person(1, "Ana").await;
    let session = clinic.session(&ana, None).await.session;
    for round in 0..race_rounds() {
        let (seed, slug) = (u64::try_from(round).unwrap() * 100, format!("clinic-{round}"));

        let founding = (0..64).map(|number| clinic.found_in(&session, 100 + seed + number, &slug));
        let outcomes = join_all(founding).await;

        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 63), "round {round}");
        for outcome in lost {
            assert!(
                matches!(outcome, Err(OrganizationError::AlreadyExists)),
                "{outcome:?}"
            );
        }
        let won = won.into_iter().next().unwrap().unwrap().organization.id;
        let rows = "select (select count(*) from organization) + (select count(*) from member)
            + (select count(*) from team) + (select count(*) from \"teamMember\") where $1 is not null";
        let rows = clinic.count(rows, won).await;
        assert_eq!(rows, 4 * i64::try_from(round + 1).unwrap(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_that_somebody_founds_at_once_there_are_as_many_as_the_rules_allow() {
    let clinic = Clinic::new().await;
    let rules = Rules {
        organizations_per_user: Some(3),
        ..Rules::default()
    };
    for round in 0..race_rounds() {
        let seed = u64::try_from(round).unwrap() * 100;
        let ana = clinic.person(seed + 1, &format!("Ana{round}")).await;
        // What somebody else founded counts as well.
        let other = clinic.db.organization(&format!("Other {round}")).await;
        clinic.db.member(other, ana.id, "member").await;
        let session = clinic.session(&ana, None).await.session;

        let outcomes = join_all((0..64).map(|number| {
            let (clinic, rules, session) = (&clinic, &rules, &session);
            async move {
                let slug = format!("clinic-{round}-{number}");
                clinic.found_by(rules, session, seed + 2 + number, &slug).await
            }
        }))
        .await;

        let lost: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
        assert_eq!(lost.len(), 62, "round {round}");
        for error in lost {
            assert!(matches!(error, OrganizationError::TooMany), "{error:?}");
        }
    }
}

#[tokio::test]
async fn where_nobody_founds_nothing_is_founded() {
    let clinic = Clinic::new().await;
    let ana = clinic.person(1, "Ana").await;
    let session = clinic.session(&ana, None).await.session;
    let rules = Rules {
        anybody_founds: false,
        ..Rules::default()
    };

    let refused = clinic.found_by(&rules, &session, 2, "salt-lane").await;

    assert!(
        matches!(refused, Err(OrganizationError::FoundingDenied)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn somebody_who_may_belong_to_no_organization_founds_none_and_a_user_who_is_gone_neither() {
    let clinic = Clinic::new().await;
    let ana = clinic.person(1, "Ana").await;
    let session = clinic.session(&ana, None).await.session;
    let at_most = |most| Rules {
        organizations_per_user: Some(most),
        ..Rules::default()
    };

    let refused = clinic.found_by(&at_most(0), &session, 2, "salt-lane").await;
    clinic.delete(&clinic.session(&ana, None).await).await.unwrap();
    let gone = clinic.found_by(&at_most(1), &session, 3, "salt-lane").await;

    assert!(matches!(refused, Err(OrganizationError::TooMany)), "{refused:?}");
    assert!(matches!(gone, Err(OrganizationError::FounderGone)), "{gone:?}");
}

#[tokio::test]
async fn a_list_holds_ones_own_organizations_and_no_other() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let first = clinic.found(&ana, 3, "salt-lane").await.unwrap().organization;
    let second = clinic.found(&ana, 4, "north-gate").await.unwrap().organization;
    clinic.found(&ben, 5, "other").await.unwrap();

    let mut list = organizations::list(&clinic.database, &context(6), ana.id)
        .await
        .unwrap();

    list.rows.sort_by_key(|organization| organization.slug.clone());
    assert_eq!((list.rows, list.total), (vec![second, first], 2));
}

#[tokio::test]
async fn one_chooses_among_ones_own_organizations_by_id_or_slug() {
    let clinic = Clinic::new().await;
    let ana = clinic.sign_up(1, "Ana").await;
    let first = clinic.found(&ana, 2, "salt-lane").await.unwrap().organization;
    let second = clinic.found(&ana, 3, "north-gate").await.unwrap().organization;

    for (selection, chosen) in [
        (Selection::Id(Some(first.id)), Some(first.clone())),
        (Selection::Slug("north-gate".to_owned()), Some(second.clone())),
        (Selection::Same, Some(second)),
        (Selection::Nothing, None),
    ] {
        let current = clinic.session(&ana, None).await;
        let activation =
            organizations::set_active(&clinic.database, &context(4), &current.session, selection.clone())
                .await;

        assert_eq!(
            activation.unwrap(),
            Activation::Changed(chosen.clone()),
            "{selection:?}"
        );
        let active = clinic.session(&ana, None).await.session.active_organization_id;
        assert_eq!(
            active,
            chosen.map(|organization| organization.id),
            "{selection:?}"
        );
    }
    let current = clinic.session(&ana, None).await;
    for selection in [Selection::Nothing, Selection::Same] {
        let activation =
            organizations::set_active(&clinic.database, &context(5), &current.session, selection).await;
        assert_eq!(activation.unwrap(), Activation::Unchanged);
    }
}

#[tokio::test]
async fn choosing_anothers_organization_is_refused_and_leaves_none_active() {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.sign_up(1, "Ana").await, clinic.sign_up(2, "Ben").await);
    let own = clinic.found(&ana, 3, "salt-lane").await.unwrap().organization;
    let foreign = clinic.found(&ben, 4, "other").await.unwrap().organization;

    for selection in [
        Selection::Id(Some(foreign.id)),
        Selection::Slug("other".to_owned()),
        Selection::Id(Some(context(9).new_id())),
        Selection::Id(None),
    ] {
        let current = clinic.session(&ana, None).await;
        organizations::set_active(
            &clinic.database,
            &context(5),
            &current.session,
            Selection::Id(Some(own.id)),
        )
        .await
        .unwrap();

        let refused =
            organizations::set_active(&clinic.database, &context(6), &current.session, selection.clone())
                .await;

        assert!(
            matches!(refused, Err(OrganizationError::NotAMember)),
            "{selection:?}"
        );
        assert_eq!(
            clinic.session(&ana, None).await.session.active_organization_id,
            None,
            "{selection:?}"
        );
    }
    let current = clinic.session(&ana, None).await;
    let unknown = Selection::Slug("nowhere".to_owned());
    let refused = organizations::set_active(&clinic.database, &context(7), &current.session, unknown).await;
    assert!(matches!(refused, Err(OrganizationError::NotFound)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_founds_organizations_while_the_account_is_deleted_leaves_none_without_an_owner() {
    let clinic = Clinic::new().await;
    for round in 0..race_rounds() {
        let seed = u64::try_from(round).unwrap() * 100;
        let ana = clinic.person(seed + 1, &format!("Ana{round}")).await;
        let session = clinic.session(&ana, None).await;

        let founding = join_all((0..6).map(|number| {
            let (clinic, session) = (&clinic, &session);
            async move {
                let slug = format!("clinic-{round}-{number}");
                clinic.found_in(&session.session, seed + 2 + number, &slug).await
            }
        }));
        let (founded, deleted) = tokio::join!(founding, clinic.delete(&session));

        for answer in founded.iter().filter_map(|answer| answer.as_ref().err()) {
            assert!(matches!(answer, OrganizationError::FounderGone), "{answer:?}");
        }
        let ownerless: i64 = sqlx::query_scalar(
            "select count(*) from organization
             where not exists (select from member where \"organizationId\" = organization.id)",
        )
        .fetch_one(&mut clinic.db.admin().await)
        .await
        .unwrap();
        assert_eq!(ownerless, 0, "round {round}");
        match deleted {
            Ok(deleted) => assert_eq!(deleted, Deleted::Now),
            Err(error) => assert!(matches!(error, DeletionError::OnlyOwner), "{error:?}"),
        }
    }
}
