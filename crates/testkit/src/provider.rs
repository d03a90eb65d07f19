//! A provider that people sign in through: an OpenID Connect issuer and, on other paths, a plain OAuth 2 provider in
//! GitHub's way. It answers over HTTP on loopback, and misbehaves when told to.

mod answers;
mod grants;
mod signing;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, rt, web};
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use url::Url;
use wardkeep_tenancy::Clock;

pub use self::signing::IdTokens;

use self::grants::Grants;

/// An endpoint of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`.
    Discovery,
    /// The keys that sign ID tokens.
    Keys,
    /// Where codes and refresh tokens are exchanged.
    Token,
    /// Who the user is.
    Userinfo,
    /// The addresses of the user, GitHub's way.
    Emails,
}

/// What an endpoint does instead of its work.
#[derive(Debug, Clone, PartialEq)]
pub enum Misbehaviour {
    /// Takes the request and never answers.
    Silent,
    /// Answers so, with this body as JSON.
    Status(u16, Value),
    /// Sends whoever asks elsewhere.
    Redirect(String),
    /// Answers with so many bytes of JSON, and says how many.
    Huge(usize),
    /// Answers in pieces, without an end.
    Endless,
    /// Answers with a page.
    Page,
    /// Answers as usual, with these fields replaced, added, or (null) taken out.
    Says(Value),
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The path.
    pub path: String,
    /// The form that was posted.
    pub form: BTreeMap<String, String>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
}

/// The provider. It ends when it is dropped.
pub struct FakeProvider {
    shared: Arc<Shared>,
    handle: ServerHandle,
}

struct Shared {
    base: String,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    person: Map<String, Value>,
    misbehaviours: BTreeMap<Endpoint, Misbehaviour>,
    id_tokens: IdTokens,
    claims: Map<String, Value>,
    key: u8,
    access_token_seconds: Option<i64>,
    heard: Vec<Heard>,
    grants: Grants,
}

impl FakeProvider {
    /// The one client that it knows.
    pub const CLIENT_ID: &str = "wardkeep-tests";
    /// The client's secret.
    pub const CLIENT_SECRET: &str = "the-secret-of-the-tests-client";

    /// Starts it. Tokens are issued by the clock, and live an hour.
    pub async fn start(clock: Clock) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("the port").port();
        let shared = Arc::new(Shared {
            base: format!("http://127.0.0.1:{port}"),
            clock,
            state: Mutex::new(State {
                access_token_seconds: Some(3600),
                ..State::default()
            }),
        });
        let (started, handle) = oneshot::channel();
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            rt::System::new().block_on(async move {
                let data = web::Data::from(served);
                let server =
                    HttpServer::new(move || App::new().app_data(data.clone()).configure(answers::configure))
                        .workers(1)
                        .disable_signals()
                        .listen(listener)
                        .expect("the port is ours")
                        .run();
                started.send(server.handle()).ok();
                server.await.ok();
            });
        });
        Self {
            shared,
            handle: handle.await.expect("the provider starts"),
        }
    }

    /// The issuer, and the start of every address.
    pub fn base(&self) -> &str {
        &self.shared.base
    }

    /// The settings of this issuer.
    pub fn open_id(&self) -> Value {
        json!({
            "issuer": self.base(),
            "clientId": Self::CLIENT_ID,
            "clientSecret": Self::CLIENT_SECRET,
            "allowPrivateAddresses": true,
        })
    }

    /// The settings of `github` with its endpoints here.
    pub fn github(&self) -> Value {
        let base = self.base();
        json!({
            "clientId": Self::CLIENT_ID,
            "clientSecret": Self::CLIENT_SECRET,
            "allowPrivateAddresses": true,
            "authorizationEndpoint": format!("{base}/github/authorize"),
            "tokenEndpoint": format!("{base}/github/token"),
            "userinfoEndpoint": format!("{base}/github/user"),
            "emailsEndpoint": format!("{base}/github/user/emails"),
        })
    }

    /// Says who agrees next: the claims of the person, with `sub` at least. GitHub's way `sub` is the `id`, a number; its
    /// list of addresses is `emails`, or made from `email` and `email_verified`.
    pub fn is(&self, person: Value) {
        self.state().person = object(person);
    }

    /// Goes to an authorization URL as a browser whose user agrees, and returns the address that it is led back to.
    ///
    /// Panics where a provider would show an error: another client, no PKCE.
    pub fn agree(&self, authorization: &str) -> String {
        let url = Url::parse(authorization).expect("an address");
        assert!(
            authorization.starts_with(self.base()),
            "{authorization} is not here"
        );
        self.shared.agree(&url.query_pairs().into_owned().collect())
    }

    /// The same for a user who refuses.
    pub fn refuse(&self, authorization: &str) -> String {
        let url = Url::parse(authorization).expect("an address");
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let answer = [
            ("error", "access_denied"),
            ("error_description", "The user said no"),
        ];
        grants::led_back(&asked, &answer, &self.shared.base)
    }

    /// An ID token of the person for our client, issued now, with these claims replaced, added, or (null) taken out.
    pub fn id_token(&self, claims: Value) -> String {
        self.shared.id_token(&mut self.state(), None, &object(claims))
    }

    /// What endpoints do from now on.
    pub fn misbehaves(&self, endpoint: Endpoint, how: Misbehaviour) {
        self.state().misbehaviours.insert(endpoint, how);
    }

    /// How ID tokens are signed from now on.
    pub fn signs(&self, how: IdTokens) {
        self.state().id_tokens = how;
    }

    /// Claims that are replaced, added, or (null) taken out of each ID token from now on.
    pub fn claims(&self, claims: Value) {
        self.state().claims = object(claims);
    }

    /// How many seconds access tokens live from now on; `None` is not said.
    pub fn access_tokens_live(&self, seconds: Option<i64>) {
        self.state().access_token_seconds = seconds;
    }

    /// Signs with another key from now on, and publishes only that.
    pub fn rotates_keys(&self) {
        self.state().key += 1;
    }

    /// Does everything as it should again.
    pub fn behaves(&self) {
        let mut state = self.state();
        state.misbehaviours.clear();
        state.id_tokens = IdTokens::default();
        state.claims.clear();
    }

    /// All requests so far but those of browsers.
    pub fn heard(&self) -> Vec<Heard> {
        self.state().heard.clone()
    }

    /// How many requests this path got so far.
    pub fn times_heard(&self, path: &str) -> usize {
        self.state()
            .heard
            .iter()
            .filter(|heard| heard.path == path)
            .count()
    }

    /// Whether a refresh token can still be used.
    pub fn knows_refresh_token(&self, token: &str) -> bool {
        self.state().grants.knows(token)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        // The message is sent at once; nobody need wait for the end.
        drop(self.handle.stop(false));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panicked in here")
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

/// Replaces, adds, or (null) takes out.
fn change(object: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (name, value) in changes {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}
