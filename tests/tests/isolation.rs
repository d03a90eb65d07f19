//! Two clinics, Salt Lane and Mill Road, in one database: neither reaches the other, by any road. First over HTTP, then
//! with SQL of one's own as the role of a tenant.

use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use wardkeep_tests::{Answer, App, Clinic, Patient, Person};

struct World {
    app: App,
    /// Owns Salt Lane, where Ana is a patient.
    ada: Person,
    salt_lane: Clinic,
    ana: Patient,
    /// Owns Mill Road, where Ben is a patient.
    bea: Person,
    mill_road: Clinic,
    ben: Patient,
}

impl World {
    async fn new() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        let salt_lane = app.organization(&ada, "salt-lane").await;
        let ana = app.patient(&ada).name("Ana", "Brandt").create().await;
        let bea = app.sign_up("bea").await;
        let mill_road = app.organization(&bea, "mill-road").await;
        let ben = app.patient(&bea).name("Ben", "Costa").create().await;
        Self {
            app,
            ada,
            salt_lane,
            ana,
            bea,
            mill_road,
            ben,
        }
    }

    async fn assert_ana_is_untouched(&self) {
        let now = self
            .app
            .get(&self.ana.path())
            .by(&self.ada)
            .send()
            .await
            .expect(200);
        assert_eq!(now.body, self.ana.body);
    }
}

/// An answer without what differs between any two requests.
fn comparable(answer: &Answer, id: &str) -> (u16, String, String) {
    let request_id = answer.body["requestId"].as_str().unwrap_or("-");
    let text = answer.text.replace(request_id, "").replace(id, "");
    (answer.status, answer.header("content-type").to_owned(), text)
}

#[actix_web::test]
async fn the_id_of_another_clinics_patient_is_like_one_that_nobody_has() {
    let world = World::new().await;
    let World { app, ana, bea, .. } = &world;
    let nobody = "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";
    let requests = |path: &str| {
        let change = app.patch(path).if_match(&ana.etag).json(json!({ "phone": "1" }));
        [
            app.get(path),
            change,
            app.delete(path)
                .if_match(&ana.etag)
                .json(json!({ "reason": "entered twice" })),
        ]
    };

    let theirs = requests(&ana.path()).into_iter();
    for (theirs, nobodys) in theirs.zip(requests(&format!("/api/v1/patients/{nobody}"))) {
        let (theirs, nobodys) = (theirs.by(bea).send().await, nobodys.by(bea).send().await);
        assert_eq!((theirs.status, theirs.code()), (404, "PATIENT_NOT_FOUND"));
        assert_eq!(comparable(&theirs, &ana.id), comparable(&nobodys, nobody));
    }
    world.assert_ana_is_untouched().await;
}

#[actix_web::test]
async fn a_list_and_a_search_show_the_own_patients_only() {
    let world = World::new().await;
    let World { app, bea, ben, .. } = &world;

    for (query, found) in [
        ("?total=true", vec![ben.summary()]),
        ("?total=true&search=ana", vec![]),
    ] {
        let answer = app
            .get(&format!("/api/v1/patients{query}"))
            .by(bea)
            .send()
            .await
            .expect(200);
        assert_eq!(answer.body["items"], json!(found), "{query}");
        assert_eq!(answer.body["total"], found.len(), "{query}");
    }
}

#[actix_web::test]
async fn a_cursor_of_another_clinic_is_none() {
    let world = World::new().await;
    let World { app, ada, bea, .. } = &world;
    app.patient(ada).name("Eva", "Dahl").create().await;
    let page = app
        .get("/api/v1/patients?limit=1")
        .by(ada)
        .send()
        .await
        .expect(200);
    let cursor = page.body["nextCursor"].as_str().unwrap();

    let answer = app
        .get(&format!("/api/v1/patients?limit=1&cursor={cursor}"))
        .by(bea)
        .send()
        .await;

    assert_eq!((answer.status, answer.code()), (400, "INVALID_CURSOR"));
}

#[actix_web::test]
async fn another_clinic_cannot_be_named() {
    let world = World::new().await;
    let World {
        app,
        ana,
        bea,
        salt_lane,
        ..
    } = &world;
    let nobody = "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";

    let theirs = app
        .get(&ana.path())
        .by(bea)
        .organization(&salt_lane.id)
        .send()
        .await;
    let nobodys = app.get(&ana.path()).by(bea).organization(nobody).send().await;
    let both = app
        .get("/api/v1/patients")
        .by(bea)
        .organization(&world.mill_road.id);
    let both = both.organization(&salt_lane.id).send().await;
    let recorded = app.post("/api/v1/patients").by(bea).organization(&salt_lane.id);
    let recorded = recorded
        .json(json!({ "firstName": "Eve", "lastName": "Dropper" }))
        .send()
        .await;

    assert_eq!((theirs.status, theirs.code()), (404, "ORGANIZATION_NOT_FOUND"));
    assert_eq!(comparable(&theirs, &salt_lane.id), comparable(&nobodys, nobody));
    assert_eq!((both.status, both.code()), (404, "ORGANIZATION_NOT_FOUND"));
    assert_eq!(
        (recorded.status, recorded.code()),
        (404, "ORGANIZATION_NOT_FOUND")
    );
}

#[actix_web::test]
async fn another_clinic_cannot_be_made_the_active_one() {
    let world = World::new().await;
    let World {
        app, bea, salt_lane, ..
    } = &world;

    for named in [
        json!({ "organizationId": salt_lane.id }),
        json!({ "organizationSlug": "salt-lane" }),
    ] {
        let answer = app
            .post("/api/auth/organization/set-active")
            .by(bea)
            .json(named)
            .send()
            .await;
        assert_eq!(answer.status, 403, "{}", answer.text);
    }
    let listed = app.get("/api/v1/patients").by(bea).send().await;
    assert_eq!((listed.status, listed.code()), (400, "NO_ACTIVE_ORGANIZATION"));
}

#[actix_web::test]
async fn an_active_clinic_without_a_membership_is_worth_nothing() {
    let world = World::new().await;
    let World {
        app,
        bea,
        salt_lane,
        ana,
        ..
    } = &world;
    let mut admin = app.database.admin().await;
    sqlx::query(
        r#"update session set "activeOrganizationId" = $1::text::uuid where "userId" = $2::text::uuid"#,
    )
    .bind(&salt_lane.id)
    .bind(&bea.id)
    .execute(&mut admin)
    .await
    .unwrap();

    let got = app.get(&ana.path()).by(bea).send().await;
    let listed = app.get("/api/v1/patients").by(bea).send().await;

    assert_eq!((got.status, got.code()), (403, "NOT_A_MEMBER"));
    assert_eq!((listed.status, listed.code()), (403, "NOT_A_MEMBER"));
}

#[actix_web::test]
async fn who_works_in_both_clinics_sees_one_at_a_time() {
    let world = World::new().await;
    let World {
        app,
        bea,
        salt_lane,
        mill_road,
        ana,
        ben,
        ..
    } = &world;
    app.join(&salt_lane.id, &bea.id, "member").await;

    for (clinic, here, there) in [(salt_lane, ana, ben), (mill_road, ben, ana)] {
        let listed = app
            .get("/api/v1/patients")
            .by(bea)
            .organization(&clinic.id)
            .send()
            .await
            .expect(200);
        assert_eq!(listed.body["items"], json!([here.summary()]));
        app.get(&here.path())
            .by(bea)
            .organization(&clinic.id)
            .send()
            .await
            .expect(200);
        app.get(&there.path())
            .by(bea)
            .organization(&clinic.id)
            .send()
            .await
            .expect(404);
    }
}

#[actix_web::test]
async fn one_session_in_two_tabs_does_not_mix_the_clinics() {
    let world = World::new().await;
    let World {
        app,
        bea,
        salt_lane,
        mill_road,
        ..
    } = &world;
    app.join(&salt_lane.id, &bea.id, "member").await;
    let name = |clinic: &Clinic| if clinic.id == salt_lane.id { "Salt" } else { "Mill" };

    let tabs = (0..32).map(|number| {
        let clinic = if number % 2 == 0 { salt_lane } else { mill_road };
        let body = json!({ "firstName": name(clinic), "lastName": number.to_string() });
        app.post("/api/v1/patients")
            .by(bea)
            .organization(&clinic.id)
            .json(body)
            .send()
    });
    let answers = futures_util::future::join_all(tabs).await;

    assert!(answers.iter().all(|answer| answer.status == 201));
    for clinic in [salt_lane, mill_road] {
        let other = if clinic.id == salt_lane.id { "mill" } else { "salt" };
        let own = format!("/api/v1/patients?total=true&search={}", name(clinic));
        let own = app
            .get(&own)
            .by(bea)
            .organization(&clinic.id)
            .send()
            .await
            .expect(200);
        let others = format!("/api/v1/patients?search={other}");
        let others = app
            .get(&others)
            .by(bea)
            .organization(&clinic.id)
            .send()
            .await
            .expect(200);
        assert_eq!(own.body["total"], 16);
        assert_eq!(others.body["items"], Value::Array(Vec::new()));
    }
}

// With SQL.

/// One row, at least, in every table that has an organization. `$1` is the organization, `$2` its owner.
const ROWS: [&str; 19] = [
    r#"insert into invitation ("organizationId", email, "expiresAt", "inviterId") values ($1, 'eve@example.org', now(), $2)"#,
    r#"insert into team (name, "organizationId") select 'Night', $1 where $2 is not null"#,
    r#"insert into "teamMember" ("teamId", "userId") select id, $2 from team where "organizationId" = $1 and name = 'Night'"#,
    r#"insert into "organizationRole" ("organizationId", role, permission) select $1, 'nurse', '{}' where $2 is not null"#,
    "insert into patient_phones (organization_id, digits, patient_id)
     select $1, '028109', id from patients where organization_id = $1 and $2 is not null",
    "insert into patient_identifiers (organization_id, value, system, patient_id)
     select $1, 'A123', 'http://fhir.de/sid/gkv/kvid-10', id from patients where organization_id = $1 and $2 is not null",
    "insert into rooms (organization_id, id, name) select $1, gen_random_uuid(), 'Room 1' where $2 is not null",
    "insert into working_hours
       (organization_id, id, practitioner_id, practitioner_name, days_of_week, opens_at, closes_at, time_zone)
     select $1, gen_random_uuid(), $2, 'Owner', '[\"mon\"]', '09:00', '17:00', 'Europe/Berlin'",
    "insert into absences (organization_id, id, practitioner_id, practitioner_name, starts_at, ends_at)
     select $1, gen_random_uuid(), $2, 'Owner', '2026-04-01T00:00:00Z', '2026-04-02T00:00:00Z'",
    "insert into idempotency_keys (organization_id, id, user_id, route, key, fingerprint, created_at, expires_at)
     select $1, gen_random_uuid(), $2, 'POST /api/v1/rooms', 'key', '', '2026-03-02T09:00:00Z', '2026-03-03T09:00:00Z'",
    "insert into audit_events
       (organization_id, id, recorded_at, user_id, user_name, action, resource, request_id, outcome)
     select $1, gen_random_uuid(), '2026-03-02T09:00:00Z', $2, 'Owner', 'search', 'patient', 'request', 'success'",
    "insert into appointments (organization_id, id, patient_id, created_by, created_by_name, practitioner_id,
       practitioner_name, room_id, starts_at, ends_at, time_zone, status)
     select $1, gen_random_uuid(), patients.id, $2, 'Owner', $2, 'Owner', rooms.id, '2026-03-02T10:00:00Z',
       '2026-03-02T10:30:00Z', 'Europe/Berlin', 'booked'
     from patients join rooms using (organization_id) where organization_id = $1",
    "insert into treatments (organization_id, id, patient_id, title, practitioner_id, practitioner_name, status, created_by,
       created_by_name)
     select $1, gen_random_uuid(), id, 'Knee', $2, 'Owner', 'active', $2, 'Owner' from patients where organization_id = $1",
    "insert into medical_records (organization_id, id, patient_id, category, status, code, effective_at, created_by,
       created_by_name)
     select $1, gen_random_uuid(), id, 'document', 'current', '{}', '2026-03-02T09:00:00Z', $2, 'Owner'
     from patients where organization_id = $1",
    "insert into medical_record_chunks (organization_id, medical_record_id, number, content)
     select $1, id, 0, 'x' from medical_records where organization_id = $1 and $2 is not null",
    "insert into treatment_sessions (organization_id, id, appointment_id, treatment_id, patient_id, performer_id,
       performer_name, number, status, created_by, created_by_name)
     select $1, gen_random_uuid(), appointments.id, treatments.id, patient_id, $2, 'Owner', 1, 'preparation', $2, 'Owner'
     from appointments join treatments using (organization_id, patient_id) where organization_id = $1",
    "insert into clinical_notes (organization_id, id, treatment_session_id, author_id, author_name, note_type, text, status)
     select $1, gen_random_uuid(), id, $2, 'Owner', 'progress', 'better', 'draft' from treatment_sessions
     where organization_id = $1",
    "insert into clinical_note_versions (organization_id, clinical_note_id, version, note_type, text, written_by,
       written_by_name, written_at)
     select $1, id, 1, note_type, text, $2, 'Owner', '2026-03-02T09:00:00Z' from clinical_notes where organization_id = $1",
    "analyze",
];

const TABLES: &str = r#"
    select pg_class.relname::text, pg_attribute.attname::text
    from pg_class
    join pg_attribute on pg_attribute.attrelid = pg_class.oid
    where pg_class.relkind in ('r', 'p', 'v', 'm', 'f')
      and pg_class.relnamespace = 'public'::regnamespace
      and pg_attribute.attname in ('organization_id', 'organizationId')
    union all
    select 'organization', 'id'
    order by 1"#;

/// A table and its column that says whose a row is, both quoted.
struct Table {
    name: String,
    column: String,
}

/// A world whose clinics have rows in every table, and Mill Road's own connection.
struct Besieged {
    world: World,
    tables: Vec<Table>,
    connection: PgConnection,
}

/// Refused with this SQLSTATE.
type Refused = String;

impl Besieged {
    async fn new() -> Self {
        let world = World::new().await;
        let mut admin = world.app.database.admin().await;
        for (clinic, owner) in [(&world.salt_lane, &world.ada), (&world.mill_road, &world.bea)] {
            for statement in ROWS {
                let filled = statement
                    .replace("$1", &literal(&clinic.id))
                    .replace("$2", &literal(&owner.id));
                sqlx::query(AssertSqlSafe(filled))
                    .execute(&mut admin)
                    .await
                    .unwrap();
            }
        }
        let tables: Vec<(String, String)> = sqlx::query_as(TABLES).fetch_all(&mut admin).await.unwrap();
        let quoted = |name: String| format!("\"{name}\"");
        let tables = tables.into_iter().map(|(name, column)| Table {
            name: quoted(name),
            column: quoted(column),
        });
        let connection = PgConnection::connect(&world.app.database.app_url())
            .await
            .unwrap();
        Self {
            tables: tables.collect(),
            connection,
            world,
        }
    }

    fn theirs(&self) -> String {
        literal(&self.world.salt_lane.id)
    }

    /// Runs statements as Mill Road, in a transaction that is undone: how many rows the last one met, or its refusal.
    async fn as_mill_road(&mut self, statements: &[&str]) -> Result<u64, Refused> {
        let scope = scope(&self.world.mill_road.id, &self.world.bea.id);
        run(&mut self.connection, &scope, statements).await
    }

    /// How many rows of Salt Lane a table has.
    async fn rows_of_theirs(&self, table: &Table) -> i64 {
        let mut admin = self.world.app.database.admin().await;
        let count = format!(
            "select count(*) from {} where {} = {}",
            table.name,
            table.column,
            self.theirs()
        );
        sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(&mut admin)
            .await
            .unwrap()
    }
}

fn literal(id: &str) -> String {
    format!("'{id}'::uuid")
}

/// What a scope sets.
fn scope(organization: &str, user: &str) -> Vec<String> {
    vec![
        "set local role authenticated".to_owned(),
        format!("set local app.current_user_id = '{user}'"),
        format!("set local app.current_organization_id = '{organization}'"),
    ]
}

async fn run(connection: &mut PgConnection, scope: &[String], statements: &[&str]) -> Result<u64, Refused> {
    let mut transaction = connection.begin().await.unwrap();
    let mut rows = Ok(0);
    for statement in scope.iter().map(String::as_str).chain(statements.iter().copied()) {
        let result = sqlx::query(AssertSqlSafe(statement.to_owned()))
            .execute(&mut *transaction)
            .await;
        rows = result
            .map(|result| result.rows_affected())
            .map_err(|error| sqlstate(&error));
        if rows.is_err() {
            break;
        }
    }
    transaction.rollback().await.unwrap();
    rows
}

fn sqlstate(error: &sqlx::Error) -> Refused {
    let code = error.as_database_error().and_then(|error| error.code());
    code.unwrap_or_else(|| panic!("{error}")).into_owned()
}

const DENIED: &str = "42501";
/// `unique_violation`.
const TWICE: &str = "23505";
/// Tables to which a clinic only adds.
const WRITTEN_ONCE: [&str; 3] = [
    "\"audit_events\"",
    "\"clinical_note_versions\"",
    "\"medical_record_chunks\"",
];

#[actix_web::test]
async fn no_statement_reaches_a_row_of_another_clinic() {
    let mut besieged = Besieged::new().await;
    let theirs = besieged.theirs();

    for Table { name, column } in std::mem::take(&mut besieged.tables) {
        let table = Table {
            name: name.clone(),
            column: column.clone(),
        };
        let before = besieged.rows_of_theirs(&table).await;
        assert!(before > 0, "{name} is new: say in ROWS how it gets a row");

        let seen = besieged
            .as_mill_road(&[&format!("select * from {name} where {column} = {theirs}")])
            .await;
        let others = besieged
            .as_mill_road(&[&format!(
                "select * from {name} where {column} <> tenancy.organization()"
            )])
            .await;
        let own = besieged.as_mill_road(&[&format!("select * from {name}")]).await;
        assert_eq!((seen, others), (Ok(0), Ok(0)), "{name}");
        assert!(
            own.is_ok_and(|rows| rows > 0),
            "{name}: not even the own rows are seen, so this proves nothing"
        );

        // What is written once is changed by nobody, in the own clinic neither.
        let reached = if WRITTEN_ONCE.contains(&name.as_str()) {
            Err(DENIED.to_owned())
        } else {
            Ok(0)
        };
        for change in [
            format!("update {name} set {column} = {column} where {column} = {theirs}"),
            format!("delete from {name} where {column} = {theirs}"),
            format!("select from {name} where {column} = {theirs} for update"),
        ] {
            assert_eq!(besieged.as_mill_road(&[&change]).await, reached, "{change}");
        }
        let given = format!("update {name} set {column} = {theirs}");
        let copied = format!(
            "insert into {name} select (jsonb_populate_record({name}, jsonb_build_object('{}', {theirs}))).* from {name}",
            column.trim_matches('"')
        );
        assert_eq!(
            besieged.as_mill_road(&[&given]).await,
            Err(DENIED.to_owned()),
            "{given}"
        );
        // A trigger gives a team's member the organization of the team, so that this copy is one's own row twice.
        let refused = if name == "\"teamMember\"" { TWICE } else { DENIED };
        assert_eq!(
            besieged.as_mill_road(&[&copied]).await,
            Err(refused.to_owned()),
            "{copied}"
        );

        assert_eq!(besieged.rows_of_theirs(&table).await, before, "{name}");
    }
}

#[actix_web::test]
async fn without_an_organization_there_are_no_rows() {
    let mut besieged = Besieged::new().await;
    let mut unset = scope("", &besieged.world.bea.id);
    let empty = unset.clone();
    unset.truncate(2);

    for Table { name, .. } in &besieged.tables {
        for scope in [&unset, &empty] {
            let seen = run(
                &mut besieged.connection,
                scope,
                &[&format!("select * from {name}")],
            )
            .await;
            assert_eq!(seen, Ok(0), "{name}");
        }
    }
}

#[actix_web::test]
async fn a_copy_holds_the_own_rows_only() {
    let mut besieged = Besieged::new().await;
    let (ana, ben) = (besieged.world.ana.id.clone(), besieged.world.ben.id.clone());
    let scope = scope(&besieged.world.mill_road.id, &besieged.world.bea.id).join("; ");
    let connection = &mut besieged.connection;
    connection
        .execute(AssertSqlSafe(format!("begin; {scope}")))
        .await
        .unwrap();

    let out = connection.copy_out_raw("copy patients to stdout").await.unwrap();
    let out: Vec<_> = out.try_collect().await.unwrap();
    let text = String::from_utf8(out.concat()).unwrap();
    let row = format!(
        "{}\t{}\n",
        besieged.world.salt_lane.id, "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38"
    );
    let copy = "copy treatments (organization_id, id) from stdin";
    let refused = match connection.copy_in_raw(copy).await {
        Ok(mut copying) => {
            copying.send(row.as_bytes()).await.unwrap();
            copying.finish().await.unwrap_err()
        }
        Err(error) => error,
    };

    assert!(text.contains(&ben) && !text.contains(&ana), "{text}");
    // feature_not_supported: there is no COPY FROM into a table with row security.
    assert_eq!(sqlstate(&refused), "0A000");
}

#[actix_web::test]
async fn one_statement_cannot_change_the_organization() {
    let mut besieged = Besieged::new().await;
    let id = besieged.world.salt_lane.id.clone();
    let look = format!("select * from patients where organization_id = '{id}'");

    for injected in [
        format!("select set_config('app.current_organization_id', '{id}', true)"),
        format!(
            "select * from patients where set_config('app.current_organization_id', '{id}', false) <> ''"
        ),
        format!("update pg_settings set setting = '{id}' where name = 'app.current_organization_id'"),
        format!("do $$ begin perform set_config('app.current_organization_id', '{id}', true); end $$"),
    ] {
        // Either it is refused, or it had no effect.
        let result = besieged.as_mill_road(&[&injected, &look]).await;
        assert!(
            matches!(&result, Ok(0)) || result == Err(DENIED.to_owned()),
            "{injected}: {result:?}"
        );
    }
    // The plain one is refused.
    let direct = format!("select set_config('app.current_organization_id', '{id}', true)");
    assert_eq!(besieged.as_mill_road(&[&direct]).await, Err(DENIED.to_owned()));
}

#[actix_web::test]
async fn no_role_that_can_be_taken_sees_another_clinic() {
    let mut besieged = Besieged::new().await;

    for role in [
        "wardkeep_owner",
        "wardkeep_lookup",
        "wardkeep_auditor",
        "wardkeep_worker",
        "postgres",
    ] {
        let taken = besieged.as_mill_road(&[&format!("set local role {role}")]).await;
        assert_eq!(taken, Err(DENIED.to_owned()), "{role}");
    }
    for role in [
        "none",
        "wardkeep_app",
        "wardkeep_identity",
        "wardkeep_credentials",
    ] {
        let seen = besieged
            .as_mill_road(&[&format!("set local role {role}"), "select * from patients"])
            .await;
        assert_eq!(seen, Err(DENIED.to_owned()), "{role}");
    }
}

#[actix_web::test]
async fn the_fence_cannot_be_taken_down() {
    let mut besieged = Besieged::new().await;

    for attempt in [
        "truncate patients",
        "alter table patients disable row level security",
        "alter table patients no force row level security",
        "drop policy tenant_isolation on patients",
        "create policy mine on patients using (true)",
        "create view mine as select * from patients",
        "create function mine() returns bigint language sql security definer return (select count(*) from patients)",
        "create temporary table mine (id uuid)",
        "create schema mine",
        "create trigger mine before insert on patients for each row execute function tenancy.team_member_organization()",
        "create table mine (organization_id uuid, id uuid, foreign key (organization_id, id) references patients)",
        "select * from pg_statistic",
        "select pg_read_file('postgresql.conf')",
        "copy patients to program 'cat'",
        "copy patients to '/tmp/patients'",
        "select lo_create(0) from pg_largeobject",
    ] {
        assert_eq!(
            besieged.as_mill_road(&[attempt]).await,
            Err(DENIED.to_owned()),
            "{attempt}"
        );
    }
    // A grant by somebody who may not only warns.
    let granted = "select from pg_class where oid = 'patients'::regclass and has_table_privilege('wardkeep_app', oid, 'select')";
    let granted = besieged
        .as_mill_road(&["grant select on patients to public", granted])
        .await;
    assert_eq!(granted, Ok(0));
    let off = besieged
        .as_mill_road(&["set local row_security = off", "select * from patients"])
        .await;
    assert_eq!(
        off,
        Err(DENIED.to_owned()),
        "row_security = off asks for all rows or an error"
    );
}

#[actix_web::test]
async fn statistics_do_not_show_names() {
    let mut besieged = Besieged::new().await;

    let shown = besieged
        .as_mill_road(&["select * from pg_stats where tablename in ('patients', 'patient_words')"])
        .await;
    let queries = "select * from pg_stat_activity where query <> '<insufficient privilege>' and usename <> current_user and query <> ''";
    let queries = besieged.as_mill_road(&[queries]).await;

    assert_eq!((shown, queries), (Ok(0), Ok(0)));
}

#[actix_web::test]
async fn a_key_does_not_tell_what_another_clinic_has() {
    let mut besieged = Besieged::new().await;
    let (ana, nobody) = (
        besieged.world.ana.id.clone(),
        "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38",
    );
    let refer = |patient: &str| {
        format!(
            "insert into medical_records (organization_id, id, patient_id, category, status, code, effective_at, created_by,
               created_by_name)
             select tenancy.organization(), gen_random_uuid(), {}, 'problem', 'active', '{{}}', now(), \"userId\", 'Eve'
             from member",
            literal(patient)
        )
    };
    let taken = |id: &str| {
        format!(
            "insert into patients (organization_id, id, first_name, last_name)
             values (tenancy.organization(), {}, 'Eve', 'Dropper')",
            literal(id)
        )
    };

    let theirs = besieged.as_mill_road(&[&refer(&ana)]).await;
    let nobodys = besieged.as_mill_road(&[&refer(nobody)]).await;
    let their_id = besieged.as_mill_road(&[&taken(&ana)]).await;
    let nobodys_id = besieged.as_mill_road(&[&taken(nobody)]).await;

    // foreign_key_violation, for both.
    assert_eq!(
        (theirs, nobodys),
        (Err("23503".to_owned()), Err("23503".to_owned()))
    );
    assert_eq!((their_id, nobodys_id), (Ok(1), Ok(1)));
}

#[actix_web::test]
async fn deleting_here_deletes_nothing_there() {
    let mut besieged = Besieged::new().await;
    let id = literal(&besieged.world.ana.id);
    // The same id in both clinics, with a word each.
    let record = format!(
        "insert into patients (organization_id, id, first_name, last_name) values (tenancy.organization(), {id}, 'Ana', 'Brandt')"
    );
    let words = format!("insert into patient_words values (tenancy.organization(), 'ana', {id})");
    let forget = format!("delete from patient_words where patient_id = {id}");
    let delete = format!("delete from patients where id = {id}");
    let scope = scope(&besieged.world.mill_road.id, &besieged.world.bea.id).join("; ");
    let script = format!("begin; {scope}; {record}; {words}; {forget}; {delete}; commit");

    besieged.connection.execute(AssertSqlSafe(script)).await.unwrap();

    besieged.world.assert_ana_is_untouched().await;
    let found = besieged
        .world
        .app
        .get("/api/v1/patients?search=ana")
        .by(&besieged.world.ada)
        .send()
        .await
        .expect(200);
    assert_eq!(found.body["items"], json!([besieged.world.ana.summary()]));
}

#[actix_web::test]
async fn deleting_a_clinic_takes_its_rows_and_no_others() {
    let besieged = Besieged::new().await;
    let mut admin = besieged.world.app.database.admin().await;
    const COUNT: &str = "select count(*)::bigint from";
    let mut rows = Vec::new();
    for Table { name, column } in &besieged.tables {
        let others = format!("{COUNT} {name} where {column} <> {}", besieged.theirs());
        let others: i64 = sqlx::query_scalar(AssertSqlSafe(others))
            .fetch_one(&mut admin)
            .await
            .unwrap();
        rows.push(others);
    }

    // Else it would stay, having records: here it is shown what a deletion reaches.
    let delete = format!(
        "alter table organization disable trigger refuse_to_delete_records;
         alter table audit_events disable trigger refuse_to_change;
         alter table clinical_note_versions disable trigger refuse_to_change;
         delete from organization where id = {}",
        besieged.theirs()
    );
    admin.execute(AssertSqlSafe(delete)).await.unwrap();

    for (Table { name, .. }, others) in besieged.tables.iter().zip(rows) {
        let left = format!("{COUNT} {name}");
        let left: i64 = sqlx::query_scalar(AssertSqlSafe(left))
            .fetch_one(&mut admin)
            .await
            .unwrap();
        assert_eq!(left, others, "{name}");
    }
}
