//! Roles made at run time and the question for a permission, over HTTP: the order of the checks and every refusal.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use wardkeep_organizations::Rules;

use crate::clinics::{UNKNOWN, join, path};
use crate::world::{Browser, World};

/// Signs somebody up who has a role in an organization and works in it.
async fn member<'a>(world: &'a World, name: &str, organization: &Value, role: &str) -> Browser<'a> {
    let mut browser = world.sign_up(&format!("{name}@example.test")).await;
    join(world, &mut browser, organization.as_str().unwrap(), role).await;
    let body = json!({"organizationId": organization});
    assert_eq!(browser.post(&path("set-active"), &body).await.status, 200);
    browser
}

/// Ana, who has founded an organization and works in it, and its id.
async fn owner(world: &World) -> (Browser<'_>, Value) {
    let mut ana = world.sign_up("ana@example.test").await;
    let founded = ana
        .post(
            &path("create"),
            &json!({"name": "Salt Lane", "slug": "salt-lane"}),
        )
        .await;
    let id = founded.body["id"].clone();
    (ana, id)
}

async fn create(browser: &mut Browser<'_>, role: &str, permission: Value) -> Value {
    let body = json!({"role": role, "permission": permission});
    let answer = browser.post(&path("create-role"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

async fn may(browser: &mut Browser<'_>, permissions: Value) -> bool {
    let answer = browser
        .post(&path("has-permission"), &json!({"permissions": permissions}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["error"], Value::Null);
    answer.body["success"].as_bool().unwrap()
}

#[actix_web::test]
async fn some_single_role_must_grant_all_that_is_asked() {
    let world = World::new().await;
    let (mut ana, salt_lane) = owner(&world).await;
    create(&mut ana, "builder", json!({"team": ["create", "delete"]})).await;
    let mut ben = member(&world, "ben", &salt_lane, "member,builder").await;

    for (permissions, expected) in [
        (json!({"team": ["create", "delete"]}), true),
        (json!({"patient": ["read"]}), true),
        (json!({"patient": ["read", "delete"]}), false),
        // Rights of two roles do not add up within one question.
        (json!({"team": ["create"], "ac": ["read"]}), false),
        (json!({"team": ["juggle"]}), false),
        (json!({"rocket": ["launch"]}), false),
        (json!({"team": []}), false),
        (json!({"team": ["create"], "patient": []}), false),
        (json!({}), false),
    ] {
        assert_eq!(
            may(&mut ben, permissions.clone()).await,
            expected,
            "{permissions}"
        );
    }
}

#[actix_web::test]
async fn the_question_has_exactly_one_of_two_names_of_which_the_older_is_always_denied() {
    let world = World::new().await;
    let (mut ana, _) = owner(&world).await;
    let team = json!({"team": ["create"]});
    for (body, success) in [
        (json!({"permissions": team, "unknown": 1}), true),
        (json!({"permissions": team, "organizationId": ""}), true),
        (json!({"permission": 5, "permissions": team}), true),
        (json!({"permission": team}), false),
        (json!({"permission": team, "permissions": 5}), false),
    ] {
        let answer = ana.post(&path("has-permission"), &body).await;
        assert_eq!(answer.body, json!({"error": null, "success": success}), "{body}");
    }
    for (body, message) in [
        (json!({}), "[body] Invalid input"),
        (json!({"permissions": {"team": "create"}}), "[body] Invalid input"),
        (
            json!({"permission": {}, "permissions": team}),
            "[body] Invalid input: more than one option matched",
        ),
        (
            json!({"organizationId": 5}),
            "[body.organizationId] Invalid input: expected string, received number; [body] Invalid input",
        ),
        (
            json!([]),
            "[body] Invalid input: expected object, received array; [body] Invalid input",
        ),
    ] {
        let answer = ana.post(&path("has-permission"), &body).await;
        answer.refused(400, "VALIDATION_ERROR");
        assert_eq!(answer.body["message"], message, "{body}");
    }
}

#[actix_web::test]
async fn the_question_is_for_members() {
    let world = World::new().await;
    let (_, salt_lane) = owner(&world).await;
    let mut eve = world.sign_up("eve@example.test").await;
    let endpoint = &path("has-permission");
    let question = json!({"permissions": {"team": ["create"]}});

    world
        .browser()
        .post(endpoint, &json!({}))
        .await
        .refused(400, "VALIDATION_ERROR");
    world
        .browser()
        .post(endpoint, &question)
        .await
        .refused(401, "UNAUTHORIZED");
    eve.post(endpoint, &question)
        .await
        .refused(400, "NO_ACTIVE_ORGANIZATION");
    for other in [salt_lane, json!(UNKNOWN), json!("abc")] {
        let mut body = question.clone();
        body["organizationId"] = other;
        eve.post(endpoint, &body)
            .await
            .refused(401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    }
}

#[actix_web::test]
async fn a_role_is_made_read_changed_and_deleted() {
    let world = World::new().await;
    let (mut ana, salt_lane) = owner(&world).await;
    let read = json!({"patient": ["read", "read"], "team": []});

    let made = create(&mut ana, "Front Desk", read.clone()).await;

    assert_eq!((&made["success"], &made["statements"]), (&json!(true), &read));
    let role = made["roleData"].clone();
    let id = role["id"].as_str().unwrap();
    let expected = json!({
        "id": id, "organizationId": salt_lane, "role": "front desk", "permission": read,
        "createdAt": role["createdAt"], "updatedAt": null,
    });
    assert_eq!(role, expected);
    for query in [
        "roleName=front%20desk".to_owned(),
        format!("roleId={id}"),
        format!("roleName=&roleId={id}"),
        format!("roleName=front%20desk&roleId={UNKNOWN}"),
    ] {
        assert_eq!(
            ana.get(&path(&format!("get-role?{query}"))).await.body,
            role,
            "{query}"
        );
    }
    let list = ana.get(&path("list-roles")).await;
    assert_eq!(
        (&list.body, list.header("x-total-count")),
        (&json!([role]), Some("1"))
    );

    let nothing = json!({"roleName": "front desk", "data": {"roleName": "", "unknown": 1}});
    let unchanged = ana.post(&path("update-role"), &nothing).await;
    assert_eq!(unchanged.body, json!({"success": true, "roleData": role}));
    let change = json!({"roleId": id, "data": {"roleName": "Nurse", "permission": {"ac": ["read"]}}});
    let changed = ana.post(&path("update-role"), &change).await;
    let shown = &changed.body["roleData"];
    assert_eq!(
        (&shown["role"], &shown["permission"]),
        (&json!("nurse"), &json!({"ac": ["read"]}))
    );
    assert!(shown["updatedAt"].is_string());

    let deleted = ana
        .post(&path("delete-role"), &json!({"roleName": "nurse"}))
        .await;
    assert_eq!(deleted.body, json!({"success": true}));
    assert_eq!(ana.get(&path("list-roles")).await.body, json!([]));
}

#[actix_web::test]
async fn making_a_role_is_checked_in_the_order_of_the_original() {
    let world = World::new().await;
    let (mut ana, salt_lane) = owner(&world).await;
    let mut ben = member(&world, "ben", &salt_lane, "member").await;
    let mut ada = member(&world, "ada", &salt_lane, "admin").await;
    let mut eve = world.sign_up("eve@example.test").await;
    let endpoint = &path("create-role");
    let rocket = json!({"rocket": ["launch"]});
    let body = |role: &str, permission: &Value| json!({"role": role, "permission": permission});
    let mut there = body("Owner", &rocket);
    there["organizationId"] = salt_lane;

    let mut anonymous = world.browser();
    for misshapen in [
        json!({}),
        json!({"role": "x"}),
        json!({"role": "x", "permission": {}, "organizationId": null}),
        json!({"role": "x", "permission": {}, "additionalFields": 5}),
        body("", &rocket),
        body(" x", &rocket),
        body("a,b", &rocket),
    ] {
        anonymous
            .post(endpoint, &misshapen)
            .await
            .refused(400, "VALIDATION_ERROR");
    }
    anonymous
        .post(endpoint, &there)
        .await
        .refused(401, "UNAUTHORIZED");
    let nowhere = eve.post(endpoint, &body("owner", &rocket)).await;
    nowhere.refused(400, "YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE");
    let mut empty = body("owner", &rocket);
    empty["organizationId"] = json!("");
    let nowhere = ana.post(endpoint, &empty).await;
    nowhere.refused(400, "YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE");
    // The name of a built-in role comes before the membership.
    eve.post(endpoint, &there)
        .await
        .refused(400, "ROLE_NAME_IS_ALREADY_TAKEN");
    there["role"] = json!("x");
    eve.post(endpoint, &there)
        .await
        .refused(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");
    let denied = ben.post(endpoint, &body("x", &rocket)).await;
    denied.refused(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE");
    assert_eq!(denied.body.get("missingPermissions"), None);
    create(&mut ana, "nurse", json!({})).await;
    ada.post(endpoint, &body("nurse", &rocket))
        .await
        .refused(400, "INVALID_RESOURCE");
    let more = json!({"organization": ["update", "delete"], "patient": ["read"]});
    let missing = ada.post(endpoint, &body("nurse", &more)).await;
    missing.refused(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE");
    assert_eq!(missing.body["missingPermissions"], json!(["organization:delete"]));
    let taken = ada.post(endpoint, &body("Nurse", &json!({}))).await;
    taken.refused(400, "ROLE_NAME_IS_ALREADY_TAKEN");
}

#[actix_web::test]
async fn there_are_no_more_roles_than_the_rules_allow() {
    let mut world = World::new().await;
    world.state = world.state.clone().with_rules(Rules {
        roles: Some(1),
        ..Rules::default()
    });
    let (mut ana, _) = owner(&world).await;
    create(&mut ana, "nurse", json!({})).await;

    let body = json!({"role": "nurse", "permission": {"rocket": []}});
    ana.post(&path("create-role"), &body)
        .await
        .refused(400, "TOO_MANY_ROLES");
}

#[actix_web::test]
async fn reading_roles_is_for_members_who_may() {
    let world = World::new().await;
    let (mut ana, salt_lane) = owner(&world).await;
    let mut vic = member(&world, "vic", &salt_lane, "visitor").await;
    let mut eve = world.sign_up("eve@example.test").await;
    let id = salt_lane.as_str().unwrap();

    for (endpoint, denied) in [
        ("list-roles?", "YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE"),
        ("get-role?roleName=x&", "YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE"),
    ] {
        let there = path(&format!("{endpoint}organizationId={id}"));
        world.browser().get(&there).await.refused(401, "UNAUTHORIZED");
        eve.get(&path(endpoint))
            .await
            .refused(400, "NO_ACTIVE_ORGANIZATION");
        let empty = path(&format!("{endpoint}organizationId="));
        ana.get(&empty).await.refused(400, "NO_ACTIVE_ORGANIZATION");
        world.browser().get(&empty).await.refused(401, "UNAUTHORIZED");
        for other in [&*there, &path(&format!("{endpoint}organizationId=abc"))] {
            eve.get(other)
                .await
                .refused(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");
        }
        vic.get(&path(endpoint)).await.refused(403, denied);
    }
    for unknown in [
        "roleName=Owner",
        "roleName=owner",
        "roleId=abc",
        &format!("roleId={UNKNOWN}"),
    ] {
        ana.get(&path(&format!("get-role?{unknown}")))
            .await
            .refused(400, "ROLE_NOT_FOUND");
    }
    for (query, message) in [
        ("", "[query] Invalid input"),
        (
            "roleName=",
            "[query.roleName] Too small: expected string to have >=1 characters",
        ),
        ("roleName=a&roleName=b", "[query] Invalid input"),
    ] {
        let answer = world.browser().get(&path(&format!("get-role?{query}"))).await;
        answer.refused(400, "VALIDATION_ERROR");
        assert_eq!(answer.body["message"], message);
    }
}

#[actix_web::test]
async fn changing_a_role_is_checked_in_the_order_of_the_original() {
    let world = World::new().await;
    let (mut ana, salt_lane) = owner(&world).await;
    let mut ben = member(&world, "ben", &salt_lane, "member").await;
    let mut ada = member(&world, "ada", &salt_lane, "admin").await;
    let mut eve = world.sign_up("eve@example.test").await;
    let endpoint = &path("update-role");
    let body = |role: &str, data: Value| json!({"roleName": role, "data": data});
    for name in ["nurse", "sister"] {
        create(&mut ana, name, json!({})).await;
    }
    let rocket = json!({"permission": {"rocket": ["launch"]}, "roleName": "owner"});
    let more = json!({"permission": {"organization": ["delete"]}, "roleName": "owner"});
    let mut there = body("nobody", rocket.clone());
    there["organizationId"] = salt_lane;

    let mut anonymous = world.browser();
    for misshapen in [
        json!({}),
        body("", json!({})),
        json!({"roleName": "nurse"}),
        body("nurse", json!({"roleName": "a,b"})),
        body("nurse", json!({"roleName": " "})),
        body("nurse", json!({"permission": null})),
        json!([]),
    ] {
        anonymous
            .post(endpoint, &misshapen)
            .await
            .refused(400, "VALIDATION_ERROR");
    }
    anonymous
        .post(endpoint, &there)
        .await
        .refused(401, "UNAUTHORIZED");
    eve.post(endpoint, &body("nobody", json!({})))
        .await
        .refused(400, "NO_ACTIVE_ORGANIZATION");
    eve.post(endpoint, &there)
        .await
        .refused(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");
    there["organizationId"] = json!("");
    ana.post(endpoint, &there)
        .await
        .refused(400, "NO_ACTIVE_ORGANIZATION");
    let denied = ben.post(endpoint, &body("nobody", rocket.clone())).await;
    denied.refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE");
    for unknown in ["nobody", "owner", "Nurse"] {
        ada.post(endpoint, &body(unknown, rocket.clone()))
            .await
            .refused(400, "ROLE_NOT_FOUND");
    }
    ada.post(endpoint, &body("nurse", rocket))
        .await
        .refused(400, "INVALID_RESOURCE");
    let missing = ada.post(endpoint, &body("nurse", more)).await;
    missing.refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE");
    assert_eq!(missing.body["missingPermissions"], json!(["organization:delete"]));
    for taken in ["OWNER", "Sister", "Nurse"] {
        let refused = ada
            .post(endpoint, &body("nurse", json!({"roleName": taken})))
            .await;
        refused.refused(400, "ROLE_NAME_IS_ALREADY_TAKEN");
    }
}

#[actix_web::test]
async fn deleting_a_role_is_checked_in_the_order_of_the_original() {
    let world = World::new().await;
    let (mut ana, salt_lane) = owner(&world).await;
    create(&mut ana, "nurse", json!({})).await;
    let mut ben = member(&world, "ben", &salt_lane, "member, nurse").await;
    let mut eve = world.sign_up("eve@example.test").await;
    let endpoint = &path("delete-role");
    let there = json!({"roleName": "owner", "organizationId": salt_lane});

    let mut anonymous = world.browser();
    for misshapen in [
        json!({}),
        json!({"roleName": ""}),
        json!({"roleId": 5}),
        json!([]),
    ] {
        anonymous
            .post(endpoint, &misshapen)
            .await
            .refused(400, "VALIDATION_ERROR");
    }
    anonymous
        .post(endpoint, &there)
        .await
        .refused(401, "UNAUTHORIZED");
    eve.post(endpoint, &json!({"roleName": "x"}))
        .await
        .refused(400, "NO_ACTIVE_ORGANIZATION");
    eve.post(endpoint, &there)
        .await
        .refused(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");
    ben.post(endpoint, &there)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE");
    ana.post(endpoint, &there)
        .await
        .refused(400, "CANNOT_DELETE_A_PRE_DEFINED_ROLE");
    for unknown in [
        json!({"roleName": "Owner"}),
        json!({"roleId": "abc"}),
        json!({"roleId": UNKNOWN}),
    ] {
        ana.post(endpoint, &unknown).await.refused(400, "ROLE_NOT_FOUND");
    }
    ana.post(endpoint, &json!({"roleName": "nurse"}))
        .await
        .refused(400, "ROLE_IS_ASSIGNED_TO_MEMBERS");
}

#[actix_web::test]
async fn a_name_that_cannot_be_stored_is_the_callers_mistake() {
    let world = World::new().await;
    let (mut ana, _) = owner(&world).await;
    let body = json!({"role": "a\u{0}b", "permission": {}});
    ana.post(&path("create-role"), &body)
        .await
        .refused(400, "UNSTORABLE_TEXT");
    let body = json!({"role": "x", "permission": {"team": ["a\u{0}b"]}});
    ana.post(&path("create-role"), &body)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE");
    let request = TestRequest::get().uri("/api/auth/organization/get-role?roleName=a%00b");
    ana.send(request).await.refused(400, "UNSTORABLE_TEXT");
}
