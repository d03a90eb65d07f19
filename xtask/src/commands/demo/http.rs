//! The tour over HTTP: sign up, open clinics, record patients, try the other's door.

use serde_json::{Value, json};

use super::report::Report;
use super::sql::Ids;
use crate::api::{Answer, Client};
use crate::failure::Failure;

pub(super) const PASSWORD: &str = "a long enough password";
pub(super) const PATIENTS: &str = "/api/v1/patients";

/// Two clinics in one database.
pub(super) struct Clinics {
    linde: Clinic,
    ahorn: Clinic,
}

/// A clinic, its owner's browser and its patients.
pub(super) struct Clinic {
    name: &'static str,
    pub(super) id: String,
    pub(super) owner: Client,
    patients: Vec<String>,
}

impl Clinics {
    /// The first of the two.
    pub(super) fn linde(&mut self) -> &mut Clinic {
        &mut self.linde
    }

    /// What the tour in SQL needs to know.
    pub(super) fn ids(&self) -> Ids<'_> {
        Ids {
            own: &self.linde.id,
            other: &self.ahorn.id,
            own_patients: self.linde.patients.len(),
            others_patient: self.ahorn.patients.first().map_or("", String::as_str),
        }
    }
}

/// Two people sign up, open a clinic each and record patients; each sees the own ones.
pub(super) fn two_clinics(report: &mut Report, base_url: &str) -> Result<Clinics, Failure> {
    report.part("Two clinics in one database")?;
    let mut linde = clinic(
        report,
        base_url,
        ("Ana Lindner", "ana@linde.example", "Praxis Linde"),
    )?;
    let mut ahorn = clinic(
        report,
        base_url,
        ("Bruno Ahorn", "bruno@ahorn.example", "Praxis Ahorn"),
    )?;
    for (first, last) in [("Mara", "Vogel"), ("Tomas", "Marek"), ("Ines", "Castro")] {
        linde.record(first, last)?;
    }
    for (first, last) in [("Olga", "Petrova"), ("Jonas", "Weber")] {
        ahorn.record(first, last)?;
    }
    for (clinic, names) in [
        (&mut linde, "Castro, Marek, Vogel"),
        (&mut ahorn, "Petrova, Weber"),
    ] {
        let listed = last_names(&clinic.owner.must_get(PATIENTS)?);
        report.fact(
            &format!("{} lists its patients", clinic.name),
            &listed,
            &names.to_owned(),
        );
    }
    let found = last_names(&linde.owner.must_get(&format!("{PATIENTS}?search=ma"))?);
    report.fact(
        "Praxis Linde searches for words that begin with `ma`",
        &found,
        &"Marek, Vogel".to_owned(),
    );
    let found = last_names(&ahorn.owner.must_get(&format!("{PATIENTS}?search=ma"))?);
    report.fact("Praxis Ahorn searches for the same", &found, &String::new());
    Ok(Clinics { linde, ahorn })
}

/// Whatever one clinic asks about the other's patient, there is no such patient.
pub(super) fn walls(report: &mut Report, clinics: &mut Clinics) -> Result<(), Failure> {
    report.part("The other clinic's patient, over HTTP")?;
    let Clinics { linde, ahorn } = clinics;
    let theirs = format!("{PATIENTS}/{}", ahorn.patients.first().map_or("", String::as_str));
    let change = json!({"firstName": "Stolen"});
    report.fact("its own clinic reads it", &ahorn.owner.get(&theirs)?.status, &200);
    report.fact(
        "Praxis Linde reads it by its id",
        &linde.owner.get(&theirs)?.status,
        &404,
    );
    let mut armed = linde.owner.at_version("\"1\"");
    report.fact(
        "Praxis Linde changes it",
        &armed.call("PATCH", &theirs, Some(&change))?.status,
        &404,
    );
    report.fact(
        "Praxis Linde deletes it",
        &armed
            .call("DELETE", &theirs, Some(&json!({"reason": "Stolen"})))?
            .status,
        &404,
    );
    let mut tab = linde.owner.in_organization(&ahorn.id);
    report.fact(
        "Praxis Linde asks in the other clinic's name",
        &tab.get(PATIENTS)?.status,
        &404,
    );
    let mut nobody = Client::new(linde.owner.base_url());
    report.fact(
        "somebody without a session asks",
        &nobody.get(PATIENTS)?.status,
        &401,
    );
    report.fact(
        "it is still there, unchanged",
        &ahorn.owner.must_get(&theirs)?.expect_text("/firstName")?,
        &"Olga".to_owned(),
    );
    Ok(())
}

fn clinic(
    report: &mut Report,
    base_url: &str,
    (person, email, name): (&str, &str, &'static str),
) -> Result<Clinic, Failure> {
    let mut owner = Client::new(base_url);
    let account = json!({"name": person, "email": email, "password": PASSWORD});
    report.fact(
        &format!("{person} signs up"),
        &owner.post("/api/auth/sign-up/email", &account)?.status,
        &200,
    );
    let slug = name.to_lowercase().replace(' ', "-");
    let made = owner.must_post(
        "/api/auth/organization/create",
        &json!({"name": name, "slug": slug}),
    )?;
    report.fact(
        &format!("{person} opens"),
        &made.expect_text("/name")?,
        &name.to_owned(),
    );
    Ok(Clinic {
        name,
        id: made.expect_text("/id")?,
        owner,
        patients: Vec::new(),
    })
}

impl Clinic {
    fn record(&mut self, first: &str, last: &str) -> Result<(), Failure> {
        let patient = json!({"firstName": first, "lastName": last});
        self.patients
            .push(self.owner.must_post(PATIENTS, &patient)?.expect_text("/id")?);
        Ok(())
    }
}

fn last_names(answer: &Answer) -> String {
    let patients = answer.body.get("items").and_then(Value::as_array);
    let names = patients
        .into_iter()
        .flatten()
        .filter_map(|patient| patient.get("lastName")?.as_str());
    names.collect::<Vec<_>>().join(", ")
}
