//! One engine of permissions: a role that a clinic makes for itself governs its clinical records.

use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Person};

/// A clinic of Ada's in which Ben is a nurse.
struct World {
    app: App,
    ada: Person,
    ben: Person,
    bens_membership: String,
}

impl World {
    async fn new() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        let ben = app.sign_up("ben").await;
        let clinic = app.organization(&ada, "salt-lane").await;
        let bens_membership = app.join(&clinic.id, &ben.id, "member").await;
        let world = Self {
            app,
            ada,
            ben,
            bens_membership,
        };
        world
            .done(&world.ben, "set-active", json!({"organizationId": clinic.id}))
            .await;
        let permission = json!({"patient": ["read"]});
        world
            .done(
                &world.ada,
                "create-role",
                json!({"role": "Nurse", "permission": permission}),
            )
            .await;
        world.give("nurse").await;
        world
    }

    async fn post(&self, by: &Person, endpoint: &str, body: Value) -> Answer {
        let path = format!("/api/auth/organization/{endpoint}");
        self.app.post(&path).by(by).json(body).send().await
    }

    async fn done(&self, by: &Person, endpoint: &str, body: Value) {
        self.post(by, endpoint, body).await.expect(200);
    }

    /// Gives Ben a role instead of the one he has.
    async fn give(&self, role: &str) {
        let body = json!({"memberId": self.bens_membership, "role": role});
        self.done(&self.ada, "update-member-role", body).await;
    }

    async fn change(&self, data: Value) {
        self.done(
            &self.ada,
            "update-role",
            json!({"roleName": "nurse", "data": data}),
        )
        .await;
    }

    /// Whether Ben may read and create patients, as the records say. The question for a permission must agree.
    async fn ben_may(&self) -> (bool, bool) {
        let read = self.app.get("/api/v1/patients").by(&self.ben).send().await;
        let body = json!({"firstName": "Ana", "lastName": "Brandt"});
        let created = self
            .app
            .post("/api/v1/patients")
            .by(&self.ben)
            .json(body)
            .send()
            .await;
        for refused in [&read, &created]
            .into_iter()
            .filter(|answer| answer.status >= 300)
        {
            assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"));
        }
        let may = (read.status == 200, created.status == 201);
        for (action, allowed) in [("read", may.0), ("create", may.1)] {
            let question = json!({"permissions": {"patient": [action]}});
            let answer = self.post(&self.ben, "has-permission", question).await;
            assert_eq!(answer.body["success"], allowed, "{action}");
        }
        may
    }
}

#[actix_web::test]
async fn a_nurse_who_may_read_patients_records_none() {
    let world = World::new().await;

    assert_eq!(world.ben_may().await, (true, false));
}

#[actix_web::test]
async fn a_changed_role_counts_at_the_very_next_request() {
    let world = World::new().await;

    world.change(json!({"permission": {"patient": ["create"]}})).await;
    assert_eq!(world.ben_may().await, (false, true));
    world.change(json!({"permission": {}})).await;
    assert_eq!(world.ben_may().await, (false, false));
    world.give("nurse,member").await;
    assert_eq!(world.ben_may().await, (true, true));
}

#[actix_web::test]
async fn who_keeps_the_name_of_a_role_that_was_renamed_or_is_gone_holds_nothing() {
    const DELETE: &str = r#"delete from "organizationRole""#;
    let world = World::new().await;

    world.change(json!({"roleName": "sister"})).await;
    assert_eq!(world.ben_may().await, (false, false));
    world.give("sister").await;
    assert_eq!(world.ben_may().await, (true, false));
    // The API deletes no role that somebody has.
    let mut admin = world.app.database.admin().await;
    sqlx::query(DELETE).execute(&mut admin).await.unwrap();
    assert_eq!(world.ben_may().await, (false, false));
}

#[actix_web::test]
async fn a_role_of_one_clinic_is_worth_nothing_in_another() {
    let world = World::new().await;
    let eve = world.app.sign_up("eve").await;
    let harbour = world.app.organization(&eve, "harbour").await;
    world.app.join(&harbour.id, &world.ben.id, "nurse").await;

    let patients = world.app.get("/api/v1/patients").by(&world.ben);
    let answer = patients.organization(&harbour.id).send().await;

    assert_eq!((answer.status, answer.code()), (403, "FORBIDDEN"));
}

#[actix_web::test]
async fn nobody_makes_a_clinical_role_of_rights_they_do_not_hold() {
    let world = World::new().await;
    let manager = json!({"role": "manager", "permission": {"ac": ["create", "update"], "patient": ["read"]}});
    world.done(&world.ada, "create-role", manager).await;
    world.give("manager").await;

    let more = json!({"role": "x", "permission": {"patient": ["read", "export"]}});
    let refused = world.post(&world.ben, "create-role", more).await;
    let own = json!({"roleName": "manager", "data": {"permission": {"patient": ["hold"]}}});
    let lifted = world.post(&world.ben, "update-role", own).await;

    assert_eq!(
        (refused.status, refused.code()),
        (403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE")
    );
    assert_eq!(refused.body["missingPermissions"], json!(["patient:export"]));
    assert_eq!(lifted.body["missingPermissions"], json!(["patient:hold"]));
}
