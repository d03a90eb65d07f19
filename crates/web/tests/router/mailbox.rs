//! The mailbox of development.

use actix_web::http::StatusCode;
use actix_web::http::header::HOST;
use actix_web::test::TestRequest;
use serde_json::json;
use wardkeep_auth::emails::Email;
use wardkeep_auth::mail::{Letter, Mail, Mailbox, Transport as _};
use wardkeep_testkit::START;

use crate::world::{Answer, World};

async fn world(subjects: &[&str]) -> World {
    let mut world = World::new().await;
    let mailbox = Mailbox::new();
    for subject in subjects {
        let letter = Letter {
            message_id: "<1@clinic.test>".to_owned(),
            at: START,
            mail: Mail {
                to: Email::parse("ada@example.test").unwrap(),
                subject: (*subject).to_owned(),
                text: "<script>alert(1)</script> http://clinic.test/?a=1&b=2\n".to_owned(),
            },
        };
        mailbox.send(&letter).await.unwrap();
    }
    world.state = world.state.clone().with_mailbox(mailbox);
    world
}

async fn get(world: &World, path: &str, host: &str) -> Answer {
    let request = TestRequest::get().uri(path).insert_header((HOST, host));
    world.send(request).await
}

#[actix_web::test]
async fn a_person_reads_mails_newest_first_and_nothing_in_them_is_run() {
    let world = world(&["first", "<b>second</b>"]).await;

    let answer = get(&world, "/dev/mailbox", "clinic.test").await;

    assert_eq!(answer.status, StatusCode::OK);
    let page = answer.text.clone();
    assert!(
        page.contains(r#"<a href="http://clinic.test/?a=1&amp;b=2">"#),
        "{page}"
    );
    assert!(!page.contains("<script>") && !page.contains("<b>"), "{page}");
    assert!(
        page.find("second").unwrap() < page.find("first").unwrap(),
        "{page}"
    );
    let policy = answer
        .headers
        .get("content-security-policy")
        .unwrap()
        .to_str()
        .unwrap();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert_eq!(answer.headers.get("cache-control").unwrap(), "no-store");
}

#[actix_web::test]
async fn a_program_reads_them_as_json() {
    let world = world(&["first", "second"]).await;

    let answer = get(&world, "/dev/mailbox.json", "CLINIC.test").await;

    let mail = |subject: &str| {
        json!({
            "to": "ada@example.test",
            "subject": subject,
            "text": "<script>alert(1)</script> http://clinic.test/?a=1&b=2\n",
            "at": "2026-03-02T09:00:00.000Z",
        })
    };
    assert_eq!(answer.body, json!([mail("second"), mail("first")]));
}

#[actix_web::test]
async fn who_asks_by_another_name_finds_nothing() {
    let world = world(&["first"]).await;

    for host in ["rebound.example", "clinic.test:8080", "clinic.test.example", ""] {
        for path in ["/dev/mailbox", "/dev/mailbox.json", "/dev/sign-in"] {
            let answer = get(&world, path, host).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{host}{path}");
            assert!(!answer.text.contains("ada@"), "{}", answer.text);
        }
    }
}

#[actix_web::test]
async fn a_server_without_a_mailbox_has_no_such_pages() {
    let world = World::new().await;

    for path in ["/dev/mailbox", "/dev/mailbox.json", "/dev/sign-in"] {
        assert_eq!(
            get(&world, path, "clinic.test").await.status,
            StatusCode::NOT_FOUND
        );
    }
    let document = serde_json::to_string(&wardkeep_web::openapi()).unwrap();
    assert!(!document.contains("/dev/"));
}
