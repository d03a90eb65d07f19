//! The official client against the real server: in a program, on a page of another origin that is trusted, and what a
//! page that is not trusted can do with its visitor's cookies. The browser is Debian's Chromium.

use std::fs;
use std::future::pending;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::http::header::ContentType;
use actix_web::rt::task::spawn_blocking;
use actix_web::{HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use wardkeep_auth::mail::{Mailbox, Worker};
use wardkeep_auth::providers::Providers;
use wardkeep_auth::providers::client::Settings;
use wardkeep_auth::{Auth, AuthConfig, Secrets};
use wardkeep_tenancy::{Clock, Entropy};
use wardkeep_tests::{App, serve};
use wardkeep_web::{Origins, RateLimits, State};

use crate::local_provider::LocalProvider;
use crate::node;

/// A test of this file is given up after this, with what it has printed until then.
const PATIENCE: Duration = Duration::from_secs(100);
const CHROMIUM: &str = "/usr/bin/chromium";
/// What `npm ci` and the bundler read; when none has changed, neither runs again.
const SOURCES: [&str; 8] = [
    "package.json",
    "package-lock.json",
    ".npmrc",
    "flow.mjs",
    "client.mjs",
    "clinic.mjs",
    "page.mjs",
    "drive.mjs",
];
const SECRET: &str = "a secret for tests alone, longer than thirty-two bytes";

#[actix_web::test]
async fn the_official_client_works_in_a_program() {
    let Some(driver) = Driver::prepare(&["node", "npm"]) else {
        return;
    };
    let world = World::start(&driver).await;

    let seen = world.drive(&driver, "program", &[]).await;

    assert_eq!(seen, flow());
}

#[actix_web::test]
async fn the_program_of_the_page_runs() {
    let page = include_str!("../../docs/client.md");
    let code = page.lines().skip_while(|line| !line.starts_with("    "));
    let code = code.take_while(|line| line.is_empty() || line.starts_with("    "));
    let code: Vec<_> = code
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    let program = include_str!("../browser/client.mjs");
    assert_eq!(
        code.join("\n").trim_end(),
        program.trim_end(),
        "docs/client.md shows it as it is"
    );

    let Some(driver) = Driver::prepare(&["node", "npm"]) else {
        return;
    };
    let world = World::start(&driver).await;
    let mut command = Command::new("node");
    command.arg("client.mjs").env("BASE_URL", &world.api);

    let printed = world.run(&driver, command).await;

    assert_eq!(printed, r#"[true,false,{"items":[],"nextCursor":null}]"#);
    assert!(page.contains(&printed));
}

#[actix_web::test]
async fn two_people_share_a_clinic_by_mail_team_and_role_until_one_is_removed() {
    let Some(driver) = Driver::prepare(&["node", "npm"]) else {
        return;
    };
    let world = World::start(&driver).await;

    let seen = world.drive(&driver, "clinic", &[]).await;

    let expected = json!({
        "invitedTwice": "400 USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION",
        // No organization is active yet.
        "before": 400,
        "mailed": true,
        "card": ["Salt Lane", "ada@example.org", "nurse"],
        "role": "nurse",
        "active": true,
        "shift": [true],
        "acceptedTwice": "400 INVITATION_NOT_FOUND",
        "may": [true, false],
        "nurse": [200, 403],
        "mayNow": [true, true],
        "nurseNow": [200, 201],
        "mayNotInvite": "403 YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION",
        "roleInUse": "400 ROLE_IS_ASSIGNED_TO_MEMBERS",
        "members": [["Ada", "owner"], ["Ben", "nurse"]],
        "teams": [["Night shift", 1], ["Salt Lane", 1]],
        "after": [
            403,
            403,
            "401 USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
            "403 USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
            "400 USER_IS_NOT_A_MEMBER_OF_THE_TEAM",
            0,
        ],
        "staysSignedIn": "ben@example.org",
    });
    assert_eq!(seen, expected);
}

#[actix_web::test]
async fn who_is_invited_by_mail_joins_in_a_browser_without_script() {
    let Some(driver) = Driver::prepare(&["node", "npm", CHROMIUM]) else {
        return;
    };
    let world = World::start(&driver).await;

    let seen = world.drive(&driver, "invited", &[]).await;

    let expected = json!({
        "headings": [
            "Join Salt Lane",
            "The password is not right for this address.",
            "Join Salt Lane",
            "You are a member of Salt Lane",
            "You are a member of Salt Lane",
            410,
            "This invitation is not valid any more",
        ],
        "members": [["Ada", "ada@example.org", "owner"], ["Ben", "ben@example.org", "member"]],
    });
    assert_eq!(seen, expected);
}

#[actix_web::test]
async fn a_page_on_a_trusted_origin_works_with_the_official_client() {
    let Some(driver) = Driver::prepare(&["node", "npm", CHROMIUM]) else {
        return;
    };
    let world = World::start(&driver).await;

    let seen = world.drive(&driver, "visit", &[&world.trusted]).await;

    assert_eq!(seen["flow"], flow());
    let patient = json!({
        "created": 201,
        "etag": "\"1\"",
        "changed": 200,
        "changedEtag": "\"2\"",
        "phones": ["+49 30 901820"],
        // A header that the preflight does not allow is not sent.
        "unlistedHeader": "TypeError",
        "scriptSeesCookies": false,
    });
    assert_eq!(seen["patient"], patient);
}

#[actix_web::test]
async fn a_page_on_another_origin_reads_nothing_and_changes_nothing() {
    let Some(driver) = Driver::prepare(&["node", "npm", CHROMIUM]) else {
        return;
    };

    // A page on another port gets the cookies sent along (the same site by SameSite), one on another host does not.
    for host in ["localhost", "127.0.0.1"] {
        let world = World::start(&driver).await;
        let elsewhere = world.untrusted.replace("localhost", host);
        let seen = world
            .drive(&driver, "attack", &[&world.trusted, &elsewhere])
            .await;
        let refused = json!({
            "session": "TypeError",
            "patients": "TypeError",
            "recorded": "TypeError",
            "recordedAsText": "TypeError",
            "recordedBlindly": 0,
            "signedOut": 0,
        });
        assert_eq!(seen["seen"], refused, "{host}");
        assert_eq!(seen["who"], "ada@example.org", "{host}");
        assert_eq!(world.sessions().await, ["ada", "eve"], "{host}");
        assert_eq!(world.patients().await, 1, "{host}");
    }
}

/// Without this the refusals above would prove little: the requests might never have worked.
#[actix_web::test]
async fn the_same_requests_from_a_trusted_page_are_answered_and_act() {
    let Some(driver) = Driver::prepare(&["node", "npm", CHROMIUM]) else {
        return;
    };
    let world = World::start(&driver).await;

    let seen = world
        .drive(&driver, "attack", &[&world.trusted, &world.trusted])
        .await;

    let answered = json!({
        "session": "ada@example.org",
        "patients": 200,
        "recorded": 201,
        "recordedAsText": 415,
        "recordedBlindly": 0,
        "signedOut": 0,
    });
    assert_eq!(seen["seen"], answered);
    // Signed out, and signed in as somebody else.
    assert_eq!(seen["who"], "eve@example.org");
    assert_eq!(world.sessions().await, ["eve", "eve"]);
    assert_eq!(world.patients().await, 2);
}

#[actix_web::test]
async fn people_come_through_a_provider_and_link_accounts_there_with_the_official_client() {
    let Some(driver) = Driver::prepare(&["node", "npm", CHROMIUM]) else {
        return;
    };
    let (world, _provider) = World::with_provider(&driver).await;

    let seen = world.drive(&driver, "provided", &[&world.trusted]).await;

    let expected = json!({
        "ledTo": "/?signed-in",
        "who": "ana@example.test",
        "accounts": ["local"],
        "thenLedTo": "/?linked",
        "linked": ["credential", "local"],
        "unlinked": true,
        "left": ["credential"],
    });
    assert_eq!(seen, expected);
}

#[actix_web::test]
async fn a_newcomer_tries_a_provider_on_the_page_of_development_without_script() {
    let Some(driver) = Driver::prepare(&["node", "npm", CHROMIUM]) else {
        return;
    };
    let (world, _provider) = World::with_provider(&driver).await;

    let seen = world.drive(&driver, "tried", &[]).await;

    let signed_in = "Signed in as Ana Maria, ana.maria@example.test (proven).";
    let expected = json!([
        "Nobody is signed in.",
        signed_in,
        ["local"],
        // There is nothing to link.
        ["Sign out"],
        "Nobody is signed in.",
        "Signed in as Ben, ben@example.test (proven).",
        "Signed in as Carl, carl@example.test (not proven).",
        "Signed in as Carl, carl@example.test (proven).",
        "access_denied",
    ]);
    assert_eq!(seen, expected);
}

/// What the official client sees on the way of `signUpAndIn`.
fn flow() -> Value {
    json!({
        "before": null,
        "signedUp": "ada@example.org",
        "afterSignUp": "ada@example.org",
        "founded": "ada-salt-lane",
        "active": true,
        "signedOut": true,
        "afterSignOut": null,
        "signedIn": "ada@example.org",
        "afterSignIn": "ada@example.org",
        "image": "https://img.example/face.png",
        "accounts": ["credential"],
        "sessions": 1,
        "newSession": true,
        "askedToReset": true,
        "askedToVerify": true,
        "afterAll": "ada@example.org",
    })
}

/// The application on one port of this machine, with the mails of development, and pages on two others. Eve has an account,
/// and one session.
struct World {
    app: App,
    api: String,
    trusted: String,
    untrusted: String,
    servers: Vec<ServerHandle>,
}

impl World {
    async fn start(driver: &Driver) -> Self {
        let app = App::start().await;
        let clock = app.clock.clone();
        Self::on(driver, app, listen(), clock, Providers::default()).await
    }

    /// The same with a provider, whose tokens are of the system's time.
    async fn with_provider(driver: &Driver) -> (Self, LocalProvider) {
        let address = listen();
        let provider = LocalProvider::start(&address.0, 3600).expect("Node.js is there");
        let app = App::start().await;
        let providers = Providers::new(Settings::read(&provider.settings()).unwrap()).unwrap();
        let world = Self::on(driver, app, address, Clock::system(), providers).await;
        (world, provider)
    }

    async fn on(
        driver: &Driver,
        app: App,
        (api, api_listener): (String, TcpListener),
        clock: Clock,
        providers: Providers,
    ) -> Self {
        app.sign_up("eve").await;
        let (trusted, trusted_listener) = listen();
        let (untrusted, untrusted_listener) = listen();
        let secrets = Secrets::new([SECRET]).unwrap();
        let auth = Auth::new(AuthConfig {
            providers,
            ..AuthConfig::new(secrets, &api)
        });
        let mailbox = Mailbox::new();
        let worker = Worker::new(
            app.database.connect_worker().await,
            auth.clone(),
            clock.clone(),
            Entropy::seeded(4),
            mailbox.clone(),
        );
        actix_web::rt::spawn(async move { worker.run(pending()).await });
        let state = State::new(
            app.state.database().clone(),
            auth,
            app.state.access().clone(),
            Origins::new(&api, [&trusted]).unwrap(),
        )
        .with_clock(clock, Entropy::seeded(3))
        .with_mailbox(mailbox)
        // The clock stands still, so that no window would ever end.
        .with_rate_limits(RateLimits::off());
        let servers = vec![
            serve(api_listener, state),
            serve_page(trusted_listener, &driver.folder),
            serve_page(untrusted_listener, &driver.folder),
        ];
        Self {
            app,
            api,
            trusted,
            untrusted,
            servers,
        }
    }

    /// Runs one task of drive.mjs with the API's address and others, and returns what was printed.
    async fn drive(&self, driver: &Driver, task: &str, addresses: &[&str]) -> Value {
        let mut command = Command::new("node");
        command
            .args(["drive.mjs", task, &self.api])
            .args(addresses)
            .env("CHROMIUM", CHROMIUM);
        let printed = self.run(driver, command).await;
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error} in {printed:?}"))
    }

    /// Runs a command where the programs are, stops the servers and returns what was printed.
    async fn run(&self, driver: &Driver, mut command: Command) -> String {
        command.current_dir(&driver.folder);
        let deadline = driver.deadline;
        let printed = spawn_blocking(move || node::run(command, deadline))
            .await
            .unwrap();
        for server in &self.servers {
            server.stop(false).await;
        }
        printed.trim_end().to_owned()
    }

    /// Whose sessions there are.
    async fn sessions(&self) -> Vec<String> {
        const NAMES: &str =
            r#"select name from session join "user" on "user".id = session."userId" order by name"#;
        let mut admin = self.app.database.admin().await;
        sqlx::query_scalar(NAMES).fetch_all(&mut admin).await.unwrap()
    }

    async fn patients(&self) -> i64 {
        let mut admin = self.app.database.admin().await;
        let count = sqlx::query_scalar("select count(*) from patients");
        count.fetch_one(&mut admin).await.unwrap()
    }
}

/// A free port of this machine by its name, which makes different ports one site to a browser.
fn listen() -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (format!("http://localhost:{port}"), listener)
}

/// A page with the functions of page.mjs, as the bundler has put them together.
fn serve_page(listener: TcpListener, folder: &Path) -> ServerHandle {
    const PAGE: &str =
        r#"<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>"#;
    let script = fs::read_to_string(folder.join("page.js")).unwrap();
    let server = HttpServer::new(move || {
        let script = script.clone();
        let html = || async { HttpResponse::Ok().content_type(ContentType::html()).body(PAGE) };
        let javascript = move || {
            let script = script.clone();
            async {
                HttpResponse::Ok()
                    .content_type("text/javascript; charset=utf-8")
                    .body(script)
            }
        };
        actix_web::App::new()
            .route("/", web::get().to(html))
            .route("/page.js", web::get().to(javascript))
    });
    let server = server
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    handle
}

/// The programs of `tests/browser`, with their packages, in a folder of their own.
struct Driver {
    folder: PathBuf,
    deadline: Instant,
}

impl Driver {
    /// `None` where one of the programs needed is not there: the test is left out, but never on a build machine.
    fn prepare(needed: &[&str]) -> Option<Self> {
        let deadline = Instant::now() + PATIENCE;
        if !node::has(needed) {
            return None;
        }
        let folder = node::installed("browser", &SOURCES, deadline, |folder| {
            let mut bundler = Command::new("node_modules/.bin/esbuild");
            bundler.args([
                "page.mjs",
                "--bundle",
                "--format=esm",
                "--outfile=page.js",
                "--log-level=warning",
            ]);
            bundler.current_dir(folder);
            node::run(bundler, deadline);
        });
        Some(Self { folder, deadline })
    }
}
