//! SMTP (RFC 5321).

use std::error::Error as _;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use super::{Letter, SendError, Transport};

/// How long one answer of the relay may take. The worker limits the whole of a mail besides.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Sends mails through a relay, on a connection for each. Cheap to clone.
#[derive(Clone)]
pub struct Smtp {
    transport: Arc<AsyncSmtpTransport<Tokio1Executor>>,
    from: Mailbox,
}

impl Smtp {
    /// Takes the relay's address and the sender's, `wardkeep@clinic.example` or `Clinic <wardkeep@clinic.example>`.
    ///
    /// The address is one of
    ///
    /// - `smtps://login:password@relay.example:465`: encrypted from the first byte (RFC 8314); the port may be left out;
    /// - `smtp://login:password@relay.example:587?tls=required`: encrypted by STARTTLS, or nothing is sent;
    /// - `smtp://relay.example:25?tls=opportunistic`: encrypted where the relay offers it, which an attacker on the way can
    ///   take away;
    /// - `smtp://127.0.0.1:25`: never encrypted, for a relay on this machine or a network of one's own.
    ///
    /// A path is the name for EHLO: `smtps://relay.example/clinic.example`. In a login or a password `@`, `:` and `/` are
    /// written `%40`, `%3A` and `%2F`.
    ///
    /// Nothing is connected to yet.
    pub fn new(url: &str, from: &str) -> Result<Self, SmtpError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| SmtpError::Url)?;
        Ok(Self {
            transport: Arc::new(transport.timeout(Some(ANSWER_TIMEOUT)).build()),
            from: from.parse().map_err(|_| SmtpError::From)?,
        })
    }

    /// The sender's address, without a name.
    pub fn from(&self) -> &str {
        self.from.email.as_ref()
    }

    /// Plain text (RFC 5322, UTF-8), marked as sent by a program (RFC 3834), so that nobody's holiday note answers it.
    fn message(&self, letter: &Letter) -> Result<Message, SendError> {
        let to: Address = letter
            .mail
            .to
            .as_str()
            .parse()
            .map_err(|_| SendError::Impossible)?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            // An encoded word would be shown decoded (RFC 2047, section 6), whatever is in it.
            .subject(letter.mail.subject.replace("=?", "= ?"))
            .date(SystemTime::from(letter.at))
            .message_id(Some(letter.message_id.clone()))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.mail.text.clone())
            .map_err(|_| SendError::Impossible)
    }
}

impl Transport for Smtp {
    async fn send(&self, letter: &Letter) -> Result<u16, SendError> {
        let message = self.message(letter)?;
        let response = self.transport.send(message).await.map_err(|error| why(&error))?;
        Ok(response.code().into())
    }
}

/// Without the relay's address, which holds a password.
impl fmt::Debug for Smtp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Smtp")
            .field("from", &self.from.email)
            .finish_non_exhaustive()
    }
}

/// Why mails cannot be sent with these settings. Holds no password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmtpError {
    /// The relay's address cannot be read.
    #[error(
        "the address of the relay cannot be read; write smtps://login:password@relay.example, or \
         smtp://login:password@relay.example:587?tls=required, or smtp://127.0.0.1:25 for one on this machine"
    )]
    Url,
    /// The sender's address cannot be read.
    #[error(
        "the address of the sender cannot be read; write wardkeep@clinic.example, or Clinic <wardkeep@clinic.example>"
    )]
    From,
}

fn why(error: &smtp::Error) -> SendError {
    if let Some(code) = error.status() {
        return SendError::Refused(code.into());
    }
    if error.is_timeout() {
        return SendError::TimedOut;
    }
    if error.is_tls() {
        return SendError::Encryption;
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            return SendError::Connection(error.kind());
        }
        source = cause.source();
    }
    if error.is_response() || error.is_client() {
        return SendError::Answer;
    }
    SendError::Connection(io::ErrorKind::Other)
}

/// `Auto-Submitted: auto-generated` (RFC 3834, section 5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mail;
    use super::*;
    use crate::emails::Email;
    use time::macros::datetime;

    fn written(subject: &str, text: &str) -> String {
        let smtp = Smtp::new("smtp://127.0.0.1:2525", "Clinic <wardkeep@clinic.test>").unwrap();
        let letter = Letter {
            message_id: "<1@clinic.test>".to_owned(),
            at: datetime!(2026-03-02 09:00 UTC),
            mail: Mail {
                to: Email::parse("ada@example.test").unwrap(),
                subject: subject.to_owned(),
                text: text.to_owned(),
            },
        };
        String::from_utf8(smtp.message(&letter).unwrap().formatted()).unwrap()
    }

    fn headers(message: &str) -> Vec<&str> {
        message.split("\r\n\r\n").next().unwrap().split("\r\n").collect()
    }

    #[test]
    fn a_mail_has_the_headers_of_one_that_a_program_sent() {
        let message = written("Reset your password", "Grüße\nhttps://clinic.test/\n");

        for header in [
            "From: Clinic <wardkeep@clinic.test>",
            "To: ada@example.test",
            "Subject: Reset your password",
            "Date: Mon, 02 Mar 2026 09:00:00 +0000",
            "Message-ID: <1@clinic.test>",
            "Auto-Submitted: auto-generated",
            "Content-Type: text/plain; charset=utf-8",
        ] {
            assert!(headers(&message).contains(&header), "{header} in {message}");
        }
    }

    #[test]
    fn no_subject_makes_a_header_or_ends_them() {
        for end in ["\r\n", "\n", "\r", "\r\n\r\n", "\0\r\n", "\u{85}", "\u{2028}"] {
            let message = written(&format!("Hello{end}Bcc: eve@example.test"), "text");

            let headers = headers(&message);
            assert!(
                !headers
                    .iter()
                    .any(|header| header.trim_start().to_ascii_lowercase().starts_with("bcc")),
                "{message}"
            );
            assert!(!message.replace("\r\n", "").contains(['\r', '\n']), "{message:?}");
            assert!(
                message.ends_with("\r\n\r\ntext") || message.ends_with("\r\n\r\ntext\r\n"),
                "{message:?}"
            );
        }
    }

    #[test]
    fn a_subject_that_looks_encoded_is_shown_as_it_is_written() {
        // RFC 2047: a reader of mails would show what is encoded there, U+202E and line ends included.
        let message = written("Invitation to =?utf-8?B?4oCuZXZpbA==?=", "text");

        assert!(!message.contains("=?utf-8?B?4oCuZXZpbA==?="), "{message}");
    }

    #[test]
    fn a_line_with_one_dot_does_not_end_the_mail() {
        // Dots are doubled on the wire; here it is only the body.
        assert!(written("Hello", "one\n.\ntwo").contains("two"));
    }

    #[test]
    fn addresses_that_make_no_sense_are_refused_without_the_password() {
        for url in [
            "",
            "relay.example",
            "http://relay.example",
            "smtp://a:hunter2@relay.example?tls=perhaps",
        ] {
            let error = Smtp::new(url, "wardkeep@clinic.test").unwrap_err();
            assert_eq!(error, SmtpError::Url);
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        assert_eq!(
            Smtp::new("smtp://127.0.0.1", "clinic").unwrap_err(),
            SmtpError::From
        );
    }

    #[test]
    fn senders_and_addressees_as_sign_up_takes_them_have_a_form() {
        for from in [
            "wardkeep@localhost",
            "wardkeep@clinic.test",
            "\"Clinic, the\" <a@clinic.test>",
        ] {
            let smtp = Smtp::new("smtp://127.0.0.1", from).unwrap();
            for to in [
                "o'brien@example.com",
                "x+tag@sub.domain.example",
                "_@ex-ample.test",
            ] {
                let letter = Letter {
                    message_id: "<1@clinic.test>".to_owned(),
                    at: datetime!(2026-03-02 09:00 UTC),
                    mail: Mail {
                        to: Email::parse(to).unwrap(),
                        subject: String::new(),
                        text: String::new(),
                    },
                };
                assert!(smtp.message(&letter).is_ok(), "{from} {to}");
            }
        }
    }

    #[tokio::test]
    async fn every_form_of_the_address_is_taken() {
        for url in [
            "smtps://login:pass%40word@relay.example",
            "smtp://login:password@relay.example:587?tls=required",
            "smtp://relay.example:25?tls=opportunistic",
            "smtp://127.0.0.1:25",
        ] {
            let smtp = Smtp::new(url, "wardkeep@clinic.test").unwrap();
            assert!(!format!("{smtp:?}").contains("pass"));
        }
    }
}
