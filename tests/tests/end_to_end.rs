//! The main job over a network: people, two clinics and their patients, and a member who is removed.

use actix_web::rt::task::spawn_blocking;
use serde_json::{Value, json};
use ureq::http::{Request, Response};
use wardkeep_tests::{App, ORIGIN, listen, summary};

/// A browser with one cookie.
struct Browser {
    url: String,
    agent: ureq::Agent,
    cookie: String,
}

impl Browser {
    fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self {
            url: url.to_owned(),
            agent: config.into(),
            cookie: String::new(),
        }
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url));
        request = request.header("origin", ORIGIN).header("cookie", &self.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => {
                let request = request
                    .header("content-type", "application/json")
                    .body(body.to_string());
                self.agent.run(request.unwrap())
            }
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response: Response<ureq::Body> = response.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        let text = response.body_mut().read_to_string().unwrap();
        (
            response.status().as_u16(),
            serde_json::from_str(&text).unwrap_or(Value::Null),
        )
    }

    fn get(&mut self, path: &str) -> (u16, Value) {
        self.send("GET", path, &[], None)
    }

    fn post(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.send("POST", path, &[], Some(body))
    }

    fn sign_up(&mut self, name: &str) -> String {
        let email = format!("{name}@example.org");
        let body = json!({ "name": name, "email": email, "password": "correct horse battery" });
        let (status, answer) = self.post("/api/auth/sign-up/email", body);
        assert_eq!(status, 200, "{answer}");
        answer["user"]["id"].as_str().unwrap().to_owned()
    }

    fn open(&mut self, slug: &str) -> String {
        let (status, answer) = self.post(
            "/api/auth/organization/create",
            json!({ "name": slug, "slug": slug }),
        );
        assert_eq!(status, 200, "{answer}");
        answer["id"].as_str().unwrap().to_owned()
    }
}

#[actix_web::test]
async fn two_clinics_share_a_database_and_nothing_else() {
    let app = App::start().await;
    let (url, server) = listen(app.state.clone());

    spawn_blocking(move || {
        let (mut ada, mut bea) = (Browser::new(&url), Browser::new(&url));
        ada.sign_up("ada");
        ada.open("salt-lane");
        let (status, ana) = ada.post(
            "/api/v1/patients",
            json!({ "firstName": "Ana", "lastName": "Brandt" }),
        );
        assert_eq!(status, 201, "{ana}");
        let path = format!("/api/v1/patients/{}", ana["id"].as_str().unwrap());
        bea.sign_up("bea");
        bea.open("mill-road");
        let (status, ben) = bea.post(
            "/api/v1/patients",
            json!({ "firstName": "Ben", "lastName": "Costa" }),
        );
        assert_eq!(status, 201, "{ben}");

        assert_eq!(ada.get(&path), (200, ana.clone()));
        assert_eq!(bea.get(&path).0, 404);
        assert_eq!(ada.get("/api/v1/patients").1["items"], json!([summary(&ana)]));
        assert_eq!(bea.get("/api/v1/patients").1["items"], json!([summary(&ben)]));
        let change = Some(json!({ "phone": "+49 30 901820" }));
        let (status, changed) = ada.send("PATCH", &path, &[("if-match", "\"1\"")], change.clone());
        assert_eq!((status, &changed["version"]), (200, &json!(2)));
        assert_eq!(ada.send("PATCH", &path, &[("if-match", "\"1\"")], change).0, 412);
        assert_eq!(
            ada.send(
                "DELETE",
                &path,
                &[("if-match", "\"2\"")],
                Some(json!({ "reason": "entered twice" }))
            )
            .0,
            204
        );
        assert_eq!(ada.get(&path).0, 404);

        assert_eq!(ada.post("/api/auth/sign-out", json!({})).0, 200);
        assert_eq!(ada.get("/api/v1/patients").0, 401);
        assert_eq!(bea.get("/api/v1/patients").0, 200);
    })
    .await
    .unwrap();
    server.stop(false).await;
}

#[actix_web::test]
async fn a_removed_member_is_refused_on_the_very_next_request() {
    let app = App::start().await;
    let (url, server) = listen(app.state.clone());
    let mut ada = Browser::new(&url);
    let mut ben = Browser::new(&url);

    let (mut ada, mut ben, salt_lane, ben_id) = spawn_blocking(move || {
        ada.sign_up("ada");
        let salt_lane = ada.open("salt-lane");
        ada.post(
            "/api/v1/patients",
            json!({ "firstName": "Ana", "lastName": "Brandt" }),
        );
        let ben_id = ben.sign_up("ben");
        (ada, ben, salt_lane, ben_id)
    })
    .await
    .unwrap();
    let member = app.join(&salt_lane, &ben_id, "member").await;

    spawn_blocking(move || {
        let active = json!({ "organizationId": salt_lane });
        assert_eq!(
            ben.post("/api/auth/organization/set-active", active.clone()).0,
            200
        );
        assert_eq!(ben.get("/api/v1/patients").0, 200);

        let (status, removed) = ada.post(
            "/api/auth/organization/remove-member",
            json!({ "memberIdOrEmail": member }),
        );
        assert_eq!(status, 200, "{removed}");

        let (status, refused) = ben.get("/api/v1/patients");
        assert_eq!((status, &refused["code"]), (403, &json!("NOT_A_MEMBER")));
        let named = ben.send(
            "GET",
            "/api/v1/patients",
            &[("organization-id", &salt_lane)],
            None,
        );
        assert_eq!(
            (named.0, &named.1["code"]),
            (404, &json!("ORGANIZATION_NOT_FOUND"))
        );
        assert_eq!(ben.post("/api/auth/organization/set-active", active).0, 403);
        assert_eq!(ada.get("/api/v1/patients").0, 200);
    })
    .await
    .unwrap();
    server.stop(false).await;
}
