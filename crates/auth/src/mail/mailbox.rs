//! Mails that stay in this process.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Letter, SendError, Transport};

/// More than this are forgotten, the oldest first.
const CAPACITY: usize = 100;

/// Keeps the last 100 mails in memory and logs each with its text, instead of sending. For development only: whoever
/// reads the log can use the links. Clones share the mails.
#[derive(Debug, Clone, Default)]
pub struct Mailbox {
    letters: Arc<Mutex<VecDeque<Letter>>>,
}

impl Mailbox {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What came, the newest first.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        let letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.iter().rev().cloned().collect()
    }
}

impl Transport for Mailbox {
    /// Never fails.
    async fn send(&self, letter: &Letter) -> Result<u16, SendError> {
        let mail = &letter.mail;
        tracing::info!(to = %mail.to, subject = mail.subject, text = mail.text, "a mail for the development mailbox");
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        if letters.len() == CAPACITY {
            letters.pop_front();
        }
        letters.push_back(letter.clone());
        Ok(250)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mail;
    use super::*;
    use crate::emails::Email;
    use time::macros::datetime;

    #[tokio::test]
    async fn the_last_hundred_mails_are_kept_the_newest_first() {
        let mailbox = Mailbox::new();

        for number in 0..=CAPACITY {
            let letter = Letter {
                message_id: format!("<{number}@clinic.test>"),
                at: datetime!(2026-03-02 09:00 UTC),
                mail: Mail {
                    to: Email::parse("ada@example.test").unwrap(),
                    subject: number.to_string(),
                    text: "a link".to_owned(),
                },
            };
            mailbox.clone().send(&letter).await.unwrap();
        }

        let kept = mailbox.letters();
        assert_eq!(kept.len(), CAPACITY);
        assert_eq!(
            (kept[0].mail.subject.as_str(), kept[99].mail.subject.as_str()),
            ("100", "1")
        );
    }
}
