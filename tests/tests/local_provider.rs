//! The OpenID Connect provider of `tests/provider`, npm's `oidc-provider`, as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::node;

const SOURCES: [&str; 4] = ["package.json", "package-lock.json", ".npmrc", "server.mjs"];
const PATIENCE: Duration = Duration::from_secs(60);

/// A provider that answers; it takes any address and any password. Killed with the value.
pub(crate) struct LocalProvider {
    /// Its address, which stays the same after [`start_again`](Self::start_again).
    pub(crate) issuer: String,
    port: String,
    redirect_uri: String,
    access_token_seconds: u32,
    child: Child,
    /// What it prints, a line of JSON each.
    lines: Receiver<Value>,
    client: Value,
}

impl LocalProvider {
    /// Starts one for the server at `base`, whose access tokens live so long after a sign-in. `None` where there is no
    /// Node.js: the test is left out, but never on a build machine.
    pub(crate) fn start(base: &str, access_token_seconds: u32) -> Option<Self> {
        if !node::has(&["node", "npm"]) {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let redirect_uri = format!("{base}/api/auth/callback/local");
        let port = port.to_string();
        let (child, lines) = launch(&port, &redirect_uri, access_token_seconds);
        let client = lines.recv_timeout(PATIENCE).expect("it says where it is");
        Some(Self {
            issuer: client["issuer"].as_str().unwrap().to_owned(),
            port,
            redirect_uri,
            access_token_seconds,
            child,
            lines,
            client,
        })
    }

    /// The entry of the server's settings that describes it, under the id `local`.
    pub(crate) fn settings(&self) -> String {
        let local = json!({
            "issuer": self.issuer,
            "clientId": self.client["clientId"],
            "clientSecret": self.client["clientSecret"],
            "scopes": ["offline_access"],
            "prompt": "login consent",
            "allowPrivateAddresses": true,
        });
        json!({ "local": local }).to_string()
    }

    /// Its client's id and secret.
    pub(crate) fn client(&self) -> (String, String) {
        let text = |name| self.client[name].as_str().unwrap().to_owned();
        (text("clientId"), text("clientSecret"))
    }

    /// What it granted or refused next.
    pub(crate) fn next_grant(&self) -> Value {
        self.lines.recv_timeout(PATIENCE).expect("it grants something")
    }

    /// Ends it, in whatever it was doing.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again after [`kill`](Self::kill). It has forgotten everybody.
    pub(crate) fn start_again(&mut self) {
        let (child, lines) = launch(&self.port, &self.redirect_uri, self.access_token_seconds);
        assert_eq!(lines.recv_timeout(PATIENCE).as_ref(), Ok(&self.client));
        (self.child, self.lines) = (child, lines);
    }
}

impl Drop for LocalProvider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(port: &str, redirect_uri: &str, access_token_seconds: u32) -> (Child, Receiver<Value>) {
    let folder = node::installed("provider", &SOURCES, Instant::now() + PATIENCE, |_| {});
    let mut child = Command::new("node")
        .current_dir(folder)
        .args(["server.mjs", "--port", port, "--redirect-uri", redirect_uri])
        .args(["--access-token-seconds", &access_token_seconds.to_string()])
        // It ends when this does.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    (child, lines)
}
