//! The tour in SQL: what somebody could do who runs statements of their own as the application's login.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use super::report::Report;
use crate::failure::{Failure, OrFail};
use crate::process::block_on;

/// The clinic that the connection is in, and the one it is not.
pub(super) struct Ids<'a> {
    pub(super) own: &'a str,
    pub(super) other: &'a str,
    pub(super) own_patients: usize,
    pub(super) others_patient: &'a str,
}

/// How a transaction begins.
enum Scope {
    /// As the login itself, before it becomes anything.
    Login,
    /// As `authenticated`, of no organization.
    Nowhere,
    /// As `authenticated`, of the own organization: what every request has.
    Inside,
    /// As a role that signs people in.
    Credentials,
}

/// One statement that an intruder might run, and the first column or the SQLSTATE that it must give.
struct Attempt {
    what: &'static str,
    scope: Scope,
    sql: String,
    expected: String,
}

/// `insufficient_privilege`, also what a row security check answers (PostgreSQL manual, appendix A).
const REFUSED: &str = "refused (42501)";
const NO_SUCH_PARENT: &str = "refused (23503)";

/// Makes every attempt in a transaction of its own.
pub(super) fn walls(report: &mut Report, app_url: &str, ids: &Ids<'_>) -> Result<(), Failure> {
    let what = "could not run a statement as the application's login";
    let next = "look at the server of the database";
    block_on(async {
        let mut connection = PgConnection::connect(app_url).await.or_fail(what, next)?;
        report.part("Raw SQL as wardkeep_app, with no organization")?;
        for attempt in outside() {
            let came = attempt.run(&mut connection, ids).await.or_fail(what, next)?;
            report.fact(attempt.what, &came, &attempt.expected);
        }
        report.part("Raw SQL as wardkeep_app, inside Praxis Linde")?;
        for attempt in inside(ids) {
            let came = attempt.run(&mut connection, ids).await.or_fail(what, next)?;
            report.fact(attempt.what, &came, &attempt.expected);
        }
        println!(
            "        (A whole statement that begins with SET could choose another clinic; no request can send one:"
        );
        println!("        Wardkeep's statements are constants with bound values, one at a time.)");
        connection.close().await.or_fail(what, next)
    })?
}

/// Without an organization there is nothing.
fn outside() -> Vec<Attempt> {
    let attempt = |what, scope, sql: &str, expected: &str| Attempt {
        what,
        scope,
        sql: sql.to_owned(),
        expected: expected.to_owned(),
    };
    vec![
        attempt(
            "the login reads patients",
            Scope::Login,
            "select count(*)::text from patients",
            REFUSED,
        ),
        attempt(
            "the login reads accounts",
            Scope::Login,
            "select count(*)::text from account",
            REFUSED,
        ),
        attempt(
            "a query with no organization counts patients",
            Scope::Nowhere,
            "select count(*)::text from patients",
            "0",
        ),
        attempt(
            "it lists organizations",
            Scope::Nowhere,
            "select count(*)::text from organization",
            "0",
        ),
        attempt(
            "it looks for people",
            Scope::Nowhere,
            "select count(id)::text from \"user\"",
            "0",
        ),
        attempt(
            "signing in reads patients",
            Scope::Credentials,
            "select count(*)::text from patients",
            REFUSED,
        ),
        attempt(
            "signing in reads members",
            Scope::Credentials,
            "select count(*)::text from member",
            REFUSED,
        ),
    ]
}

/// Inside an organization there is that organization.
fn inside(ids: &Ids<'_>) -> Vec<Attempt> {
    let Ids {
        own,
        other,
        own_patients,
        others_patient,
    } = ids;
    let mut attempts = Vec::new();
    let mut attempt = |what, sql: String, expected: &str| {
        attempts.push(Attempt {
            what,
            scope: Scope::Inside,
            sql,
            expected: expected.to_owned(),
        });
    };
    attempt(
        "select without where",
        "select count(*)::text from patients".into(),
        &own_patients.to_string(),
    );
    attempt(
        "select where organization_id is the other's",
        format!("select count(*)::text from patients where organization_id = '{other}'"),
        "0",
    );
    attempt(
        "select the other's patient by its id",
        format!("select count(*)::text from patients where id = '{others_patient}'"),
        "0",
    );
    attempt(
        "select the words of the other's patients",
        format!("select count(*)::text from patient_words where organization_id = '{other}'"),
        "0",
    );
    attempt(
        "insert a patient into the other clinic",
        insert_patient(other),
        REFUSED,
    );
    attempt(
        "move all patients to the other clinic",
        format!("update patients set organization_id = '{other}'"),
        REFUSED,
    );
    attempt(
        "change the other's patient",
        counted(&format!(
            "update patients set first_name = 'x' where id = '{others_patient}' returning 1"
        )),
        "0",
    );
    attempt(
        "delete the other's patient",
        counted(&format!(
            "delete from patients where organization_id = '{other}' returning 1"
        )),
        "0",
    );
    attempt(
        "refer to the other's patient from an own record",
        record_of(own, others_patient),
        NO_SUCH_PARENT,
    );
    attempt(
        "choose the other clinic inside a select",
        format!("select set_config('app.current_organization_id', '{other}', true)"),
        REFUSED,
    );
    attempt("truncate", "truncate patients".into(), REFUSED);
    attempt(
        "copy to a program",
        "copy patients to program 'cat'".into(),
        REFUSED,
    );
    attempt(
        "make a temporary table",
        "create temporary table loot as select 1".into(),
        REFUSED,
    );
    attempt("make a table", "create table public.loot ()".into(), REFUSED);
    attempt(
        "switch row security off for the query",
        "set local row_security = off; select count(*)::text from patients".into(),
        REFUSED,
    );
    attempt(
        "switch row security off for the table",
        "alter table patients disable row level security".into(),
        REFUSED,
    );
    attempt(
        "make a policy",
        "create policy open on patients using (true)".into(),
        REFUSED,
    );
    attempt(
        "become the owner",
        "set local role wardkeep_owner".into(),
        REFUSED,
    );
    attempt(
        "become the lookup",
        "set local role wardkeep_lookup".into(),
        REFUSED,
    );
    attempt("become a superuser", "set local role postgres".into(), REFUSED);
    attempt(
        "read password hashes",
        "select password from account".into(),
        REFUSED,
    );
    attempt("read sessions", "select token from session".into(), REFUSED);
    attempt(
        "read whole rows of people",
        "select * from \"user\"".into(),
        REFUSED,
    );
    attempt(
        "list the addresses of all people",
        "select string_agg(email, ', ') from \"user\"".into(),
        "ana@linde.example",
    );
    attempt(
        "list all organizations",
        "select string_agg(name, ', ') from organization".into(),
        "Praxis Linde",
    );
    attempts
}

fn insert_patient(organization: &str) -> String {
    format!(
        "insert into patients (organization_id, id, first_name, last_name, created_at, updated_at) \
         values ('{organization}', gen_random_uuid(), 'x', 'x', now(), now())"
    )
}

fn record_of(organization: &str, patient: &str) -> String {
    format!(
        "insert into medical_records (organization_id, id, patient_id, created_at, updated_at) \
         values ('{organization}', gen_random_uuid(), '{patient}', now(), now())"
    )
}

/// How many rows a changing statement touches.
fn counted(statement: &str) -> String {
    format!("with touched as ({statement}) select count(*)::text from touched")
}

impl Attempt {
    /// The first column of the first row, or the SQLSTATE, after which everything is rolled back.
    async fn run(&self, connection: &mut PgConnection, ids: &Ids<'_>) -> Result<String, sqlx::Error> {
        connection.execute(AssertSqlSafe(self.scope.begin(ids))).await?;
        let came = connection.fetch_all(AssertSqlSafe(self.sql.clone())).await;
        connection.execute("rollback").await?;
        match came {
            Ok(rows) => Ok(rows
                .first()
                .and_then(|row| row.try_get(0).ok())
                .unwrap_or_else(|| "done".to_owned())),
            Err(sqlx::Error::Database(error)) => {
                Ok(format!("refused ({})", error.code().unwrap_or_default()))
            }
            Err(error) => Err(error),
        }
    }
}

impl Scope {
    /// The statements with which the server itself begins.
    fn begin(&self, ids: &Ids<'_>) -> String {
        let role = match self {
            Self::Login => return "begin".to_owned(),
            Self::Nowhere | Self::Inside => "authenticated",
            Self::Credentials => "wardkeep_credentials",
        };
        let mut begin = format!("begin; set local role {role}");
        if matches!(self, Self::Inside) {
            // Writing to a string does not fail.
            let _ = write!(begin, "; set local app.current_organization_id = '{}'", ids.own);
        }
        begin
    }
}
