//! How mails leave.

use std::net::SocketAddr;

use url::{Host, Url};
use wardkeep_auth::mail::{Smtp, SmtpError};
use wardkeep_tenancy::DatabaseConfig;
use wardkeep_web::Origins;

use super::arguments::Arguments;
use super::{Problem, choice, database, origins};

/// What sends mails.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The worker's database login.
    pub database: DatabaseConfig,
    /// The way they take.
    pub way: Way,
}

impl Mail {
    /// Whether a mail that is asked for will go anywhere.
    pub(crate) fn is_sent(&self) -> bool {
        !matches!(self.way, Way::Nowhere)
    }
}

/// The way that mails take.
#[derive(Debug, Clone)]
pub enum Way {
    /// None is sent; the worker only sweeps.
    Nowhere,
    /// Through a relay.
    Smtp(Smtp),
    /// Into the mailbox of development.
    Mailbox,
}

/// `None` where there is no worker at all.
pub(super) fn check(
    arguments: &Arguments,
    listen: Option<SocketAddr>,
    origins: Option<&Origins>,
) -> Result<Option<Mail>, Problem> {
    let smtp_url = filled(arguments.smtp_url.as_deref());
    let shown = choice::boolean("DEV_MAILBOX", &arguments.dev_mailbox)?;
    let (way, setting) = match (smtp_url, shown) {
        (None, false) => {
            without(arguments)?;
            let given = filled(arguments.worker_database_url.as_deref());
            return given.map(|url| worker(arguments, url, Way::Nowhere)).transpose();
        }
        (Some(_), true) => {
            let message =
                "shows mails instead of sending them, and SMTP_URL says where to send them; take one away";
            return Err(Problem::new("DEV_MAILBOX", message));
        }
        (Some(url), false) => (Way::Smtp(smtp(url, arguments, origins)?), "SMTP_URL"),
        (None, true) => {
            only_here(listen, origins)?;
            (Way::Mailbox, "DEV_MAILBOX")
        }
    };
    let url = filled(arguments.worker_database_url.as_deref()).ok_or_else(|| {
        let message = format!(
            "is not set, and {setting} needs it: mails are sent by the login wardkeep_worker; {}",
            database::form("wardkeep_worker")
        );
        Problem::new("WORKER_DATABASE_URL", message)
    })?;
    worker(arguments, url, way).map(Some)
}

fn worker(arguments: &Arguments, url: &str, way: Way) -> Result<Mail, Problem> {
    Ok(Mail {
        database: DatabaseConfig {
            acquire_timeout: database::acquire_timeout(arguments)?,
            ..DatabaseConfig::new(database::url("WORKER_DATABASE_URL", "wardkeep_worker", url)?)
        },
        way,
    })
}

/// Without mails nobody could do what these settings ask of them.
fn without(arguments: &Arguments) -> Result<(), Problem> {
    for (setting, given) in [
        (
            "REQUIRE_EMAIL_VERIFICATION",
            &arguments.require_email_verification,
        ),
        ("CONFIRM_ACCOUNT_DELETION", &arguments.confirm_account_deletion),
        (
            "REQUIRE_EMAIL_VERIFICATION_ON_INVITATION",
            &arguments.require_email_verification_on_invitation,
        ),
    ] {
        // A word that is no boolean is refused elsewhere.
        if choice::boolean(setting, given) == Ok(true) {
            let message = "needs mails; set SMTP_URL and WORKER_DATABASE_URL";
            return Err(Problem::new(setting, message));
        }
    }
    Ok(())
}

fn smtp(url: &str, arguments: &Arguments, origins: Option<&Origins>) -> Result<Smtp, Problem> {
    let from = filled(arguments.mail_from.as_deref())
        .map(str::to_owned)
        .or_else(|| origins.map(|origins| default_from(origins.base())))
        // What is wrong with BASE_URL is said already.
        .unwrap_or_else(|| "wardkeep@localhost".to_owned());
    if is_plain(url) {
        let message = "would send passwords and links unencrypted over a network; write smtps://, or add ?tls=required, or \
                       ?tls=opportunistic where the network is your own";
        return Err(Problem::new("SMTP_URL", message));
    }
    Smtp::new(url, &from).map_err(|error| {
        let setting = match error {
            SmtpError::Url => "SMTP_URL",
            SmtpError::From => "MAIL_FROM",
        };
        Problem::new(setting, error.to_string())
    })
}

/// Whether mails would leave this machine as they are. `tls` says that somebody has thought of it.
fn is_plain(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        url.scheme() == "smtp"
            && !url.query_pairs().any(|(name, _)| name == "tls")
            && !is_this_machine(url.host_str().unwrap_or_default())
    })
}

/// A scheme that is not one of the web has no parsed host.
fn is_this_machine(host: &str) -> bool {
    Url::parse(&format!("http://{host}")).is_ok_and(|url| origins::is_loopback(&url))
}

/// A number is no domain, and what relays make of one in brackets (RFC 5321, section 4.1.3) differs.
fn default_from(base: &Url) -> String {
    match base.host() {
        Some(Host::Domain(name)) => format!("wardkeep@{name}"),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => "wardkeep@localhost".to_owned(),
    }
}

/// Whoever reaches the mailbox can sign in as anybody.
fn only_here(listen: Option<SocketAddr>, origins: Option<&Origins>) -> Result<(), Problem> {
    if origins::is_beyond(listen, origins) {
        let message = "shows everybody's mails to whoever asks, so it is served on this machine only; set LISTEN and \
                       BASE_URL to 127.0.0.1, or SMTP_URL to a relay";
        return Err(Problem::new("DEV_MAILBOX", message));
    }
    Ok(())
}

fn filled(given: Option<&str>) -> Option<&str> {
    given.map(str::trim).filter(|given| !given.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Mail, Problem, Way};

    const WORKER: [&str; 2] = [
        "--worker-database-url",
        "postgres://wardkeep_worker:hunter2@db.example/clinic",
    ];
    const SMTP: [&str; 2] = ["--smtp-url", "smtps://login:hunter2@relay.example"];
    const MAILBOX: [&str; 2] = ["--dev-mailbox", "true"];

    fn check(more: &[&[&str]]) -> Result<Option<Mail>, Problem> {
        let words = more.iter().flat_map(|words| words.iter().copied());
        let arguments = Arguments::of(["wardkeep"].into_iter().chain(words));
        let listen = arguments.listen().unwrap();
        let origins = super::origins::check(&arguments, Some(&listen)).unwrap();
        super::check(&arguments, Some(listen), Some(&origins))
    }

    fn problem(more: &[&[&str]]) -> String {
        let said = check(more).unwrap_err().to_string();
        assert!(!said.contains("hunter2"), "{said}");
        said
    }

    #[test]
    fn without_a_way_no_mails_are_sent_and_nothing_may_need_them() {
        for setting in ["--require-email-verification", "--confirm-account-deletion"] {
            assert!(problem(&[&[setting, "true"]]).contains(": needs mails; set SMTP_URL"));
            assert!(check(&[&[setting, "false"]]).is_ok());
            assert!(check(&[&[setting, "true"], &SMTP, &WORKER]).is_ok());
        }
        assert!(check(&[]).unwrap().is_none());
        assert!(matches!(check(&[&WORKER]).unwrap().unwrap().way, Way::Nowhere));
        assert!(
            check(&[&["--smtp-url", " "], &["--dev-mailbox", "false"]])
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_way_needs_the_workers_login() {
        for way in [&SMTP, &MAILBOX] {
            assert!(problem(&[way]).starts_with("WORKER_DATABASE_URL: is not set, and "));
            assert!(
                problem(&[way, &["--worker-database-url", "mysql://a:hunter2@b/c"]])
                    .starts_with("WORKER_DATABASE_URL: ")
            );
        }
        assert!(matches!(
            check(&[&SMTP, &WORKER]).unwrap().unwrap().way,
            Way::Smtp(_)
        ));
        assert!(matches!(
            check(&[&MAILBOX, &WORKER]).unwrap().unwrap().way,
            Way::Mailbox
        ));
    }

    #[test]
    fn mails_leave_this_machine_encrypted_unless_it_is_said() {
        for refused in [
            "smtp://relay.example",
            "smtp://login:hunter2@192.0.2.7:25/clinic.example",
        ] {
            assert!(
                problem(&[&["--smtp-url", refused], &WORKER]).starts_with("SMTP_URL: would send"),
                "{refused}"
            );
        }
        for taken in [
            "smtp://127.0.0.1:1025",
            "smtp://localhost",
            "smtp://[::1]:1025",
            "smtp://relay.example?tls=opportunistic",
            "smtp://login:hunter2@relay.example:587?tls=required",
            "smtps://relay.example",
        ] {
            assert!(check(&[&["--smtp-url", taken], &WORKER]).is_ok(), "{taken}");
        }
    }

    #[test]
    fn mails_go_one_way() {
        assert!(problem(&[&SMTP, &MAILBOX, &WORKER]).starts_with("DEV_MAILBOX: "));
    }

    #[test]
    fn the_mailbox_is_on_this_machine_only() {
        let base = ["--base-url", "https://clinic.example"];

        assert!(problem(&[&MAILBOX, &WORKER, &base]).starts_with("DEV_MAILBOX: "));
        let open = ["--listen", "0.0.0.0:4000", "--base-url", "http://localhost:4000"];
        assert!(problem(&[&MAILBOX, &WORKER, &open]).starts_with("DEV_MAILBOX: "));
    }

    #[test]
    fn the_sender_is_of_the_host_of_the_base_url_unless_it_is_given() {
        let from = |more: &[&[&str]]| match check(more).unwrap().unwrap().way {
            Way::Smtp(smtp) => smtp.from().to_owned(),
            Way::Mailbox | Way::Nowhere => unreachable!(),
        };

        let clinic = ["--base-url", "https://clinic.example"];
        assert_eq!(from(&[&SMTP, &WORKER, &clinic]), "wardkeep@clinic.example");
        assert_eq!(from(&[&SMTP, &WORKER]), "wardkeep@localhost");
        assert!(check(&[&SMTP, &WORKER, &["--listen", "[::1]:4000"]]).is_ok());
        let given = ["--mail-from", "Clinic <hello@clinic.example>"];
        assert_eq!(from(&[&SMTP, &WORKER, &given]), "hello@clinic.example");
        assert!(problem(&[&SMTP, &WORKER, &["--mail-from", "clinic"]]).starts_with("MAIL_FROM: "));
        assert!(problem(&[&["--smtp-url", "relay.example"], &WORKER]).starts_with("SMTP_URL: "));
    }
}
