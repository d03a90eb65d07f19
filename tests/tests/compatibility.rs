//! Where Wardkeep is deliberately not like Better Auth (docs/compatibility.md), as far as no other file proves it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wardkeep_tenancy::AccessControl;
use wardkeep_tests::App;

/// Who holds a right: owner, admin and member.
type Holders = [bool; 3];

#[test]
fn the_page_lists_the_rights_that_there_are_and_who_holds_them() {
    let page = include_str!("../../docs/compatibility.md");
    let (served, original) = (
        wardkeep_web::access_control(),
        wardkeep_organizations::access_control(),
    );
    let mut rights = holders(&served);
    for (resource, action) in original.statements() {
        rights.remove(&(resource.to_owned(), action.to_owned()));
    }
    assert_eq!(listed(page), rights);

    // Those of the original are what the page says they are.
    let names: BTreeSet<_> = original.statements().map(|(resource, _)| resource).collect();
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        ["ac", "invitation", "member", "organization", "team"]
    );
}

/// Who holds each right that exists.
fn holders(access: &AccessControl) -> BTreeMap<(String, String), Holders> {
    let holds = |role: &str, resource, action| access.grants(role, &[]).allows_all(&[(resource, &[action])]);
    let rights = access.statements().map(|(resource, action)| {
        let holders = ["owner", "admin", "member"].map(|role| holds(role, resource, action));
        ((resource.to_owned(), action.to_owned()), holders)
    });
    rights.collect()
}

/// The table of section 11: owners and admins hold everything in it, members what has no star.
fn listed(page: &str) -> BTreeMap<(String, String), Holders> {
    let section = page
        .split("\n## ")
        .find(|section| section.starts_with("11. "))
        .unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let mut listed = BTreeMap::new();
    for row in rows {
        let [_, resources, actions, _] = row.split('|').collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        for resource in resources.split('`').skip(1).step_by(2) {
            for action in actions.split(", ") {
                let name = action.split('`').nth(1).unwrap_or_else(|| panic!("{action}"));
                let holders = [true, true, !action.contains("\\*")];
                let before = listed.insert((resource.to_owned(), name.to_owned()), holders);
                assert_eq!(before, None, "{resource}:{name} stands there twice");
            }
        }
    }
    listed
}

#[actix_web::test]
async fn what_better_auth_lets_stand_twice_stands_once() {
    const ROLE: &str = r#"insert into "organizationRole" ("organizationId", role, permission) values ($1::text::uuid, $2, '{}')"#;
    const MEMBER: &str = r#"insert into member ("organizationId", "userId", role) values ($1::text::uuid, $2::text::uuid, 'member')"#;
    const ACCOUNT: &str = r#"insert into account ("providerId", "accountId", "userId") values ('credential', $1, $2::text::uuid)"#;
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    let clinic = app.organization(&ada, "salt-lane").await;
    let mut admin = app.database.admin().await;
    let role = sqlx::query(ROLE).bind(&clinic.id).bind("nurse");
    role.execute(&mut admin).await.unwrap();

    for (statement, first, second) in [
        (MEMBER, &*clinic.id, &*ada.id),
        (ROLE, &*clinic.id, "nurse"),
        (ACCOUNT, &*ada.id, &*ada.id),
    ] {
        let again = sqlx::query(statement).bind(first).bind(second);
        let error = again.execute(&mut admin).await.unwrap_err();
        let error = error.into_database_error().unwrap();
        assert!(error.is_unique_violation(), "{statement}: {error}");
    }
}

#[actix_web::test]
async fn an_id_that_is_no_uuid_is_an_unknown_id_to_the_organization_endpoints() {
    const UNKNOWN: &str = "7f000000-0000-4000-8000-00000000dead";
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let requests = |id: &str| -> [(&str, Value); 9] {
        [
            ("update-member-role", json!({ "memberId": id, "role": "member" })),
            (
                "update-member-role",
                json!({ "memberId": "x", "role": "member", "organizationId": id }),
            ),
            ("leave", json!({ "organizationId": id })),
            (
                "has-permission",
                json!({ "permissions": {}, "organizationId": id }),
            ),
            ("update-role", json!({ "roleId": id, "data": {} })),
            ("delete-role", json!({ "roleId": id })),
            ("remove-member", json!({ "memberIdOrEmail": id })),
            (
                "remove-member",
                json!({ "memberIdOrEmail": ada.email, "organizationId": id }),
            ),
            // Last: it leaves no organization active.
            ("set-active", json!({ "organizationId": id })),
        ]
    };

    for ((endpoint, nonsense), (_, unknown)) in requests("abc").into_iter().zip(requests(UNKNOWN)) {
        let path = format!("/api/auth/organization/{endpoint}");
        let nonsense = app.post(&path).by(&ada).json(nonsense).send().await;
        let unknown = app.post(&path).by(&ada).json(unknown).send().await;
        assert!((400..404).contains(&nonsense.status), "{}", nonsense.text);
        assert_eq!(
            (nonsense.status, nonsense.text),
            (unknown.status, unknown.text),
            "{endpoint}"
        );
    }
}
