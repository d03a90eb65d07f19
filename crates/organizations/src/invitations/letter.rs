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
