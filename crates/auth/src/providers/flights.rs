//! One refresh per account at a time, in this process.
//!
//! A provider that rotates refresh tokens takes each once, and may void all of them when one comes twice (RFC 9700, section
//! 4.14.2). Whoever asks while a refresh is under way therefore gets what that one gives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use wardkeep_tenancy::UserId;

use super::TokenError;
use super::tokens::Renewed;
use crate::accounts::AccountId;

/// An account, and whose: nobody shares what is another's.
pub(super) type Whose = (UserId, AccountId);

/// The refreshes that are under way.
#[derive(Default)]
pub(crate) struct Refreshes(Mutex<HashMap<Whose, Arc<Flight>>>);

/// One refresh. Whoever gets the lock first does it, the others find what it gave.
type Flight = tokio::sync::Mutex<Option<Result<Renewed, TokenError>>>;

impl Refreshes {
    /// Waits for the refresh that is under way when this is called, or makes one. It goes on when the caller does not: else
    /// a new refresh token would be lost with a request that was given up.
    pub(super) async fn share<F>(self: Arc<Self>, whose: Whose, refresh: F) -> Result<Renewed, TokenError>
    where
        F: Future<Output = Result<Renewed, TokenError>> + Send + 'static,
    {
        let flight = self.join(whose);
        let task = tokio::spawn(async move {
            let mut given = flight.lock().await;
            if let Some(given) = &*given {
                return given.clone();
            }
            let outcome = refresh.await;
            *given = Some(outcome.clone());
            self.land(whose, &flight);
            outcome
        });
        task.await.unwrap_or(Err(TokenError::Interrupted))
    }

    fn join(&self, whose: Whose) -> Arc<Flight> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(flights.entry(whose).or_default())
    }

    /// Whoever asks from now on wants another refresh.
    fn land(&self, whose: Whose, landed: &Arc<Flight>) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if flights
            .get(&whose)
            .is_some_and(|flight| Arc::ptr_eq(flight, landed))
        {
            flights.remove(&whose);
        }
    }
}
