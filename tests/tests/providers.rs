//! Sign-in through a real OpenID Connect provider, npm's `oidc-provider`: over HTTP, by every redirect and form, with the clock
//! of the system. Where there is no Node.js these tests are left out, but never on a build machine.

mod visitor;

use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use actix_web::rt::task::spawn_blocking;
use serde_json::{Value, json};
use url::Url;
use wardkeep_auth::providers::Providers;
use wardkeep_auth::providers::client::Settings;
use wardkeep_auth::{Auth, AuthConfig, Secrets};
use wardkeep_tenancy::{Clock, Entropy};
use wardkeep_tests::{App, serve};
use wardkeep_web::{Origins, RateLimits, State};

use self::visitor::{Page, Visitor};
use crate::local_provider::LocalProvider;

const SECRET: &str = "a secret for tests alone, longer than thirty-two bytes";
const HOUR: u32 = 3600;

/// The server and the provider.
struct World {
    app: App,
    site: Site,
    provider: LocalProvider,
    server: ServerHandle,
}

/// The server, as somebody beyond it sees it.
#[derive(Clone)]
struct Site(Url);

impl World {
    /// `None` where there is no Node.js.
    async fn start(access_token_seconds: u32) -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let provider = LocalProvider::start(&base, access_token_seconds)?;
        let app = App::start().await;
        let auth = Auth::new(AuthConfig {
            providers: Providers::new(Settings::read(&provider.settings()).unwrap()).unwrap(),
            ..AuthConfig::new(Secrets::new([SECRET]).unwrap(), &base)
        });
        let state = State::new(
            app.state.database().clone(),
            auth,
            app.state.access().clone(),
            Origins::new(&base, [] as [&str; 0]).unwrap(),
        )
        .with_clock(Clock::system(), Entropy::system())
        .with_rate_limits(RateLimits::off());
        Some(Self {
            app,
            site: Site(Url::parse(&base).unwrap()),
            provider,
            server: serve(listener, state),
        })
    }

    /// How many users, accounts, sessions and sign-ins under way there are.
    async fn rows(&self) -> [i64; 4] {
        const COUNT: &str = r#"select array[(select count(*) from "user"), (select count(*) from account),
            (select count(*) from session), (select count(*) from verification)]"#;
        let mut admin = self.app.database.admin().await;
        let counted: Vec<i64> = sqlx::query_scalar(COUNT).fetch_one(&mut admin).await.unwrap();
        counted.try_into().unwrap()
    }
}

/// What people do waits, and so has a thread of its own.
async fn people<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    spawn_blocking(act).await.unwrap()
}

impl Site {
    fn url(&self, path: &str) -> Url {
        self.0.join(path).unwrap()
    }

    /// Whether an address is one that the provider sends people back to.
    fn is_return(url: &Url) -> bool {
        url.path() == "/api/auth/callback/local"
    }

    fn post(&self, who: &mut Visitor, path: &str, body: &Value) -> Value {
        let (status, answer) = who.ask("POST", &self.url(&format!("/api/auth/{path}")), body);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn get(&self, who: &mut Visitor, path: &str) -> Value {
        let (status, answer) = who.ask("GET", &self.url(&format!("/api/auth/{path}")), &Value::Null);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Who the server says that this is.
    fn who(&self, who: &mut Visitor) -> Value {
        self.get(who, "get-session")["user"].clone()
    }

    /// The providers of the accounts, and their ids.
    fn accounts(&self, who: &mut Visitor) -> Vec<(String, String)> {
        let accounts = self.get(who, "list-accounts");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let accounts = accounts.as_array().unwrap().iter();
        accounts
            .map(|account| (text(&account["providerId"]), text(&account["id"])))
            .collect()
    }

    fn providers(&self, who: &mut Visitor) -> Vec<String> {
        self.accounts(who)
            .into_iter()
            .map(|(provider, _)| provider)
            .collect()
    }

    /// The account at the provider.
    fn account(&self, who: &mut Visitor) -> Value {
        let accounts = self.accounts(who);
        let (_, id) = accounts
            .into_iter()
            .find(|(provider, _)| provider == "local")
            .unwrap();
        json!({ "accountId": id })
    }

    /// Begins, and goes to the provider's first page.
    fn begin(&self, who: &mut Visitor, endpoint: &str) -> Page {
        let body = json!({
            "provider": "local",
            "callbackURL": "/done",
            "newUserCallbackURL": "/welcome",
            "errorCallbackURL": "/failed",
        });
        let begun = self.post(who, endpoint, &body);
        assert_eq!(begun["redirect"], true);
        let page = who.open(&begun["url"].as_str().unwrap().parse().unwrap());
        assert_eq!(page.status, 200, "{}", page.body);
        page
    }

    /// Types an address where the provider asks for it, agrees, and goes wherever that leads, or until `is_enough`.
    fn agree(
        who: &mut Visitor,
        mut page: Page,
        login: &str,
        is_enough: impl Fn(&Url) -> bool + Copy,
    ) -> Page {
        if page.body.contains("name=\"login\"") {
            let fields = [("prompt", "login"), ("login", login), ("password", "any")];
            page = who.submit(&page, &fields, is_enough);
        }
        // Who was there before is signed out, by a form that sends itself where scripts run.
        if let Some(xsrf) = page.attribute("name=\"xsrf\"", "value") {
            page = who.submit(&page, &[("xsrf", &xsrf), ("logout", "yes")], is_enough);
        }
        assert!(page.body.contains("Authorize"), "{}", page.body);
        who.submit(&page, &[("prompt", "consent")], is_enough)
    }

    /// Signs in, and says where it led.
    fn sign_in(&self, who: &mut Visitor, login: &str) -> String {
        let page = self.begin(who, "sign-in/social");
        Self::agree(who, page, login, |_| false).path()
    }

    fn sign_up_by_password(&self, name: &str) -> Visitor {
        let mut who = Visitor::new();
        let body = json!({
            "name": name,
            "email": format!("{name}@example.test"),
            "password": format!("the password of {name}"),
        });
        self.post(&mut who, "sign-up/email", &body);
        who
    }
}

#[actix_web::test]
async fn a_person_comes_through_a_provider_and_its_tokens_are_kept_renewed_and_used() {
    let Some(world) = World::start(HOUR).await else {
        return;
    };
    let (site, issuer, client) = (
        world.site.clone(),
        world.provider.issuer.clone(),
        world.provider.client(),
    );

    people(move || {
        let mut ana = Visitor::new();
        assert_eq!(site.sign_in(&mut ana, "ana.maria@example.test"), "/welcome");
        let user = site.who(&mut ana);
        assert_eq!(user["email"], "ana.maria@example.test");
        assert_eq!(user["emailVerified"], true);
        assert_eq!(user["name"], "Ana Maria");
        assert_eq!(site.providers(&mut ana), ["local"]);

        let account = site.account(&mut ana);
        let first = site.post(&mut ana, "get-access-token", &account);
        let same = site.post(&mut ana, "get-access-token", &account);
        assert_eq!(first["accessToken"], same["accessToken"]);
        let info = site.get(
            &mut ana,
            &format!(
                "account-info?accountId={}",
                account["accountId"].as_str().unwrap()
            ),
        );
        assert_eq!(info["user"]["email"], "ana.maria@example.test");

        let renewed = site.post(&mut ana, "refresh-token", &account);
        let again = site.post(&mut ana, "refresh-token", &account);
        assert_ne!(renewed["accessToken"], first["accessToken"]);
        assert_ne!(renewed["refreshToken"], again["refreshToken"]);
        let now = site.post(&mut ana, "get-access-token", &account);
        assert_eq!(now["accessToken"], again["accessToken"]);

        // The old refresh token is dead. Whoever uses it is taken for a thief, and all that was granted ends.
        let old = renewed["refreshToken"].as_str().unwrap();
        assert_eq!(
            refresh_at_the_provider(&issuer, &client, old),
            (400, "invalid_grant".to_owned())
        );
        let (status, refused) = ana.ask("POST", &site.url("/api/auth/refresh-token"), &account);
        assert_eq!(
            (status.as_u16(), &refused["code"]),
            (400, &json!("FAILED_TO_REFRESH_ACCESS_TOKEN"))
        );

        // The next sign-in brings new tokens, to the same user.
        let mut ana = Visitor::new();
        assert_eq!(site.sign_in(&mut ana, "ana.maria@example.test"), "/done");
        assert_eq!(site.who(&mut ana)["id"], user["id"]);
        assert_eq!(site.account(&mut ana), account);
        site.post(&mut ana, "refresh-token", &account);
    })
    .await;
    world.server.stop(false).await;
}

/// Uses a refresh token as somebody who has stolen it, and our client's secret.
fn refresh_at_the_provider(issuer: &str, (id, secret): &(String, String), token: &str) -> (u16, String) {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let agent: ureq::Agent = config.into();
    let mut answer = agent.post(format!("{issuer}/token")).send_form(form).unwrap();
    let body: Value = answer.body_mut().read_json().unwrap();
    let error = body["error"].as_str().unwrap_or_default().to_owned();
    (answer.status().as_u16(), error)
}

#[actix_web::test]
async fn an_account_is_linked_by_its_user_unlinked_and_comes_back() {
    let Some(world) = World::start(HOUR).await else {
        return;
    };
    let site = world.site.clone();

    people(move || {
        let mut ben = site.sign_up_by_password("ben");
        let user = site.who(&mut ben)["id"].clone();
        let page = site.begin(&mut ben, "link-social");
        let page = Site::agree(&mut ben, page, "ben@example.test", |_| false);
        assert_eq!(page.path(), "/done");
        assert_eq!(site.providers(&mut ben), ["credential", "local"]);
        assert_eq!(site.who(&mut ben)["id"], user);

        let account = site.account(&mut ben);
        let unlinked = site.post(&mut ben, "unlink-account", &account);
        assert_eq!(unlinked, json!({ "status": true }));
        assert_eq!(site.providers(&mut ben), ["credential"]);

        let mut later = Visitor::new();
        assert_eq!(site.sign_in(&mut later, "ben@example.test"), "/done");
        assert_eq!(site.who(&mut later)["id"], user);
        assert!(site.providers(&mut later).contains(&"local".to_owned()));
    })
    .await;
    world.server.stop(false).await;
}

/// The provider's own session outlives ours.
#[actix_web::test]
async fn after_a_sign_out_somebody_else_can_come_from_the_same_browser() {
    let Some(world) = World::start(HOUR).await else {
        return;
    };
    let site = world.site.clone();

    people(move || {
        let mut browser = Visitor::new();
        for name in ["ana", "ben", "ana"] {
            let login = format!("{name}@example.test");
            site.sign_in(&mut browser, &login);
            assert_eq!(site.who(&mut browser)["email"], login);
            site.post(&mut browser, "sign-out", &json!({}));
        }
    })
    .await;
    assert_eq!(world.rows().await, [2, 2, 0, 0]);
    world.server.stop(false).await;
}

#[actix_web::test]
async fn an_address_that_the_provider_has_not_verified_opens_nobodys_account() {
    let Some(world) = World::start(HOUR).await else {
        return;
    };
    let site = world.site.clone();

    people(move || {
        site.sign_up_by_password("unverified.eve");
        let mut stranger = Visitor::new();
        let led = site.sign_in(&mut stranger, "unverified.eve@example.test");
        assert_eq!(led, "/failed?error=account_not_linked");
        assert_eq!(site.who(&mut stranger), Value::Null);
    })
    .await;
    assert_eq!(world.rows().await, [1, 1, 1, 0]);
    world.server.stop(false).await;
}

#[actix_web::test]
async fn who_declines_at_the_provider_is_told_so_and_nothing_is_made() {
    let Some(world) = World::start(HOUR).await else {
        return;
    };
    let site = world.site.clone();

    people(move || {
        let mut ana = Visitor::new();
        let page = site.begin(&mut ana, "sign-in/social");
        let fields = [("prompt", "login"), ("login", "ana"), ("password", "any")];
        let page = ana.submit(&page, &fields, |_| false);
        let cancel = page.attribute("<a ", "href").unwrap();
        let page = ana.open(&page.url.join(&cancel).unwrap());
        assert!(
            page.path().starts_with("/failed?error=access_denied"),
            "{}",
            page.url
        );
        assert_eq!(site.who(&mut ana), Value::Null);
    })
    .await;
    assert_eq!(world.rows().await, [0, 0, 0, 0]);
    world.server.stop(false).await;
}

#[actix_web::test]
async fn a_provider_that_dies_meanwhile_leaves_nothing_half_made_and_the_next_sign_in_works() {
    let Some(mut world) = World::start(HOUR).await else {
        return;
    };
    let site = world.site.clone();
    let (mut ana, back) = people(move || {
        let mut ana = Visitor::new();
        let page = site.begin(&mut ana, "sign-in/social");
        let page = Site::agree(&mut ana, page, "ana@example.test", Site::is_return);
        (ana, page.leads_to().unwrap())
    })
    .await;

    world.provider.kill();
    let site = world.site.clone();
    let mut ana = people(move || {
        let page = ana.open(&back);
        assert_eq!(page.path(), "/failed?error=invalid_code");
        assert_eq!(site.who(&mut ana), Value::Null);
        // What was used up stays so.
        let page = ana.open(&back);
        assert!(
            page.path().starts_with("/api/auth/error?error=state_"),
            "{}",
            page.url
        );
        ana
    })
    .await;
    assert_eq!(world.rows().await, [0, 0, 0, 0]);

    world.provider.start_again();
    let site = world.site.clone();
    people(move || assert_eq!(site.sign_in(&mut ana, "ana@example.test"), "/welcome")).await;
    assert_eq!(world.rows().await, [1, 1, 1, 0]);
    world.server.stop(false).await;
}

/// A provider that rotates refresh tokens takes a second use for a theft, and ends the grant.
#[actix_web::test]
async fn of_64_who_ask_for_a_token_that_is_over_one_renews_it_and_all_get_it() {
    let Some(world) = World::start(1).await else {
        return;
    };
    let site = world.site.clone();
    let (ana, account) = people(move || {
        let mut ana = Visitor::new();
        assert_eq!(site.sign_in(&mut ana, "ana@example.test"), "/welcome");
        let account = site.account(&mut ana);
        (ana, account)
    })
    .await;

    let all = (0..64).map(|_| {
        let (site, mut ana, account) = (world.site.clone(), ana.clone(), account.clone());
        people(move || site.post(&mut ana, "get-access-token", &account)["accessToken"].clone())
    });
    let tokens = futures_util::future::join_all(all).await;

    assert!(
        tokens
            .iter()
            .all(|token| token.is_string() && *token == tokens[0]),
        "{tokens:?}"
    );
    let (site, mut ana) = (world.site.clone(), ana);
    let (issuer, client) = (world.provider.issuer.clone(), world.provider.client());
    people(move || {
        site.post(&mut ana, "refresh-token", &account);
        refresh_at_the_provider(&issuer, &client, "none of its own")
    })
    .await;
    let expected = [
        json!({ "grant": "authorization_code" }),
        json!({ "grant": "refresh_token" }),
        json!({ "grant": "refresh_token" }),
        json!({ "refused": "refresh_token", "error": "invalid_grant" }),
    ];
    for grant in expected {
        assert_eq!(world.provider.next_grant(), grant);
    }
    world.server.stop(false).await;
}
