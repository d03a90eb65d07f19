//! What a request costs does not depend on how many organizations there are: as many statements and as many rows with a
//! thousand organizations of a hundred members as with ten. Time is not measured, which would depend on the machine.

use std::rc::Rc;

use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};
use wardkeep_tenancy::{Asked, Database, DatabaseConfig, Id, UserId};
use wardkeep_testkit::{Proxy, TestDatabase, clock, context};
use wardkeep_tests::{App, Person};

/// Everything that a request about an organization reads, in organizations `$1` to `$2`, with a hundred members each. The
/// first member of the first one is Ada.
const GROWTH: [&str; 8] = [
    "insert into organization (id, name, slug)
     select pg_temp.id('c', clinic), 'Clinic ' || clinic, 'clinic-' || clinic
     from generate_series($1, $2) as clinic",
    "insert into \"user\" (id, name, email)
     select pg_temp.id('a', 1000 * clinic + number), 'Person', clinic || '-' || number || '@example.net'
     from generate_series($1, $2) as clinic, generate_series(1, 100) as number
     where (clinic, number) <> (1, 1)",
    "insert into member (\"organizationId\", \"userId\", role)
     select pg_temp.id('c', clinic), pg_temp.id('a', 1000 * clinic + number), 'member,nurse'
     from generate_series($1, $2) as clinic, generate_series(1, 100) as number
     where (clinic, number) <> (1, 1)",
    "insert into session (\"userId\", token, \"expiresAt\")
     select pg_temp.id('a', 1000 * clinic + number), clinic || '-' || number, '2026-03-09T09:00:00Z'
     from generate_series($1, $2) as clinic, generate_series(1, 100) as number
     where (clinic, number) <> (1, 1)",
    "insert into team (id, name, \"memberCount\", \"organizationId\", \"createdAt\")
     select pg_temp.id('d', 1000 * clinic + number), 'Team ' || number, 33, pg_temp.id('c', clinic), now()
     from generate_series($1, $2) as clinic, generate_series(1, 3) as number",
    "insert into \"teamMember\" (\"teamId\", \"userId\", \"organizationId\", \"membershipKey\")
     select
       pg_temp.id('d', 1000 * clinic + 1 + number % 3),
       pg_temp.id('a', 1000 * clinic + number),
       pg_temp.id('c', clinic),
       clinic || ' ' || number
     from generate_series($1, $2) as clinic, generate_series(1, 100) as number
     where (clinic, number) <> (1, 1)",
    "insert into \"organizationRole\" (\"organizationId\", role, permission)
     select pg_temp.id('c', clinic), role, '{\"patient\": [\"read\"]}'
     from generate_series($1, $2) as clinic, unnest(array['nurse', 'front desk', 'student']) as role",
    "insert into invitation (id, \"organizationId\", email, \"inviterId\", \"expiresAt\")
     select
       pg_temp.id('e', 1000 * clinic + number),
       pg_temp.id('c', clinic),
       'guest-' || number || '@example.net',
       pg_temp.id('a', 1000 * clinic + 2),
       '2026-03-09T09:00:00Z'
     from generate_series($1, $2) as clinic, generate_series(1, 5) as number",
];

/// The ids of those rows.
const ID: &str =
    "create or replace function pg_temp.id(kind text, number integer) returns uuid language sql immutable
    return (kind || '0000000-0000-4000-8000-' || lpad(number::text, 12, '0'))::uuid";

fn id<T>(kind: char, number: u32) -> Id<T> {
    format!("{kind}0000000-0000-4000-8000-{number:012}")
        .parse()
        .unwrap()
}

/// How many rows were read so far, by scanning a table whole or by an index.
const ROWS_READ: &str =
    "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables";

/// The tables that were read whole, and how often.
const WHOLE: &str =
    "select relname::text || ' ' || seq_scan from pg_stat_user_tables where seq_scan > 0 order by relname";

/// A connection tells what it read now and then. This one is made to, when the transaction ends.
const TELL: &str = "select pg_stat_force_next_flush()";

/// What makes and ends a transaction, and is no statement of a request.
const SCOPES: [&str; 3] = ["BEGIN", "COMMIT", "ROLLBACK"];

/// A request of Ada's.
enum Asking {
    Get(String),
    /// In the organization of this id; empty is the active one.
    HasPermission(String),
    Lookup(Asked<'static>),
}

/// Every request whose cost is promised, and how many statements it sends: the lookup of the session is one of them.
fn requests() -> Vec<(&'static str, Asking, usize)> {
    let clinic = id::<()>('c', 1).to_string();
    let full = |query: &str| Asking::Get(format!("get-full-organization?{query}"));
    vec![
        ("list", Asking::Get("list".to_owned()), 2),
        ("get-organization", Asking::Get("get-organization".to_owned()), 2),
        ("get-full of the active one", full(""), 4),
        ("get-full by id", full(&format!("organizationId={clinic}")), 4),
        ("get-full by slug", full("organizationSlug=clinic-1"), 4),
        ("has-permission", Asking::HasPermission(String::new()), 1),
        ("has-permission by id", Asking::HasPermission(clinic), 1),
        ("lookup, active", Asking::Lookup(Asked::Active), 1),
        ("lookup by id", Asking::Lookup(Asked::Organization(id('c', 1))), 1),
        ("lookup by slug", Asking::Lookup(Asked::Slug("clinic-1")), 1),
        ("lookup by team", Asking::Lookup(Asked::Team(id('d', 1002))), 1),
        ("lookup by active team", Asking::Lookup(Asked::ActiveTeam), 1),
        (
            "lookup by invitation",
            Asking::Lookup(Asked::Invitation(id('e', 1002))),
            1,
        ),
    ]
}

/// A server with one connection, so that all that it read can be counted.
struct Server {
    app: App,
    pool: Database,
    proxy: Proxy,
}

/// What one request cost: statements beside those that make and end a transaction, and rows.
type Cost = (usize, i64);

impl Server {
    async fn on(database: &Rc<TestDatabase>) -> Self {
        let proxy = Proxy::before(&database.app_url()).await;
        let config = DatabaseConfig {
            max_connections: 1,
            ..DatabaseConfig::new(&proxy.url)
        };
        let pool = Database::connect(config).await.unwrap();
        Self {
            app: App::over(Rc::clone(database), pool.clone(), clock()).await,
            pool,
            proxy,
        }
    }

    /// What a request costs that was made before; no table may be read whole for it.
    async fn cost(&self, ada: &Ada, admin: &mut PgConnection, request: &(&str, Asking, usize)) -> Cost {
        let (what, asking, _) = request;
        // The first ones prepare statements; after some more the plans are those for any value.
        for _ in 0..8 {
            self.make(ada, asking).await;
        }
        let (before, whole_before) = self.read_so_far(ada, admin).await;
        self.proxy.heard();
        self.make(ada, asking).await;
        let heard = self.proxy.heard().statements;
        let (after, whole_after) = self.read_so_far(ada, admin).await;
        assert_eq!(whole_after, whole_before, "{what} reads a table from end to end");
        let statements = heard
            .iter()
            .filter(|text| !SCOPES.iter().any(|scope| text.starts_with(scope)));
        (statements.count(), after - before)
    }

    async fn make(&self, ada: &Ada, asking: &Asking) {
        match asking {
            Asking::Get(path) => {
                let path = format!("/api/auth/organization/{path}");
                let answer = self.app.get(&path).by(&ada.person).send().await.expect(200);
                assert!(answer.text.contains("Clinic 1"));
            }
            Asking::HasPermission(organization) => {
                let body = json!({"permissions": {"patient": ["read"]}, "organizationId": organization});
                let request = self.app.post("/api/auth/organization/has-permission");
                let answer = request.by(&ada.person).json(body).send().await.expect(200);
                assert_eq!(answer.body["success"], true);
            }
            Asking::Lookup(asked) => {
                let found = self.pool.find_session(&ada.token, *asked).await.unwrap();
                assert!(found.unwrap().membership.is_some(), "{asked:?}");
            }
        }
    }

    async fn read_so_far(&self, ada: &Ada, admin: &mut PgConnection) -> (i64, Vec<String>) {
        let user: UserId = ada.person.id.parse().unwrap();
        let tx = self.pool.identity(&context(1), user).await.unwrap();
        tx.sql(TELL, []).execute().await.unwrap();
        tx.commit().await.unwrap();
        let rows = sqlx::query_scalar(ROWS_READ).fetch_one(&mut *admin).await;
        let whole = sqlx::query_scalar(WHOLE).fetch_all(admin).await;
        (rows.unwrap(), whole.unwrap())
    }
}

/// Ada, who is an owner and a nurse of the first organization and in a team of it, and works there.
struct Ada {
    person: Person,
    token: String,
}

impl Ada {
    async fn of(server: &Server, admin: &mut PgConnection) -> Self {
        let person = server.app.sign_up("ada").await;
        for statement in [
            "insert into member (\"organizationId\", \"userId\", role)
             values (pg_temp.id('c', 1), $1::text::uuid, 'owner,nurse')",
            "insert into \"teamMember\" (\"teamId\", \"userId\") values (pg_temp.id('d', 1001), $1::text::uuid)",
            "update session set \"activeOrganizationId\" = pg_temp.id('c', 1), \"activeTeamId\" = pg_temp.id('d', 1001)
             where \"userId\" = $1::text::uuid",
        ] {
            let statement = sqlx::query(statement).bind(&person.id);
            statement.execute(&mut *admin).await.unwrap();
        }
        let token = sqlx::query_scalar("select token from session where \"userId\" = $1::text::uuid");
        Self {
            token: token.bind(&person.id).fetch_one(admin).await.unwrap(),
            person,
        }
    }
}

/// Makes these organizations, without a look at keys and triggers, which takes most of the time.
async fn grow(admin: &mut PgConnection, from: i32, to: i32) {
    execute(admin, "set session_replication_role = replica").await;
    execute(admin, ID).await;
    for statement in GROWTH {
        let growth = sqlx::query(statement).bind(from).bind(to);
        growth.execute(&mut *admin).await.unwrap();
    }
    execute(admin, "set session_replication_role = origin").await;
    execute(admin, "analyze").await;
}

/// Whether the planner may choose to read a table whole, or to join whole tables, as it does where they are small. With ten
/// organizations it may not, or there would be nothing to compare.
async fn let_tables_be_read_whole(database: &TestDatabase, admin: &mut PgConnection, may: bool) {
    let setting = if may { "on" } else { "off" };
    for choice in ["enable_seqscan", "enable_hashjoin", "enable_mergejoin"] {
        let alter = format!("alter database {} set {choice} = {setting}", database.name());
        sqlx::query(AssertSqlSafe(alter))
            .execute(&mut *admin)
            .await
            .unwrap();
    }
}

/// A vacuum between two counts would change what is read from an index alone.
async fn forbid_vacuum(admin: &mut PgConnection) {
    let tables: Vec<String> = sqlx::query_scalar(
        "select relid::regclass::text from pg_stat_user_tables where schemaname = 'public'",
    )
    .fetch_all(&mut *admin)
    .await
    .unwrap();
    for table in tables {
        let alter = format!("alter table {table} set (autovacuum_enabled = off)");
        sqlx::query(AssertSqlSafe(alter))
            .execute(&mut *admin)
            .await
            .unwrap();
    }
}

async fn execute(admin: &mut PgConnection, statement: &'static str) {
    sqlx::query(statement).execute(admin).await.unwrap();
}

#[actix_web::test]
async fn a_request_costs_with_a_thousand_organizations_what_it_costs_with_ten() {
    let database = Rc::new(TestDatabase::create().await);
    let mut admin = database.admin().await;
    forbid_vacuum(&mut admin).await;
    grow(&mut admin, 1, 10).await;
    let_tables_be_read_whole(&database, &mut admin, false).await;
    let small = Server::on(&database).await;
    let ada = Ada::of(&small, &mut admin).await;
    execute(&mut admin, TELL).await;

    let mut costs = Vec::new();
    for request in requests() {
        let cost = small.cost(&ada, &mut admin, &request).await;
        let (what, _, statements) = request;
        assert_eq!(cost.0, statements, "{what}");
        costs.push((what, cost));
    }
    let_tables_be_read_whole(&database, &mut admin, true).await;
    grow(&mut admin, 11, 1000).await;
    execute(&mut admin, TELL).await;
    let large = Server::on(&database).await;

    for (request, (what, cost)) in requests().iter().zip(costs) {
        assert_eq!(large.cost(&ada, &mut admin, request).await, cost, "{what}");
    }
}
