//! The roles that an organization makes for itself.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use futures_util::future::join_all;
use sqlx::Row as _;
use wardkeep_auth::sessions::CurrentSession;
use wardkeep_organizations::Rules;
use wardkeep_organizations::members::{self, RoleChangeError};
use wardkeep_organizations::roles::{
    self, Action, Role, RoleChanges, RoleError, RoleKey, RoleName, Statements,
};
use wardkeep_tenancy::{OrganizationId, Permission, TenantTx};
use wardkeep_testkit::race_rounds;

use crate::clinic::{Clinic, Person};
use crate::role_changes::roles as new_roles;

fn statements(resource: &str, actions: &[&str]) -> Statements {
    let actions = actions.iter().map(|action| (*action).to_owned()).collect();
    Statements::from([(resource.to_owned(), actions)])
}

fn named(name: &str) -> RoleKey {
    RoleKey::Name(name.to_owned())
}

async fn create_in(
    clinic: &Clinic,
    tx: TenantTx,
    rules: &Rules,
    name: &str,
    permission: Statements,
) -> Result<Role, RoleError> {
    let name = RoleName::new(&clinic.access, name)?;
    let role = roles::create(&tx, &clinic.access, rules, name, permission).await?;
    tx.commit().await?;
    Ok(role)
}

struct SaltLane {
    clinic: Clinic,
    id: OrganizationId,
    ana: Person,
    ben: Person,
}

impl SaltLane {
    /// Ana is its owner, Ben has these roles.
    async fn new(bens: &str) -> Self {
        let clinic = Clinic::new().await;
        let (ana, ben) = (clinic.person(1, "Ana").await, clinic.person(2, "Ben").await);
        let id = clinic.db.organization("Salt Lane").await;
        clinic.db.member(id, ana.id, "owner").await;
        clinic.db.member(id, ben.id, bens).await;
        Self { clinic, id, ana, ben }
    }

    /// Ben has these roles from now on, whether or not there are such.
    async fn give_ben(&self, roles: &str) {
        sqlx::query("update member set role = $1 where \"userId\" = $2")
            .bind(roles)
            .bind(self.ben.id.as_uuid())
            .execute(&mut self.clinic.db.admin().await)
            .await
            .unwrap();
    }

    async fn create(&self, by: &Person, name: &str, permission: Statements) -> Result<Role, RoleError> {
        let tx = self.clinic.enter(by, self.id).await;
        create_in(&self.clinic, tx, &Rules::default(), name, permission).await
    }

    async fn update(&self, by: &Person, key: RoleKey, changes: RoleChanges) -> Result<Role, RoleError> {
        let tx = self.clinic.enter(by, self.id).await;
        let role = roles::update(&tx, &self.clinic.access, key, changes).await?;
        tx.commit().await?;
        Ok(role)
    }

    async fn delete(&self, by: &Person, key: RoleKey) -> Result<(), RoleError> {
        let tx = self.clinic.enter(by, self.id).await;
        roles::delete(&tx, &self.clinic.access, key).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether Ben's next request could do this.
    async fn ben_may(&self, resource: &'static str, action: &'static str) -> bool {
        let tx = self.clinic.enter(&self.ben, self.id).await;
        tx.allows(Permission::new(resource, action))
    }

    async fn names(&self) -> Vec<String> {
        let tx = self.clinic.enter(&self.ana, self.id).await;
        let listed = roles::list(&tx).await.unwrap();
        assert_eq!(listed.total, listed.rows.len() as u64);
        listed.rows.into_iter().map(|role| role.name).collect()
    }
}

fn renamed(name: &str) -> RoleChanges {
    RoleChanges {
        name: Some(name.to_owned()),
        permission: None,
    }
}

fn granting(permission: Statements) -> RoleChanges {
    RoleChanges {
        name: None,
        permission: Some(permission),
    }
}

#[tokio::test]
async fn a_role_is_made_listed_read_changed_and_deleted() {
    let salt_lane = SaltLane::new("member").await;
    let SaltLane { clinic, ana, .. } = &salt_lane;
    let read = statements("ac", &["read"]);

    let made = salt_lane.create(ana, "Nurse", read.clone()).await.unwrap();

    assert_eq!(
        (&*made.name, &made.permission, made.updated_at),
        ("nurse", &read, None)
    );
    let tx = clinic.enter(ana, salt_lane.id).await;
    for key in [named("nurse"), RoleKey::Id(Some(made.id))] {
        assert_eq!(roles::get(&tx, key).await.unwrap(), made);
    }
    drop(tx);

    // The answer has the time of the change before, the row that of this one.
    let create = statements("team", &["create"]);
    let changed = salt_lane
        .update(ana, named("nurse"), granting(create.clone()))
        .await
        .unwrap();
    assert_eq!(
        changed,
        Role {
            permission: create.clone(),
            ..made.clone()
        }
    );
    let again = salt_lane
        .update(ana, RoleKey::Id(Some(made.id)), renamed("Sister"))
        .await
        .unwrap();
    assert_eq!((&*again.name, again.permission), ("sister", create));
    assert_eq!(again.updated_at, Some(made.created_at));
    assert_eq!(salt_lane.names().await, ["sister"]);

    salt_lane.delete(ana, RoleKey::Id(Some(made.id))).await.unwrap();
    assert!(salt_lane.names().await.is_empty());
}

#[tokio::test]
async fn a_role_counts_and_is_gone_at_the_next_lookup() {
    let salt_lane = SaltLane::new("member").await;
    let SaltLane { ana, .. } = &salt_lane;
    salt_lane
        .create(ana, "nurse", statements("team", &["create"]))
        .await
        .unwrap();
    assert!(!salt_lane.ben_may("team", "create").await);

    salt_lane.give_ben("member,nurse").await;
    assert!(salt_lane.ben_may("team", "create").await);

    let changes = granting(statements("team", &["delete"]));
    salt_lane.update(ana, named("nurse"), changes).await.unwrap();
    assert!(!salt_lane.ben_may("team", "create").await);
    assert!(salt_lane.ben_may("team", "delete").await);

    salt_lane
        .update(ana, named("nurse"), renamed("sister"))
        .await
        .unwrap();
    assert!(!salt_lane.ben_may("team", "delete").await);
}

#[tokio::test]
async fn nobody_hands_on_what_they_do_not_hold() {
    let salt_lane = SaltLane::new("admin").await;
    let SaltLane { ana, ben, .. } = &salt_lane;
    let fatal = statements("organization", &["update", "delete"]);
    salt_lane
        .create(ben, "helper", statements("ac", &["read"]))
        .await
        .unwrap();

    let refused = salt_lane.create(ben, "king", fatal.clone()).await;
    let Err(RoleError::Missing(Action::Create, missing)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(missing, ["organization:delete"]);
    let refused = salt_lane
        .update(ben, named("helper"), granting(fatal.clone()))
        .await;
    assert!(matches!(refused, Err(RoleError::Missing(Action::Update, _))));
    assert!(salt_lane.create(ana, "king", fatal).await.is_ok());
    // Not even an owner holds a right that does not exist.
    let refused = salt_lane
        .create(ana, "juggler", statements("ac", &["juggle"]))
        .await;
    assert!(matches!(refused, Err(RoleError::Missing(..))));
}

#[tokio::test]
async fn a_plain_member_sees_roles_and_touches_none() {
    let salt_lane = SaltLane::new("member").await;
    let SaltLane { clinic, ana, ben, .. } = &salt_lane;
    salt_lane.create(ana, "nurse", Statements::new()).await.unwrap();
    let rocket = statements("rocket", &["launch"]);

    let tx = clinic.enter(ben, salt_lane.id).await;
    assert_eq!(roles::list(&tx).await.unwrap().total, 1);
    assert!(roles::get(&tx, named("nurse")).await.is_ok());
    drop(tx);
    let refused = [
        salt_lane.create(ben, "king", rocket.clone()).await.err().unwrap(),
        salt_lane
            .update(ben, named("nobody"), granting(rocket))
            .await
            .err()
            .unwrap(),
        salt_lane.delete(ben, named("owner")).await.err().unwrap(),
    ];
    for (error, action) in refused
        .iter()
        .zip([Action::Create, Action::Update, Action::Delete])
    {
        assert!(
            matches!(error, RoleError::Denied(denied) if *denied == action),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn without_a_right_on_roles_none_are_seen() {
    let salt_lane = SaltLane::new("visitor").await;
    let tx = salt_lane.clinic.enter(&salt_lane.ben, salt_lane.id).await;

    assert!(matches!(
        roles::list(&tx).await,
        Err(RoleError::Denied(Action::List))
    ));
    assert!(matches!(
        roles::get(&tx, named("nobody")).await,
        Err(RoleError::Denied(Action::Read))
    ));
}

#[tokio::test]
async fn a_taken_name_is_taken_in_any_case() {
    let salt_lane = SaltLane::new("member").await;
    let SaltLane { clinic, ana, .. } = &salt_lane;
    for name in ["nurse", "sister"] {
        salt_lane.create(ana, name, Statements::new()).await.unwrap();
    }
    let elsewhere = clinic.db.organization("Elsewhere").await;
    clinic.db.member(elsewhere, ana.id, "owner").await;

    for name in ["NURSE", "Owner"] {
        let refused = salt_lane.create(ana, name, Statements::new()).await;
        assert!(matches!(refused, Err(RoleError::NameTaken)), "{name}");
    }
    for name in ["Nurse", "Sister", "MEMBER"] {
        let refused = salt_lane.update(ana, named("nurse"), renamed(name)).await;
        assert!(matches!(refused, Err(RoleError::NameTaken)), "{name}");
    }
    let tx = clinic.enter(ana, elsewhere).await;
    let other = create_in(clinic, tx, &Rules::default(), "nurse", Statements::new()).await;
    assert!(other.is_ok());
}

#[tokio::test]
async fn a_role_of_another_organization_is_as_unknown_as_none() {
    let salt_lane = SaltLane::new("member").await;
    let SaltLane { clinic, ana, .. } = &salt_lane;
    let elsewhere = clinic.db.organization("Elsewhere").await;
    clinic.db.member(elsewhere, ana.id, "owner").await;
    let tx = clinic.enter(ana, elsewhere).await;
    let foreign = create_in(clinic, tx, &Rules::default(), "pilot", Statements::new())
        .await
        .unwrap();

    for key in [
        named("pilot"),
        RoleKey::Id(Some(foreign.id)),
        RoleKey::Id(None),
        named("member"),
    ] {
        let tx = clinic.enter(ana, salt_lane.id).await;
        assert!(matches!(
            roles::get(&tx, key.clone()).await,
            Err(RoleError::NotFound)
        ));
        drop(tx);
        let updated = salt_lane.update(ana, key.clone(), RoleChanges::default()).await;
        assert!(matches!(updated, Err(RoleError::NotFound)));
        if key != named("member") {
            assert!(matches!(
                salt_lane.delete(ana, key).await,
                Err(RoleError::NotFound)
            ));
        }
    }
}

#[tokio::test]
async fn a_role_is_deleted_once_no_member_has_exactly_it() {
    let salt_lane = SaltLane::new("member").await;
    let SaltLane { ana, .. } = &salt_lane;
    for name in ["nurse", "nurs", "nurses", "%", "n_rse"] {
        salt_lane.create(ana, name, Statements::new()).await.unwrap();
    }
    salt_lane.give_ben("member, nurse ,x").await;

    assert!(matches!(
        salt_lane.delete(ana, named("nurse")).await,
        Err(RoleError::Assigned)
    ));
    assert!(matches!(
        salt_lane.delete(ana, named("owner")).await,
        Err(RoleError::BuiltIn)
    ));
    for name in ["nurs", "nurses", "%", "n_rse"] {
        salt_lane.delete(ana, named(name)).await.unwrap();
    }
    assert_eq!(salt_lane.names().await, ["nurse"]);
}

#[tokio::test]
async fn a_list_of_more_than_a_hundred_roles_says_how_many_there_are() {
    let salt_lane = SaltLane::new("member").await;
    sqlx::query(
        "insert into \"organizationRole\" (\"organizationId\", role, permission)
         select $1, 'role ' || n, '{}' from generate_series(1, 101) as n",
    )
    .bind(salt_lane.id.as_uuid())
    .execute(&mut salt_lane.clinic.db.admin().await)
    .await
    .unwrap();

    let tx = salt_lane.clinic.enter(&salt_lane.ben, salt_lane.id).await;
    let listed = roles::list(&tx).await.unwrap();

    assert_eq!((listed.rows.len(), listed.total), (100, 101));
}

/// The sessions of 64 requests, looked up before any of them goes on.
async fn sessions(salt_lane: &SaltLane) -> Vec<CurrentSession> {
    let mut sessions = Vec::new();
    for _ in 0..64 {
        sessions.push(salt_lane.clinic.session(&salt_lane.ana, Some(salt_lane.id)).await);
    }
    sessions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_roles_of_one_name_at_once_one_is_made() {
    let salt_lane = SaltLane::new("member").await;
    let sessions = sessions(&salt_lane).await;
    for round in 0..race_rounds() {
        let name = format!("nurse {round}");

        let made = join_all(sessions.iter().map(async |session| {
            let tx = salt_lane.clinic.enter_in(session).await;
            create_in(&salt_lane.clinic, tx, &Rules::default(), &name, Statements::new()).await
        }))
        .await;

        assert_eq!(
            made.iter().filter(|made| made.is_ok()).count(),
            1,
            "round {round}"
        );
        for error in made.into_iter().filter_map(Result::err) {
            assert!(matches!(error, RoleError::NameTaken), "round {round}: {error:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_roles_that_take_one_name_at_once_one_gets_it() {
    let salt_lane = SaltLane::new("member").await;
    let sessions = sessions(&salt_lane).await;
    for round in 0..race_rounds() {
        for name in ["a", "b"] {
            salt_lane
                .create(&salt_lane.ana, &format!("{name}{round}"), Statements::new())
                .await
                .unwrap();
        }
        let name = format!("nurse {round}");

        let named = join_all(
            sessions
                .iter()
                .zip(["a", "b"].iter().cycle())
                .map(async |(session, old)| {
                    let tx = salt_lane.clinic.enter_in(session).await;
                    let key = named(&format!("{old}{round}"));
                    let role = roles::update(&tx, &salt_lane.clinic.access, key, renamed(&name)).await?;
                    tx.commit().await?;
                    Ok::<_, RoleError>(role)
                }),
        )
        .await;

        assert_eq!(
            named.iter().filter(|named| named.is_ok()).count(),
            1,
            "round {round}"
        );
        for error in named.into_iter().filter_map(Result::err) {
            assert!(
                matches!(error, RoleError::NameTaken | RoleError::NotFound),
                "round {round}: {error:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_roles_at_once_no_more_are_made_than_there_may_be() {
    let salt_lane = SaltLane::new("member").await;
    let sessions = sessions(&salt_lane).await;
    let rules = Rules {
        roles: Some(3),
        ..Rules::default()
    };
    for round in 0..race_rounds() {
        let made = join_all(sessions.iter().enumerate().map(async |(n, session)| {
            let tx = salt_lane.clinic.enter_in(session).await;
            create_in(
                &salt_lane.clinic,
                tx,
                &rules,
                &format!("role {n}"),
                Statements::new(),
            )
            .await
        }))
        .await;

        assert_eq!(
            made.iter().filter(|made| made.is_ok()).count(),
            3,
            "round {round}"
        );
        for error in made.into_iter().filter_map(Result::err) {
            assert!(matches!(error, RoleError::TooMany), "round {round}: {error:?}");
        }
        for name in salt_lane.names().await {
            salt_lane.delete(&salt_lane.ana, named(&name)).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_is_given_while_it_is_deleted_is_either_there_or_nobodys() {
    let salt_lane = SaltLane::new("member").await;
    let SaltLane { clinic, ana, .. } = &salt_lane;
    let sessions = sessions(&salt_lane).await;
    let mut fellows = Vec::new();
    for n in 0..8 {
        let user = clinic.db.user(&format!("Fellow{n}")).await;
        fellows.push(clinic.db.member(salt_lane.id, user, "member").await);
    }
    for round in 0..race_rounds() {
        let name = format!("nurse {round}");
        salt_lane.create(ana, &name, Statements::new()).await.unwrap();

        join_all(sessions.iter().enumerate().map(async |(n, session)| {
            let tx = clinic.enter_in(session).await;
            let refusal = if n % 2 == 0 {
                let fellow = Some(fellows[n / 2 % 8]);
                match members::change_roles(&tx, &clinic.access, fellow, &new_roles(&name)).await {
                    Ok(_) => None,
                    Err(RoleChangeError::UnknownRoles(unknown)) => Some(format!("{unknown:?}")),
                    Err(error) => panic!("{error:?}"),
                }
            } else {
                match roles::delete(&tx, &clinic.access, named(&name)).await {
                    Ok(()) => None,
                    Err(error @ (RoleError::Assigned | RoleError::NotFound)) => Some(error.to_string()),
                    Err(error) => panic!("{error:?}"),
                }
            };
            if refusal.is_none() {
                tx.commit().await.unwrap();
            }
        }))
        .await;

        let row = sqlx::query(
            "select
               exists (select from \"organizationRole\" where \"organizationId\" = $1 and role = $2),
               exists (select from member where \"organizationId\" = $1 and role = $2)",
        )
        .bind(salt_lane.id.as_uuid())
        .bind(&name)
        .fetch_one(&mut clinic.db.admin().await)
        .await
        .unwrap();
        let (there, held): (bool, bool) = (row.get(0), row.get(1));
        assert_eq!(there, held, "round {round}");
        for fellow in &fellows {
            let tx = clinic.enter(ana, salt_lane.id).await;
            members::change_roles(&tx, &clinic.access, Some(*fellow), &new_roles("member"))
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
    }
}

#[tokio::test]
async fn nobody_gains_a_right_by_giving_its_role_the_name_of_one_of_their_own() {
    let salt_lane = SaltLane::new("member").await;
    let SaltLane { ana, ben, .. } = &salt_lane;
    let delete = statements("organization", &["delete"]);
    salt_lane
        .create(ana, "clerk", statements("ac", &["update"]))
        .await
        .unwrap();
    salt_lane.create(ana, "spare", Statements::new()).await.unwrap();
    salt_lane.create(ana, "closer", delete).await.unwrap();
    salt_lane.give_ben("clerk,spare").await;
    assert!(!salt_lane.ben_may("organization", "delete").await);

    let _ = salt_lane.update(ben, named("spare"), renamed("gone")).await;
    let _ = salt_lane.update(ben, named("closer"), renamed("spare")).await;

    assert!(!salt_lane.ben_may("organization", "delete").await);
}

#[tokio::test]
async fn a_name_that_a_member_still_carries_is_no_other_roles() {
    let salt_lane = SaltLane::new("member").await;
    let SaltLane { ana, .. } = &salt_lane;
    for name in ["spare", "closer"] {
        salt_lane.create(ana, name, Statements::new()).await.unwrap();
    }
    salt_lane.give_ben("member,spare").await;
    salt_lane
        .update(ana, named("spare"), renamed("gone"))
        .await
        .unwrap();

    let delete = || statements("organization", &["delete"]);
    let made = salt_lane.create(ana, "Spare", delete()).await;
    let renamed = salt_lane.update(ana, named("closer"), renamed("spare")).await;

    assert!(matches!(made, Err(RoleError::NameTaken)), "{made:?}");
    assert!(matches!(renamed, Err(RoleError::NameTaken)), "{renamed:?}");
    salt_lane.give_ben("member").await;
    salt_lane.create(ana, "spare", delete()).await.unwrap();
}
