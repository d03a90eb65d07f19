//! The tour of a membership: a role made at run time, an invitation by mail, and a removal, all through the endpoints.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http::{Clinic, PASSWORD, PATIENTS};
use super::report::Report;
use crate::api::Client;
use crate::failure::Failure;

const EMAIL: &str = "carla@linde.example";
const ORGANIZATION: &str = "/api/auth/organization";

/// How long a mail may take to the mailbox.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// A nurse joins by invitation, may do what the role says, and is out with the first request after her removal.
pub(super) fn from_invitation_to_removal(report: &mut Report, linde: &mut Clinic) -> Result<(), Failure> {
    let mut carla = Client::new(linde.owner.base_url());
    joining(report, linde, &mut carla)?;
    removal(report, linde, &mut carla)
}

fn joining(report: &mut Report, linde: &mut Clinic, carla: &mut Client) -> Result<(), Failure> {
    report.part("A nurse joins")?;
    let owner = &mut linde.owner;
    let role = json!({"role": "nurse", "permission": {"patient": ["read"]}});
    report.fact(
        "the owner makes a role `nurse` that may read patients",
        &owner.post(&format!("{ORGANIZATION}/create-role"), &role)?.status,
        &200,
    );
    let invitation = json!({"email": EMAIL, "role": "nurse"});
    let invited = owner.must_post(&format!("{ORGANIZATION}/invite-member"), &invitation)?;
    let path = format!("/accept-invitation/{}", invited.expect_text("/id")?);
    report.fact(
        "the owner invites Carla, whose mail leads to",
        &link_to(EMAIL, owner)?,
        &format!("{}{path}", owner.base_url()),
    );
    let account = json!({"name": "Carla Roth", "email": EMAIL, "password": PASSWORD});
    carla.must_post("/api/auth/sign-up/email", &account)?;
    report.fact(
        "Carla has signed up, and lists the patients before she accepts",
        &carla.in_organization(&linde.id).get(PATIENTS)?.status,
        &404,
    );
    let accepted = carla.must_post(
        &format!("{ORGANIZATION}/accept-invitation"),
        &json!({"invitationId": invited.expect_text("/id")?}),
    )?;
    report.fact(
        "Carla accepts, and is",
        &accepted.expect_text("/member/role")?,
        &"nurse".to_owned(),
    );
    report.fact("Carla lists the patients", &carla.get(PATIENTS)?.status, &200);
    let patient = json!({"firstName": "Emil", "lastName": "Sommer"});
    report.fact(
        "Carla records a patient",
        &carla.post(PATIENTS, &patient)?.status,
        &403,
    );
    Ok(())
}

/// A member who is removed is out with the next request, though the session goes on.
fn removal(report: &mut Report, linde: &mut Clinic, carla: &mut Client) -> Result<(), Failure> {
    report.part("A member is removed")?;
    let remove = json!({"memberIdOrEmail": EMAIL, "organizationId": linde.id});
    report.fact(
        "the owner removes Carla",
        &linde
            .owner
            .post(&format!("{ORGANIZATION}/remove-member"), &remove)?
            .status,
        &200,
    );
    report.fact(
        "Carla lists the patients with her very next request",
        &carla.get(PATIENTS)?.status,
        &403,
    );
    let mut tab = carla.in_organization(&linde.id);
    report.fact(
        "Carla names the clinic in the request",
        &tab.get(PATIENTS)?.status,
        &404,
    );
    let session = carla
        .must_get("/api/auth/get-session")?
        .expect_text("/user/email")?;
    report.fact("Carla is still signed in, as", &session, &EMAIL.to_owned());
    Ok(())
}

/// The link in the mail to this address, once it has come: mails are sent after the answer.
fn link_to(email: &str, anybody: &mut Client) -> Result<String, Failure> {
    let started = Instant::now();
    loop {
        let mailbox = anybody.must_get("/dev/mailbox.json")?;
        if let Some(link) = link_in(&mailbox.body, email) {
            return Ok(link);
        }
        if started.elapsed() > PATIENCE {
            return Err(Failure::new(
                format!("no mail with a link came to {email} in {PATIENCE:?}"),
                "look at the server's log",
            ));
        }
        thread::sleep(PAUSE);
    }
}

/// The first link in the newest mail to this address.
fn link_in(mailbox: &Value, email: &str) -> Option<String> {
    let mut mails = mailbox.as_array()?.iter();
    let mail = mails.find(|mail| mail.get("to").and_then(Value::as_str) == Some(email))?;
    let mut words = mail.get("text")?.as_str()?.split_whitespace();
    words.find(|word| word.starts_with("http")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::link_in;

    #[test]
    fn the_link_is_of_the_mail_to_the_address() {
        let mailbox = json!([
            {"to": "ana@linde.example", "text": "Open\n\nhttp://127.0.0.1:1/other\n"},
            {"to": "carla@linde.example", "text": "Hello Carla,\n\nhttp://127.0.0.1:1/accept-invitation/7\n\nBye"},
        ]);

        assert_eq!(
            link_in(&mailbox, "carla@linde.example").as_deref(),
            Some("http://127.0.0.1:1/accept-invitation/7")
        );
        assert_eq!(link_in(&mailbox, "bruno@ahorn.example"), None);
    }
}
