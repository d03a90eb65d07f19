//! The rules for organizations.

use time::Duration;
use wardkeep_organizations::Rules;

use super::arguments::Arguments;
use super::{Problem, Problems, choice, number};

const EXPIRES_IN: &str = "INVITATION_EXPIRES_IN";

pub(super) fn check(arguments: &Arguments, problems: &mut Problems) -> Option<Rules> {
    let mut boolean = |setting, text| problems.note(choice::boolean(setting, text));
    let anybody_founds = boolean(
        "ALLOW_ORGANIZATION_CREATION",
        &arguments.allow_organization_creation,
    );
    let mail_invitations = boolean("INVITATION_MAILS", &arguments.invitation_mails);
    let invitations_need_verified_email = boolean(
        "REQUIRE_EMAIL_VERIFICATION_ON_INVITATION",
        &arguments.require_email_verification_on_invitation,
    );
    let mut limit = |setting, text| problems.note(limit(setting, text, "write 100"));
    let members = limit("MEMBERSHIP_LIMIT", &arguments.membership_limit);
    let pending_invitations = limit("INVITATION_LIMIT", &arguments.invitation_limit);
    let mut optional = |setting, given| problems.note(optional_limit(setting, given));
    let organizations_per_user = optional("ORGANIZATION_LIMIT", &arguments.organization_limit);
    let teams = optional("TEAM_LIMIT", &arguments.team_limit);
    let members_per_team = optional("TEAM_MEMBER_LIMIT", &arguments.team_member_limit);
    let roles = optional("ROLE_LIMIT", &arguments.role_limit);
    let invitation_lifetime = problems.note(lifetime(&arguments.invitation_expires_in));
    Some(Rules {
        anybody_founds: anybody_founds?,
        organizations_per_user: organizations_per_user?,
        members: members?,
        pending_invitations: pending_invitations?,
        invitation_lifetime: invitation_lifetime?,
        mail_invitations: mail_invitations?,
        invitations_need_verified_email: invitations_need_verified_email?,
        teams: teams?,
        members_per_team: members_per_team?,
        roles: roles?,
    })
}

fn limit(setting: &'static str, text: &str, advice: &str) -> Result<u64, Problem> {
    number::parse(setting, text, u32::MAX, advice).map(u64::from)
}

fn optional_limit(setting: &'static str, given: &Option<String>) -> Result<Option<u64>, Problem> {
    let given = given.as_deref();
    given
        .map(|text| limit(setting, text, "leave it unset for no limit"))
        .transpose()
}

/// Reads `30m`, `48h` or `7d`, up to a year.
fn lifetime(text: &str) -> Result<Duration, Problem> {
    let wrong = || {
        Problem::new(
            EXPIRES_IN,
            format!("`{text}` is no time from a minute to a year; write 30m, 48h or 7d"),
        )
    };
    let trimmed = text.trim();
    let digits = trimmed
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(digits);
    let number = number.parse::<u32>().map_err(|_| wrong())?;
    let lifetime = match unit {
        "m" => Duration::minutes(number.into()),
        "h" => Duration::hours(number.into()),
        "d" => Duration::days(number.into()),
        _ => return Err(wrong()),
    };
    if (Duration::minutes(1)..=Duration::days(365)).contains(&lifetime) {
        Ok(lifetime)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(arguments: &Arguments) -> Result<Rules, Vec<Problem>> {
        let mut problems = Problems::default();
        check(arguments, &mut problems).ok_or(problems.0)
    }

    #[test]
    fn the_defaults_are_those_of_better_auth() {
        assert_eq!(rules(&Arguments::of(["wardkeep"])), Ok(Rules::default()));
    }

    #[test]
    fn every_rule_can_be_set() {
        let arguments = Arguments::of([
            "wardkeep",
            "--allow-organization-creation=false",
            "--organization-limit=3",
            "--membership-limit=500",
            "--invitation-limit=20",
            "--invitation-expires-in=7d",
            "--invitation-mails=false",
            "--require-email-verification-on-invitation=true",
            "--team-limit=4",
            "--team-member-limit=5",
            "--role-limit=6",
        ]);

        let expected = Rules {
            anybody_founds: false,
            organizations_per_user: Some(3),
            members: 500,
            pending_invitations: 20,
            invitation_lifetime: Duration::days(7),
            mail_invitations: false,
            invitations_need_verified_email: true,
            teams: Some(4),
            members_per_team: Some(5),
            roles: Some(6),
        };
        assert_eq!(rules(&arguments), Ok(expected));
    }

    #[test]
    fn each_rule_that_makes_no_sense_is_said_with_what_to_write() {
        let arguments = Arguments::of([
            "wardkeep",
            "--allow-organization-creation=yes",
            "--membership-limit=many",
            "--team-limit=0",
            "--role-limit=",
        ]);

        let problems = rules(&arguments).unwrap_err();

        let said: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "ALLOW_ORGANIZATION_CREATION: `yes` is neither true nor false",
                "MEMBERSHIP_LIMIT: `many` is no whole number of 1 or more; write 100",
                "TEAM_LIMIT: `0` is no whole number of 1 or more; leave it unset for no limit",
                "ROLE_LIMIT: `` is no whole number of 1 or more; leave it unset for no limit",
            ]
        );
    }

    #[test]
    fn an_invitation_lives_from_a_minute_to_a_year() {
        for (text, lifetime) in [
            ("1m", Duration::minutes(1)),
            (" 48h ", Duration::hours(48)),
            ("365d", Duration::days(365)),
        ] {
            assert_eq!(super::lifetime(text), Ok(lifetime), "{text}");
        }
        for text in [
            "",
            "0m",
            "48",
            "366d",
            "-1d",
            "1.5h",
            "2w",
            "30s",
            "99999999999d",
            "1 d",
        ] {
            let said = super::lifetime(text).unwrap_err().to_string();
            assert!(said.starts_with("INVITATION_EXPIRES_IN: "), "{said}");
        }
    }
}
