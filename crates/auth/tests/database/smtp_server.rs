//! A small SMTP server (RFC 5321), well-behaved or not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes every mail.
    Well,
    /// Answers this to every recipient.
    Refusing(u16),
    /// Says nothing after its greeting.
    Silent,
    /// Ends the connection in the middle of a mail.
    Dropping,
    /// Takes the mail, and ends the connection before saying so.
    Forgetful,
}

pub(crate) struct SmtpServer {
    pub(crate) url: String,
    manner: Arc<Mutex<Manner>>,
    received: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl SmtpServer {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("smtp://{}", listener.local_addr().unwrap()),
            manner: Arc::new(Mutex::new(manner)),
            received: Arc::default(),
            connections: Arc::default(),
        };
        let (manner, received) = (Arc::clone(&server.manner), Arc::clone(&server.received));
        let connections = Arc::clone(&server.connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let manner = *manner.lock().unwrap();
                tokio::spawn(serve(stream, manner, Arc::clone(&received)));
            }
        });
        server
    }

    pub(crate) fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// The mails that it has taken, as they came over the wire.
    pub(crate) fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(stream: TcpStream, manner: Manner, received: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 relay.test\r\n").await.ok()?;
    loop {
        let line = lines.next_line().await.ok()??;
        let reply = match line
            .split([' ', ':'])
            .next()
            .unwrap()
            .to_ascii_uppercase()
            .as_str()
        {
            _ if manner == Manner::Silent => continue,
            "EHLO" => "250-relay.test\r\n250 8BITMIME".to_owned(),
            "RCPT" if matches!(manner, Manner::Refusing(_)) => {
                let Manner::Refusing(code) = manner else {
                    unreachable!()
                };
                // As relays do: the address is in the reply.
                format!("{code} {line} is unwelcome")
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.ok()?;
                let mut mail = String::new();
                loop {
                    let line = lines.next_line().await.ok()??;
                    if line == "." {
                        break;
                    }
                    if manner == Manner::Dropping {
                        return None;
                    }
                    mail.push_str(&line);
                    mail.push('\n');
                }
                received.lock().unwrap().push(mail);
                if manner == Manner::Forgetful {
                    return None;
                }
                "250 taken".to_owned()
            }
            "QUIT" => {
                writer.write_all(b"221 bye\r\n").await.ok()?;
                return Some(());
            }
            _ => "250 fine".to_owned(),
        };
        writer.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    }
}
