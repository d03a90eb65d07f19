//! A TCP proxy in front of PostgreSQL that can hold back, change and count what goes through it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

pub(crate) struct Proxy {
    url: String,
    wire: Arc<Wire>,
    listening: AbortHandle,
}

#[derive(Default)]
struct Wire {
    held: watch::Sender<bool>,
    turns: AtomicUsize,
    replace: Mutex<Option<(&'static [u8], &'static [u8])>>,
    copying: Mutex<Vec<AbortHandle>>,
}

impl Proxy {
    /// Stands in front of the server that `url` names.
    pub(crate) async fn before(url: &str) -> Self {
        let (head, rest) = url.split_once('@').unwrap();
        let (server, tail) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Arc::new(Wire::default());
        let listening = tokio::spawn(listen(listener, server.to_owned(), Arc::clone(&wire))).abort_handle();
        Self {
            url: format!("{head}@127.0.0.1:{port}/{tail}"),
            wire,
            listening,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Keeps the server's answers back until they are released. Requests go through.
    pub(crate) fn hold_answers(&self) {
        self.wire.held.send_replace(true);
    }

    pub(crate) fn release_answers(&self) {
        self.wire.held.send_replace(false);
    }

    /// Changes this text, once, in what the client sends.
    pub(crate) fn replace_once(&self, text: &'static str, by: &'static str) {
        assert_eq!(text.len(), by.len());
        *self.wire.replace.lock().unwrap() = Some((text.as_bytes(), by.as_bytes()));
    }

    /// How often a client spoke after its server had: round trips.
    pub(crate) fn turns(&self) -> usize {
        self.wire.turns.load(Ordering::SeqCst)
    }

    /// Cuts every connection that is open now.
    pub(crate) fn sever(&self) {
        for task in self.wire.copying.lock().unwrap().drain(..) {
            task.abort();
        }
    }

    /// Cuts every connection and takes no new ones.
    pub(crate) fn stop(&self) {
        self.listening.abort();
        self.sever();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn listen(listener: TcpListener, server: String, wire: Arc<Wire>) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = TcpStream::connect(&server).await else {
            continue;
        };
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        // One task for both ways, so that cutting it closes both ends.
        let copying = tokio::spawn(copy(client, server, Arc::clone(&wire)));
        wire.copying.lock().unwrap().push(copying.abort_handle());
    }
}

async fn copy(client: TcpStream, server: TcpStream, wire: Arc<Wire>) {
    let (client_in, client_out) = client.into_split();
    let (server_in, server_out) = server.into_split();
    let servers_turn = AtomicUsize::new(0);
    tokio::join!(
        requests(client_in, server_out, &wire, &servers_turn),
        answers(server_in, client_out, &wire, &servers_turn),
    );
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, wire: &Wire, servers_turn: &AtomicUsize) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &mut buffer[..length];
        if servers_turn.swap(1, Ordering::SeqCst) == 0 {
            wire.turns.fetch_add(1, Ordering::SeqCst);
        }
        replace(bytes, wire);
        if to.write_all(bytes).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, wire: &Wire, servers_turn: &AtomicUsize) {
    let mut held = wire.held.subscribe();
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let _ = held.wait_for(|held| !held).await;
        servers_turn.store(0, Ordering::SeqCst);
        if to.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

fn replace(bytes: &mut [u8], wire: &Wire) {
    let mut replace = wire.replace.lock().unwrap();
    let Some((text, by)) = *replace else { return };
    if let Some(position) = bytes.windows(text.len()).position(|window| window == text) {
        bytes[position..position + text.len()].copy_from_slice(by);
        *replace = None;
    }
}
