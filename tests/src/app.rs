//! The application under test.

use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::Service;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App as Application, HttpResponse};
use wardkeep_auth::mail::{Mail, Mailbox, Worker};
use wardkeep_auth::{Auth, AuthConfig, Secrets};
use wardkeep_tenancy::{Clock, Database, Entropy};
use wardkeep_testkit::TestDatabase;
use wardkeep_web::{Origins, RateLimits, State};

use crate::Request;

/// The address of the application, and the origin of its pages.
pub const ORIGIN: &str = "http://wardkeep.test";

const SECRET: &str = "a secret for tests alone, longer than thirty-two bytes";

type Answering = Pin<Box<dyn Future<Output = HttpResponse<BoxBody>>>>;

/// The whole router on a database of its own, which it enters as `wardkeep_app`. It is Monday, 2 March 2026, 09:00 UTC,
/// until the test moves the clock. There are no rate limits.
pub struct App {
    /// The database, which is dropped with the last application on it.
    pub database: Rc<TestDatabase>,
    /// The clock that every request reads.
    pub clock: Clock,
    /// What the router was made of; a second listener on the same database can be made of it too.
    pub state: State,
    call: Rc<dyn Fn(TestRequest) -> Answering>,
}

impl App {
    /// Starts an application on a fresh database.
    pub async fn start() -> Self {
        let database = Rc::new(TestDatabase::create().await);
        Self::on(database, wardkeep_testkit::clock()).await
    }

    /// Starts another server on the same database. Both have one clock, and nothing else in common.
    pub async fn beside(&self) -> Self {
        Self::on(Rc::clone(&self.database), self.clock.clone()).await
    }

    async fn on(database: Rc<TestDatabase>, clock: Clock) -> Self {
        let pool = database.connect().await;
        Self::over(database, pool, clock).await
    }

    /// Starts an application that reaches its database in a way of the test's own.
    pub async fn over(database: Rc<TestDatabase>, pool: Database, clock: Clock) -> Self {
        let secrets = Secrets::new([SECRET]).expect("the secret is long enough");
        let access = wardkeep_clinical::extend(wardkeep_organizations::access_control());
        let origins = Origins::new(ORIGIN, [] as [&str; 0]).expect("the address is one");
        // No two make the same ids.
        let seed = 1 + Rc::strong_count(&database) as u64;
        let state = State::new(pool, Auth::new(AuthConfig::new(secrets, ORIGIN)), access, origins)
            .with_clock(clock.clone(), Entropy::seeded(seed))
            .with_rate_limits(RateLimits::off());
        let call = serve(state.clone()).await;
        Self {
            database,
            clock,
            state,
            call,
        }
    }

    /// A request to be made.
    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        Request::new(self, method, path)
    }

    /// A `GET` to be made.
    pub fn get(&self, path: &str) -> Request<'_> {
        self.request(Method::GET, path)
    }

    /// A `POST` to be made.
    pub fn post(&self, path: &str) -> Request<'_> {
        self.request(Method::POST, path)
    }

    /// A `PATCH` to be made.
    pub fn patch(&self, path: &str) -> Request<'_> {
        self.request(Method::PATCH, path)
    }

    /// A `PUT` to be made.
    pub fn put(&self, path: &str) -> Request<'_> {
        self.request(Method::PUT, path)
    }

    /// A `DELETE` to be made.
    pub fn delete(&self, path: &str) -> Request<'_> {
        self.request(Method::DELETE, path)
    }

    /// Sends the mails that wait; what each says, the newest last.
    pub async fn mails(&self) -> Vec<Mail> {
        let (auth, mailbox) = (self.state.auth().clone(), Mailbox::new());
        let database = self.database.connect_worker().await;
        let entropy = Entropy::seeded(3);
        let worker = Worker::new(database, auth, self.clock.clone(), entropy, mailbox.clone());
        worker.deliver_due().await.expect("the mails are sent");
        let letters = mailbox.letters().into_iter().rev();
        letters.map(|letter| letter.mail).collect()
    }

    pub(crate) fn call(&self, request: TestRequest) -> Answering {
        (self.call)(request)
    }
}

async fn serve(state: State) -> Rc<dyn Fn(TestRequest) -> Answering> {
    let application = Application::new()
        .wrap(from_fn(wardkeep_web::surround))
        .configure(wardkeep_web::configure(state));
    let service = Rc::new(init_service(application).await);
    Rc::new(move |request| {
        let service = Rc::clone(&service);
        Box::pin(async move {
            match service.call(request.to_request()).await {
                Ok(response) => response.into_parts().1.map_into_boxed_body(),
                // A server would answer so to what no middleware has answered.
                Err(error) => HttpResponse::from_error(error),
            }
        })
    })
}
