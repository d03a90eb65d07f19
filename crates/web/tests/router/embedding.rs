//! What an application adds of its own, as the front page of the crate shows it.

use actix_web::http::header::{COOKIE, ORIGIN};
use actix_web::test::TestRequest;
use actix_web::{HttpResponse, post, web};
use serde_json::json;
use wardkeep_tenancy::{Entropy, Permission};
use wardkeep_web::{ApiResult, RateLimits, State, Tenant};

use crate::world::{Answer, BASE, Browser, World};

const BOOK: Permission = Permission::new("room", "book");

#[post("/rooms/{id}/bookings")]
async fn book_room(tenant: Tenant) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    tx.require(BOOK)?;
    tx.commit().await?;
    Ok(HttpResponse::Created().finish())
}

async fn book(world: &World, browser: &Browser<'_>) -> Answer {
    let request = TestRequest::post()
        .uri("/rooms/7/bookings")
        .insert_header((ORIGIN, BASE));
    let request = match browser.header() {
        cookies if cookies.is_empty() => request,
        cookies => request.insert_header((COOKIE, cookies)),
    };
    let routes = |config: &mut web::ServiceConfig| {
        config.service(book_room);
    };
    world.send_with(routes, request).await
}

#[actix_web::test]
async fn a_handler_of_the_applications_own_runs_for_members_who_hold_its_right() {
    let mut world = World::new().await;
    let access = world.state.access().clone();
    let access = access
        .statement("room", &["book"])
        .role("owner", &[("room", &["book"])]);
    let (database, auth) = (world.state.database().clone(), world.state.auth().clone());
    world.state = State::new(database, auth, access, world.state.origins().clone())
        .with_clock(world.clock.clone(), Entropy::seeded(7))
        .with_rate_limits(RateLimits::off());
    let mut ana = world.sign_up("ana@example.test").await;

    book(&world, &world.browser()).await.problem(401, "UNAUTHORIZED");
    book(&world, &ana).await.problem(400, "NO_ACTIVE_ORGANIZATION");
    let clinic = json!({"name": "North", "slug": "north"});
    ana.post("/api/auth/organization/create", &clinic).await;
    assert_eq!(book(&world, &ana).await.status, 201);

    let asked = json!({"permissions": {"room": ["book"]}});
    let answer = ana.post("/api/auth/organization/has-permission", &asked).await;
    assert_eq!(answer.body["success"], true);
    let demote = "update member set role = 'admin'";
    sqlx::query(demote)
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
    book(&world, &ana).await.problem(403, "FORBIDDEN");
}
