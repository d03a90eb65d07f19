//! What a provider publishes, kept for a while.

use std::sync::{Arc, PoisonError, RwLock};

use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

use crate::ProviderError;

const FRESH: Duration = Duration::HOUR;
/// How long something old is used without asking again, after the provider did not answer.
const PAUSE: Duration = Duration::seconds(30);
/// How often something fresh is asked for again, because it seems not to be all.
const AGAIN: Duration = Duration::MINUTE;

/// Something that is fetched once for all who ask at the same time. What is old is used on where nothing new can be had;
/// who waited for somebody else's failure shares it, and the next one tries again.
pub(crate) struct Cache<T> {
    held: RwLock<Held<T>>,
    fetching: Mutex<()>,
}

struct Held<T> {
    value: Option<(Arc<T>, OffsetDateTime)>,
    tried: Option<OffsetDateTime>,
    failures: usize,
    failure: Option<ProviderError>,
}

enum Found<T> {
    Fresh(Arc<T>),
    Old(Arc<T>),
    Nothing { failures: usize },
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        let held = Held {
            value: None,
            tried: None,
            failures: 0,
            failure: None,
        };
        Self {
            held: RwLock::new(held),
            fetching: Mutex::new(()),
        }
    }
}

impl<T> Cache<T> {
    /// What is held, or what is fetched. Without a time whatever is held will do.
    pub(crate) async fn get(
        &self,
        now: Option<OffsetDateTime>,
        fetch: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<Arc<T>, ProviderError> {
        let before = match self.find(now) {
            Found::Fresh(value) => return Ok(value),
            Found::Old(value) => {
                let Ok(_one) = self.fetching.try_lock() else {
                    return Ok(value);
                };
                return Ok(self.fetch(now, fetch).await.unwrap_or_else(|error| {
                    go_on(&error);
                    value
                }));
            }
            Found::Nothing { failures } => failures,
        };
        let _one = self.fetching.lock().await;
        match self.find(now) {
            Found::Fresh(value) | Found::Old(value) => Ok(value),
            Found::Nothing { failures } if failures != before => Err(self.last_failure()),
            Found::Nothing { .. } => self.fetch(now, fetch).await,
        }
    }

    /// Something newer than this, if it can be had: at most once a minute somebody asks for it.
    pub(crate) async fn newer(
        &self,
        than: &Arc<T>,
        now: OffsetDateTime,
        fetch: impl Future<Output = Result<T, ProviderError>>,
    ) -> Option<Arc<T>> {
        if let Some(value) = self.other(than) {
            return Some(value);
        }
        if self.tried_since(now - AGAIN) {
            return None;
        }
        let _one = self.fetching.lock().await;
        if let Some(value) = self.other(than) {
            return Some(value);
        }
        if self.tried_since(now - AGAIN) {
            return None;
        }
        self.fetch(Some(now), fetch).await.inspect_err(go_on).ok()
    }

    async fn fetch(
        &self,
        now: Option<OffsetDateTime>,
        fetch: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<Arc<T>, ProviderError> {
        let fetched = fetch.await.map(Arc::new);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.tried = now;
        match &fetched {
            // Fetched at nobody knows what time, it is fetched again by the next who knows.
            Ok(value) => {
                let at = now.unwrap_or(OffsetDateTime::UNIX_EPOCH);
                held.value = Some((Arc::clone(value), at));
            }
            Err(error) => {
                held.failures = held.failures.wrapping_add(1);
                held.failure = Some(error.clone());
            }
        }
        fetched
    }

    fn find(&self, now: Option<OffsetDateTime>) -> Found<T> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        match (&held.value, now) {
            (None, _) => Found::Nothing {
                failures: held.failures,
            },
            (Some((value, _)), None) => Found::Fresh(Arc::clone(value)),
            (Some((value, at)), Some(now)) => {
                let paused = held.tried.is_some_and(|tried| tried > *at && now < tried + PAUSE);
                if now < *at + FRESH || paused {
                    Found::Fresh(Arc::clone(value))
                } else {
                    Found::Old(Arc::clone(value))
                }
            }
        }
    }

    fn other(&self, than: &Arc<T>) -> Option<Arc<T>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let (value, _) = held.value.as_ref()?;
        (!Arc::ptr_eq(value, than)).then(|| Arc::clone(value))
    }

    fn tried_since(&self, time: OffsetDateTime) -> bool {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.tried.is_some_and(|tried| tried > time)
    }

    fn last_failure(&self) -> ProviderError {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let none = || ProviderError::Unavailable("it could not be reached a moment ago".to_owned());
        held.failure.clone().unwrap_or_else(none)
    }
}

/// What no caller hears of, who would log it.
fn go_on(error: &ProviderError) {
    tracing::warn!(%error, "what a provider publishes could not be had anew: what is known is used on");
}
