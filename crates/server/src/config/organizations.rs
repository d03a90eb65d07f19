//! The rules for organizations.

use std::num::NonZeroU32;

use time::Duration;
use wardkeep_organizations::Rules;

use super::Problem;
use super::arguments::Arguments;

const EXPIRES_IN: &str = "INVITATION_EXPIRES_IN";

pub(super) fn check(arguments: &Arguments) -> Result<Rules, Problem> {
    let limit = |given: Option<NonZeroU32>| given.map(|limit| u64::from(limit.get()));
    Ok(Rules {
        anybody_founds: arguments.allow_organization_creation,
        organizations_per_user: limit(arguments.organization_limit),
        members: arguments.membership_limit.get().into(),
        pending_invitations: arguments.invitation_limit.get().into(),
        invitation_lifetime: lifetime(&arguments.invitation_expires_in)?,
        mail_invitations: arguments.invitation_mails,
        invitations_need_verified_email: arguments
            .require_email_verification_on_invitation
            .unwrap_or_default(),
        teams: limit(arguments.team_limit),
        members_per_team: limit(arguments.team_member_limit),
        roles: limit(arguments.role_limit),
    })
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

    #[test]
    fn the_defaults_are_those_of_better_auth() {
        assert_eq!(check(&Arguments::of(["wardkeep"])), Ok(Rules::default()));
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
        assert_eq!(check(&arguments), Ok(expected));
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
