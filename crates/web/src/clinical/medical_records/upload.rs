//! The content of a document on its way in: through an unnamed file, never as a whole in memory.

use std::collections::HashMap;
use std::io::{self, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LENGTH;
use futures_util::StreamExt as _;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::timeout;
use wardkeep_clinical::medical_records::documents::{Content, Examination, PIECE, Unfit};
use wardkeep_tenancy::OrganizationId;

use crate::body::{Crowded, Unread, media_type};
use crate::error::{ApiError, ApiResult};
use crate::state;

/// How long a content may take from its first byte to its last.
const DEADLINE: Duration = Duration::from_secs(300);
/// How long each piece of it may take: of a line that is dead it is known sooner.
const SILENCE: Duration = Duration::from_secs(30);
/// How many contents may be under way at once. Each has a file of as many bytes as a document may have.
const AT_ONCE: usize = 64;
/// How many of them may be of one organization: others always get through.
const OF_ONE: usize = 16;

/// How many bytes a content may have, unless it is said otherwise: 20 MiB.
const LIMIT: u64 = 20 << 20;

/// The contents that are under way. One is shared by all workers of a process.
#[derive(Debug, Clone)]
pub(crate) struct Uploads {
    limit: u64,
    places: Arc<Semaphore>,
    /// Those of the organizations that have some under way.
    shares: Arc<Mutex<HashMap<OrganizationId, Arc<Semaphore>>>>,
}

/// One of the places, given back when it is dropped.
struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_organization: OwnedSemaphorePermit,
}

impl Uploads {
    /// Contents of at most so many bytes.
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            places: Arc::new(Semaphore::new(AT_ONCE)),
            shares: Arc::default(),
        }
    }

    fn place(&self, organization: OrganizationId) -> Result<Place, Crowded> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        shares.retain(|_, share| share.available_permits() < OF_ONE);
        let share = shares
            .entry(organization)
            .or_insert_with(|| Arc::new(Semaphore::new(OF_ONE)));
        let take = |places: &Arc<Semaphore>| Arc::clone(places).try_acquire_owned().map_err(|_| Crowded);
        Ok(Place {
            _of_organization: take(share)?,
            _of_all: take(&self.places)?,
        })
    }
}

impl Default for Uploads {
    fn default() -> Self {
        Self::new(LIMIT)
    }
}

/// A content that has come as a whole. Its file has no name, and is gone with this.
pub(super) struct Upload {
    /// What it is.
    pub(super) content: Content,
    file: File,
    _place: Place,
}

impl Upload {
    /// Receives the body of a request in this organization, whatever media type it says that it has.
    pub(super) async fn receive(
        request: &HttpRequest,
        payload: Payload,
        organization: OrganizationId,
    ) -> ApiResult<Self> {
        let uploads = state::of(request)?.uploads();
        let limit = uploads.limit;
        let announced = announced(request);
        if announced.is_some_and(|length| length > limit) {
            return Err(unfit(Unfit::TooLarge(limit)));
        }
        let place = uploads.place(organization)?;
        let mut file = unnamed().await.map_err(disk)?;
        let examination = timeout(DEADLINE, copy(payload, Examination::new(limit), &mut file)).await;
        let examination = examination.map_err(|_| ApiError::too_slow())??;
        if announced.is_some_and(|length| length != examination.size()) {
            return Err(ApiError::unread(Unread::Broken));
        }
        let claimed = media_type(request).1;
        let content = examination.end(Some(&claimed)).map_err(unfit)?;
        file.seek(SeekFrom::Start(0)).await.map_err(disk)?;
        Ok(Self {
            content,
            file,
            _place: place,
        })
    }

    /// The next [`PIECE`] bytes, or what is left.
    pub(super) async fn next(&mut self) -> io::Result<Vec<u8>> {
        let mut piece = Vec::with_capacity(PIECE);
        (&mut self.file)
            .take(PIECE as u64)
            .read_to_end(&mut piece)
            .await?;
        Ok(piece)
    }
}

/// Writes what comes to the file, and looks at it on the way. Who sends fast is not worked for without a break: the other
/// requests of the worker have their turn after each piece.
async fn copy(mut payload: Payload, mut examination: Examination, file: &mut File) -> ApiResult<Examination> {
    loop {
        let next = timeout(SILENCE, payload.next()).await;
        let Some(bytes) = next.map_err(|_| ApiError::too_slow())? else {
            break;
        };
        let bytes = bytes.map_err(|_| ApiError::unread(Unread::Broken))?;
        examination.take(&bytes).map_err(unfit)?;
        file.write_all(&bytes).await.map_err(disk)?;
        yield_now().await;
    }
    file.flush().await.map_err(disk)?;
    Ok(examination)
}

/// A file that is in no folder, so that nothing is left of it, whatever becomes of the process.
async fn unnamed() -> io::Result<File> {
    let made = spawn_blocking(tempfile::tempfile).await;
    Ok(File::from_std(made.map_err(io::Error::other)??))
}

fn announced(request: &HttpRequest) -> Option<u64> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

fn disk(error: io::Error) -> ApiError {
    ApiError::from_status(StatusCode::INTERNAL_SERVER_ERROR).caused_by(error)
}

fn unfit(unfit: Unfit) -> ApiError {
    let (status, code) = match &unfit {
        Unfit::Empty => (StatusCode::BAD_REQUEST, "EMPTY_CONTENT"),
        Unfit::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "CONTENT_TOO_LARGE"),
        Unfit::Unsupported(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
        Unfit::Mismatch { .. } => (StatusCode::BAD_REQUEST, "MEDIA_TYPE_MISMATCH"),
    };
    ApiError::new(status, code, unfit.to_string())
}
