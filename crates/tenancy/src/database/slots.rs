//! The cap on concurrent transactions of one organization, so that one clinic cannot take the whole pool.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::BeginError;
use crate::id::OrganizationId;

/// Who is inside or waiting, by organization. An organization with nobody in it has no entry: the registry is never
/// larger than the number of requests in the process.
#[derive(Clone)]
pub(crate) struct Slots {
    registry: Arc<Mutex<HashMap<OrganizationId, Entry>>>,
    per_organization: usize,
    timeout: Duration,
}

struct Entry {
    semaphore: Arc<Semaphore>,
    visitors: usize,
}

/// A place among the transactions of an organization, until it is dropped. The fields drop in this order: the place
/// is free before the entry can go.
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
    _visit: Visit,
}

impl Slots {
    pub(super) fn new(per_organization: usize, timeout: Duration) -> Self {
        Self {
            registry: Arc::default(),
            per_organization,
            timeout,
        }
    }

    /// Waits for a place, first come, first served.
    pub(crate) async fn enter(&self, organization: OrganizationId) -> Result<Slot, BeginError> {
        let (visit, semaphore) = self.visit(organization);
        match tokio::time::timeout(self.timeout, semaphore.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Slot {
                _permit: permit,
                _visit: visit,
            }),
            // The semaphore is never closed, so this is the timeout.
            Ok(Err(_)) | Err(_) => Err(BeginError::Busy),
        }
    }

    fn visit(&self, organization: OrganizationId) -> (Visit, Arc<Semaphore>) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = registry.entry(organization).or_insert_with(|| Entry {
            semaphore: Arc::new(Semaphore::new(self.per_organization)),
            visitors: 0,
        });
        entry.visitors += 1;
        (
            Visit {
                slots: self.clone(),
                organization,
            },
            Arc::clone(&entry.semaphore),
        )
    }
}

/// Keeps an entry in the registry: from the moment somebody waits until everybody has left.
struct Visit {
    slots: Slots,
    organization: OrganizationId,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut registry = self.slots.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = registry.get_mut(&self.organization) {
            entry.visitors -= 1;
            if entry.visitors == 0 {
                registry.remove(&self.organization);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Entropy, RequestContext};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use time::macros::datetime;

    fn organizations<const N: usize>() -> [OrganizationId; N] {
        let context = RequestContext::new("slots", datetime!(2026-03-02 09:00 UTC), Entropy::seeded(1));
        std::array::from_fn(|_| context.new_id())
    }

    fn entries(slots: &Slots) -> usize {
        slots.registry.lock().unwrap().len()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn sixty_four_tasks_never_exceed_the_cap_and_leave_no_entry() {
        let slots = Slots::new(10, Duration::from_secs(30));
        let [organization] = organizations();
        let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));

        let tasks = (0..64).map(|_| {
            let (slots, inside, most) = (slots.clone(), Arc::clone(&inside), Arc::clone(&most));
            tokio::spawn(async move {
                for _ in 0..20 {
                    let slot = slots.enter(organization).await.unwrap();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(slot);
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }

        assert_eq!(most.load(Ordering::SeqCst), 10);
        assert_eq!(entries(&slots), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_is_told_that_the_organization_is_busy() {
        let slots = Slots::new(1, Duration::from_secs(5));
        let [one, other] = organizations();
        let held = slots.enter(one).await.unwrap();

        assert!(matches!(slots.enter(one).await, Err(BeginError::Busy)));
        assert!(slots.enter(other).await.is_ok());

        drop(held);
        assert!(slots.enter(one).await.is_ok());
        assert_eq!(entries(&slots), 0);
    }

    #[tokio::test]
    async fn places_are_given_in_the_order_of_asking() {
        let slots = Slots::new(1, Duration::from_secs(5));
        let [organization] = organizations();
        let order = Arc::new(Mutex::new(Vec::new()));
        let held = slots.enter(organization).await.unwrap();

        let mut tasks = Vec::new();
        for index in 0..8 {
            let (slots, order) = (slots.clone(), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                let _slot = slots.enter(organization).await.unwrap();
                order.lock().unwrap().push(index);
            }));
            tokio::task::yield_now().await;
        }
        drop(held);
        for task in tasks {
            task.await.unwrap();
        }

        assert_eq!(*order.lock().unwrap(), (0..8).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn one_who_gives_up_waiting_leaves_no_entry() {
        let slots = Slots::new(1, Duration::from_secs(5));
        let [organization] = organizations();
        let held = slots.enter(organization).await.unwrap();

        let waiting = tokio::time::timeout(Duration::from_millis(20), slots.enter(organization)).await;

        assert!(waiting.is_err());
        drop(held);
        assert_eq!(entries(&slots), 0);
    }
}
