//! What every test here begins with: the routes on a database of their own, and a browser's cookies.

use std::rc::Rc;

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{CONTENT_TYPE, COOKIE, HeaderMap, ORIGIN, SET_COOKIE};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::ServiceConfig;
use actix_web::{App, test};
use serde_json::{Value, json};
use wardkeep_auth::providers::Providers;
use wardkeep_auth::providers::client::Settings;
use wardkeep_auth::{Auth, AuthConfig, Policy, Secrets};
use wardkeep_tenancy::{Clock, Entropy, UserId};
use wardkeep_testkit::{TestDatabase, clock};
use wardkeep_web::{Origins, RateLimits, State, configure, surround};

use crate::advisories::TRUSTED;

pub(crate) const BASE: &str = "http://clinic.test";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const SECRET: &str = "a-secret-of-the-tests-0123456789abcdef";

pub(crate) struct World {
    pub(crate) test: Rc<TestDatabase>,
    pub(crate) state: State,
    pub(crate) clock: Clock,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::at(BASE).await
    }

    pub(crate) async fn at(base: &str) -> Self {
        Self::made(base, &["https://app.clinic.test"], Policy::default()).await
    }

    /// With other rules of sign-in.
    pub(crate) async fn under(policy: Policy) -> Self {
        Self::made(BASE, &["https://app.clinic.test"], policy).await
    }

    /// With other trusted origins.
    pub(crate) async fn trusting(origins: &[&str]) -> Self {
        Self::made(BASE, origins, Policy::default()).await
    }

    async fn made(base: &str, origins: &[&str], policy: Policy) -> Self {
        let database = Rc::new(TestDatabase::create().await);
        let providers = Providers::default();
        Self::on(database, clock(), base, origins, policy, providers).await
    }

    /// With providers to sign in through, as an operator describes them.
    pub(crate) async fn with_providers(base: &str, clock: Clock, policy: Policy, providers: &Value) -> Self {
        let database = Rc::new(TestDatabase::create().await);
        let settings = Settings::read(&providers.to_string()).unwrap();
        let providers = Providers::new(settings).unwrap();
        Self::on(database, clock, base, &TRUSTED, policy, providers).await
    }

    /// Another server on the same database, at the same time of day.
    pub(crate) async fn beside(&self) -> Self {
        let (database, clock) = (Rc::clone(&self.test), self.clock.clone());
        let providers = self.state.auth().providers().clone();
        Self::on(database, clock, BASE, &[], Policy::default(), providers).await
    }

    async fn on(
        test: Rc<TestDatabase>,
        clock: Clock,
        base: &str,
        origins: &[&str],
        policy: Policy,
        providers: Providers,
    ) -> Self {
        let auth = Auth::new(AuthConfig {
            policy,
            providers,
            ..AuthConfig::new(Secrets::new([SECRET]).unwrap(), base)
        });
        let origins = Origins::new(base, origins).unwrap();
        let access = wardkeep_clinical::extend(wardkeep_organizations::access_control());
        let seed = u64::try_from(Rc::strong_count(&test)).unwrap();
        let state = State::new(test.connect().await, auth, access, origins)
            .with_clock(clock.clone(), Entropy::seeded(seed))
            .with_body_limit(4096)
            // Tests ask as fast as they can; those of the limits turn them on.
            .with_rate_limits(RateLimits::off());
        Self { test, state, clock }
    }

    /// The routes, made once, for a test that sends thousands of requests.
    pub(crate) async fn served(&self) -> impl AsyncFn(TestRequest) -> Answer {
        let app = App::new()
            .wrap(from_fn(surround))
            .configure(configure(self.state.clone()));
        let service = init_service(app).await;
        async move |request: TestRequest| match test::try_call_service(&service, request.to_request()).await {
            Ok(response) => Answer::read(response).await,
            Err(error) => Answer::of(error.error_response().map_into_boxed_body()).await,
        }
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        self.send_with(|_| {}, request).await
    }

    /// Sends a request to the routes and some of the test's own.
    pub(crate) async fn send_with(
        &self,
        routes: impl FnOnce(&mut ServiceConfig),
        request: TestRequest,
    ) -> Answer {
        let app = App::new()
            .wrap(from_fn(surround))
            .configure(configure(self.state.clone()))
            .configure(routes);
        let service = init_service(app).await;
        match test::try_call_service(&service, request.to_request()).await {
            Ok(response) => Answer::read(response).await,
            Err(error) => Answer::of(error.error_response().map_into_boxed_body()).await,
        }
    }

    /// Signs somebody up; their browser.
    pub(crate) async fn sign_up(&self, email: &str) -> Browser<'_> {
        let mut browser = Browser {
            world: self,
            cookies: Vec::new(),
        };
        let form = json!({"name": "Ana Reyes", "email": email, "password": PASSWORD});
        let answer = browser.post("/api/auth/sign-up/email", &form).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        browser
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser {
            world: self,
            cookies: Vec::new(),
        }
    }

    /// Signs somebody in once more: another browser.
    pub(crate) async fn sign_in(&self, email: &str, remember: bool) -> Browser<'_> {
        let mut browser = self.browser();
        let form = json!({"email": email, "password": PASSWORD, "rememberMe": remember});
        let answer = browser.post("/api/auth/sign-in/email", &form).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        browser
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(sql)
            .fetch_one(&mut self.test.admin().await)
            .await
            .unwrap()
    }
}

/// Keeps cookies, and names the origin of our own pages.
pub(crate) struct Browser<'a> {
    world: &'a World,
    pub(crate) cookies: Vec<(String, String)>,
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(TestRequest::get().uri(path)).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send(TestRequest::post().uri(path).set_json(body)).await
    }

    /// Sends a request with the browser's cookies, and keeps those of the answer.
    pub(crate) async fn send(&mut self, request: TestRequest) -> Answer {
        let mut request = request.insert_header((ORIGIN, BASE));
        if !self.cookies.is_empty() {
            request = request.insert_header((COOKIE, self.header()));
        }
        let answer = self.world.send(request).await;
        for cookie in &answer.cookies {
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(kept, _)| kept != name);
            if !attributes.contains("Max-Age=0;") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    /// The browser's `Cookie` header.
    pub(crate) fn header(&self) -> String {
        let pairs: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// Who is signed in.
    pub(crate) async fn user(&mut self) -> Option<UserId> {
        let answer = self.get("/api/auth/get-session").await;
        assert_eq!(answer.status, 200);
        answer.body["user"]["id"].as_str().map(|id| id.parse().unwrap())
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Null if the answer has no JSON body.
    pub(crate) body: Value,
    pub(crate) text: String,
    pub(crate) cookies: Vec<String>,
}

impl Answer {
    async fn read<B: MessageBody>(response: ServiceResponse<B>) -> Self {
        Self::of(response.into_parts().1).await
    }

    async fn of<B: MessageBody>(response: actix_web::HttpResponse<B>) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.ok().unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let cookies = headers
            .get_all(SET_COOKIE)
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        Self {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
            cookies,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Asserts that nobody can tell two answers apart but by their request ids.
    #[track_caller]
    pub(crate) fn tells_no_more_than(&self, other: &Self) {
        assert_eq!(
            (self.status, &self.text, self.shown_headers()),
            (other.status, &other.text, other.shown_headers())
        );
    }

    /// All headers but the request id, sorted.
    pub(crate) fn shown_headers(&self) -> Vec<String> {
        let shown = self.headers.iter().filter(|(name, _)| *name != "x-request-id");
        let mut headers: Vec<_> = shown.map(|(name, value)| format!("{name}: {value:?}")).collect();
        headers.sort_unstable();
        headers
    }

    /// Asserts an error that has a message and no code.
    #[track_caller]
    pub(crate) fn refused_in_words(&self, status: u16, message: &str) {
        assert_eq!(
            (self.status.as_u16(), &self.body),
            (status, &json!({"message": message}))
        );
    }

    /// Asserts that it is done, and that no cookie is set.
    #[track_caller]
    pub(crate) fn done(&self) {
        assert_eq!(
            (self.status.as_u16(), &self.body),
            (200, &json!({"status": true})),
            "{}",
            self.text
        );
    }

    /// Asserts a redirect to this address.
    #[track_caller]
    pub(crate) fn leads_to(&self, location: &str) {
        assert_eq!(
            (self.status.as_u16(), self.header("location")),
            (302, Some(location)),
            "{}",
            self.text
        );
        assert_eq!(self.text, "");
    }

    /// Asserts that the three cookies of a session are cleared, and nothing else is set.
    #[track_caller]
    pub(crate) fn clears_cookies(&self) {
        let names = [
            "better-auth.session_token",
            "better-auth.session_data",
            "better-auth.dont_remember",
        ];
        let cleared = names.map(|name| format!("{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"));
        assert_eq!(self.cookies, cleared);
    }

    /// Asserts that the session cookie is set and remembered, and nothing else is set; its value.
    #[track_caller]
    pub(crate) fn session_cookie(&self) -> String {
        let [cookie] = &self.cookies[..] else {
            panic!("{:?}", self.cookies)
        };
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(attributes, "Max-Age=604800; Path=/; HttpOnly; SameSite=Lax");
        pair.strip_prefix("better-auth.session_token=")
            .unwrap()
            .to_owned()
    }

    /// Asserts that the two cookies of a session are set that ends with the browser, and nothing else is set.
    #[track_caller]
    pub(crate) fn session_cookie_until_the_browser_closes(&self) {
        let [session, dont_remember] = &self.cookies[..] else {
            panic!("{:?}", self.cookies)
        };
        for (cookie, start) in [
            (session, "better-auth.session_token="),
            (dont_remember, "better-auth.dont_remember=true."),
        ] {
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            assert!(pair.starts_with(start), "{cookie}");
            assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax");
        }
    }

    /// Asserts an error in the form of Better Auth.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status.as_u16(), self.body["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
        assert_eq!(self.headers.get(CONTENT_TYPE).unwrap(), "application/json");
        assert!(self.body["message"].is_string());
    }

    /// Asserts problem details.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status.as_u16(), self.body["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
        assert_eq!(
            self.headers.get(CONTENT_TYPE).unwrap(),
            "application/problem+json"
        );
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], "about:blank");
        assert_eq!(self.body["requestId"].as_str(), self.header("x-request-id"));
    }
}

pub(crate) fn request(method: Method, path: &str) -> TestRequest {
    TestRequest::with_uri(path).method(method)
}
