//! What the API says of patients, whole answers included.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Person};

/// The last names on a page.
fn names(answer: &Answer) -> Vec<&str> {
    let patients = answer.body["items"].as_array().expect("a page has items");
    patients
        .iter()
        .map(|patient| patient["lastName"].as_str().unwrap())
        .collect()
}

async fn list(app: &App, person: &Person, query: &str) -> Answer {
    app.get(&format!("/api/v1/patients{query}"))
        .by(person)
        .send()
        .await
}

#[actix_web::test]
async fn a_patient_is_recorded_read_changed_and_deleted() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let body = json!({
        "firstName": " Ana Lucía ",
        "lastName": "Brandt",
        "email": "ana.brandt@example.org",
        "phone": "+49 30 901820",
        "dateOfBirth": "1984-11-23",
        "medicalHistory": { "allergies": ["penicillin"] },
    });

    let recorded = app.post("/api/v1/patients").by(&ada).json(body).send().await;
    let path = recorded.header("location").to_owned();
    let read = app.get(&path).by(&ada).send().await;
    app.clock.advance(Duration::from_secs(3600));
    let change = json!({ "lastName": "Brandt-Ode", "email": null, "medicalHistory": null });
    let changed = app
        .patch(&path)
        .by(&ada)
        .if_match("\"1\"")
        .json(change)
        .send()
        .await;
    let listed = list(&app, &ada, "?total=true").await;
    let deleted = app
        .delete(&path)
        .json(json!({ "reason": "entered twice" }))
        .by(&ada)
        .if_match("\"2\"")
        .send()
        .await;
    let gone = app.get(&path).by(&ada).send().await;

    assert_json_snapshot!("recorded", recorded.shown());
    assert_eq!(read.body, recorded.body);
    assert_eq!(read.header("etag"), "\"1\"");
    assert_json_snapshot!("changed", changed.shown());
    assert_json_snapshot!("listed", listed.shown());
    assert_json_snapshot!("deleted", deleted.shown());
    assert_json_snapshot!("gone", gone.shown());
}

#[actix_web::test]
async fn a_patient_needs_no_more_than_a_name() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;

    let ana = app.patient(&ada).create().await;

    for field in ["email", "phone", "dateOfBirth", "medicalHistory"] {
        assert_eq!(ana.body[field], Value::Null, "{field}");
    }
}

#[actix_web::test]
async fn a_stale_etag_changes_nothing() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).create().await;
    let change = |phone: &str| {
        app.patch(&ana.path())
            .by(&ada)
            .if_match(&ana.etag)
            .json(json!({ "phone": phone }))
    };

    let first = change("1").send().await.expect(200);
    let second = change("2").send().await;
    let deletion = app
        .delete(&ana.path())
        .json(json!({ "reason": "entered twice" }))
        .by(&ada)
        .if_match(&ana.etag)
        .send()
        .await;

    assert_json_snapshot!("stale", second.shown());
    assert_eq!((deletion.status, deletion.code()), (412, "STALE_VERSION"));
    let now = app.get(&ana.path()).by(&ada).send().await.expect(200);
    assert_eq!(now.body, first.body);
}

#[actix_web::test]
async fn of_64_changes_to_one_version_one_is_made() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).create().await;
    let change = |phone: usize| {
        let change = json!({ "phone": phone.to_string() });
        app.patch(&ana.path())
            .by(&ada)
            .if_match(&ana.etag)
            .json(change)
            .send()
    };

    let answers = join_all((0..64).map(change)).await;

    let (made, stale): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(made.len(), 1);
    assert!(
        stale
            .iter()
            .all(|answer| (answer.status, answer.code()) == (412, "STALE_VERSION"))
    );
    let now = app.get(&ana.path()).by(&ada).send().await.expect(200);
    assert_eq!(now.body, made[0].body);
    assert_eq!(now.header("etag"), "\"2\"");
}

#[actix_web::test]
async fn a_search_finds_the_beginning_of_any_word() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    for (first_name, last_name) in [
        ("Ana", "Brandt"),
        ("Zoë", "Ångström"),
        ("Łukasz", "Nowak"),
        ("Mary Ann", "O'Neill-Brand"),
    ] {
        app.patient(&ada).name(first_name, last_name).create().await;
    }

    for (search, found) in [
        ("bra", vec!["Brandt", "O'Neill-Brand"]),
        ("BRAND", vec!["Brandt", "O'Neill-Brand"]),
        ("brandt", vec!["Brandt"]),
        ("an", vec!["Brandt", "O'Neill-Brand", "Ångström"]),
        ("an bra", vec!["Brandt", "O'Neill-Brand"]),
        ("bra mary", vec!["O'Neill-Brand"]),
        ("zoe%20angstrom", vec!["Ångström"]),
        ("ZO%C3%8B", vec!["Ångström"]),
        ("lukasz", vec!["Nowak"]),
        ("neill", vec!["O'Neill-Brand"]),
        ("randt", vec![]),
        ("%25", vec!["Brandt", "Nowak", "O'Neill-Brand", "Ångström"]),
        ("b_andt", vec![]),
        ("", vec!["Brandt", "Nowak", "O'Neill-Brand", "Ångström"]),
    ] {
        let query = format!("?total=true&search={}", search.replace(' ', "%20"));
        let answer = list(&app, &ada, &query).await.expect(200);
        assert_eq!(names(&answer), found, "{search}");
        assert_eq!(answer.body["total"], found.len(), "{search}");
    }
}

#[actix_web::test]
async fn a_renamed_patient_is_found_by_the_new_name_alone() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).name("Ana", "Brandt").create().await;
    let rename = json!({ "lastName": "Okonkwo" });

    app.patch(&ana.path())
        .by(&ada)
        .if_match(&ana.etag)
        .json(rename)
        .send()
        .await
        .expect(200);

    assert_eq!(names(&list(&app, &ada, "?search=brandt").await), [] as [&str; 0]);
    assert_eq!(names(&list(&app, &ada, "?search=oko").await), ["Okonkwo"]);
    assert_eq!(names(&list(&app, &ada, "?search=ana").await), ["Okonkwo"]);
}

#[actix_web::test]
async fn a_deleted_patient_is_absent_but_kept() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).create().await;

    app.delete(&ana.path())
        .json(json!({ "reason": "entered twice" }))
        .by(&ada)
        .if_match(&ana.etag)
        .send()
        .await
        .expect(204);

    for request in [
        app.get(&ana.path()),
        app.patch(&ana.path()).json(json!({})),
        app.delete(&ana.path()).json(json!({ "reason": "entered twice" })),
    ] {
        let answer = request.by(&ada).if_match("\"2\"").send().await;
        assert_eq!((answer.status, answer.code()), (404, "PATIENT_NOT_FOUND"));
    }
    let listed = list(&app, &ada, "?search=ana&total=true").await.expect(200);
    assert_eq!((names(&listed).len(), &listed.body["total"]), (0, &json!(0)));
    let mut admin = app.database.admin().await;
    let kept: (i64, i64) = sqlx::query_as(
        "select (select count(*) from patients where deleted_at is not null), (select count(*) from patient_words)",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!(kept, (1, 0));
}

#[actix_web::test]
async fn paging_shows_everybody_once_while_others_are_recorded() {
    for search in ["", "&search=an"] {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        app.organization(&ada, "salt-lane").await;
        // Many share a name, so that the position between two of them hangs on the id.
        let mut there = Vec::new();
        for number in 0..40 {
            let last_name = ["Éluard", "Costa", "Brandt", "Dahl"][number % 4];
            let patient = app.patient(&ada).name("Ana", last_name).create().await;
            there.push((last_name, patient.id));
        }
        // Those that change lie elsewhere in the table than those that do not.
        for (_, id) in there.iter().step_by(3) {
            let change = app.patch(&format!("/api/v1/patients/{id}")).by(&ada);
            let change = change.if_match("\"1\"").json(json!({ "phone": "1" }));
            change.send().await.expect(200);
        }

        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = list(&app, &ada, &format!("?limit=7{search}{cursor}"))
                .await
                .expect(200);
            seen.extend(ids(&page));
            let Some(next) = page.body["nextCursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
            // Before, at and after the position.
            for last_name in ["Abel", "Brandt", "Costa", "Zorn"] {
                app.patient(&ada).name("Ana", last_name).create().await;
            }
        }

        let different: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(different.len(), seen.len(), "somebody was listed twice");
        there.sort();
        let there: Vec<&String> = there.iter().map(|(_, id)| id).collect();
        let seen: Vec<&String> = seen.iter().filter(|id| there.contains(id)).collect();
        assert_eq!(seen, there, "{search}");
    }
}

#[actix_web::test]
async fn a_page_that_ends_exactly_is_the_last() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    for last_name in ["Brandt", "Costa", "Dahl"] {
        app.patient(&ada).name("Ana", last_name).create().await;
    }

    let whole = list(&app, &ada, "?limit=3").await.expect(200);
    let half = list(&app, &ada, "?limit=2&total=true").await.expect(200);

    assert_eq!(
        (names(&whole).len(), &whole.body["nextCursor"]),
        (3, &Value::Null)
    );
    assert!(whole.body.get("total").is_none());
    assert_eq!((names(&half).len(), &half.body["total"]), (2, &json!(3)));
    let rest = format!("?limit=2&cursor={}", half.body["nextCursor"].as_str().unwrap());
    assert_eq!(names(&list(&app, &ada, &rest).await), ["Dahl"]);
}

#[actix_web::test]
async fn a_member_may_not_delete() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    let salt_lane = app.organization(&ada, "salt-lane").await;
    let ben = app.sign_up("ben").await;
    app.join(&salt_lane.id, &ben.id, "member").await;
    let ana = app.patient(&ada).create().await;
    app.post("/api/auth/organization/set-active")
        .by(&ben)
        .json(json!({ "organizationId": salt_lane.id }))
        .send()
        .await
        .expect(200);

    app.get(&ana.path()).by(&ben).send().await.expect(200);
    let change = app
        .patch(&ana.path())
        .by(&ben)
        .if_match("\"1\"")
        .json(json!({ "phone": "1" }));
    change.send().await.expect(200);
    let deleted = app
        .delete(&ana.path())
        .json(json!({ "reason": "entered twice" }))
        .by(&ben)
        .if_match("\"2\"")
        .send()
        .await;

    assert_eq!((deleted.status, deleted.code()), (403, "FORBIDDEN"));
}

fn ids(answer: &Answer) -> Vec<String> {
    let patients = answer.body["items"].as_array().expect("a page has items");
    patients
        .iter()
        .map(|patient| patient["id"].as_str().unwrap().to_owned())
        .collect()
}
