//! The settings as they are written: options, each with a variable of the environment.

use std::net::SocketAddr;

use clap::Parser;
use tracing_subscriber::EnvFilter;
use wardkeep_auth::{Policy, Secrets};

use super::{LogFormat, Problem, Problems, Profile, choice, number};

/// More threads than any machine has cores.
const MOST_WORKERS: u32 = 65_535;

/// The server of Wardkeep: sign-in, organizations and clinical records over PostgreSQL.
///
/// Every option can be given by the environment instead; secrets should be, since other users of a machine can read a
/// command line. docs/configuration.md explains each.
#[derive(Parser)]
#[command(name = "wardkeep", version)]
pub(super) struct Arguments {
    /// The database, for the login wardkeep_app: postgres://wardkeep_app:password@host:5432/database.
    #[arg(long, env, hide_env_values = true, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// The most connections to the database, up to 1000.
    #[arg(long, env, default_value = "16", value_name = "N")]
    pub(super) max_connections: String,
    /// The most transactions that one organization may have open at once, up to MAX_CONNECTIONS.
    #[arg(long, env, default_value = "10", value_name = "N")]
    pub(super) scopes_per_organization: String,
    /// How long a request waits for a connection before it is answered with 503, such as 500ms, 5s or 1m.
    #[arg(long, env, default_value = "5s", value_name = "TIME")]
    pub(super) acquire_timeout: String,
    /// Where to listen.
    #[arg(long, env, default_value = "127.0.0.1:4000", value_name = "ADDRESS:PORT")]
    pub(super) listen: String,
    /// How browsers reach the server [default: the address of LISTEN, on this machine].
    #[arg(long, env, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// More origins whose pages may call with cookies, separated by commas; * and ? match within a name.
    #[arg(
        long,
        env,
        default_value = "",
        hide_default_value = true,
        value_name = "ORIGINS"
    )]
    pub(super) trusted_origins: String,
    /// The proxies in front whose X-Forwarded-For is believed: addresses or networks, separated by commas.
    #[arg(
        long,
        env,
        default_value = "",
        hide_default_value = true,
        value_name = "NETWORKS"
    )]
    pub(super) trusted_proxies: String,
    /// How often one address may call one endpoint of sign-in; those that try passwords or send mails have less.
    #[arg(long, env, default_value = "100/10s", value_name = "N/TIME")]
    pub(super) rate_limit: String,
    /// The signing secret, 32 bytes or more; several separated by commas: the first signs, all verify.
    #[arg(long, env, hide_env_values = true, value_name = "SECRETS")]
    pub(super) auth_secret: Option<String>,
    /// Through whom people can sign in, as JSON: {"google": {"clientId": "...", "clientSecret": "..."}}. docs/providers.md
    /// explains it.
    #[arg(long, env, hide_env_values = true, value_name = "JSON")]
    pub(super) providers: Option<String>,
    /// A file with the same, instead.
    #[arg(long, env, value_name = "PATH")]
    pub(super) providers_file: Option<String>,
    /// The relay that takes mails: smtps://login:password@host, or smtp://host:25 on this machine. Needs
    /// WORKER_DATABASE_URL.
    #[arg(long, env, hide_env_values = true, value_name = "URL")]
    pub(super) smtp_url: Option<String>,
    /// Who sends mails [default: wardkeep@ the host of BASE_URL].
    #[arg(long, env, value_name = "ADDRESS")]
    pub(super) mail_from: Option<String>,
    /// The database, for the login wardkeep_worker, which sends mails.
    #[arg(long, env, hide_env_values = true, value_name = "URL")]
    pub(super) worker_database_url: Option<String>,
    /// Shows mails at /dev/mailbox and in the log instead of sending them; on this machine only.
    #[arg(long, env, default_value = "false", value_name = "true|false")]
    pub(super) dev_mailbox: String,
    /// Which rules apply: standard is for use; compatibility is as the recordings of Better Auth were made, without rate
    /// limits, on this machine only.
    #[arg(long, env, default_value = "standard", value_name = "standard|compatibility")]
    pub(super) profile: String,
    /// Whether the commonest passwords of published breaches are refused [default: true; in the compatibility profile false].
    #[arg(long, env, value_name = "true|false")]
    pub(super) refuse_common_passwords: Option<String>,
    /// Whether a new user must prove the address by a mail before the first sign-in.
    #[arg(long, env, default_value = "false", value_name = "true|false")]
    pub(super) require_email_verification: String,
    /// Whether an account is deleted only after a click on a link in a mail.
    #[arg(long, env, default_value = "false", value_name = "true|false")]
    pub(super) confirm_account_deletion: String,
    /// Whether anybody who is signed in may found an organization.
    #[arg(long, env, default_value = "true", value_name = "true|false")]
    pub(super) allow_organization_creation: String,
    /// To how many organizations a user may belong and still found one [default: any number].
    #[arg(long, env, value_name = "N")]
    pub(super) organization_limit: Option<String>,
    /// How many members an organization may have.
    #[arg(long, env, default_value = "100", value_name = "N")]
    pub(super) membership_limit: String,
    /// How many invitations of an organization may wait to be answered.
    #[arg(long, env, default_value = "100", value_name = "N")]
    pub(super) invitation_limit: String,
    /// How long an invitation can be accepted, such as 30m, 48h or 7d.
    #[arg(long, env, default_value = "48h", value_name = "TIME")]
    pub(super) invitation_expires_in: String,
    /// Whether invitations are mailed; if not, whoever invites delivers the link.
    #[arg(long, env, default_value = "true", value_name = "true|false")]
    pub(super) invitation_mails: String,
    /// Whether only somebody who has proven the address may answer an invitation to it.
    #[arg(long, env, default_value = "false", value_name = "true|false")]
    pub(super) require_email_verification_on_invitation: String,
    /// How many teams an organization may have [default: any number].
    #[arg(long, env, value_name = "N")]
    pub(super) team_limit: Option<String>,
    /// How many members a team may have [default: any number].
    #[arg(long, env, value_name = "N")]
    pub(super) team_member_limit: Option<String>,
    /// How many roles an organization may make for itself [default: any number].
    #[arg(long, env, value_name = "N")]
    pub(super) role_limit: Option<String>,
    /// The largest document that may be stored, in bytes, from 1024 (1 KiB) to 1073741824 (1 GiB).
    #[arg(long, env, default_value = "20971520", value_name = "BYTES")]
    pub(super) document_max_bytes: String,
    /// What is logged: a level, or directives such as info,wardkeep_tenancy=debug.
    #[arg(long, env, default_value = "info,actix_server=warn", value_name = "FILTER")]
    pub(super) log: String,
    /// How it is logged: lines of text for people, or json, one object a line.
    #[arg(long, env, default_value = "text", value_name = "text|json")]
    pub(super) log_format: String,
    /// How many threads answer requests [default: one for each core].
    #[arg(long, env, value_name = "N")]
    pub(super) workers: Option<String>,
    /// How long requests may take to finish after a stop was asked for, such as 500ms, 30s or 2m.
    #[arg(long, env, default_value = "30s", value_name = "TIME")]
    pub(super) shutdown_timeout: String,
}

impl Arguments {
    /// These words alone: what the environment of the developer holds does not count.
    #[cfg(test)]
    pub(super) fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        use clap::builder::Resettable;
        use clap::{CommandFactory, FromArgMatches};

        let command = Self::command().mut_args(|argument| argument.env(Resettable::Reset));
        Self::from_arg_matches(&command.get_matches_from(words)).unwrap()
    }

    pub(super) fn listen(&self) -> Result<SocketAddr, Problem> {
        self.listen.parse().map_err(|_| {
            let message = format!(
                "`{}` is no address and port; write 127.0.0.1:4000 for this machine, 0.0.0.0:4000 for every network",
                self.listen
            );
            Problem::new("LISTEN", message)
        })
    }

    /// The secrets themselves are never repeated, not even a wrong one.
    pub(super) fn secrets(&self) -> Result<Secrets, Problem> {
        let given = self
            .auth_secret
            .as_deref()
            .map(str::trim)
            .filter(|given| !given.is_empty());
        let secrets = given
            .into_iter()
            .flat_map(|given| given.split(','))
            .map(str::trim);
        Secrets::new(secrets).map_err(|error| Problem::new("AUTH_SECRET", error.to_string()))
    }

    pub(super) fn profile(&self) -> Result<Profile, Problem> {
        let words = [
            ("standard", Profile::Standard),
            ("compatibility", Profile::Compatibility),
        ];
        choice::either("PROFILE", &self.profile, words)
    }

    pub(super) fn log_format(&self) -> Result<LogFormat, Problem> {
        let words = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        choice::either("LOG_FORMAT", &self.log_format, words)
    }

    /// `None` is one for each core.
    pub(super) fn workers(&self) -> Result<Option<usize>, Problem> {
        let Some(given) = &self.workers else {
            return Ok(None);
        };
        let advice = "leave it unset for one for each core";
        number::parse("WORKERS", given, MOST_WORKERS, advice).map(|workers| usize::try_from(workers).ok())
    }

    /// The rules of the profile, and what was said besides.
    pub(super) fn policy(&self, profile: Profile, problems: &mut Problems) -> Option<Policy> {
        let rules = match profile {
            Profile::Standard => Policy::default(),
            Profile::Compatibility => Policy::compatibility(),
        };
        let mut boolean = |setting, text| problems.note(choice::boolean(setting, text));
        let refuse_common_passwords = match &self.refuse_common_passwords {
            None => Some(rules.refuse_common_passwords),
            Some(given) => boolean("REFUSE_COMMON_PASSWORDS", given),
        };
        let require_verified_email = boolean("REQUIRE_EMAIL_VERIFICATION", &self.require_email_verification);
        let confirm_deletion = boolean("CONFIRM_ACCOUNT_DELETION", &self.confirm_account_deletion);
        Some(Policy {
            refuse_common_passwords: refuse_common_passwords?,
            require_verified_email: require_verified_email?,
            confirm_deletion: confirm_deletion?,
            ..rules
        })
    }

    pub(super) fn check_log(&self) -> Result<(), Problem> {
        EnvFilter::try_new(&self.log).map(drop).map_err(|error| {
            let message = format!(
                "`{}` cannot be read ({error}); write a level such as info, or info,wardkeep_web=debug",
                self.log
            );
            Problem::new("LOG", message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;

    const FIRST: &str = "k3jH8sLq0ZxW5vTn9bYcR2mPd7fGaE1u";

    fn refused(secrets: &str) -> Option<String> {
        let arguments = Arguments::of(["wardkeep", "--auth-secret", secrets]);
        arguments.secrets().err().map(|problem| problem.to_string())
    }

    #[test]
    fn several_secrets_are_separated_by_commas() {
        let second = "Qp4ZtM9xVb1nKs7cLd2fHg8jWr5yTe3u";
        let old = Arguments::of(["wardkeep", "--auth-secret", second])
            .secrets()
            .unwrap();
        let both = format!("{FIRST}, {second}");

        let both = Arguments::of(["wardkeep", "--auth-secret", &both])
            .secrets()
            .unwrap();

        assert_eq!(both.open(&old.seal("value")), Some("value"));
    }

    #[test]
    fn a_missing_short_or_known_secret_is_refused_and_not_repeated() {
        for secrets in [
            "",
            " ",
            "hunter2",
            "better-auth-secret-12345678901234567890",
            &format!("{FIRST},"),
        ] {
            let said = refused(secrets).unwrap();
            assert!(said.starts_with("AUTH_SECRET: "), "{said}");
            assert!(!said.contains("hunter2") && !said.contains(FIRST), "{said}");
        }
    }
}
