//! A TCP proxy in front of PostgreSQL that notes the statements that go through it, and counts the round trips.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Stands in front of a server, for a test that asks which statements were sent. It goes on until the test's runtime ends.
#[derive(Debug)]
pub struct Proxy {
    /// The address of the database behind it.
    pub url: String,
    wire: Arc<Wire>,
}

/// What went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The texts of simple queries, and of prepared statements each time they are executed. No values.
    pub statements: Vec<String>,
    /// How often a client spoke after its server had.
    pub turns: usize,
}

#[derive(Debug, Default)]
struct Wire {
    statements: Mutex<Vec<String>>,
    turns: AtomicUsize,
}

impl Wire {
    fn statements(&self) -> MutexGuard<'_, Vec<String>> {
        self.statements.lock().expect("nobody panicked holding it")
    }
}

impl Proxy {
    /// Stands in front of the server that `url` names.
    pub async fn before(url: &str) -> Self {
        let (head, rest) = url.rsplit_once('@').expect("the address has a login");
        let (server, tail) = rest.split_once('/').expect("the address names a database");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let wire = Arc::new(Wire::default());
        tokio::spawn(listen(listener, server.to_owned(), Arc::clone(&wire)));
        Self {
            url: format!("{head}@127.0.0.1:{port}/{tail}"),
            wire,
        }
    }

    /// How many statements there were so far.
    #[must_use]
    pub fn statements(&self) -> usize {
        self.wire.statements().len()
    }

    /// What went through since this was last asked.
    pub fn heard(&self) -> Heard {
        Heard {
            statements: std::mem::take(&mut *self.wire.statements()),
            turns: self.wire.turns.swap(0, Ordering::SeqCst),
        }
    }
}

async fn listen(listener: TcpListener, server: String, wire: Arc<Wire>) {
    while let Ok((client, _)) = listener.accept().await {
        let server = TcpStream::connect(&server).await.expect("the server is there");
        for end in [&client, &server] {
            end.set_nodelay(true).expect("it is open");
        }
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let servers_turn = Arc::new(AtomicBool::new(false));
        let requests = requests(
            from_client,
            to_server,
            Arc::clone(&wire),
            Arc::clone(&servers_turn),
        );
        tokio::spawn(requests);
        tokio::spawn(answers(from_server, to_client, servers_turn));
    }
}

/// Passes on one message after the other (PostgreSQL manual, "Message Formats"). The first one has no type.
async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    wire: Arc<Wire>,
    servers_turn: Arc<AtomicBool>,
) -> Option<()> {
    let (mut startup, mut prepared, mut bound) = (true, HashMap::new(), String::new());
    loop {
        let kind = if startup {
            None
        } else {
            Some(from.read_u8().await.ok()?)
        };
        startup = false;
        let length = from.read_u32().await.ok()?;
        let mut rest = vec![0; length as usize - 4];
        from.read_exact(&mut rest).await.ok()?;
        if !servers_turn.swap(true, Ordering::SeqCst) {
            wire.turns.fetch_add(1, Ordering::SeqCst);
        }
        match kind {
            Some(b'Q') => wire.statements().push(texts(&rest, 1).remove(0)),
            // The name, then the text.
            Some(b'P') => {
                let mut texts = texts(&rest, 2);
                prepared.insert(texts.remove(0), texts.remove(0));
            }
            // The portal, then the name of the statement.
            Some(b'B') => {
                let name = texts(&rest, 2).remove(1);
                bound.clone_from(prepared.get(&name).expect("it was prepared"));
            }
            Some(b'E') => wire.statements().push(bound.clone()),
            _ => {}
        }
        let mut message: Vec<u8> = kind.into_iter().collect();
        message.extend(length.to_be_bytes());
        message.extend(rest);
        to.write_all(&message).await.ok()?;
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, servers_turn: Arc<AtomicBool>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        servers_turn.store(false, Ordering::SeqCst);
        let Some(answer) = buffer.get(..length) else { break };
        if to.write_all(answer).await.is_err() {
            break;
        }
    }
}

/// The first texts of a message, each of which ends in a zero.
fn texts(message: &[u8], count: usize) -> Vec<String> {
    let parts = message.split(|byte| *byte == 0).take(count);
    parts
        .map(|part| String::from_utf8(part.to_vec()).expect("statements are UTF-8"))
        .collect()
}
