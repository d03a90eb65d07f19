//! A refusal leaves one event, written before the answer leaves. What cannot be recorded is neither done nor shown.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{Either, join, join_all, select};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use wardkeep_tenancy::{Database, DatabaseConfig};
use wardkeep_testkit::{TestDatabase, clock};
use wardkeep_tests::{Answer, App, Clinic, Patient, Person, Request};

const PATIENTS: &str = "/api/v1/patients";
const ROOMS: &str = "/api/v1/rooms";
const NOBODY: &str = "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";

/// Salt Lane, where Ada is an owner and Ben a member, and Ana a patient.
struct World {
    app: App,
    ada: Person,
    ben: Person,
    clinic: Clinic,
    ana: Patient,
}

/// What is kept of an event: user, name, action, resource, record, patient, address, outcome and code.
type Event = (
    String,
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    Option<String>,
);

impl World {
    async fn new() -> Self {
        Self::of(App::start().await).await
    }

    async fn of(app: App) -> Self {
        let ada = app.sign_up("ada").await;
        let clinic = app.organization(&ada, "salt-lane").await;
        let ben = app.sign_up("ben").await;
        app.join(&clinic.id, &ben.id, "member").await;
        let ana = app.patient(&ada).create().await;
        Self {
            app,
            ada,
            ben,
            clinic,
            ana,
        }
    }

    async fn events(&self) -> i64 {
        self.count("audit_events").await
    }

    async fn count(&self, table: &str) -> i64 {
        let query = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")));
        query
            .fetch_one(&mut self.app.database.admin().await)
            .await
            .unwrap()
    }

    async fn left_by(&self, answer: &Answer) -> Vec<Event> {
        const LEFT: &str =
            "select user_id::text, user_name, action, resource, resource_id::text, patient_id::text,
              address, outcome, code
            from audit_events
            where request_id = $1 and organization_id = $2::text::uuid";
        let query = sqlx::query_as(LEFT).bind(answer.header("x-request-id").to_owned());
        let query = query.bind(self.clinic.id.clone());
        query
            .fetch_all(&mut self.app.database.admin().await)
            .await
            .unwrap()
    }

    async fn run(&self, statement: &'static str) {
        let mut admin = self.app.database.admin().await;
        sqlx::query(statement).execute(&mut admin).await.unwrap();
    }

    /// Every kind of refusal of somebody who is known, with its status, code and what is recorded of it.
    fn refusals(&self) -> Vec<(Request<'_>, u16, &'static str, [&'static str; 2])> {
        let Self {
            app,
            ada,
            ben,
            ana,
            clinic,
        } = self;
        let bens = |path: &str| app.get(path).by(ben).organization(&clinic.id);
        let path = ana.path();
        let rename = || json!({ "firstName": "Anna" });
        let create = || app.post(ROOMS).by(ada);
        let keyed = |key: &str| create().header("idempotency-key", key);
        let (room, create_room) = (json!({ "name": "Room 1" }), ["create", "room"]);
        let update = ["update", "patient"];
        vec![
            (
                app.delete(&path)
                    .by(ben)
                    .organization(&clinic.id)
                    .if_match(&ana.etag)
                    .json(json!({ "reason": "x" })),
                403,
                "FORBIDDEN",
                ["delete", "patient"],
            ),
            (
                app.get(&format!("{PATIENTS}/{NOBODY}")).by(ada),
                404,
                "PATIENT_NOT_FOUND",
                ["read", "patient"],
            ),
            (
                app.get(&format!("{PATIENTS}/ana")).by(ada),
                404,
                "PATIENT_NOT_FOUND",
                ["read", "patient"],
            ),
            (
                create().json(json!({ "name": "" })),
                400,
                "INVALID_FIELD",
                create_room,
            ),
            (create().json(json!({})), 400, "INVALID_FIELD", create_room),
            (
                create().json(json!({ "nom": "x" })),
                400,
                "INVALID_FIELD",
                create_room,
            ),
            (
                create().body("application/json", "{\"name\":"),
                400,
                "MALFORMED_JSON",
                create_room,
            ),
            (
                create().body("application/json", "[".repeat(100_000)),
                400,
                "MALFORMED_JSON",
                create_room,
            ),
            (
                create().body("text/plain", "Room 1"),
                415,
                "UNSUPPORTED_MEDIA_TYPE",
                create_room,
            ),
            (
                create().body("application/json", " ".repeat(2 << 20)),
                413,
                "BODY_TOO_LARGE",
                create_room,
            ),
            (
                keyed("").json(room.clone()),
                400,
                "INVALID_IDEMPOTENCY_KEY",
                create_room,
            ),
            (
                app.get(&format!("{ROOMS}?colour=red")).by(ada),
                400,
                "INVALID_QUERY",
                ["search", "room"],
            ),
            (
                app.get(&format!("{ROOMS}?limit=0")).by(ada),
                400,
                "INVALID_FIELD",
                ["search", "room"],
            ),
            (
                app.get(&format!("{ROOMS}?cursor=x")).by(ada),
                400,
                "INVALID_CURSOR",
                ["search", "room"],
            ),
            (
                app.patch(&path).by(ada).if_match("\"7\"").json(rename()),
                412,
                "STALE_VERSION",
                update,
            ),
            (
                app.patch(&path).by(ada).if_match("7").json(rename()),
                400,
                "INVALID_IF_MATCH",
                update,
            ),
            (
                app.patch(&path).by(ada).json(rename()),
                428,
                "PRECONDITION_REQUIRED",
                update,
            ),
            (
                app.post(&format!("{path}/restore")).by(ada).if_match(&ana.etag),
                404,
                "PATIENT_NOT_FOUND",
                ["restore", "patient"],
            ),
            (
                bens("/api/v1/audit-events"),
                403,
                "FORBIDDEN",
                ["search", "audit"],
            ),
            (
                bens(&format!("{path}/audit-events")),
                403,
                "FORBIDDEN",
                ["search", "audit"],
            ),
        ]
    }
}

#[actix_web::test]
async fn every_kind_of_refusal_leaves_one_event() {
    let world = World::new().await;

    for (number, (request, status, code, [action, resource])) in world.refusals().into_iter().enumerate() {
        let events = world.events().await;
        let answer = request.send().await;

        assert_eq!(
            (answer.status, answer.code()),
            (status, code),
            "{number}: {}",
            answer.text
        );
        let left = world.left_by(&answer).await;
        assert_eq!(world.events().await, events + 1, "{number}: {code}");
        let told = (&*left[0].2, &*left[0].3, &*left[0].7, left[0].8.as_deref());
        assert_eq!(told, (action, resource, "refused", Some(code)), "{number}");
    }
}

#[actix_web::test]
async fn what_conflicts_leaves_one_event() {
    let world = World::new().await;
    let World { app, ada, .. } = &world;
    app.room(ada).create().await;
    let keyed = |name: &str| {
        let request = app.post(ROOMS).by(ada).header("idempotency-key", "k-1");
        request.json(json!({ "name": name })).send()
    };
    keyed("Room 2").await.expect(201);

    let taken = app
        .post(ROOMS)
        .by(ada)
        .json(json!({ "name": "Room 1" }))
        .send()
        .await;
    let reused = keyed("Room 3").await;
    let replayed = keyed("Room 2").await.expect(201);

    for (answer, status, code) in [
        (taken, 409, "ROOM_NAME_TAKEN"),
        (reused, 422, "IDEMPOTENCY_KEY_REUSED"),
    ] {
        assert_eq!((answer.status, answer.code()), (status, code));
        let left = world.left_by(&answer).await;
        assert_eq!(left.len(), 1, "{code}");
        assert_eq!((&*left[0].7, left[0].8.as_deref()), ("refused", Some(code)));
    }
    let left = world.left_by(&replayed).await;
    assert_eq!(left.len(), 1);
    assert_eq!((&*left[0].2, &*left[0].7), ("create", "replayed"));
    assert_eq!(left[0].4.as_deref(), replayed.body["id"].as_str());
}

#[actix_web::test]
async fn the_event_of_a_refusal_says_who_from_where_and_whom_it_was_about() {
    let world = World::new().await;
    let World {
        app,
        ben,
        ana,
        clinic,
        ..
    } = &world;

    let request = app.delete(&ana.path()).by(ben).organization(&clinic.id);
    let request = request.from("[2001:db8::7]:40312").if_match(&ana.etag);
    let answer = request.json(json!({ "reason": "mine" })).send().await;
    let nobody = app
        .get(&format!("{PATIENTS}/{NOBODY}"))
        .by(ben)
        .organization(&clinic.id);
    let nobody = nobody.send().await;

    let event = |action: &str, patient: &str, address: Option<&str>, code: &str| {
        (
            ben.id.clone(),
            "ben".to_owned(),
            action.to_owned(),
            "patient".to_owned(),
            Some(patient.to_owned()),
            Some(patient.to_owned()),
            address.map(str::to_owned),
            "refused".to_owned(),
            Some(code.to_owned()),
        )
    };
    assert_eq!(
        world.left_by(&answer).await,
        [event("delete", &ana.id, Some("2001:db8::7"), "FORBIDDEN")]
    );
    assert_eq!(
        world.left_by(&nobody).await,
        [event("read", NOBODY, None, "PATIENT_NOT_FOUND")]
    );
}

#[actix_web::test]
async fn the_event_of_a_refusal_names_whom_it_showed_and_by_whom_it_filtered() {
    let world = World::new().await;
    let World { app, ada, ana, .. } = &world;
    let phoned = app
        .patient(ada)
        .name("Ben", "Costa")
        .with("phone", json!("030 901820"));
    let ben = phoned.create().await;
    const QUERY: &str = "select query, patient_id::text from audit_events where request_id = $1";
    let kept = async |answer: &Answer| -> (Value, Option<String>) {
        let query = sqlx::query_as(QUERY).bind(answer.header("x-request-id").to_owned());
        query.fetch_one(&mut app.database.admin().await).await.unwrap()
    };

    let warned = app
        .post("/api/v1/patients")
        .by(ada)
        .json(json!({ "firstName": "Ida", "lastName": "Dahl", "phone": "+49 30 901820" }))
        .send()
        .await;
    let filtered = app
        .get(&format!("/api/v1/appointments?limit=0&patientId={}", ana.id))
        .by(ada)
        .send()
        .await;

    assert_eq!(
        (warned.code(), filtered.code()),
        ("LIKELY_DUPLICATE", "INVALID_FIELD")
    );
    assert_eq!(kept(&warned).await, (json!({ "shown": [ben.id] }), None));
    let asked = json!({ "limit": "0", "patientId": ana.id });
    assert_eq!(kept(&filtered).await, (asked, Some(ana.id.clone())));
}

/// There is no organization whose event it would be.
#[actix_web::test]
async fn what_is_refused_to_nobody_or_nowhere_leaves_no_event() {
    let world = World::new().await;
    let World {
        app, ada, ben, ana, ..
    } = &world;
    let eve = app.sign_up("eve").await;
    let events = world.events().await;

    for (request, status, code) in [
        (app.get(&ana.path()), 401, "UNAUTHORIZED"),
        (app.post(ROOMS).json(json!({})), 401, "UNAUTHORIZED"),
        (app.get(ROOMS).by(&eve), 400, "NO_ACTIVE_ORGANIZATION"),
        (
            app.get(ROOMS).by(ben).organization(NOBODY),
            404,
            "ORGANIZATION_NOT_FOUND",
        ),
        (
            app.get(ROOMS).by(&eve).organization(&world.clinic.id),
            404,
            "ORGANIZATION_NOT_FOUND",
        ),
        (
            app.get(ROOMS).by(ada).organization("salt-lane"),
            404,
            "ORGANIZATION_NOT_FOUND",
        ),
        (
            app.post(ROOMS)
                .header("cookie", &ada.cookie)
                .header("origin", "http://evil.test"),
            403,
            "INVALID_ORIGIN",
        ),
        // The router's own: nothing is asked of anybody's records.
        (app.get("/api/v1/nothing").by(ada), 404, "NOT_FOUND"),
        (
            app.get(&format!("{}/nothing", ana.path())).by(ada),
            404,
            "NOT_FOUND",
        ),
        (
            app.request("PUT".parse().unwrap(), ROOMS).by(ada).json(json!({})),
            405,
            "METHOD_NOT_ALLOWED",
        ),
    ] {
        let answer = request.send().await;
        assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
        assert_eq!(world.events().await, events, "{code}");
    }
}

/// The body of an answer that says nothing but to try again.
fn assert_says_nothing(answer: &Answer, code: &str) {
    let mut body = answer.body.clone();
    assert_eq!(body["requestId"].as_str(), Some(answer.header("x-request-id")));
    body["requestId"] = Value::Null;
    assert_eq!(
        body,
        json!({
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "detail": "the server cannot do this at the moment; try again a little later",
            "code": code,
            "requestId": null,
        })
    );
    assert_eq!(answer.header("retry-after"), "1");
}

#[actix_web::test]
async fn a_refusal_that_cannot_be_recorded_is_503_and_says_nothing_else() {
    let world = World::new().await;
    world
        .run("revoke insert on audit_events from authenticated")
        .await;
    let events = world.events().await;

    let answers = join_all(world.refusals().into_iter().map(|(request, ..)| request.send())).await;

    for answer in answers {
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert_says_nothing(&answer, "AUDIT_UNAVAILABLE");
        assert_eq!(answer.header("etag"), "");
    }
    assert_eq!(world.events().await, events);
}

#[actix_web::test]
async fn what_cannot_be_recorded_is_neither_done_nor_shown() {
    let world = World::new().await;
    let World { app, ada, ana, .. } = &world;
    let room = app.room(ada).create().await;
    let read = || async { app.get(&ana.path()).by(ada).send().await };
    world
        .run("revoke insert on audit_events from authenticated")
        .await;
    let (events, rooms) = (world.events().await, world.count("rooms").await);
    let reason = json!({ "reason": "entered twice" });

    for request in [
        app.get(&ana.path()),
        app.get(PATIENTS),
        app.get(&format!("{PATIENTS}?search=ana")),
        app.get("/api/v1/audit-events"),
        app.get(&format!("{}/audit-events", ana.path())),
        app.post(ROOMS).json(json!({ "name": "Room 2" })),
        app.post(ROOMS)
            .header("idempotency-key", "k-1")
            .json(json!({ "name": "Room 3" })),
        app.patch(&room.path)
            .if_match(&room.etag)
            .json(json!({ "name": "Room 4" })),
        app.patch(&ana.path())
            .if_match(&ana.etag)
            .json(json!({ "firstName": "Anna" })),
        app.delete(&ana.path()).if_match(&ana.etag).json(reason),
    ] {
        let answer = request.by(ada).send().await;
        assert!((500..=503).contains(&answer.status), "{}", answer.text);
        for secret in ["Ana", "Brandt", "Room 1", ana.id.as_str()] {
            assert!(!answer.text.contains(secret), "{}", answer.text);
        }
    }
    assert_eq!(
        (world.events().await, world.count("rooms").await),
        (events, rooms)
    );
    assert_eq!(world.count("idempotency_keys").await, 0);
    world.run("grant insert on audit_events to authenticated").await;
    assert_eq!(read().await.body, ana.body);
}

/// The transactions of the clinic wait for a lock; a refusal finds no place among them, and is not told.
#[actix_web::test]
async fn a_refusal_of_a_clinic_that_is_too_busy_is_503() {
    let database = Rc::new(TestDatabase::create().await);
    let config = DatabaseConfig {
        acquire_timeout: Duration::from_millis(300),
        scopes_per_organization: 2,
        ..DatabaseConfig::new(database.app_url())
    };
    let pool = Database::connect(config).await.unwrap();
    let world = World::of(App::over(Rc::clone(&database), pool, clock()).await).await;
    let World { app, ada, ana, .. } = &world;
    let (events, mut admin) = (world.events().await, database.admin().await);
    let mut lock = admin.begin().await.unwrap();
    sqlx::query("lock table rooms").execute(&mut *lock).await.unwrap();
    let waiting = join_all((0..2).map(|_| app.get(ROOMS).by(ada).send()));

    let refused = async {
        blocked(&mut database.admin().await, 2).await;
        app.patch(&ana.path()).by(ada).json(json!({})).send().await
    };
    let refused = match select(Box::pin(waiting), Box::pin(refused)).await {
        Either::Left(_) => panic!("nothing waits"),
        Either::Right((refused, waiting)) => {
            lock.rollback().await.unwrap();
            for answer in waiting.await {
                answer.expect(200);
            }
            refused
        }
    };

    assert_says_nothing(&refused, "TENANT_BUSY");
    assert_eq!(world.events().await, events + 2);
}

/// Comes back when so many transactions of this database wait for a lock.
async fn blocked(admin: &mut PgConnection, count: i64) {
    const BLOCKED: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(BLOCKED)
        .fetch_one(&mut *admin)
        .await
        .unwrap()
        != count
    {}
}

#[actix_web::test]
async fn a_request_that_is_dropped_half_way_leaves_neither_change_nor_event() {
    let world = World::new().await;
    let World {
        app,
        ada,
        ben,
        ana,
        clinic,
    } = &world;
    let (events, rooms) = (world.events().await, world.count("rooms").await);
    let requests = [
        app.post(ROOMS).by(ada).json(json!({ "name": "Room 1" })),
        app.patch(&ana.path())
            .by(ada)
            .if_match(&ana.etag)
            .json(json!({ "firstName": "Anna" })),
        app.get(&ana.path()).by(ada),
        app.get("/api/v1/audit-events").by(ben).organization(&clinic.id),
    ];

    for request in requests {
        let mut admin = app.database.admin().await;
        let mut lock = admin.begin().await.unwrap();
        sqlx::query("lock table audit_events in share mode")
            .execute(&mut *lock)
            .await
            .unwrap();
        let mut watching = app.database.admin().await;
        let blocked_once = blocked(&mut watching, 1);
        match select(request.send().boxed_local(), Box::pin(blocked_once)).await {
            Either::Left((answer, _)) => panic!("it did not wait: {}", answer.text),
            Either::Right(((), half_way)) => drop(half_way),
        }
        lock.rollback().await.unwrap();
        blocked(&mut app.database.admin().await, 0).await;
    }

    // Whatever was under way has ended once its connection is gone.
    const UNDER_WAY: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and usename = 'wardkeep_app' and state <> 'idle'";
    let mut admin = app.database.admin().await;
    while sqlx::query_scalar::<_, i64>(UNDER_WAY)
        .fetch_one(&mut admin)
        .await
        .unwrap()
        > 0
    {}
    assert_eq!(
        (world.events().await, world.count("rooms").await),
        (events, rooms)
    );
    assert_eq!(app.get(&ana.path()).by(ada).send().await.body, ana.body);
}

/// Whoever was a member when the request came is told by name, though they are none any more.
#[actix_web::test]
async fn the_refusal_of_somebody_who_was_removed_in_between_is_recorded() {
    let world = World::new().await;
    let World {
        app,
        ben,
        ana,
        clinic,
        ..
    } = &world;
    let mut admin = app.database.admin().await;
    let mut lock = admin.begin().await.unwrap();
    sqlx::query("update patients set version = version + 1")
        .execute(&mut *lock)
        .await
        .unwrap();
    let request = app.patch(&ana.path()).by(ben).organization(&clinic.id);
    let request = request
        .if_match(&ana.etag)
        .json(json!({ "firstName": "Anna" }))
        .send();
    let removal = async {
        let mut admin = app.database.admin().await;
        blocked(&mut admin, 1).await;
        let removal = r#"delete from member where "userId" = $1::text::uuid"#;
        sqlx::query(removal)
            .bind(&ben.id)
            .execute(&mut admin)
            .await
            .unwrap();
        lock.commit().await.unwrap();
    };

    let (answer, ()) = join(request, removal).await;

    assert_eq!((answer.status, answer.code()), (412, "STALE_VERSION"));
    let left = world.left_by(&answer).await;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].0.as_str(), left[0].1.as_str()), (ben.id.as_str(), "ben"));
}

/// An organization of which nothing is recorded can be deleted. Then there is nowhere to record what it refuses.
#[actix_web::test]
async fn a_refusal_in_an_organization_that_is_gone_is_404() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    let clinic = app.organization(&ada, "salt-lane").await;
    let mut admin = app.database.admin().await;
    let mut lock = admin.begin().await.unwrap();
    // A reference to the organization is looked at under a lock of its row.
    sqlx::query("delete from organization")
        .execute(&mut *lock)
        .await
        .unwrap();
    let refused = app
        .patch(&format!("{ROOMS}/{NOBODY}"))
        .by(&ada)
        .organization(&clinic.id);
    let refused = refused.json(json!({})).send();
    let deletion = async {
        blocked(&mut app.database.admin().await, 1).await;
        lock.commit().await.unwrap();
    };

    let (answer, ()) = join(refused, deletion).await;

    assert_eq!((answer.status, answer.code()), (404, "ORGANIZATION_NOT_FOUND"));
}
