//! `cargo xtask dev`: from a clone to a running server with two clinics to look at.

mod oidc;
mod seed;

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::thread;
use std::time::Duration;

use wardkeep_server::Config;
use wardkeep_web::Origins;

use self::oidc::LocalProvider;
use self::seed::Seeded;
use crate::api::Client;
use crate::commands::migrate;
use crate::failure::{Failure, OrFail};
use crate::interrupt::Interrupt;
use crate::local::{DEVELOPMENT_DATABASE, LocalServer, state_folder};
use crate::secrets::{Secrets, keep};
use crate::server::{self, Launch, Server};
use crate::workspace::Workspace;

const PAUSE: Duration = Duration::from_millis(100);

/// Names less alike than this, from 0 to 1, are no typing mistakes of each other.
const ALIKE: f64 = 0.7;

/// What to serve.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 4000, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Make the two clinics if they are not there (this is the default).
    #[arg(long, overrides_with = "no_seed")]
    seed: bool,
    /// Leave the database as it is.
    #[arg(long)]
    no_seed: bool,
    /// What the server logs.
    #[arg(long, env = "LOG", default_value = "info,actix_server=warn")]
    log: String,
    /// The relay that takes mails; without one they are shown at /dev/mailbox.
    #[arg(long, env = "SMTP_URL", hide_env_values = true, value_name = "URL")]
    smtp_url: Option<String>,
    /// Start an OpenID Connect provider on this machine beside the server, and sign in through it at /dev/sign-in. Needs
    /// Node.js.
    #[arg(long)]
    with_oidc: bool,
    /// One more setting of the server; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
}

/// A typing mistake would otherwise be a setting that nobody reads.
fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let names = Config::settings();
    if names.iter().any(|known| known == name) {
        return Ok((name.to_owned(), value.to_owned()));
    }
    let typed = name.to_uppercase();
    let nearest = names
        .iter()
        .map(|known| (strsim::jaro_winkler(known, &typed), known))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    Err(match nearest {
        Some((_, known)) => format!("the server has no setting {name}; the nearest is {known}"),
        None => format!("the server has no setting {name}; docs/configuration.md lists all"),
    })
}

impl Args {
    fn mail_setting(&self) -> (&'static str, String) {
        match self.relay() {
            Some(url) => ("SMTP_URL", url.to_owned()),
            None => ("DEV_MAILBOX", "true".to_owned()),
        }
    }

    fn provider(&self, workspace: &Workspace, base_url: &str) -> Result<Option<LocalProvider>, Failure> {
        if !self.with_oidc {
            return Ok(None);
        }
        if self.relay().is_some() {
            return Err(Failure::new(
                "--with-oidc is tried at /dev/sign-in, which is there only while mails are shown at /dev/mailbox",
                "leave out --smtp-url, and SMTP_URL in the environment",
            ));
        }
        LocalProvider::start(workspace, base_url, &self.settings).map(Some)
    }

    /// What the server is told besides; what `--set` says comes last and counts.
    fn more(
        &self,
        local: &LocalServer,
        secrets: &Secrets,
        provider: Option<&LocalProvider>,
    ) -> Vec<(&str, String)> {
        let worker = local.worker_url(DEVELOPMENT_DATABASE, secrets);
        let mut more = vec![
            ("LOG", self.log.clone()),
            ("WORKER_DATABASE_URL", worker),
            self.mail_setting(),
        ];
        more.extend(provider.map(|provider| ("PROVIDERS", provider.settings())));
        let set = self.settings.iter();
        more.extend(set.map(|(name, value)| (name.as_str(), value.clone())));
        more
    }

    fn relay(&self) -> Option<&str> {
        self.smtp_url.as_deref().filter(|url| !url.trim().is_empty())
    }
}

/// Serves until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<(), Failure> {
    let interrupt = Interrupt::watch()?;
    check_port(args.port)?;
    let base_url = base_url(&args.settings, args.port)?;
    let mut provider = args.provider(workspace, &base_url)?;
    let program = server::build(workspace)?;
    let secrets = Secrets::of(workspace)?;
    let local = LocalServer::development(workspace)?;
    local.ensure_database(DEVELOPMENT_DATABASE)?;
    migrate::apply(&local.url(DEVELOPMENT_DATABASE), DEVELOPMENT_DATABASE, None)?;
    local.set_passwords(&secrets)?;
    let launch = Launch {
        port: args.port,
        database_url: local.app_url(DEVELOPMENT_DATABASE, &secrets),
        auth_secret: &secrets.auth_secret,
        more: args.more(&local, &secrets, provider.as_ref()),
        log: None,
    };
    let mut server = Server::start(&program, launch, &interrupt)?;
    if args.no_seed {
        println!("\nWardkeep is on {base_url}. Ctrl-C stops it.\n");
    } else {
        let browser = Client::new(server.base_url()).with_origin(&base_url);
        let database = local.url(DEVELOPMENT_DATABASE);
        let seeded = seed::run(&browser, &database, &secrets.people_password)?;
        // curl keeps the mode of a jar that exists: a session is in it.
        let jar = state_folder(workspace)?.join("cookies.txt");
        keep(&jar, "").or_fail(
            "could not make the cookie jar",
            "make the folder .wardkeep writable",
        )?;
        introduce(&base_url, &secrets.people_password, &seeded, &jar);
    }
    println!("What it can be asked: {base_url}/openapi.json");
    if args.relay().is_none() {
        println!("Mails are shown at {base_url}/dev/mailbox (under this name alone)");
    }
    if let Some(provider) = &provider {
        provider.introduce(&base_url);
    }
    println!();
    watch(&interrupt, &mut server, provider.as_mut())?;
    println!("\n==> stopping the server, then PostgreSQL");
    Ok(())
}

/// How a browser reaches the server: as `--set BASE_URL` says, or else by its port on this machine.
fn base_url(settings: &[(String, String)], port: u16) -> Result<String, Failure> {
    // Of several the server is given the last.
    let given = settings.iter().rev().find(|(name, _)| name == "BASE_URL");
    let Some(given) = given.map(|(_, url)| url.trim()).filter(|url| !url.is_empty()) else {
        return Ok(format!("http://127.0.0.1:{port}"));
    };
    let next = format!("write it as --set BASE_URL=http://localhost:{port}");
    let origins = Origins::new(given, [] as [&str; 0]).or_fail("BASE_URL is not right", &next)?;
    Ok(origins.base().origin().ascii_serialization())
}

/// Until Ctrl-C, or until one of them ends by itself.
fn watch(
    interrupt: &Interrupt,
    server: &mut Server,
    mut provider: Option<&mut LocalProvider>,
) -> Result<(), Failure> {
    let gone = |who, status| {
        Failure::new(
            format!("{who} ended by itself ({status})"),
            "look at its log above",
        )
    };
    while !interrupt.asked() {
        if let Some(status) = server.ended()? {
            return Err(gone("the server", status));
        }
        if let Some(provider) = &mut provider
            && let Some(status) = provider.ended()?
        {
            return Err(gone("the local provider", status));
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// Says at once what would otherwise be said after a long build.
fn check_port(port: u16) -> Result<(), Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map(drop)
        .map_err(|error| {
            Failure::new(
                format!("port {port} of 127.0.0.1 is taken ({error})"),
                format!(
                    "stop what listens there, or run `cargo xtask dev --port {}`",
                    port.wrapping_add(1).max(1024)
                ),
            )
        })
}

/// The address, the accounts, and four calls that work when they are pasted one after the other.
fn introduce(base_url: &str, password: &str, seeded: &Seeded, jar: &Path) {
    let Seeded {
        clinics: [first, second],
        others_patient,
    } = seeded;
    let jar = quoted(&jar.display().to_string());
    let sign_in = quoted(&format!(
        r#"{{"email":"{}","password":"{password}"}}"#,
        first.email
    ));
    let organization = format!("-H 'Organization-Id: {}'", first.id);
    println!("\nWardkeep is on {base_url}. Ctrl-C stops it.\n");
    println!("Accounts (password {password}):");
    for clinic in [first, second] {
        println!(
            "  {:<24} {}, owner of {}",
            clinic.email, clinic.person, clinic.name
        );
    }
    println!(
        "\nSign in as {}, list the patients, look at a chart, and ask for a patient of {}, who is not found:\n",
        first.person, second.name
    );
    println!(
        "  curl -sSw '\\n' -c {jar} -H 'Content-Type: application/json' -d {sign_in} {base_url}/api/auth/sign-in/email"
    );
    println!("  curl -sSw '\\n' -b {jar} {organization} {base_url}/api/v1/patients");
    println!(
        "  curl -sSw '\\n' -b {jar} {organization} {base_url}/api/v1/patients/{}/chart",
        first.patient
    );
    println!("  curl -sSw '\\n' -b {jar} {organization} {base_url}/api/v1/patients/{others_patient}\n");
}

/// A word for the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::{base_url, check_port, quoted, setting};

    #[test]
    fn a_browser_reaches_the_server_where_the_settings_say() {
        let set = |values: &[&str]| {
            let settings: Vec<_> = values.iter().map(|value| setting(value).unwrap()).collect();
            base_url(&settings, 4311).map_err(|failure| format!("{failure:?}"))
        };
        let ours = Ok("http://127.0.0.1:4311".to_owned());

        assert_eq!(set(&[]), ours);
        assert_eq!(set(&["WORKERS=1", "BASE_URL= "]), ours);
        for given in ["http://localhost:4311", "HTTP://LocalHost:4311/"] {
            assert_eq!(
                set(&["BASE_URL=https://clinic.example", &format!("BASE_URL={given}")]),
                Ok("http://localhost:4311".to_owned())
            );
        }
        assert!(
            set(&["BASE_URL=localhost:4311"])
                .unwrap_err()
                .contains("--set BASE_URL=http://localhost:4311")
        );
    }

    #[test]
    fn a_setting_of_the_server_is_taken_with_its_value() {
        assert_eq!(
            setting("SMTP_URL=smtp://a?b=c"),
            Ok(("SMTP_URL".to_owned(), "smtp://a?b=c".to_owned()))
        );
    }

    #[test]
    fn a_setting_that_the_server_does_not_have_is_refused_with_the_nearest() {
        for (typed, nearest) in [
            ("MEMBER_LIMIT=3", "MEMBERSHIP_LIMIT"),
            ("team_limit=3", "TEAM_LIMIT"),
            ("TEAMS_LIMIT=3", "TEAM_LIMIT"),
            ("REQUIRE_EMAIL_VERIFCATION=true", "REQUIRE_EMAIL_VERIFICATION"),
            ("WORKER=2", "WORKERS"),
        ] {
            let said = setting(typed).unwrap_err();
            assert!(said.ends_with(&format!("; the nearest is {nearest}")), "{said}");
        }
        let said = setting("TYPO=1").unwrap_err();
        assert!(said.contains("no setting TYPO; docs/configuration.md"), "{said}");
        assert!(setting("WORKERS").is_err());
    }

    #[test]
    fn a_port_that_is_taken_is_said() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();

        assert!(check_port(taken.local_addr().unwrap().port()).is_err());
    }

    #[test]
    fn a_word_for_the_shell_keeps_its_quotes() {
        assert_eq!(quoted("/home/o'neil/x"), r"'/home/o'\''neil/x'");
    }
}
