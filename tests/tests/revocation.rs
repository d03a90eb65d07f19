//! What ends a session ends it on every server, at the very next request: nothing is kept in memory.

use serde_json::{Value, json};
use wardkeep_tests::{App, Clinic, Patient, Person, password};

/// Two servers on one database, and Ada, who is signed in twice and at work.
struct World {
    here: App,
    there: App,
    ada: Person,
    elsewhere: Person,
    patient: Patient,
    clinic: Clinic,
}

impl World {
    async fn new() -> Self {
        let here = App::start().await;
        let there = here.beside().await;
        let ada = here.sign_up("ada").await;
        let clinic = here.organization(&ada, "salt-lane").await;
        let patient = here.patient(&ada).create().await;
        let elsewhere = there.sign_in("ada").await;
        let world = Self {
            here,
            there,
            ada,
            elsewhere,
            patient,
            clinic,
        };
        // Were anything kept, it would be kept now.
        world.assert_works(&world.ada).await;
        world.assert_works(&world.elsewhere).await;
        world
    }

    async fn post(&self, endpoint: &str, by: &Person, body: Value) -> Value {
        let path = format!("/api/auth/{endpoint}");
        let answer = self.here.post(&path).by(by).json(body).send().await;
        answer.expect(200).body
    }

    /// Both servers show the session, and the patient to it.
    async fn assert_works(&self, person: &Person) {
        for app in [&self.here, &self.there] {
            let session = app.get("/api/auth/get-session").by(person).send().await;
            assert_eq!(session.body["user"]["id"], *person.id);
            let patient = app.get(&self.patient.path()).by(person);
            let answer = patient.organization(&self.clinic.id).send().await;
            assert_eq!(answer.expect(200).body, self.patient.body);
        }
    }

    /// Both servers refuse the session: the one that ended it last.
    async fn assert_ended(&self, person: &Person) {
        for app in [&self.there, &self.here] {
            let patient = app.get(&self.patient.path()).by(person);
            let refused = patient.organization(&self.clinic.id).send().await;
            assert_eq!((refused.status, refused.code()), (401, "UNAUTHORIZED"));
            let accounts = app.get("/api/auth/list-accounts").by(person).send().await;
            assert_eq!((accounts.status, accounts.code()), (401, "UNAUTHORIZED"));
            let session = app.get("/api/auth/get-session").by(person).send().await;
            assert_eq!(session.text, "null");
        }
    }

    async fn handle(&self, person: &Person) -> Value {
        let session = self.here.get("/api/auth/get-session").by(person).send().await;
        session.body["session"]["token"].clone()
    }
}

#[actix_web::test]
async fn signing_out_ends_this_session_everywhere() {
    let world = World::new().await;

    world.post("sign-out", &world.ada, json!({})).await;

    world.assert_ended(&world.ada).await;
    world.assert_works(&world.elsewhere).await;
}

#[actix_web::test]
async fn a_session_that_is_revoked_is_revoked_everywhere() {
    let world = World::new().await;
    let handle = world.handle(&world.elsewhere).await;

    world
        .post("revoke-session", &world.ada, json!({ "token": handle }))
        .await;

    world.assert_ended(&world.elsewhere).await;
    world.assert_works(&world.ada).await;
}

#[actix_web::test]
async fn the_other_sessions_are_revoked_everywhere() {
    let world = World::new().await;

    world.post("revoke-other-sessions", &world.ada, json!({})).await;

    world.assert_ended(&world.elsewhere).await;
    world.assert_works(&world.ada).await;
}

#[actix_web::test]
async fn all_sessions_are_revoked_everywhere() {
    let world = World::new().await;

    world.post("revoke-sessions", &world.ada, json!({})).await;

    world.assert_ended(&world.ada).await;
    world.assert_ended(&world.elsewhere).await;
}

#[actix_web::test]
async fn a_new_password_that_revokes_sessions_revokes_them_everywhere() {
    let world = World::new().await;
    let change = json!({
        "currentPassword": password("ada"), "newPassword": password("ada anew"), "revokeOtherSessions": true,
    });

    world.post("change-password", &world.ada, change).await;

    world.assert_ended(&world.ada).await;
    world.assert_ended(&world.elsewhere).await;
}

#[actix_web::test]
async fn a_new_password_that_revokes_nothing_revokes_nothing() {
    let world = World::new().await;
    let change = json!({"currentPassword": password("ada"), "newPassword": password("ada anew")});

    world.post("change-password", &world.ada, change).await;

    world.assert_works(&world.ada).await;
    world.assert_works(&world.elsewhere).await;
}

#[actix_web::test]
async fn a_deleted_user_is_signed_in_nowhere() {
    let world = World::new().await;
    let bea = world.here.sign_up("bea").await;
    world.here.join(&world.clinic.id, &bea.id, "owner").await;

    world
        .post("delete-user", &world.ada, json!({ "password": password("ada") }))
        .await;

    world.assert_ended(&world.ada).await;
    world.assert_ended(&world.elsewhere).await;
    world.assert_works(&bea).await;
}

#[actix_web::test]
async fn a_reset_by_mail_ends_all_sessions_everywhere() {
    let world = World::new().await;
    world
        .post(
            "request-password-reset",
            &world.ada,
            json!({ "email": world.ada.email }),
        )
        .await;
    let mails = world.there.mails().await;
    let token = mails[0].text.split("/reset-password/").nth(1).unwrap();
    let token = token.split('?').next().unwrap();
    let nobody = || world.here.post("/api/auth/reset-password");
    let form = json!({"token": token, "newPassword": password("ada anew")});

    nobody().json(form.clone()).send().await.expect(200);

    world.assert_ended(&world.ada).await;
    world.assert_ended(&world.elsewhere).await;
    // Nor is the token good at the other one.
    let again = world
        .there
        .post("/api/auth/reset-password")
        .json(form)
        .send()
        .await;
    assert_eq!((again.status, again.code()), (400, "INVALID_TOKEN"));
}

/// Ben, who works in the clinic as a member, on both servers; and the id of his membership.
async fn ben_at_work(world: &World) -> (Person, String) {
    let ben = world.here.sign_up("ben").await;
    let member = world.here.join(&world.clinic.id, &ben.id, "member").await;
    let active = json!({ "organizationId": world.clinic.id });
    world.post("organization/set-active", &ben, active).await;
    world.assert_works(&ben).await;
    (ben, member)
}

/// Both servers refuse the patient: the one that did not hear of it first.
async fn assert_refused(world: &World, person: &Person, named: (u16, &str), active: (u16, &str)) {
    for app in [&world.there, &world.here] {
        let patient = || app.get(&world.patient.path()).by(person);
        let by_header = patient().organization(&world.clinic.id).send().await;
        assert_eq!((by_header.status, by_header.code()), named);
        let by_session = patient().send().await;
        assert_eq!((by_session.status, by_session.code()), active);
    }
}

#[actix_web::test]
async fn who_leaves_is_out_on_every_server_at_the_next_request() {
    let world = World::new().await;
    let (ben, _) = ben_at_work(&world).await;

    let leave = json!({ "organizationId": world.clinic.id });
    world.post("organization/leave", &ben, leave).await;

    let (unknown, none) = ("ORGANIZATION_NOT_FOUND", "NO_ACTIVE_ORGANIZATION");
    assert_refused(&world, &ben, (404, unknown), (400, none)).await;
    world.assert_works(&world.ada).await;
}

#[actix_web::test]
async fn a_removed_member_is_out_on_every_server_whatever_the_session_names() {
    let world = World::new().await;
    let (ben, member) = ben_at_work(&world).await;

    let remove = json!({ "memberIdOrEmail": member });
    world.post("organization/remove-member", &world.ada, remove).await;

    let session = world.there.get("/api/auth/get-session").by(&ben).send().await;
    assert_eq!(session.body["session"]["activeOrganizationId"], *world.clinic.id);
    let unknown = "ORGANIZATION_NOT_FOUND";
    assert_refused(&world, &ben, (404, unknown), (403, "NOT_A_MEMBER")).await;
}

#[actix_web::test]
async fn a_right_that_is_taken_away_is_gone_on_every_server_at_the_next_request() {
    let world = World::new().await;
    let (ben, member) = ben_at_work(&world).await;
    let role = json!({ "role": "caretaker", "permission": { "team": ["create"] } });
    world.post("organization/create-role", &world.ada, role).await;

    let change = json!({ "memberId": member, "role": "caretaker" });
    world
        .post("organization/update-member-role", &world.ada, change)
        .await;

    assert_refused(&world, &ben, (403, "FORBIDDEN"), (403, "FORBIDDEN")).await;
}

#[actix_web::test]
async fn a_deleted_organization_is_gone_on_every_server_whatever_the_session_names() {
    let world = World::new().await;
    let (ben, _) = ben_at_work(&world).await;
    let mill_road = world.here.organization(&world.ada, "mill-road").await;
    world.here.join(&mill_road.id, &ben.id, "admin").await;
    let named = json!({ "organizationId": mill_road.id });
    world.post("organization/set-active", &ben, named.clone()).await;
    let patients = async |app: &App, by_header: bool| {
        let request = app.get("/api/v1/patients").by(&ben);
        let request = if by_header {
            request.organization(&mill_road.id)
        } else {
            request
        };
        request.send().await
    };
    // Not the patients yet: who looks at them is in the audit, which keeps an organization from being deleted.
    for app in [&world.here, &world.there] {
        let member = app.get("/api/auth/organization/get-active-member").by(&ben);
        member.send().await.expect(200);
    }

    world.post("organization/delete", &world.ada, named).await;

    for app in [&world.there, &world.here] {
        let by_header = patients(app, true).await;
        assert_eq!(
            (by_header.status, by_header.code()),
            (404, "ORGANIZATION_NOT_FOUND")
        );
        let by_session = patients(app, false).await;
        assert_eq!((by_session.status, by_session.code()), (403, "NOT_A_MEMBER"));
    }
    world.assert_works(&ben).await;
}
