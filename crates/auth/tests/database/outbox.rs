use std::sync::Arc;
use std::time::Duration as Real;

use time::Duration;
use tokio::sync::oneshot;
use wardkeep_auth::emails::Email;
use wardkeep_auth::mail::{self, Delivered, Mail, Mailbox, Smtp, Swept, Transport, Worker};
use wardkeep_auth::{Auth, AuthConfig, Secrets, resets};
use wardkeep_tenancy::{Clock, Entropy};
use wardkeep_testkit::{START, clock};

use crate::smtp_server::{Manner, SmtpServer};
use crate::world::{World, at};

const LINK: &str = "http://wardkeep.test/api/auth/reset-password/the-token";

fn mail_to(to: &str) -> Mail {
    Mail {
        to: Email::parse(to).unwrap(),
        subject: "Reset your password".to_owned(),
        text: format!("Follow the link.\n\n{LINK}\n"),
    }
}

fn smtp(server: &SmtpServer) -> Smtp {
    Smtp::new(&server.url, "wardkeep@wardkeep.test").unwrap()
}

impl World {
    async fn queue(&self, mail: &Mail) {
        let cx = at(Duration::ZERO);
        let tx = self.db.credentials(&cx).await.unwrap();
        mail::queue(&tx, &cx, &self.auth, mail).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn worker<T: Transport>(&self, clock: &Clock, transport: T) -> Worker<T> {
        let database = self.test.connect_worker().await;
        let entropy = Entropy::system();
        Worker::new(database, self.auth.clone(), clock.clone(), entropy, transport)
    }

    /// How many mails wait, were sent, and were given up.
    async fn outbox(&self) -> (i64, i64, i64) {
        let counts = "select count(content), count(sent_at), count(given_up_at) from outbox";
        sqlx::query_as(counts)
            .fetch_one(&mut self.admin().await)
            .await
            .unwrap()
    }

    async fn content(&self) -> Vec<u8> {
        sqlx::query_scalar("select content from outbox")
            .fetch_one(&mut self.admin().await)
            .await
            .unwrap()
    }

    async fn run(&self, statement: &'static str) {
        sqlx::query(statement)
            .execute(&mut self.admin().await)
            .await
            .unwrap();
    }
}

fn sent(sent: usize) -> Delivered {
    Delivered {
        sent,
        ..Delivered::default()
    }
}

fn failed(failed: usize) -> Delivered {
    Delivered {
        failed,
        ..Delivered::default()
    }
}

fn message_id(mail: &str) -> &str {
    mail.lines()
        .find(|line| line.starts_with("Message-ID: "))
        .unwrap()
}

#[tokio::test]
async fn a_mail_that_was_committed_is_sent_once_and_blanked() {
    let (world, server) = (World::new().await, SmtpServer::start(Manner::Well).await);
    let worker = world.worker(&clock(), smtp(&server)).await;
    world.queue(&mail_to("ada@example.test")).await;

    let first = worker.deliver_due().await.unwrap();
    let second = worker.deliver_due().await.unwrap();

    assert_eq!((first, second), (sent(1), Delivered::default()));
    let received = server.received();
    assert_eq!(received.len(), 1);
    for part in [
        "From: wardkeep@wardkeep.test",
        "To: ada@example.test",
        "Date: Mon, 02 Mar 2026 09:00:00 +0000",
        "Auto-Submitted: auto-generated",
        LINK,
    ] {
        assert!(received[0].contains(part), "{part} in {}", received[0]);
    }
    let id: uuid::Uuid = sqlx::query_scalar("select id from outbox")
        .fetch_one(&mut world.admin().await)
        .await
        .unwrap();
    assert_eq!(
        message_id(&received[0]),
        format!("Message-ID: <{id}@wardkeep.test>")
    );
    assert_eq!(world.outbox().await, (0, 1, 0));
}

#[tokio::test]
async fn a_signed_in_user_queues_as_well() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let cx = at(Duration::ZERO);

    let tx = world.db.identity(&cx, ana.user.id).await.unwrap();
    mail::queue(&tx, &cx, &world.auth, &mail_to("ana@example.test"))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    assert_eq!(world.outbox().await, (1, 0, 0));
}

#[tokio::test]
async fn a_mail_that_was_rolled_back_is_never_sent() {
    let (world, mailbox) = (World::new().await, Mailbox::new());
    let worker = world.worker(&clock(), mailbox.clone()).await;
    let cx = at(Duration::ZERO);
    let tx = world.db.credentials(&cx).await.unwrap();
    mail::queue(&tx, &cx, &world.auth, &mail_to("ada@example.test"))
        .await
        .unwrap();
    drop(tx);

    let delivered = worker.deliver_due().await.unwrap();

    assert_eq!(delivered, Delivered::default());
    assert_eq!(mailbox.letters(), []);
    assert_eq!(world.count("outbox").await, 0);
}

#[tokio::test]
async fn a_relay_that_refuses_drops_or_is_silent_loses_no_mail() {
    let (world, server) = (World::new().await, SmtpServer::start(Manner::Well).await);
    let clock = clock();
    let worker = world
        .worker(&clock, smtp(&server))
        .await
        .with_send_timeout(Real::from_millis(300));
    world.queue(&mail_to("ada@example.test")).await;

    let manners = [
        Manner::Refusing(550),
        Manner::Refusing(451),
        Manner::Dropping,
        Manner::Silent,
    ];
    for (tries, manner) in manners.into_iter().enumerate() {
        server.behave(manner);
        assert_eq!(worker.deliver_due().await.unwrap(), failed(1), "{manner:?}");
        assert_eq!(server.connections(), tries + 1);
        // Not at once again.
        assert_eq!(worker.deliver_due().await.unwrap(), Delivered::default());
        clock.advance(Real::from_secs(15 * 60));
    }
    assert_eq!(world.outbox().await, (1, 0, 0));
    server.behave(Manner::Well);

    assert_eq!(worker.deliver_due().await.unwrap(), sent(1));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_relay_that_is_not_there_loses_no_mail_and_the_pause_doubles() {
    let world = World::new().await;
    let clock = clock();
    // A port that was free a moment ago.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let transport = Smtp::new(&format!("smtp://{gone}"), "wardkeep@wardkeep.test").unwrap();
    let worker = world.worker(&clock, transport).await;
    world.queue(&mail_to("ada@example.test")).await;

    for pause in [10, 20, 40] {
        assert_eq!(worker.deliver_due().await.unwrap(), failed(1));
        clock.advance(Real::from_secs(pause) - Real::from_millis(1));
        assert_eq!(worker.deliver_due().await.unwrap(), Delivered::default());
        clock.advance(Real::from_millis(1));
    }
    let mailbox = Mailbox::new();
    let mended = world.worker(&clock, mailbox.clone()).await;

    assert_eq!(mended.deliver_due().await.unwrap(), sent(1));
    assert_eq!(mailbox.letters().len(), 1);
}

#[tokio::test]
async fn a_mail_whose_success_was_not_heard_is_sent_again_with_the_same_id() {
    let (world, server) = (World::new().await, SmtpServer::start(Manner::Forgetful).await);
    let clock = clock();
    let worker = world.worker(&clock, smtp(&server)).await;
    world.queue(&mail_to("ada@example.test")).await;

    assert_eq!(worker.deliver_due().await.unwrap(), failed(1));
    server.behave(Manner::Well);
    clock.advance(Real::from_secs(10));
    assert_eq!(worker.deliver_due().await.unwrap(), sent(1));

    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0], received[1]);
    assert!(message_id(&received[0]).ends_with("@wardkeep.test>"));
}

#[tokio::test]
async fn what_a_worker_had_claimed_when_it_died_is_sent_by_another() {
    let (world, server) = (World::new().await, SmtpServer::start(Manner::Silent).await);
    let (clock, mailbox) = (clock(), Mailbox::new());
    let dying = world.worker(&clock, smtp(&server)).await;
    let heir = world.worker(&clock, mailbox.clone()).await;
    world.queue(&mail_to("ada@example.test")).await;

    let work = tokio::time::timeout(Real::from_secs(60), async {
        tokio::select! {
            _ = dying.deliver_due() => panic!("the relay is silent"),
            () = async {
                while server.connections() == 0 {
                    tokio::task::yield_now().await;
                }
            } => {}
        }
    });
    work.await.unwrap();

    assert_eq!(
        heir.deliver_due().await.unwrap(),
        Delivered::default(),
        "the claim holds"
    );
    clock.advance(Real::from_secs(2 * 60));
    assert_eq!(heir.deliver_due().await.unwrap(), sent(1));
    assert_eq!(mailbox.letters().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_send_each_mail_once() {
    let (world, server) = (World::new().await, SmtpServer::start(Manner::Well).await);
    for number in 0..40 {
        world.queue(&mail_to(&format!("ada{number}@example.test"))).await;
    }
    let (one, other) = (
        Arc::new(world.worker(&clock(), smtp(&server)).await),
        Arc::new(world.worker(&clock(), smtp(&server)).await),
    );

    let (one, other) = tokio::join!(
        tokio::spawn(async move { one.deliver_due().await.unwrap() }),
        tokio::spawn(async move { other.deliver_due().await.unwrap() }),
    );

    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.sent + other.sent, 40);
    let received = server.received();
    let mut ids: Vec<_> = received.iter().map(|mail| message_id(mail)).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((received.len(), ids.len()), (40, 40));
    assert_eq!(world.outbox().await, (0, 40, 0));
}

#[tokio::test]
async fn a_decoy_has_the_size_of_a_mail_and_is_never_sent() {
    let (world, mailbox) = (World::new().await, Mailbox::new());
    let worker = world.worker(&clock(), mailbox.clone()).await;
    world.queue(&mail_to("ada@example.test")).await;
    let nobody = Email::parse("nobody@example.test").unwrap();
    resets::request(&world.db, &at(Duration::ZERO), &world.auth, &nobody, None)
        .await
        .unwrap();
    let sizes: Vec<i32> = sqlx::query_scalar("select pg_column_size(content) from outbox")
        .fetch_all(&mut world.admin().await)
        .await
        .unwrap();

    let delivered = worker.deliver_due().await.unwrap();

    assert_eq!(sizes[0], sizes[1]);
    assert_eq!((delivered.sent, delivered.decoys), (1, 1));
    assert_eq!(mailbox.letters().len(), 1);
    assert_eq!(world.outbox().await, (0, 2, 0));
}

#[tokio::test]
async fn the_row_shows_neither_address_nor_link() {
    let world = World::new().await;
    world.queue(&mail_to("ada@example.test")).await;

    let row: String = sqlx::query_scalar("select outbox::text || encode(content, 'escape') from outbox")
        .fetch_one(&mut world.admin().await)
        .await
        .unwrap();

    for known in ["ada@", "example", "the-token", "Reset"] {
        assert!(!row.contains(known), "{known}");
    }
    assert!(world.content().await.len() > 4096);
}

#[tokio::test]
async fn a_mail_that_no_secret_decrypts_waits_five_days_and_holds_up_nobody() {
    let (world, mailbox) = (World::new().await, Mailbox::new());
    let others = Secrets::new(["another-secret-of-the-tests-0123456789"]).unwrap();
    let others = Auth::new(AuthConfig::new(others, "http://wardkeep.test"));
    let cx = at(Duration::ZERO);
    let tx = world.db.credentials(&cx).await.unwrap();
    mail::queue(&tx, &cx, &others, &mail_to("eve@example.test"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    // Content that was moved to another row is as good as none.
    world.queue(&mail_to("mallory@example.test")).await;
    world
        .run("update outbox set id = gen_random_uuid() where xmin = (select xmin from outbox order by xmin::text::bigint desc limit 1)")
        .await;
    world.queue(&mail_to("ada@example.test")).await;
    let clock = clock();
    let worker = world.worker(&clock, mailbox.clone()).await;

    let delivered = worker.deliver_due().await.unwrap();

    assert_eq!((delivered.sent, delivered.failed), (1, 2));
    assert_eq!(world.outbox().await, (2, 1, 0));
    clock.advance(Real::from_secs(5 * 24 * 3600));
    assert_eq!(worker.deliver_due().await.unwrap().given_up, 2);
    let to: Vec<_> = mailbox
        .letters()
        .into_iter()
        .map(|letter| letter.mail.to)
        .collect();
    assert_eq!(to, [Email::parse("ada@example.test").unwrap()]);
    assert_eq!(world.outbox().await, (0, 1, 2));
}

#[tokio::test]
async fn a_server_that_has_not_got_the_new_secret_yet_loses_no_mail_of_one_that_has() {
    let (world, mailbox) = (World::new().await, Mailbox::new());
    let secrets = [
        "another-secret-of-the-tests-0123456789",
        "a-secret-of-the-tests-0123456789abcdef",
    ];
    let renewed = Auth::new(AuthConfig::new(
        Secrets::new(secrets).unwrap(),
        "http://wardkeep.test",
    ));
    let cx = at(Duration::ZERO);
    let tx = world.db.credentials(&cx).await.unwrap();
    mail::queue(&tx, &cx, &renewed, &mail_to("ada@example.test"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let clock = clock();
    let old = world.worker(&clock, mailbox.clone()).await;
    let database = world.test.connect_worker().await;
    let new = Worker::new(
        database,
        renewed,
        clock.clone(),
        Entropy::system(),
        mailbox.clone(),
    );

    old.deliver_due().await.unwrap();
    clock.advance(Real::from_secs(60));

    assert_eq!(new.deliver_due().await.unwrap(), sent(1));
}

#[tokio::test]
async fn a_replaced_secret_still_opens_what_waits() {
    let (world, mailbox) = (World::new().await, Mailbox::new());
    world.queue(&mail_to("ada@example.test")).await;
    let secrets = [
        "another-secret-of-the-tests-0123456789",
        "a-secret-of-the-tests-0123456789abcdef",
    ];
    let auth = Auth::new(AuthConfig::new(
        Secrets::new(secrets).unwrap(),
        "http://wardkeep.test",
    ));
    let database = world.test.connect_worker().await;
    let worker = Worker::new(database, auth, clock(), Entropy::system(), mailbox.clone());

    assert_eq!(worker.deliver_due().await.unwrap(), sent(1));
}

#[tokio::test]
async fn a_mail_is_given_up_after_five_days() {
    let (world, server) = (World::new().await, SmtpServer::start(Manner::Refusing(550)).await);
    let clock = clock();
    let worker = world.worker(&clock, smtp(&server)).await;
    world.queue(&mail_to("ada@example.test")).await;

    clock.set(START + Duration::days(5) - Duration::minutes(1));
    assert_eq!(worker.deliver_due().await.unwrap(), failed(1));
    clock.set(START + Duration::days(5));
    let last = worker.deliver_due().await.unwrap();

    assert_eq!(last.given_up, 1);
    assert_eq!(world.outbox().await, (0, 0, 1));
    server.behave(Manner::Well);
    clock.advance(Real::from_secs(24 * 3600));
    assert_eq!(worker.deliver_due().await.unwrap(), Delivered::default());
}

#[tokio::test]
async fn a_silent_relay_holds_up_the_others_no_longer_than_the_timeout() {
    let (world, server) = (World::new().await, SmtpServer::start(Manner::Silent).await);
    let worker = world
        .worker(&clock(), smtp(&server))
        .await
        .with_send_timeout(Real::from_millis(500));
    for number in 0..8 {
        world.queue(&mail_to(&format!("ada{number}@example.test"))).await;
    }
    let started = std::time::Instant::now();

    let delivered = worker.deliver_due().await.unwrap();

    // One after the other they would take four seconds.
    assert_eq!(delivered, failed(8));
    assert_eq!(server.connections(), 8);
    assert!(started.elapsed() < Real::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_worker_that_runs_is_woken_and_finishes_what_it_sends_when_it_is_stopped() {
    let (world, server) = (World::new().await, SmtpServer::start(Manner::Well).await);
    let worker = world.worker(&clock(), smtp(&server)).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        worker.run(stopped).await;
    });

    world.queue(&mail_to("ada@example.test")).await;
    world.auth.mail_waiting();
    tokio::time::timeout(Real::from_secs(30), async {
        while world.outbox().await != (0, 1, 0) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    stop.send(()).unwrap();

    tokio::time::timeout(Real::from_secs(30), running)
        .await
        .unwrap()
        .unwrap();
    world.queue(&mail_to("ada@example.test")).await;
    assert_eq!(world.outbox().await, (1, 1, 0));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn stopping_finishes_the_mail_under_way_and_claims_no_other() {
    let (world, server) = (World::new().await, SmtpServer::start(Manner::Silent).await);
    let worker = world
        .worker(&clock(), smtp(&server))
        .await
        .with_send_timeout(Real::from_millis(500));
    for number in 0..8 {
        world.queue(&mail_to(&format!("ada{number}@example.test"))).await;
    }

    let under_way = async {
        while server.connections() < 4 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Real::from_secs(30), worker.run(under_way))
        .await
        .unwrap();

    assert_eq!(server.connections(), 4);
    let attempts: Vec<i32> = sqlx::query_scalar("select attempts from outbox order by attempts")
        .fetch_all(&mut world.admin().await)
        .await
        .unwrap();
    assert_eq!(attempts, [0, 0, 0, 0, 1, 1, 1, 1]);
}

#[tokio::test]
async fn what_is_over_is_swept_away_and_nothing_else() {
    let (world, clock) = (World::new().await, clock());
    let worker = world.worker(&clock, Mailbox::new()).await;
    world.sign_up("ana@example.test").await;
    world
        .run(
            r#"insert into verification (identifier, value, "expiresAt")
               select 'proof', 'somebody', timestamptz '2026-03-02 10:00+00' from generate_series(1, 2500)"#,
        )
        .await;
    world
        .run(
            r#"with clinic as (insert into organization (name, slug) values ('Salt Lane', 'salt-lane') returning id)
               insert into idempotency_keys
                 (organization_id, id, user_id, route, key, fingerprint, created_at, expires_at)
               select clinic.id, gen_random_uuid(), gen_random_uuid(), 'POST /api/v1/rooms', number::text, '', now(),
                 case when number <= 1500 then timestamptz '2026-03-03 09:00+00' else timestamptz '2026-03-10 09:00+00' end
               from clinic, generate_series(1, 1600) as number"#,
        )
        .await;
    world.queue(&mail_to("ada@example.test")).await;
    worker.deliver_due().await.unwrap();
    clock.set(START + Duration::days(6));
    world.queue(&mail_to("ada@example.test")).await;

    let mut swept = Vec::new();
    for after in [
        Duration::hours(1),
        Duration::hours(1) + Duration::milliseconds(1),
        Duration::days(1),
        Duration::days(1) + Duration::milliseconds(1),
        Duration::days(7),
        Duration::days(7) + Duration::milliseconds(1),
    ] {
        clock.set(START + after);
        swept.push(worker.sweep().await.unwrap());
    }

    let nothing = Swept::default();
    let verifications = Swept {
        verifications: 2500,
        ..nothing
    };
    let keys = Swept {
        idempotency_keys: 1500,
        ..nothing
    };
    let rest = Swept {
        sessions: 1,
        mails: 1,
        ..nothing
    };
    assert_eq!(swept, [nothing, verifications, nothing, keys, nothing, rest]);
    assert_eq!(world.count("idempotency_keys").await, 100);
    assert_eq!(world.outbox().await, (1, 0, 0));
    assert_eq!(world.count("\"user\"").await, 1);
}

#[tokio::test]
async fn where_no_mails_are_sent_the_worker_sweeps_all_the_same() {
    let (world, clock, mailbox) = (World::new().await, clock(), Mailbox::new());
    let worker = world.worker(&clock, mailbox.clone()).await;
    world.sign_up("ana@example.test").await;
    world.queue(&mail_to("ada@example.test")).await;
    clock.set(START + Duration::days(7) + Duration::milliseconds(1));

    worker.run_sweeps(async {}).await;

    assert_eq!(world.count("session").await, 0);
    assert_eq!(world.outbox().await, (1, 0, 0));
    assert!(mailbox.letters().is_empty());
}
