//! A TCP proxy in front of PostgreSQL that counts the statements that go through it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Proxy {
    pub(crate) url: String,
    statements: Arc<AtomicUsize>,
}

impl Proxy {
    /// Stands in front of the server that `url` names.
    pub(crate) async fn before(url: &str) -> Self {
        let (head, rest) = url.rsplit_once('@').unwrap();
        let (server, tail) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let statements = Arc::new(AtomicUsize::new(0));
        tokio::spawn(listen(listener, server.to_owned(), Arc::clone(&statements)));
        Self {
            url: format!("{head}@127.0.0.1:{port}/{tail}"),
            statements,
        }
    }

    /// The statements so far: simple queries, and executions of prepared ones.
    pub(crate) fn statements(&self) -> usize {
        self.statements.load(Ordering::SeqCst)
    }
}

async fn listen(listener: TcpListener, server: String, statements: Arc<AtomicUsize>) {
    while let Ok((client, _)) = listener.accept().await {
        let (from_client, mut to_client) = client.into_split();
        let (mut from_server, to_server) = TcpStream::connect(&server).await.unwrap().into_split();
        tokio::spawn(requests(from_client, to_server, Arc::clone(&statements)));
        tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    }
}

/// Passes on one message after the other (PostgreSQL manual, "Message Formats"). The first one has no type.
async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    statements: Arc<AtomicUsize>,
) -> Option<()> {
    let mut startup = true;
    loop {
        let mut message = Vec::new();
        if !startup {
            let kind = from.read_u8().await.ok()?;
            if matches!(kind, b'Q' | b'E') {
                statements.fetch_add(1, Ordering::SeqCst);
            }
            message.push(kind);
        }
        startup = false;
        let length = from.read_u32().await.ok()?;
        message.extend(length.to_be_bytes());
        let mut rest = vec![0; length as usize - 4];
        from.read_exact(&mut rest).await.ok()?;
        message.extend(rest);
        to.write_all(&message).await.ok()?;
    }
}
