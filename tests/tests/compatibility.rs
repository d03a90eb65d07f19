//! Where Wardkeep is deliberately not like Better Auth (docs/compatibility.md), as far as no other file proves it.

use serde_json::{Value, json};
use wardkeep_tests::App;

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
