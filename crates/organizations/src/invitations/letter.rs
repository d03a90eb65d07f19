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
    let organization = one_line(organization).unwrap_or_else(|| "an organization".to_owned());
    let name = one_line(&inviter.name).unwrap_or_else(|| "Somebody".to_owned());
    // An address that nobody has proven may be anybody's.
    let address = if inviter.email_verified {
        format!(" ({})", inviter.email)
    } else {
        String::new()
    };
    let (base, id) = (auth.base_url(), invitation.id);
    let until = written(invitation.expires_at);
    Mail {
        subject: format!("Invitation to {organization}"),
        text: format!(
            "{name}{address} invites {to} to become a member of this organization: {organization}\n\n\
             To see the invitation, and to accept or reject it, open this link:\n\n{base}/accept-invitation/{id}\n\n\
             It can be accepted once, until {until}. If you do not know who invites you, or did not expect it, you need \
             not do anything; nobody becomes a member who does not accept.\n"
        ),
        to,
    }
}

/// A name on one line and not too long, without what ends lines, is not seen or changes the direction of what follows, and
/// without a web address, which mail programs make a link of: its parts stand apart. `None` if nothing is left.
fn one_line(name: &str) -> Option<String> {
    let seen: String = name.chars().filter(|letter| !is_unseen(*letter)).collect();
    let apart = seen
        .replace(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'], ". ")
        .replace("://", ": //");
    let words = apart.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => Some(format!("{}…", line.split_at(end).0)),
        None => Some(line).filter(|line| !line.is_empty()),
    }
}

/// Characters that show nothing by themselves (Unicode, property Default_Ignorable_Code_Point) or turn what follows around
/// (annex 9).
fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2800}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
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
        letter_by(true, organization, inviter)
    }

    fn letter_by(proven: bool, organization: &str, inviter: &str) -> Mail {
        let secrets = Secrets::new(["a secret for tests, longer than 32 bytes"]).unwrap();
        let auth = Auth::new(AuthConfig::new(secrets, "https://clinic.example/"));
        let now = datetime!(2026-03-02 09:05 UTC);
        let cx = RequestContext::new("letter", now, Entropy::seeded(1));
        let inviter = User {
            id: cx.new_id(),
            name: inviter.to_owned(),
            email: "ana@example.test".to_owned(),
            email_verified: proven,
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

        let start = "Win Bcc: all@example. test now ";
        let line = format!("{start}{}…", "é".repeat(100 - start.len()));
        assert_eq!(mail.subject, format!("Invitation to {line}"));
        assert!(mail.text.starts_with(&format!("{line} (ana@example.test)")));
        assert_eq!(mail.text.lines().count(), usual.text.lines().count());
        assert_eq!(mail.text.matches('é').count(), 2 * (100 - start.len()));
    }

    #[test]
    fn a_name_shows_no_link_and_an_address_that_nobody_proved_is_not_shown() {
        let mail = letter("Log in at https://evil.test/ \u{200b}now", "\u{2060}\u{feff}");

        assert_eq!(mail.subject, "Invitation to Log in at https: //evil. test/ now");
        assert!(mail.text.starts_with("Somebody (ana@example.test) invites"));
        let unproven = letter_by(false, "Salt Lane", "Ana Reyes");
        assert!(unproven.text.starts_with("Ana Reyes invites ben@example.test"));
        assert!(!unproven.text.contains("ana@example.test"));
    }

    /// Gmail, Outlook and Apple Mail make a link of it without a scheme.
    #[test]
    fn a_name_shows_no_web_address_without_a_scheme() {
        let mail = letter("Locked: go to www.evil.test/login", "www.evil.test/login");

        assert!(!mail.subject.contains("www.evil.test"), "{}", mail.subject);
        assert!(!mail.text.contains("www.evil.test"), "{}", mail.text);
    }

    #[test]
    fn a_name_of_a_hundred_characters_is_whole() {
        let name = "n".repeat(100);

        assert_eq!(letter(&name, "Ana").subject, format!("Invitation to {name}"));
        assert_eq!(one_line(" \t\n\u{200b}\u{3164}"), None);
    }
}
