//! What the server is told at its start: read once, checked whole, handed down.

mod arguments;
mod choice;
mod database;
mod documents;
mod duration;
mod mail;
mod number;
mod organizations;
mod origins;
mod providers;
mod proxies;
mod rate_limits;

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches};
use ipnet::IpNet;
use wardkeep_auth::providers::Providers;
use wardkeep_auth::{Policy, Secrets};
use wardkeep_organizations::Rules;
use wardkeep_tenancy::DatabaseConfig;
use wardkeep_web::{Origins, RateLimits};

use self::arguments::Arguments;
pub use self::mail::{Mail, Way};

/// Everything the server was told, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The application's database login, and how much of the database it may use.
    pub database: DatabaseConfig,
    /// Where to listen.
    pub listen: SocketAddr,
    /// How browsers reach the server, and the origins whose pages may call with cookies.
    pub origins: Origins,
    /// The proxies in front whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How often one address may ask; off in the compatibility profile.
    pub rate_limits: RateLimits,
    /// What signs cookies.
    pub secrets: Secrets,
    /// Through whom people can sign in, beside their password.
    pub providers: Providers,
    /// What the worker does; without it none works.
    pub mail: Option<Mail>,
    /// Which rules apply.
    pub profile: Profile,
    /// The rules for organizations.
    pub rules: Rules,
    /// How many bytes a document may have.
    pub document_limit: u64,
    /// The rules of sign-in, by the profile and by settings of their own.
    pub policy: Policy,
    /// What is logged, as `tracing` directives.
    pub log: String,
    /// How it is logged.
    pub log_format: LogFormat,
    /// How many threads answer requests; `None` is one for each core.
    pub workers: Option<usize>,
    /// How long requests may take to finish after a stop was asked for.
    pub shutdown_timeout: Duration,
}

/// Which rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// For use.
    Standard,
    /// As the recordings of Better Auth were made, without rate limits and the rules of [`Policy`] that it has not: for its
    /// conformance run. It is refused unless server and base address are on this machine.
    Compatibility,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// One value that makes no sense: which, why, and what to do. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    setting: &'static str,
    message: String,
}

/// Every value that makes no sense, so that one start shows them all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration makes no sense:{}", lines(.0))]
pub struct InvalidConfig(Vec<Problem>);

impl Config {
    /// Reads the command line and the environment of this process.
    ///
    /// Ends the process for `--help`, `--version` and words that are no options, as clap does.
    pub fn from_process() -> Result<Self, InvalidConfig> {
        let matches = Arguments::command().get_matches();
        let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        Self::check(&arguments)
    }

    /// The names of all settings, as variables of the environment.
    pub fn settings() -> Vec<String> {
        let command = Arguments::command();
        let names = command.get_arguments().filter_map(|argument| argument.get_env());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    fn check(arguments: &Arguments) -> Result<Self, InvalidConfig> {
        let mut problems = Problems::default();
        let profile = problems.note(arguments.profile());
        // What is wrong with PROFILE is said already.
        let rules_of = profile.unwrap_or(Profile::Standard);
        let database = database::check(arguments, &mut problems);
        let listen = problems.note(arguments.listen());
        let origins = problems.note(origins::check(arguments, listen.as_ref()));
        let trusted_proxies = problems.note(proxies::check(&arguments.trusted_proxies));
        let rate_limits = problems.note(rate_limits::check(&arguments.rate_limit, rules_of));
        let secrets = problems.note(arguments.secrets());
        let providers = problems.note(providers::check(arguments));
        let policy = arguments.policy(rules_of, &mut problems);
        let rules = organizations::check(arguments, &mut problems);
        let document_limit = problems.note(documents::limit(&arguments.document_max_bytes));
        let workers = problems.note(arguments.workers());
        let log_format = problems.note(arguments.log_format());
        let shutdown_timeout =
            problems.note(duration::parse("SHUTDOWN_TIMEOUT", &arguments.shutdown_timeout));
        problems.note(arguments.check_log());
        let mail = problems.note(mail::check(arguments, listen, origins.as_ref()));
        if rules_of == Profile::Compatibility {
            problems.note(only_here(listen, origins.as_ref()));
        }
        let complete = (|| {
            Some(Self {
                database: database?,
                listen: listen?,
                origins: origins?,
                trusted_proxies: trusted_proxies?,
                rate_limits: rate_limits?,
                secrets: secrets?,
                providers: providers?,
                mail: mail?,
                profile: profile?,
                rules: rules?,
                document_limit: document_limit?,
                policy: policy?,
                log: arguments.log.clone(),
                log_format: log_format?,
                workers: workers?,
                shutdown_timeout: shutdown_timeout?,
            })
        })();
        complete
            .filter(|_| problems.0.is_empty())
            .ok_or(InvalidConfig(problems.0))
    }
}

/// The compatibility profile has no rate limits, counts no guesses and lets sessions outlive a reset: nobody beyond this
/// machine may reach it.
fn only_here(listen: Option<SocketAddr>, origins: Option<&Origins>) -> Result<(), Problem> {
    if origins::is_beyond(listen, origins) {
        let message = "the compatibility profile lets passwords be guessed without end, so it is served on this machine \
                       only; set LISTEN and BASE_URL to 127.0.0.1, or PROFILE to standard";
        return Err(Problem::new("PROFILE", message));
    }
    Ok(())
}

impl Problem {
    fn new(setting: &'static str, message: impl Into<String>) -> Self {
        Self {
            setting,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.setting, self.message)
    }
}

/// Collects what is wrong, each thing once, and goes on.
#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn note<T>(&mut self, checked: Result<T, Problem>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(problem) => {
                if !self.0.contains(&problem) {
                    self.0.push(problem);
                }
                None
            }
        }
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Config, InvalidConfig, LogFormat, Policy, Profile, RateLimits};

    const SECRET: &str = "k3jH8sLq0ZxW5vTn9bYcR2mPd7fGaE1u";

    /// A command line that is complete, with these options after it.
    fn config(more: &[&str]) -> Result<Config, InvalidConfig> {
        let database = "postgres://wardkeep_app:hunter2@db.example/clinic";
        let complete = ["wardkeep", "--database-url", database, "--auth-secret", SECRET];
        let words = complete.into_iter().chain(more.iter().copied());
        Config::check(&Arguments::of(words))
    }

    fn problem(more: &[&str]) -> String {
        config(more).unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_serve_this_machine() {
        let config = config(&[]).unwrap();

        assert_eq!(config.listen.to_string(), "127.0.0.1:4000");
        assert_eq!(config.origins.base().as_str(), "http://127.0.0.1:4000/");
        assert_eq!(config.profile, Profile::Standard);
        assert_eq!(config.trusted_proxies, []);
        assert_eq!(config.rate_limits, RateLimits::standard());
        assert_eq!(config.log_format, LogFormat::Text);
        assert_eq!(config.database.max_connections, 16);
        assert_eq!(config.database.scopes_per_organization, 10);
        assert_eq!(config.shutdown_timeout.as_secs(), 30);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let arguments = [
            "wardkeep",
            "--listen",
            "here",
            "--base-url",
            "ftp://x",
            "--trusted-proxies",
            "proxy",
            "--rate-limit",
            "many",
            "--invitation-expires-in",
            "never",
            "--log",
            "=,=",
            "--log-format=xml",
            "--profile=strict",
            "--max-connections=many",
            "--scopes-per-organization=0",
            "--acquire-timeout=5",
            "--shutdown-timeout=-1s",
            "--workers=0",
            "--dev-mailbox=yes",
            "--refuse-common-passwords=no",
            "--require-email-verification=1",
            "--confirm-account-deletion=",
            "--allow-organization-creation=on",
            "--organization-limit=0",
            "--membership-limit=many",
            "--invitation-limit=-1",
            "--invitation-mails=off",
            "--require-email-verification-on-invitation=True",
            "--team-limit=0",
            "--team-member-limit=1.5",
            "--role-limit=none",
            "--providers-file=/no/such/file",
        ];

        let said = Config::check(&Arguments::of(arguments)).unwrap_err().to_string();

        for setting in [
            "DATABASE_URL",
            "AUTH_SECRET",
            "LISTEN",
            "BASE_URL",
            "TRUSTED_PROXIES",
            "RATE_LIMIT",
            "INVITATION_EXPIRES_IN",
            "LOG",
            "LOG_FORMAT",
            "PROFILE",
            "MAX_CONNECTIONS",
            "SCOPES_PER_ORGANIZATION",
            "ACQUIRE_TIMEOUT",
            "SHUTDOWN_TIMEOUT",
            "WORKERS",
            "DEV_MAILBOX",
            "REFUSE_COMMON_PASSWORDS",
            "REQUIRE_EMAIL_VERIFICATION",
            "CONFIRM_ACCOUNT_DELETION",
            "ALLOW_ORGANIZATION_CREATION",
            "ORGANIZATION_LIMIT",
            "MEMBERSHIP_LIMIT",
            "INVITATION_LIMIT",
            "INVITATION_MAILS",
            "REQUIRE_EMAIL_VERIFICATION_ON_INVITATION",
            "TEAM_LIMIT",
            "TEAM_MEMBER_LIMIT",
            "ROLE_LIMIT",
            "PROVIDERS_FILE",
        ] {
            assert!(said.contains(&format!("\n  {setting}: ")), "{setting} in {said}");
        }
        // No word of Rust's own.
        assert!(!said.contains("digit") && !said.contains("parse"), "{said}");
    }

    #[test]
    fn a_time_that_two_settings_use_is_refused_once() {
        let worker = "postgres://wardkeep_worker:hunter2@db.example/clinic";
        let said = problem(&["--worker-database-url", worker, "--acquire-timeout", "5"]);

        assert_eq!(said.matches("ACQUIRE_TIMEOUT: ").count(), 1, "{said}");
    }

    #[test]
    fn words_are_read_as_the_program_reads_them() {
        let config = config(&["--log-format", "json", "--workers", "3"]).unwrap();

        assert_eq!(config.log_format, LogFormat::Json);
        assert_eq!(config.workers, Some(3));
        assert_eq!(
            problem(&["--profile", "strict"]),
            "the configuration makes no sense:\n  PROFILE: `strict` is neither standard nor compatibility"
        );
    }

    #[test]
    fn no_message_and_no_debug_output_holds_a_secret() {
        let wrong = problem(&["--listen", "here"]);
        let right = format!("{:?}", config(&[]).unwrap());

        for text in [wrong, right] {
            assert!(!text.contains(SECRET), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    fn help() -> String {
        let mut command = <Arguments as clap::CommandFactory>::command();
        command.render_long_help().to_string()
    }

    /// Whoever reads the table of docs/configuration.md, and `cargo xtask dev --set`, go by these names.
    #[test]
    fn every_setting_has_a_variable_and_stands_in_the_documentation() {
        let document = include_str!("../../../docs/configuration.md");
        let command = <Arguments as clap::CommandFactory>::command();
        let settings = Config::settings();

        assert_eq!(settings.len(), command.get_arguments().count());
        for setting in settings {
            assert!(document.contains(&format!("`{setting}`")), "{setting}");
        }
    }

    #[test]
    fn help_is_for_people_and_not_for_rustdoc() {
        let help = help();

        for said in [
            "--dev-mailbox <true|false>",
            "--profile <standard|compatibility>",
            "[default: 16]",
            "500ms, 30s or 2m",
        ] {
            assert!(help.contains(said), "{said} in {help}");
        }
        assert!(!help.contains("[`") && !help.contains("`]"), "{help}");
    }

    #[test]
    fn help_shows_no_value_of_a_secret() {
        let help = help();

        assert!(help.contains("[env: AUTH_SECRET]"), "{help}");
        assert!(help.contains("[env: DATABASE_URL]"), "{help}");
    }

    #[test]
    fn the_profile_decides_the_rules_and_a_setting_one_of_them() {
        let compatibility = ["--profile", "compatibility"];
        let one = [&compatibility[..], &["--refuse-common-passwords", "true"]].concat();

        assert_eq!(config(&[]).unwrap().policy, Policy::default());
        assert_eq!(config(&compatibility).unwrap().policy, Policy::compatibility());
        let expected = Policy {
            refuse_common_passwords: true,
            ..Policy::compatibility()
        };
        assert_eq!(config(&one).unwrap().policy, expected);
        let standard = config(&[
            "--require-email-verification",
            "true",
            "--confirm-account-deletion",
            "true",
            "--dev-mailbox",
            "true",
            "--worker-database-url",
            "postgres://wardkeep_worker:hunter2@db.example/clinic",
        ]);
        let expected = Policy {
            require_verified_email: true,
            confirm_deletion: true,
            ..Policy::default()
        };
        assert_eq!(standard.unwrap().policy, expected);
    }

    #[test]
    fn the_compatibility_profile_stays_on_this_machine() {
        let open = [
            "--profile",
            "compatibility",
            "--listen",
            "0.0.0.0:4000",
            "--base-url",
            "https://a.example",
        ];

        let here = config(&["--profile", "compatibility"]).unwrap();
        assert_eq!(here.rate_limits, RateLimits::off());
        assert!(problem(&open).contains("PROFILE: "));
    }

    #[test]
    fn a_log_filter_that_cannot_be_read_is_refused() {
        assert!(problem(&["--log", "wardkeep=loud"]).contains("LOG: "));
    }
}
