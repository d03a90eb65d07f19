//! Two small clinics with invented people, made through the server's own interface. What is there already stays.

mod course;

use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use crate::api::{Answer, Client};
use crate::failure::{Failure, OrFail};
use crate::process::block_on;

const PATIENTS: &str = "/api/v1/patients";

/// What to make.
struct Plan {
    person: &'static str,
    email: &'static str,
    clinic: &'static str,
    slug: &'static str,
    patients: [(&'static str, &'static str, &'static str); 3],
}

const PLANS: [Plan; 2] = [
    Plan {
        person: "Ana Lindner",
        email: "ana@linde.example",
        clinic: "Praxis Linde",
        slug: "praxis-linde",
        patients: [
            ("Mara", "Vogel", "1987-04-12"),
            ("Tomás", "Marek", "1954-11-30"),
            ("Inês", "Castro", "2001-07-03"),
        ],
    },
    Plan {
        person: "Bruno Ahorn",
        email: "bruno@ahorn.example",
        clinic: "Praxis Ahorn",
        slug: "praxis-ahorn",
        patients: [
            ("Olga", "Petrova", "1969-02-21"),
            ("Jonas", "Weber", "1993-09-08"),
            ("Zoë", "de Vries", "2012-12-24"),
        ],
    },
];

/// A clinic that is there now.
pub(super) struct Clinic {
    pub(super) person: &'static str,
    pub(super) email: &'static str,
    pub(super) name: &'static str,
    pub(super) id: String,
    /// The patient who is treated.
    pub(super) patient: String,
}

/// Both clinics, and a patient of the second.
pub(super) struct Seeded {
    pub(super) clinics: [Clinic; 2],
    pub(super) others_patient: String,
}

/// Makes what is missing.
///
/// `browser` has been nowhere yet; `database` is the address for the superuser.
pub(super) fn run(browser: &Client, database: &str, password: &str) -> Result<Seeded, Failure> {
    println!("==> two clinics with invented people");
    let [first, second] = &PLANS;
    let (first, _) = make(first, browser, database, password)?;
    let (second, others_patient) = make(second, browser, database, password)?;
    Ok(Seeded {
        clinics: [first, second],
        others_patient,
    })
}

/// One clinic, and the id of one of its patients.
fn make(plan: &Plan, browser: &Client, database: &str, password: &str) -> Result<(Clinic, String), Failure> {
    let mut owner = browser.clone();
    sign_in(&mut owner, plan, database, password)?;
    let id = organization(&mut owner, plan)?;
    let mut tab = owner.in_organization(&id);
    let list = tab.must_get(&format!("{PATIENTS}?limit=200"))?;
    let mut patients = Vec::new();
    for (first_name, last_name, date_of_birth) in plan.patients {
        patients.push(match find(&list, first_name, last_name) {
            Some(id) => id,
            None => {
                let patient =
                    json!({"firstName": first_name, "lastName": last_name, "dateOfBirth": date_of_birth});
                tab.must_post(PATIENTS, &patient)?.expect_text("/id")?
            }
        });
    }
    let patient = patients.first().cloned().unwrap_or_default();
    course::make(&mut tab, &patient)?;
    let clinic = Clinic {
        person: plan.person,
        email: plan.email,
        name: plan.clinic,
        id,
        patient,
    };
    Ok((clinic, patients.pop().unwrap_or_default()))
}

/// Signs in, or up if nobody has the address, and marks it as proven: else whoever came with it through a provider would
/// take the account over, and its password would be gone. At most one request of each kind, of which ten seconds allow three.
fn sign_in(owner: &mut Client, plan: &Plan, database: &str, password: &str) -> Result<(), Failure> {
    let account = json!({"name": plan.person, "email": plan.email, "password": password});
    if !prove(database, plan.email)? {
        let signed_up = owner.must_post("/api/auth/sign-up/email", &account)?;
        prove(database, plan.email)?;
        if signed_up.text("/token").is_some() {
            return Ok(());
        }
        // With REQUIRE_EMAIL_VERIFICATION there is no session yet.
    }
    let answer = owner.post("/api/auth/sign-in/email", &account)?;
    match answer.status {
        200 => Ok(()),
        401 => Err(Failure::new(
            format!(
                "{} has no password, or another than the one in .wardkeep/development.json",
                plan.email
            ),
            "start over with `cargo xtask migrate fresh`, or run `cargo xtask dev --no-seed`",
        )),
        status => Err(Failure::new(
            format!("signing {} in answered {status} {}", plan.email, answer.body),
            "look at the log above",
        )),
    }
}

/// Marks an address as proven, as the link in a mail would; whether somebody has it.
fn prove(database: &str, email: &str) -> Result<bool, Failure> {
    const PROVE: &str = r#"update public."user" set "emailVerified" = true where email = $1"#;
    block_on(async {
        let mut admin = PgConnection::connect(database).await?;
        let proven = sqlx::query(PROVE).bind(email).execute(&mut admin).await?;
        admin.close().await?;
        Ok::<_, sqlx::Error>(proven.rows_affected() > 0)
    })?
    .or_fail(
        &format!("could not mark {email} as proven"),
        "see .wardkeep/postgres/server.log",
    )
}

fn organization(owner: &mut Client, plan: &Plan) -> Result<String, Failure> {
    let list = owner.must_get("/api/auth/organization/list")?;
    let mut own = list.body.as_array().into_iter().flatten();
    let found = own.find(|organization| organization.get("slug").and_then(Value::as_str) == Some(plan.slug));
    if let Some(id) = found
        .and_then(|organization| organization.get("id"))
        .and_then(Value::as_str)
    {
        return Ok(id.to_owned());
    }
    let made = json!({"name": plan.clinic, "slug": plan.slug});
    owner
        .must_post("/api/auth/organization/create", &made)?
        .expect_text("/id")
}

/// The id of the patient of that name, if there is one.
fn find(list: &Answer, first_name: &str, last_name: &str) -> Option<String> {
    let patients = list.body.get("items").and_then(Value::as_array);
    let text = |patient: &Value, key: &str| patient.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut all = patients.into_iter().flatten();
    let found = all.find(|patient| {
        text(patient, "firstName").as_deref() == Some(first_name)
            && text(patient, "lastName").as_deref() == Some(last_name)
    })?;
    text(found, "id")
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, PgConnection};
    use wardkeep_testkit::TestDatabase;

    use super::prove;
    use crate::process::block_on;

    #[test]
    fn an_owner_of_before_who_has_proven_nothing_has_so_then_and_nobody_else() {
        const MADE: &str = r#"insert into public."user" (name, email) values ('Ana', 'ana@linde.example'),
            ('Eve', 'eve@linde.example')"#;
        const PROVEN: &str = r#"select array_agg(email) from public."user" where "emailVerified""#;
        let database = block_on(TestDatabase::create()).unwrap();
        let admin = database.admin_url();
        let run = |sql| {
            block_on(async {
                let mut admin = PgConnection::connect(&admin).await.unwrap();
                let found: Option<Vec<String>> = sqlx::query_scalar(sql)
                    .fetch_optional(&mut admin)
                    .await
                    .unwrap()
                    .flatten();
                found
            })
            .unwrap()
        };
        assert_eq!(run(MADE), None);

        assert!(prove(&admin, "ana@linde.example").unwrap());
        assert!(prove(&admin, "ana@linde.example").unwrap());
        assert!(!prove(&admin, "bruno@ahorn.example").unwrap());

        assert_eq!(run(PROVEN), Some(vec!["ana@linde.example".to_owned()]));
    }
}
