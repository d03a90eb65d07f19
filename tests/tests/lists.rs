//! What all lists share: pages, orders, and cursors that work nowhere else. Tried with rooms.

use std::time::Duration;

use serde_json::json;
use wardkeep_tests::{Answer, App, Person};

/// A clinic with rooms. The last two were added at the same instant.
async fn clinic_of_rooms() -> (App, Person) {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    for name in ["a", "b", "c", "d", "e", "f", "Z"] {
        add(&app, &ada, name).await;
        if name != "f" {
            app.clock.advance(Duration::from_millis(1));
        }
    }
    (app, ada)
}

async fn add(app: &App, by: &Person, name: &str) -> Answer {
    let request = app.post("/api/v1/rooms").by(by).json(json!({ "name": name }));
    request.send().await.expect(201)
}

async fn list(app: &App, by: &Person, query: &str) -> Answer {
    app.get(&format!("/api/v1/rooms?{query}")).by(by).send().await
}

fn names(answer: &Answer) -> Vec<String> {
    let items = answer.body["items"].as_array().expect("a page has items");
    items
        .iter()
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

fn cursor(answer: &Answer) -> String {
    answer.body["nextCursor"].as_str().unwrap_or_default().to_owned()
}

/// Every page, one after the other.
async fn all(app: &App, by: &Person, query: &str) -> Vec<String> {
    let first = list(app, by, query).await.expect(200);
    let mut found = names(&first);
    found.extend(after(app, by, query, &first).await);
    found
}

/// Every page after this one.
async fn after(app: &App, by: &Person, query: &str, page: &Answer) -> Vec<String> {
    let (mut found, mut next) = (Vec::new(), cursor(page));
    while !next.is_empty() {
        let page = list(app, by, &format!("{query}&cursor={next}")).await.expect(200);
        found.extend(names(&page));
        next = cursor(&page);
    }
    found
}

#[actix_web::test]
async fn pages_follow_each_other_in_every_order_and_hold_every_row_once() {
    let (app, ada) = clinic_of_rooms().await;
    let by_name = ["Z", "a", "b", "c", "d", "e", "f"].map(str::to_owned);
    let by_age = all(&app, &ada, "sort=updatedAt").await;
    assert_eq!(by_age[..5], by_name[1..6]);
    let turned = |names: &[String]| names.iter().rev().cloned().collect::<Vec<_>>();

    for limit in [1, 2, 3, 6, 7, 200] {
        let query = |sort: &str| format!("limit={limit}&sort={sort}");
        assert_eq!(all(&app, &ada, &query("name")).await, by_name, "{limit}");
        assert_eq!(
            all(&app, &ada, &query("-name")).await,
            turned(&by_name),
            "{limit}"
        );
        assert_eq!(all(&app, &ada, &query("updatedAt")).await, by_age, "{limit}");
        assert_eq!(
            all(&app, &ada, &query("-updatedAt")).await,
            turned(&by_age),
            "{limit}"
        );
    }
    assert_eq!(all(&app, &ada, "limit=2").await, by_name);
}

#[actix_web::test]
async fn a_row_that_comes_or_goes_moves_no_other() {
    let (app, ada) = clinic_of_rooms().await;
    let first = list(&app, &ada, "limit=3").await.expect(200);
    add(&app, &ada, "A").await;
    add(&app, &ada, "bb").await;
    let gone = &first.body["items"][2];
    let path = format!("/api/v1/rooms/{}", gone["id"].as_str().unwrap());
    let delete = app
        .delete(&path)
        .by(&ada)
        .if_match("\"1\"")
        .json(json!({ "reason": "sold" }));
    delete.send().await.expect(204);

    let rest = after(&app, &ada, "limit=3", &first).await;

    assert_eq!(names(&first), ["Z", "a", "b"]);
    assert_eq!(rest, ["bb", "c", "d", "e", "f"]);
}

#[actix_web::test]
async fn the_total_counts_all_pages_and_only_when_asked() {
    let (app, ada) = clinic_of_rooms().await;

    assert_eq!(list(&app, &ada, "limit=2&total=true").await.body["total"], 7);
    assert_eq!(
        list(&app, &ada, "limit=2&total=true&active=false").await.body["total"],
        0
    );
    assert_eq!(list(&app, &ada, "limit=2").await.body.get("total"), None);
}

#[actix_web::test]
async fn a_cursor_works_for_its_own_list_alone() {
    let (app, ada) = clinic_of_rooms().await;
    let bea = app.sign_up("bea").await;
    app.organization(&bea, "mill-road").await;
    let mine = cursor(&list(&app, &ada, "limit=2&active=true").await.expect(200));
    list(
        &app,
        &ada,
        &format!("limit=5&active=true&total=true&cursor={mine}"),
    )
    .await
    .expect(200);

    for query in [
        "",
        "active=false&",
        "active=true&sort=-name&",
        "active=true&sort=updatedAt&",
        "active=true&deleted=true&",
    ] {
        let answer = list(&app, &ada, &format!("{query}cursor={mine}")).await;
        assert_eq!((answer.status, answer.code()), (400, "INVALID_CURSOR"), "{query}");
    }
    let others = list(&app, &bea, &format!("limit=2&active=true&cursor={mine}")).await;
    assert_eq!(others.code(), "INVALID_CURSOR");
    let garbage = ["", "x", "W10", "bnVsbA", "WyJ4IiwxXQ", &"A".repeat(5000), "%00"];
    for garbage in garbage {
        let answer = list(&app, &ada, &format!("cursor={garbage}")).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "INVALID_CURSOR"),
            "{garbage}"
        );
    }
}

#[actix_web::test]
async fn what_a_list_cannot_do_is_said_of_every_field_at_once() {
    let (app, ada) = clinic_of_rooms().await;

    for (query, fields) in [
        ("limit=0", vec!["limit"]),
        ("limit=201", vec!["limit"]),
        ("sort=", vec!["sort"]),
        ("sort=-", vec!["sort"]),
        ("sort=description", vec!["sort"]),
        ("sort=--name&limit=0", vec!["limit", "sort"]),
    ] {
        let answer = list(&app, &ada, query).await;
        let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
        let named: Vec<_> = errors
            .iter()
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        assert_eq!(
            (answer.status, answer.code(), named),
            (400, "INVALID_FIELD", fields),
            "{query}"
        );
    }
    for query in [
        "limit=-1",
        "limit=two",
        "total=maybe",
        "page=2",
        "limit=1&limit=2",
    ] {
        let answer = list(&app, &ada, query).await;
        assert_eq!((answer.status, answer.code()), (400, "INVALID_QUERY"), "{query}");
    }
}

#[actix_web::test]
async fn deleted_rows_are_listed_for_who_may_restore_them() {
    let (app, ada) = clinic_of_rooms().await;
    let bea = app.sign_up("bea").await;
    let salt_lane = app.get("/api/auth/organization/list").by(&ada).send().await.body[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    app.join(&salt_lane, &bea.id, "member").await;

    let as_member = app
        .get("/api/v1/rooms?deleted=true")
        .by(&bea)
        .organization(&salt_lane)
        .send()
        .await;
    let present = app
        .get("/api/v1/rooms")
        .by(&bea)
        .organization(&salt_lane)
        .send()
        .await;

    assert_eq!((as_member.status, as_member.code()), (403, "FORBIDDEN"));
    assert_eq!(present.status, 200);
    assert_eq!(list(&app, &ada, "deleted=true").await.body["items"], json!([]));
}
