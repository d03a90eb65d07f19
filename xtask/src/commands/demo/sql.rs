//! The tour in SQL: what somebody could do who runs statements of their own as the application's login.

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

/// What is tried, the statement, and what must come of it: the first column, or the SQLSTATE of the refusal.
/// `{own}`, `{other}` and `{patient}` stand for the two organizations and a patient of the other one.
type Attempt = (&'static str, &'static str, &'static str);

/// `insufficient_privilege`, which also is what a row security check answers (PostgreSQL manual, appendix A).
const REFUSED: &str = "refused (42501)";
/// `foreign_key_violation`.
const NO_SUCH_PARENT: &str = "refused (23503)";

const UNREACHED: &str = "could not connect as the application's login";
const LOG: &str = "look at the log of the server";

/// As the login itself, before it becomes anything.
const LOGIN: &str = "begin";
const AS_LOGIN: &[Attempt] = &[
    (
        "the login reads patients",
        "select count(*)::text from patients",
        REFUSED,
    ),
    (
        "the login reads accounts",
        "select count(*)::text from account",
        REFUSED,
    ),
];

/// Of no organization.
const NOWHERE: &str = "begin; set local role authenticated";
const WITHOUT_AN_ORGANIZATION: &[Attempt] = &[
    (
        "a query with no organization counts patients",
        "select count(*)::text from patients",
        "0",
    ),
    (
        "it counts organizations",
        "select count(*)::text from organization",
        "0",
    ),
    ("it counts people", "select count(id)::text from \"user\"", "0"),
];

/// What signing in is done with.
const CREDENTIALS: &str = "begin; set local role wardkeep_credentials";
const AS_CREDENTIALS: &[Attempt] = &[
    (
        "signing in reads patients",
        "select count(*)::text from patients",
        REFUSED,
    ),
    (
        "signing in reads members",
        "select count(*)::text from member",
        REFUSED,
    ),
];

/// What every request of a member begins with.
const INSIDE: &str = "begin; set local role authenticated; set local app.current_organization_id = '{own}'";
const ROWS_OF_THE_OTHER: &[Attempt] = &[
    (
        "select without where",
        "select count(*)::text from patients",
        "{count}",
    ),
    (
        "select where organization_id is the other's",
        "select count(*)::text from patients where organization_id = '{other}'",
        "0",
    ),
    (
        "select the other's patient by its id",
        "select count(*)::text from patients where id = '{patient}'",
        "0",
    ),
    (
        "select the words of the other's patients",
        "select count(*)::text from patient_words where organization_id = '{other}'",
        "0",
    ),
    (
        "insert a patient into the other clinic",
        "insert into patients (organization_id, id, first_name, last_name) \
         values ('{other}', gen_random_uuid(), 'x', 'x')",
        REFUSED,
    ),
    (
        "move all patients to the other clinic",
        "update patients set organization_id = '{other}'",
        REFUSED,
    ),
    (
        "change the other's patient",
        "with changed as (update patients set first_name = 'x' where id = '{patient}' returning 1) \
         select count(*)::text from changed",
        "0",
    ),
    (
        "delete the other's patients",
        "with deleted as (delete from patients where organization_id = '{other}' returning 1) \
         select count(*)::text from deleted",
        "0",
    ),
    (
        "refer to the other's patient from an own record",
        "insert into medical_records (organization_id, id, patient_id, category, status, code, effective_at, created_by, \
         created_by_name) \
         select '{own}', gen_random_uuid(), '{patient}', 'problem', 'active', '{}', now(), id, name from \"user\"",
        NO_SUCH_PARENT,
    ),
    (
        "list the addresses of all people",
        "select string_agg(email, ', ') from \"user\"",
        "ana@linde.example",
    ),
    (
        "list all organizations",
        "select string_agg(name, ', ') from organization",
        "Praxis Linde",
    ),
];
const WAYS_OUT: &[Attempt] = &[
    (
        "choose the other clinic inside a select",
        "select set_config('app.current_organization_id', '{other}', true)",
        REFUSED,
    ),
    (
        "switch row security off for the query",
        "set local row_security = off; select count(*)::text from patients",
        REFUSED,
    ),
    (
        "switch row security off for the table",
        "alter table patients disable row level security",
        REFUSED,
    ),
    (
        "make a policy",
        "create policy open on patients using (true)",
        REFUSED,
    ),
    ("truncate", "truncate patients", REFUSED),
    ("copy to a program", "copy patients to program 'cat'", REFUSED),
    ("make a table", "create table public.loot ()", REFUSED),
    (
        "make a temporary table",
        "create temporary table loot as select 1",
        REFUSED,
    ),
    ("become the owner", "set local role wardkeep_owner", REFUSED),
    ("become the lookup", "set local role wardkeep_lookup", REFUSED),
    ("become the auditor", "set local role wardkeep_auditor", REFUSED),
    ("become a superuser", "set local role postgres", REFUSED),
    ("read password hashes", "select password from account", REFUSED),
    ("read sessions", "select token from session", REFUSED),
    ("read whole rows of people", "select * from \"user\"", REFUSED),
];

/// On a note that is signed: `{note}`, of the clinic `{own}`.
const ON_A_SIGNED_NOTE: &[Attempt] = &[
    (
        "read it",
        "select text from clinical_notes where id = '{note}'",
        "Right knee less swollen.",
    ),
    (
        "write another text",
        "update clinical_notes set text = 'Nothing.' where id = '{note}'",
        REFUSED,
    ),
    (
        "make it a draft again",
        "update clinical_notes set status = 'draft', signed_by = null, signed_by_name = null, signed_at = null, \
         sha256 = null where id = '{note}'",
        REFUSED,
    ),
    (
        "delete it",
        "delete from clinical_notes where id = '{note}'",
        REFUSED,
    ),
    (
        "write over it",
        "insert into clinical_notes select * from clinical_notes where id = '{note}' \
         on conflict (organization_id, id) do update set text = 'Nothing.'",
        REFUSED,
    ),
    (
        "rewrite what the draft said",
        "update clinical_note_versions set text = 'Nothing.' where clinical_note_id = '{note}'",
        REFUSED,
    ),
    (
        "take the trigger away",
        "alter table clinical_notes disable trigger refuse_to_change",
        REFUSED,
    ),
    (
        "let no trigger fire",
        "set local session_replication_role = replica",
        REFUSED,
    ),
];

/// What the application's role can do to a note that is signed, by SQL.
pub(super) fn signed_note(
    report: &mut Report,
    app_url: &str,
    clinic: &str,
    note: &str,
) -> Result<(), Failure> {
    block_on(async {
        let mut connection = connect(app_url).await?;
        report.part("The signed note, with SQL as the role that writes notes")?;
        let fill = |template: &str| template.replace("{own}", clinic).replace("{note}", note);
        make(report, &mut connection, fill, INSIDE, ON_A_SIGNED_NOTE).await?;
        connection.close().await.or_fail(UNREACHED, LOG)
    })?
}

/// Makes every attempt in a transaction of its own, which is rolled back.
pub(super) fn walls(report: &mut Report, app_url: &str, ids: &Ids<'_>) -> Result<(), Failure> {
    block_on(async {
        let mut connection = connect(app_url).await?;
        let fill = |template: &str| ids.fill(template);
        report.part("Raw SQL as wardkeep_app, in no organization")?;
        for (scope, attempts) in [
            (LOGIN, AS_LOGIN),
            (NOWHERE, WITHOUT_AN_ORGANIZATION),
            (CREDENTIALS, AS_CREDENTIALS),
        ] {
            make(report, &mut connection, fill, scope, attempts).await?;
        }
        report.part("Raw SQL as wardkeep_app, inside Praxis Linde")?;
        for attempts in [ROWS_OF_THE_OTHER, WAYS_OUT] {
            make(report, &mut connection, fill, INSIDE, attempts).await?;
        }
        println!(
            "        (A whole statement that begins with SET could choose another clinic; no request can send one:"
        );
        println!("        Wardkeep's statements are constants with bound values, one at a time.)");
        connection.close().await.or_fail(UNREACHED, LOG)
    })?
}

async fn connect(app_url: &str) -> Result<PgConnection, Failure> {
    PgConnection::connect(app_url).await.or_fail(UNREACHED, LOG)
}

async fn make(
    report: &mut Report,
    connection: &mut PgConnection,
    fill: impl Fn(&str) -> String,
    scope: &str,
    attempts: &[Attempt],
) -> Result<(), Failure> {
    for (what, statement, expected) in attempts {
        let came = attempt(connection, &fill(scope), &fill(statement))
            .await
            .or_fail(
                &format!("could not try to {what}"),
                "look at the log of the database",
            )?;
        report.fact(what, &came, &fill(expected));
    }
    Ok(())
}

/// The first column of the first row, or the SQLSTATE.
async fn attempt(connection: &mut PgConnection, scope: &str, statement: &str) -> Result<String, sqlx::Error> {
    connection.execute(AssertSqlSafe(scope.to_owned())).await?;
    let came = connection.fetch_all(AssertSqlSafe(statement.to_owned())).await;
    connection.execute("rollback").await?;
    match came {
        Ok(rows) => Ok(rows
            .first()
            .and_then(|row| row.try_get(0).ok())
            .unwrap_or_else(|| "done".to_owned())),
        Err(sqlx::Error::Database(error)) => Ok(format!("refused ({})", error.code().unwrap_or_default())),
        Err(error) => Err(error),
    }
}

impl Ids<'_> {
    fn fill(&self, template: &str) -> String {
        template
            .replace("{own}", self.own)
            .replace("{other}", self.other)
            .replace("{patient}", self.others_patient)
            .replace("{count}", &self.own_patients.to_string())
    }
}
