//! The mail of an invitation.

use time::OffsetDateTime;
use wardkeep_auth::Auth;
use wardkeep_auth::emails::Email;
use wardkeep_auth::mail::Mail;
use wardkeep_auth::users::User;

use super::Invitation;

/// How much of a name a mail shows, in characters.
const LONGEST_NAME: usize = 100;

/// The link that leads to an invitation. Names are other people's words: none of them may look like a mail of its own.
pub(super) fn invitation(
    auth: &Auth,
    to: Email,
    invitation: &Invitation,
    organization: &str,
    inviter: &User,
) -> Mail {
    let (organization, name) = (one_line(organization), one_line(&inviter.name));
    let (inviter, base, id) = (&inviter.email, auth.base_url(), invitation.id);
    let until = written(invitation.expires_at);
    Mail {
        subject: format!("Invitation to {organization}"),
        text: format!(
            "{name} ({inviter}) invites {to} to become a member of this organization: {organization}\n\n\
             To see the invitation, and to accept or reject it, open this link:\n\n{base}/accept-invitation/{id}\n\n\
             It can be accepted once, until {until}. If you do not know who invites you, or did not expect it, you need \
             not do anything; nobody becomes a member who does not accept.\n"
        ),
        to,
    }
}

/// A name on one line and not too long, without the characters that end lines, change the direction of what follows, or
/// do other things than to be read (Unicode, general category Cc and the bidirectional controls of annex 9).
fn one_line(name: &str) -> String {
    let words = name.split(|letter: char| letter.is_whitespace() || letter.is_control() || turns(letter));
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", line.split_at(end).0),
        None => line,
    }
}

fn turns(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn written(time: OffsetDateTime) -> String {
    let (day, month, year) = (time.day(), time.month(), time.year());
    format!(
        "{day} {month} {year}, {:02}:{:02} UTC",
        time.hour(),
        time.minute()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;
    use wardkeep_auth::{AuthConfig, Secrets};
    use wardkeep_tenancy::{Entropy, RequestContext};

    fn letter(organization: &str, inviter: &str) -> Mail {
        let secrets = Secrets::new(["a secret for tests, longer than 32 bytes"]).unwrap();
        let auth = Auth::new(AuthConfig::new(secrets, "https://clinic.example/"));
        let now = datetime!(2026-03-02 09:05 UTC);
        let cx = RequestContext::new("letter", now, Entropy::seeded(1));
        let inviter = User {
            id: cx.new_id(),
            name: inviter.to_owned(),
            email: "ana@example.test".to_owned(),
            email_verified: true,
            image: None,
            created_at: now,
            updated_at: now,
        };
        let invitation = Invitation {
            id: "0194d3a0-7c11-4e5b-8a44-0f2e6b1c9d38".parse().unwrap(),
            organization_id: cx.new_id(),
            email: "ben@example.test".to_owned(),
            role: Some("member".to_owned()),
            team_id: None,
            status: "pending".to_owned(),
            expires_at: now,
            created_at: now,
            inviter_id: inviter.id,
        };
        let to = Email::parse("ben@example.test").unwrap();
        super::invitation(&auth, to, &invitation, organization, &inviter)
    }

    #[test]
    fn the_letter_says_who_invites_to_what_until_when_and_where_to_go() {
        let mail = letter("Salt Lane", "Ana Reyes");

        assert_eq!(mail.subject, "Invitation to Salt Lane");
        for said in [
            "Ana Reyes (ana@example.test) invites ben@example.test",
            "this organization: Salt Lane\n",
            "\n\nhttps://clinic.example/accept-invitation/0194d3a0-7c11-4e5b-8a44-0f2e6b1c9d38\n\n",
            "until 2 March 2026, 09:05 UTC",
            "did not expect it",
        ] {
            assert!(mail.text.contains(said), "{said}: {}", mail.text);
        }
    }

    #[test]
    fn nobody_writes_a_mail_of_their_own_through_a_name() {
        let usual = letter("Salt Lane", "Ana Reyes");
        let name = format!(
            "Win\r\n\r\nBcc: all@example.test\u{2028}\u{0}\u{202e}now {}",
            "é".repeat(5_000)
        );

        let mail = letter(&name, &name);

        let start = "Win Bcc: all@example.test now ";
        let line = format!("{start}{}…", "é".repeat(100 - start.len()));
        assert_eq!(mail.subject, format!("Invitation to {line}"));
        assert!(mail.text.starts_with(&format!("{line} (ana@example.test)")));
        assert_eq!(mail.text.lines().count(), usual.text.lines().count());
        assert_eq!(mail.text.matches('é').count(), 2 * (100 - start.len()));
    }

    #[test]
    fn a_name_of_a_hundred_characters_is_whole() {
        let name = "n".repeat(100);

        assert_eq!(letter(&name, "Ana").subject, format!("Invitation to {name}"));
        assert_eq!(one_line(" \t\n"), "");
    }
}
