//! Which organization a request is in.

use actix_web::test::TestRequest;
use serde_json::json;
use wardkeep_tenancy::OrganizationId;

use crate::world::{Answer, Browser, World};

const PATIENTS: &str = "/api/v1/patients";

async fn activate(world: &World, organization: OrganizationId) {
    sqlx::query("update session set \"activeOrganizationId\" = $1")
        .bind(organization.as_uuid())
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
}

async fn named(browser: &mut Browser<'_>, organization: &str) -> Answer {
    browser
        .send(
            TestRequest::get()
                .uri(PATIENTS)
                .insert_header(("organization-id", organization)),
        )
        .await
}

#[actix_web::test]
async fn without_a_session_there_is_no_organization() {
    let world = World::new().await;
    let north = world.test.organization("North").await;

    world.browser().get(PATIENTS).await.problem(401, "UNAUTHORIZED");
    named(&mut world.browser(), &north.to_string())
        .await
        .problem(401, "UNAUTHORIZED");
    named(&mut world.browser(), "nonsense")
        .await
        .problem(401, "UNAUTHORIZED");
}

#[actix_web::test]
async fn the_header_names_the_organization_else_the_session_does() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let user = ana.user().await.unwrap();
    let (north, south) = (
        world.test.organization("North").await,
        world.test.organization("South").await,
    );
    for organization in [north, south] {
        world.test.member(organization, user, "member").await;
    }

    ana.get(PATIENTS).await.problem(400, "NO_ACTIVE_ORGANIZATION");
    activate(&world, north).await;
    let bo = json!({"firstName": "Bo", "lastName": "Lind"});
    assert_eq!(ana.post(PATIENTS, &bo).await.status, 201);
    assert!(ana.get(PATIENTS).await.text.contains("Lind"));
    assert!(named(&mut ana, &north.to_string()).await.text.contains("Lind"));
    let elsewhere = named(&mut ana, &south.to_string()).await;
    assert_eq!(elsewhere.status, 200);
    assert!(!elsewhere.text.contains("Lind"));
}

#[actix_web::test]
async fn an_organization_of_others_is_as_unknown_as_none() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let user = ana.user().await.unwrap();
    let foreign = world.test.organization("Foreign").await;
    // Her own active one must not stand in for a name that means nothing.
    let own = world.test.organization("Own").await;
    world.test.member(own, user, "owner").await;
    activate(&world, own).await;

    let others = named(&mut ana, &foreign.to_string()).await;
    let unknown = named(&mut ana, "7f000000-0000-4000-8000-00000000dead").await;

    others.problem(404, "ORGANIZATION_NOT_FOUND");
    unknown.problem(404, "ORGANIZATION_NOT_FOUND");
    assert_eq!(others.body["detail"], unknown.body["detail"]);
    for nonsense in ["", "nonsense", "' or true --"] {
        named(&mut ana, nonsense)
            .await
            .problem(404, "ORGANIZATION_NOT_FOUND");
    }
    let twice = TestRequest::get()
        .uri(PATIENTS)
        .append_header(("organization-id", foreign.to_string()))
        .append_header(("organization-id", foreign.to_string()));
    ana.send(twice).await.problem(404, "ORGANIZATION_NOT_FOUND");
}

#[actix_web::test]
async fn a_removed_member_is_refused_on_the_next_request() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let user = ana.user().await.unwrap();
    let north = world.test.organization("North").await;
    world.test.member(north, user, "owner").await;
    activate(&world, north).await;
    assert_eq!(ana.get(PATIENTS).await.status, 200);

    sqlx::query("delete from member")
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();

    ana.get(PATIENTS).await.problem(403, "NOT_A_MEMBER");
    named(&mut ana, &north.to_string())
        .await
        .problem(404, "ORGANIZATION_NOT_FOUND");
}

#[actix_web::test]
async fn a_role_that_grants_nothing_may_do_nothing() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let user = ana.user().await.unwrap();
    let north = world.test.organization("North").await;
    world.test.member(north, user, "visitor").await;

    named(&mut ana, &north.to_string())
        .await
        .problem(403, "FORBIDDEN");
}

#[actix_web::test]
async fn a_text_that_postgresql_cannot_store_is_the_callers_mistake() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let founded = json!({"name": "Salt Lane", "slug": "salt-lane"});
    assert_eq!(
        ana.post("/api/auth/organization/create", &founded).await.status,
        200
    );

    for (path, body) in [
        ("create", json!({"name": "A", "slug": "a\u{0}b"})),
        ("create", json!({"name": "A\u{0}", "slug": "ab"})),
        ("set-active", json!({"organizationSlug": "a\u{0}b"})),
        ("check-slug", json!({"slug": "a\u{0}b"})),
        (
            "update",
            json!({"data": {"metadata": {"a": "\u{0}"}, "name": "\u{0}"}}),
        ),
        ("remove-member", json!({"memberIdOrEmail": "a\u{0}@b.co"})),
    ] {
        let answer = ana.post(&format!("/api/auth/organization/{path}"), &body).await;
        answer.refused(400, "UNSTORABLE_TEXT");
    }
    assert_eq!(world.count("organization").await, 1);
}
