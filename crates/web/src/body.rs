//! Reading the bytes of a body, no more than allowed and no longer than allowed.

use std::future::ready;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpRequest, error::PayloadError};
use futures_util::{StreamExt as _, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wardkeep_tenancy::{Fault, FaultKind};

use crate::State;

/// How long a body may take from the end of the headers to its last byte. A slow line sends the 1 MiB that is allowed
/// in that time; who takes longer would hold a connection and its memory for nothing.
const DEADLINE: Duration = Duration::from_secs(30);

/// What every body may hold while it comes, whoever sends it: a sign-in always gets through.
const FREE: usize = 16 * 1024;
const KIBIBYTE: usize = 1024;
/// How much all bodies that are under way may hold beyond that, in KiB. Anybody can begin to send one, on any number of
/// connections, and take 30 seconds to go on.
const ROOM: usize = 64 * 1024;

/// The room for large bodies that are under way. One is shared by all workers of a process.
#[derive(Debug, Clone)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM)))
    }
}

impl Room {
    /// Makes room for a body of this length, or says that there is none.
    fn hold(&self, held: &mut Option<OwnedSemaphorePermit>, length: usize) -> Result<(), Unread> {
        let needed = length.saturating_sub(FREE).div_ceil(KIBIBYTE);
        let more = needed.saturating_sub(held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
        let more = u32::try_from(more).map_err(|_| Unread::Crowded)?;
        let permit = Arc::clone(&self.0).try_acquire_many_owned(more);
        let permit = permit.map_err(|_| Unread::Crowded)?;
        match held {
            Some(held) => held.merge(permit),
            None => *held = Some(permit),
        }
        Ok(())
    }
}

/// Too many large bodies are under way.
#[derive(Debug, thiserror::Error)]
#[error("too many large bodies are under way")]
pub(crate) struct Crowded;

impl Fault for Crowded {
    fn kind(&self) -> FaultKind {
        FaultKind::Unavailable
    }

    fn code(&self) -> &'static str {
        "SERVER_BUSY"
    }
}

/// Why a body could not be read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It has more bytes than [`State::with_body_limit`] allows.
    TooLarge,
    /// It broke off.
    Broken,
    /// It was not there within 30 seconds.
    TooSlow,
    /// There is no room for it at the moment.
    Crowded,
}

/// Reads the whole body.
pub(crate) async fn read(request: &HttpRequest, payload: Payload) -> Result<Bytes, Unread> {
    tokio::time::timeout(DEADLINE, read_all(request, payload))
        .await
        .unwrap_or(Err(Unread::TooSlow))
}

/// Waits for the whole body. What is returned yields the same bytes, or the same error, at once.
pub(crate) async fn await_whole(request: &HttpRequest, payload: Payload) -> Payload {
    match read(request, payload).await {
        Ok(body) => Payload::from(body),
        Err(unread) => {
            let error = match unread {
                Unread::TooLarge => PayloadError::Overflow,
                Unread::Broken => PayloadError::Incomplete(None),
                Unread::TooSlow => PayloadError::Io(io::ErrorKind::TimedOut.into()),
                Unread::Crowded => PayloadError::Io(io::ErrorKind::ResourceBusy.into()),
            };
            Payload::Stream {
                payload: Box::pin(stream::once(ready(Err(error)))),
            }
        }
    }
}

async fn read_all(request: &HttpRequest, mut payload: Payload) -> Result<Bytes, Unread> {
    let state = request.app_data::<State>();
    let limit = state.map_or(crate::BODY_LIMIT, State::body_limit);
    let room = state.map(State::room).cloned().unwrap_or_default();
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Unread::TooLarge);
    }
    let (mut body, mut held) = (BytesMut::new(), None);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => Unread::TooLarge,
            PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut => Unread::TooSlow,
            PayloadError::Io(error) if error.kind() == io::ErrorKind::ResourceBusy => Unread::Crowded,
            _ => Unread::Broken,
        })?;
        if body.len() + chunk.len() > limit {
            return Err(Unread::TooLarge);
        }
        room.hold(&mut held, body.len() + chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The media type of a request as it was sent, and in lower case without parameters.
pub(crate) fn media_type(request: &HttpRequest) -> (String, String) {
    let sent = request
        .headers()
        .get(CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let sent = sent.unwrap_or_default();
    let essence = sent
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    (sent, essence)
}
