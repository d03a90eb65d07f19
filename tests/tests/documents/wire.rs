//! Contents over a network, through the real server: large ones, and those that break off.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use actix_web::rt::task::spawn_blocking;
use serde_json::json;
use wardkeep_tests::{ORIGIN, Record, listen};

use super::{Desk, LETTER};

/// What a client of the tests needs to speak to a server.
#[derive(Clone)]
struct Line {
    address: String,
    cookie: String,
}

impl Line {
    fn new(url: &str, desk: &Desk) -> Self {
        Self {
            address: url.trim_start_matches("http://").to_owned(),
            cookie: desk.ada.cookie.clone(),
        }
    }

    /// Sends the head of a request, with these headers beside the usual ones.
    fn begin(&self, method: &str, document: &Record, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "{method} {}/content HTTP/1.1\r\nhost: x\r\norigin: {ORIGIN}\r\ncookie: {}\r\nconnection: close\r\n{headers}\r\n",
            document.path, self.cookie
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// Begins to send a content of so many bytes.
    fn begin_put(&self, document: &Record, length: usize) -> TcpStream {
        self.begin(
            "PUT",
            document,
            &format!("if-match: \"1\"\r\ncontent-length: {length}\r\n"),
        )
    }

    fn put(&self, document: &Record, bytes: &[u8]) -> Reply {
        let mut stream = self.begin_put(document, bytes.len());
        stream.write_all(bytes).unwrap();
        Reply::read(stream)
    }
}

/// What came, to its end or until the server closed the connection; nothing, if that came first.
#[derive(Default)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn read(mut stream: TcpStream) -> Self {
        let (mut bytes, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
        let mut reply = Self::default();
        // A connection that is broken off may end in an error.
        while let Some(length) = stream.read(&mut buffer).ok().filter(|length| *length > 0) {
            bytes.extend_from_slice(&buffer[..length]);
            if reply.status == 0 {
                reply = Self::begun(&mut bytes);
            }
            if reply.status != 0 && bytes.len() >= reply.announced() {
                break;
            }
        }
        Self { body: bytes, ..reply }
    }

    /// Takes the head off what came, if it is there.
    fn begun(bytes: &mut Vec<u8>) -> Self {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Self::default();
        };
        let head: Vec<u8> = bytes.drain(..end + 4).collect();
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            status,
            head,
            body: Vec::new(),
        }
    }

    fn code(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    fn announced(&self) -> usize {
        let lines = self.head.lines();
        let mut lengths = lines.filter_map(|line| line.strip_prefix("content-length: "));
        lengths.next().unwrap().parse().unwrap()
    }
}

/// Whether this process runs this test alone, whose files and memory are then those of the process. Where it does not, as
/// under `cargo test`, one that does is started, and there is nothing left to do.
fn is_alone(test: &str) -> bool {
    if std::env::args().any(|argument| argument == "--exact") {
        return true;
    }
    let name = format!("documents::wire::{test}");
    let mut other = Command::new(std::env::current_exe().unwrap());
    let output = other.args(["--exact", &name]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    false
}

/// How many files without a name this process has open.
fn unnamed_files() -> usize {
    let files = fs::read_dir("/proc/self/fd").unwrap().flatten();
    let files = files.filter_map(|file| fs::read_link(file.path()).ok());
    files
        .filter(|file| file.to_string_lossy().ends_with(" (deleted)"))
        .count()
}

/// Waits until so many contents have begun to come.
fn await_files(number: usize) {
    while unnamed_files() != number {
        std::thread::yield_now();
    }
}

/// Bytes that begin as a picture and go on without an order, the same each time.
fn picture(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let beginning = b"\x89PNG\r\n\x1a\n".iter().copied();
    beginning.chain(noise).take(length).collect()
}

#[actix_web::test]
async fn a_large_document_comes_back_byte_for_byte() {
    if !is_alone("a_large_document_comes_back_byte_for_byte") {
        return;
    }
    let desk = Desk::open().await;
    let document = desk.document().await;
    let (url, server) = listen(desk.app.state.clone());
    let line = Line::new(&url, &desk);
    // Twenty pieces and a bit.
    let sent = picture(20 * 256 * 1024 + 77);

    let (sent, put, got) = spawn_blocking(move || {
        let put = line.put(&document, &sent);
        let got = Reply::read(line.begin("GET", &document, ""));
        (sent, put, got)
    })
    .await
    .unwrap();

    assert_eq!((put.status, got.status), (201, 200));
    assert_eq!(got.announced(), sent.len());
    assert!(got.body == sent, "another content came back");
    assert!(got.head.contains("content-type: image/png"));
    assert_eq!(desk.pieces().await, 21);
    assert_eq!(unnamed_files(), 0);
    server.stop(false).await;
}

#[actix_web::test]
async fn a_content_has_at_most_as_many_bytes_as_the_server_is_set_to() {
    let desk = Desk::open().await;
    let documents = [
        desk.document().await,
        desk.document().await,
        desk.document().await,
    ];
    let (url, server) = listen(desk.app.state.clone().with_document_limit(300_000));
    let line = Line::new(&url, &desk);

    let replies = spawn_blocking(move || {
        let [whole, announced, chunked] = documents;
        let whole = line.put(&whole, &picture(300_000));
        // Not a byte of it needs to be sent.
        let announced = Reply::read(line.begin_put(&announced, 300_001));
        let mut stream = line.begin(
            "PUT",
            &chunked,
            "if-match: \"1\"\r\ntransfer-encoding: chunked\r\n",
        );
        stream.write_all(b"493e1\r\n").unwrap();
        stream.write_all(&picture(300_001)).unwrap();
        stream.write_all(b"\r\n").unwrap();
        // The last chunk never comes.
        [whole, announced, Reply::read(stream)]
    })
    .await
    .unwrap();

    let [whole, announced, chunked] = replies;
    assert_eq!(whole.status, 201);
    for refused in [announced, chunked] {
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (413, "CONTENT_TOO_LARGE")
        );
    }
    assert_eq!(desk.pieces().await, 2);
    server.stop(false).await;
}

#[actix_web::test]
async fn what_breaks_off_half_way_leaves_nothing() {
    if !is_alone("what_breaks_off_half_way_leaves_nothing") {
        return;
    }
    let desk = Desk::open().await;
    let document = desk.document().await;
    let (url, server) = listen(desk.app.state.clone());
    let line = Line::new(&url, &desk);
    let (half, other) = (line.clone(), document.clone());

    let (ended, broken) = spawn_blocking(move || {
        let mut stream = half.begin_put(&other, 1_000_000);
        stream.write_all(&picture(500_000)).unwrap();
        await_files(1);
        // The client says that it has no more to send, and waits for an answer.
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let ended = Reply::read(stream);
        let mut stream = half.begin("PUT", &other, "if-match: \"1\"\r\ntransfer-encoding: chunked\r\n");
        stream.write_all(b"5\r\nhello\r\nnonsense\r\n").unwrap();
        let broken = Reply::read(stream);
        // And one that just goes.
        let mut stream = half.begin_put(&other, 1_000_000);
        stream.write_all(&picture(500_000)).unwrap();
        await_files(1);
        drop(stream);
        await_files(0);
        (ended, broken)
    })
    .await
    .unwrap();

    // Of what is no HTTP there is nothing to answer.
    assert_eq!(broken.status, 0);
    assert_eq!((ended.status, ended.code().as_str()), (400, "BAD_REQUEST"));
    assert_eq!(desk.pieces().await, 0);
    assert_eq!(desk.read(&document).await, document.body);
    let put = spawn_blocking(move || line.put(&document, LETTER.as_bytes()))
        .await
        .unwrap();
    assert_eq!(put.status, 201);
    server.stop(false).await;
}

#[actix_web::test]
async fn who_hangs_up_gives_the_place_back() {
    if !is_alone("who_hangs_up_gives_the_place_back") {
        return;
    }
    let desk = Desk::open().await;
    let document = desk.document().await;
    let (url, server) = listen(desk.app.state.clone());
    let line = Line::new(&url, &desk);
    let bea = desk.app.sign_up("bea").await;
    desk.app.organization(&bea, "mill-road").await;
    let theirs = desk.app.patient(&bea).create().await;
    let theirs = desk.app.document(&bea, &theirs).create().await;
    let other = Line {
        address: line.address.clone(),
        cookie: bea.cookie,
    };

    let (busy, elsewhere, put) = spawn_blocking(move || {
        let begun: Vec<_> = (0..16).map(|_| line.begin_put(&document, 1_000)).collect();
        await_files(16);
        let busy = line.put(&document, LETTER.as_bytes());
        let elsewhere = other.put(&theirs, LETTER.as_bytes());
        drop(begun);
        await_files(0);
        (busy, elsewhere, line.put(&document, LETTER.as_bytes()))
    })
    .await
    .unwrap();

    assert_eq!((busy.status, busy.code().as_str()), (503, "SERVER_BUSY"));
    // That others send much keeps no organization from sending.
    assert_eq!(elsewhere.status, 201);
    assert!(busy.head.contains("retry-after: 1"));
    assert_eq!(put.status, 201);
    server.stop(false).await;
}

#[actix_web::test]
async fn what_may_not_be_stored_is_not_even_received() {
    let desk = Desk::open().await;
    let (taken, observation) = (desk.document().await, desk.app.observation(&desk.ada, &desk.ana));
    let observation = observation.create().await;
    desk.put(&taken, "\"1\"", "", LETTER).await.expect(201);
    let nobodys = Record {
        path: "/api/v1/medical-records/0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38".to_owned(),
        ..taken.clone()
    };
    let (url, server) = listen(desk.app.state.clone());
    let line = Line::new(&url, &desk);
    let stranger = Line {
        cookie: "x=y".to_owned(),
        ..line.clone()
    };

    let statuses = spawn_blocking(move || {
        // Each is answered before a byte of its content is sent.
        let mut statuses = vec![Reply::read(stranger.begin_put(&taken, 1_000)).status];
        for document in [&taken, &observation, &nobodys] {
            statuses.push(Reply::read(line.begin_put(document, 1_000)).status);
        }
        statuses
    })
    .await
    .unwrap();

    assert_eq!(statuses, [401, 412, 409, 404]);
    server.stop(false).await;
}

#[actix_web::test]
async fn a_content_finds_a_deleted_document_or_a_removed_member_when_it_has_come() {
    if !is_alone("a_content_finds_a_deleted_document_or_a_removed_member_when_it_has_come") {
        return;
    }
    let desk = Desk::open().await;
    let (deleted, kept) = (desk.document().await, desk.document().await);
    let (url, server) = listen(desk.app.state.clone());
    let line = Line::new(&url, &desk);
    let half = |document: Record| {
        let line = line.clone();
        spawn_blocking(move || {
            let mut stream = line.begin_put(&document, LETTER.len());
            stream.write_all(&LETTER.as_bytes()[..10]).unwrap();
            await_files(1);
            stream
        })
    };
    let rest = |mut stream: TcpStream| {
        spawn_blocking(move || {
            stream.write_all(&LETTER.as_bytes()[10..]).unwrap();
            Reply::read(stream)
        })
    };

    let stream = half(deleted.clone()).await.unwrap();
    let deletion = desk.app.delete(&deleted.path).by(&desk.ada).if_match("\"1\"");
    deletion.json(json!({ "reason": "x" })).send().await.expect(204);
    let of_deleted = rest(stream).await.unwrap();
    let stream = half(kept).await.unwrap();
    let removal = sqlx::query("delete from member");
    removal
        .execute(&mut desk.app.database.admin().await)
        .await
        .unwrap();
    let of_removed = rest(stream).await.unwrap();

    assert_eq!(
        (of_deleted.status, of_deleted.code().as_str()),
        (404, "MEDICAL_RECORD_NOT_FOUND")
    );
    assert_eq!(
        (of_removed.status, of_removed.code().as_str()),
        (403, "NOT_A_MEMBER")
    );
    assert_eq!(desk.pieces().await, 0);
    server.stop(false).await;
}

#[actix_web::test]
async fn a_content_of_which_a_piece_is_missing_breaks_off() {
    let desk = Desk::open().await;
    let (url, server) = listen(desk.app.state.clone());
    let line = Line::new(&url, &desk);
    for damage in [
        "delete from medical_record_chunks where number = 1",
        "delete from medical_record_chunks where number = 3",
        "update medical_record_chunks set content = substr(content, 1, 9) where number = 3",
    ] {
        let document = desk.document().await;
        let sent = picture(3 * 256 * 1024 + 10);
        let (line, to) = (line.clone(), document.clone());
        let put = spawn_blocking(move || (line.put(&to, &sent), line));
        let (put, line) = put.await.unwrap();
        assert_eq!(put.status, 201);
        let query = sqlx::query(damage);
        query.execute(&mut desk.app.database.admin().await).await.unwrap();

        let got = spawn_blocking(move || Reply::read(line.begin("GET", &document, "")));
        let got = got.await.unwrap();

        assert_eq!(got.status, 200);
        assert!(got.body.len() < got.announced(), "{damage}");
    }
    server.stop(false).await;
}

/// More of them than one organization may have transactions.
#[actix_web::test]
async fn who_reads_slowly_keeps_nobody_waiting() {
    let desk = Desk::open().await;
    let document = desk.document().await;
    let (url, server) = listen(desk.app.state.clone());
    let line = Line::new(&url, &desk);
    let sent = picture(8 << 20);

    let readers = spawn_blocking(move || {
        assert_eq!(line.put(&document, &sent).status, 201);
        let readers = (0..20).map(|_| {
            let mut reader = line.begin("GET", &document, "");
            // The answer has begun, and goes on when somebody reads it.
            let mut first = [0; 12];
            reader.read_exact(&mut first).unwrap();
            assert_eq!(&first, b"HTTP/1.1 200");
            reader
        });
        readers.collect::<Vec<_>>()
    });
    let readers = readers.await.unwrap();
    let other = desk.app.get("/api/v1/patients").by(&desk.ada).send().await;

    assert_eq!(other.status, 200);
    const OPEN: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and usename = 'wardkeep_app' and xact_start is not null";
    let mut admin = desk.app.database.admin().await;
    let mut open: i64 = 1;
    // What the buffers of the connections take is still on its way.
    while open > 0 {
        open = sqlx::query_scalar(OPEN).fetch_one(&mut admin).await.unwrap();
    }
    drop(readers);
    server.stop(false).await;
}

/// The most memory that this process has had, in KiB.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.unwrap().parse().unwrap()
}

#[actix_web::test]
async fn a_document_is_never_whole_in_memory() {
    if !is_alone("a_document_is_never_whole_in_memory") {
        return;
    }
    let desk = Desk::open().await;
    let (first, document) = (desk.document().await, desk.document().await);
    let (url, server) = listen(desk.app.state.clone().with_document_limit(64 << 20));
    let line = Line::new(&url, &desk);

    let (before, after) = spawn_blocking(move || {
        let piece = picture(1 << 20);
        // What any document takes.
        assert_eq!(line.put(&first, &piece).status, 201);
        let before = peak();
        let mut stream = line.begin_put(&document, 48 << 20);
        for _ in 0..48 {
            stream.write_all(&piece).unwrap();
        }
        assert_eq!(Reply::read(stream).status, 201);
        let mut stream = line.begin("GET", &document, "");
        let (mut buffer, mut length) = (vec![0; 1 << 16], 0);
        loop {
            match stream.read(&mut buffer).unwrap() {
                0 => break,
                more => length += more,
            }
        }
        assert!(length > 48 << 20);
        (before, peak())
    })
    .await
    .unwrap();

    assert!(after - before < 16 << 10, "{} KiB more", after - before);
    server.stop(false).await;
}
