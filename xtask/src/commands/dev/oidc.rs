//! An OpenID Connect provider on this machine, for a developer who has none: `tests/provider`.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::thread;

use serde::Deserialize;
use serde_json::json;

use crate::failure::{Failure, OrFail};
use crate::node;
use crate::workspace::Workspace;

/// The provider's id in the server's settings.
const ID: &str = "local";
/// Short, so that a refresh can be seen.
const ACCESS_TOKEN_SECONDS: &str = "60";

/// A provider that answers; stopped when the value is dropped.
#[derive(Debug)]
pub(super) struct LocalProvider {
    child: Child,
    started: Started,
}

/// The first line that it prints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Started {
    issuer: String,
    client_id: String,
    client_secret: String,
}

impl LocalProvider {
    /// Starts it on a free port, for the server with this base address.
    pub(super) fn start(
        workspace: &Workspace,
        base_url: &str,
        settings: &[(String, String)],
    ) -> Result<Self, Failure> {
        check(settings)?;
        let source = workspace.root().join("tests/provider");
        let copy = node::Copy::prepare(workspace, &source, "provider", "--with-oidc")?;
        let mut child = copy
            .node("server.mjs")
            .args(["--redirect-uri", &format!("{base_url}/api/auth/callback/{ID}")])
            .args(["--access-token-seconds", ACCESS_TOKEN_SECONDS])
            // It ends when this does, however we do.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .or_fail("could not start node", "install Node.js 20 or newer")?;
        match first_line(child.stdout.take()) {
            Ok(started) => {
                println!("==> local provider ready on {}", started.issuer);
                Ok(Self { child, started })
            }
            Err(failure) => {
                // It may have ended by itself.
                let _ = child.kill();
                let _ = child.wait();
                Err(failure)
            }
        }
    }

    /// What the server is told about it.
    pub(super) fn settings(&self) -> String {
        let Started {
            issuer,
            client_id,
            client_secret,
        } = &self.started;
        let local = json!({
            "name": "Local provider",
            "issuer": issuer,
            "clientId": client_id,
            "clientSecret": client_secret,
            "scopes": ["offline_access"],
            // It remembers who was there before: `login` lets somebody else come. Without `consent` there is no refresh
            // token (OpenID Connect Core 1.0, sections 3.1.2.1 and 11).
            "prompt": "login consent",
            "allowPrivateAddresses": true,
        });
        json!({ ID: local }).to_string()
    }

    /// Says what to try.
    pub(super) fn introduce(&self, base_url: &str) {
        println!(
            "Sign in through the local provider ({}) at {base_url}/dev/sign-in",
            self.started.issuer
        );
        println!(
            "  with any address and any password, such as ana@example.test; an address that begins with"
        );
        println!(
            "  \"unverified\" is one that the provider has not verified. Whoever comes with the address of an account"
        );
        println!(
            "  here is linked to it; one whose address nobody has proven they take over, and its password is gone"
        );
    }

    /// Its exit status, if it has ended by itself.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>, Failure> {
        self.child
            .try_wait()
            .or_fail("could not look at the local provider", "try again")
    }
}

impl Drop for LocalProvider {
    fn drop(&mut self) {
        // It keeps nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The settings have one provider, or others, not both.
fn check(settings: &[(String, String)]) -> Result<(), Failure> {
    match settings.iter().find(|(name, _)| name.starts_with("PROVIDERS")) {
        None => Ok(()),
        Some((name, _)) => Err(Failure::new(
            format!("--with-oidc describes a provider, and --set {name} others"),
            "leave one of them out",
        )),
    }
}

/// The rest of what it prints is read, so that it never waits for us, and not shown.
fn first_line(stdout: Option<ChildStdout>) -> Result<Started, Failure> {
    let next = "look at what it says above";
    let mut lines = stdout.map(BufReader::new).into_iter().flat_map(BufRead::lines);
    let line = lines.next().transpose();
    let line = line
        .or_fail("could not read what the local provider says", next)?
        .unwrap_or_default();
    thread::spawn(move || lines.for_each(drop));
    serde_json::from_str(&line).or_fail("the local provider did not start", next)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn other_providers_are_not_mixed_with_the_local_one() {
        let of = |name: &str| vec![(name.to_owned(), "{}".to_owned())];

        assert!(check(&of("WORKERS")).is_ok());
        assert!(check(&of("PROVIDERS")).is_err());
        assert!(check(&of("PROVIDERS_FILE")).is_err());
    }
}
