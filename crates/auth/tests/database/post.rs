//! Whoever reads the mails: the worker sends them here.

use std::sync::{Arc, Mutex};

use time::Duration;
use wardkeep_auth::mail::{Letter, Mail, SendError, Transport, Worker};
use wardkeep_tenancy::{Clock, Entropy};
use wardkeep_testkit::START;

use crate::world::World;

/// Everybody's mailbox.
pub(crate) struct Post {
    worker: Worker<Mailboxes>,
    mailboxes: Mailboxes,
}

#[derive(Clone, Default)]
struct Mailboxes(Arc<Mutex<Vec<Mail>>>);

impl Transport for Mailboxes {
    async fn send(&self, letter: &Letter) -> Result<u16, SendError> {
        self.0.lock().unwrap().push(letter.mail.clone());
        Ok(250)
    }
}

impl Post {
    pub(crate) async fn of(world: &World) -> Self {
        let mailboxes = Mailboxes::default();
        // Late enough for every mail of a test to be due.
        let clock = Clock::manual(START + Duration::days(365 * 20));
        let worker = Worker::new(
            world.test.connect_worker().await,
            world.auth.clone(),
            clock,
            Entropy::system(),
            mailboxes.clone(),
        );
        Self { worker, mailboxes }
    }

    /// What has come since this was last asked, in any order.
    pub(crate) async fn new_mails(&self) -> Vec<Mail> {
        self.worker.deliver_due().await.unwrap();
        std::mem::take(&mut *self.mailboxes.0.lock().unwrap())
    }

    /// The one mail that has come.
    pub(crate) async fn new_mail(&self) -> Mail {
        let mut mails = self.new_mails().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
    }

    /// The token in the one mail that has come.
    pub(crate) async fn token(&self) -> String {
        token(&self.new_mail().await)
    }
}

/// The token in the link of a mail.
pub(crate) fn token(mail: &Mail) -> String {
    let text = &mail.text;
    let after = text
        .split_once("token=")
        .or_else(|| text.split_once("/reset-password/"));
    let (token, _) = after.unwrap().1.split_once(['?', '&']).unwrap();
    token.to_owned()
}
