//! Contents of documents that come slowly, or never.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::App;
use actix_web::dev::{Payload, Service as _};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, COOKIE, IF_MATCH, ORIGIN};
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service, read_body_json};
use actix_web::web::Bytes;
use futures_util::{Stream, stream};
use serde_json::{Value, json};
use tokio::time::{Instant, Sleep, pause, resume, sleep};
use wardkeep_web::{configure, surround};

use crate::world::{BASE, World};

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>>;

/// One piece, and then another after each so long a time, by a clock that goes on by itself until the content is given up.
struct Slow {
    period: Duration,
    begun: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    waited: Rc<Cell<Duration>>,
}

impl Stream for Slow {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.begun.is_none() {
            pause();
            self.begun = Some(Instant::now());
            return Poll::Ready(Some(piece()));
        }
        let period = self.period;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(period)));
        ready!(timer.as_mut().poll(context));
        self.timer = None;
        Poll::Ready(Some(piece()))
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.waited
            .set(self.begun.map(|begun| begun.elapsed()).unwrap_or_default());
        resume();
    }
}

/// Sends a content to a new document; the answer, and how many documents have a content then.
async fn put(pieces: Pieces, length: Option<&str>) -> (StatusCode, Value, i64) {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let north = world.test.organization("North").await;
    world.test.member(north, ana.user().await.unwrap(), "owner").await;
    let application = App::new()
        .wrap(from_fn(surround))
        .configure(configure(world.state.clone()));
    let service = init_service(application).await;
    let request = |request: TestRequest| {
        let request = request
            .insert_header((ORIGIN, BASE))
            .insert_header((COOKIE, ana.header()));
        request.insert_header(("organization-id", north.to_string()))
    };
    let patient = request(TestRequest::post().uri("/api/v1/patients"));
    let patient = patient.set_json(json!({ "firstName": "Ana", "lastName": "Brandt" }));
    let patient: Value = read_body_json(service.call(patient.to_request()).await.unwrap()).await;
    let document = request(TestRequest::post().uri("/api/v1/medical-records"));
    let document = document.set_json(json!({
        "patientId": patient["id"], "category": "document", "code": { "text": "letter" },
    }));
    let document: Value = read_body_json(service.call(document.to_request()).await.unwrap()).await;
    let path = format!(
        "/api/v1/medical-records/{}/content",
        document["id"].as_str().unwrap()
    );
    let put = request(TestRequest::put().uri(&path)).insert_header((IF_MATCH, "\"1\""));
    let put = match length {
        Some(length) => put.insert_header((CONTENT_LENGTH, length)),
        None => put,
    };
    let mut put = put.to_request();
    *put.payload() = Payload::Stream { payload: pieces };
    let response = service.call(put).await.unwrap();
    let status = response.status();
    let body = read_body_json(response).await;
    (status, body, world.count("medical_record_chunks").await)
}

fn piece() -> Result<Bytes, PayloadError> {
    Ok(Bytes::from_static(b"a letter"))
}

#[actix_web::test]
async fn a_content_is_waited_for_30_seconds_a_piece_and_5_minutes_in_all() {
    for (period, given_up) in [(31, 30), (29, 300)] {
        let waited = Rc::new(Cell::new(Duration::ZERO));
        let slow = Slow {
            period: Duration::from_secs(period),
            begun: None,
            timer: None,
            waited: Rc::clone(&waited),
        };

        let (status, body, stored) = put(Box::pin(slow), None).await;

        assert_eq!(status, StatusCode::REQUEST_TIMEOUT, "{body}");
        assert_eq!((body["code"].as_str(), stored), (Some("REQUEST_TIMEOUT"), 0));
        let waited = waited.get().as_secs();
        assert!((given_up..given_up + 2).contains(&waited), "{waited}");
    }
}

#[actix_web::test]
async fn a_content_that_breaks_off_or_is_not_as_long_as_it_says_is_not_stored() {
    let broken = || Err(PayloadError::Incomplete(None));
    for (pieces, length) in [
        (vec![piece(), broken()], None),
        (vec![broken()], None),
        (vec![piece()], Some("9")),
        (vec![piece()], Some("7")),
    ] {
        let (status, body, stored) = put(Box::pin(stream::iter(pieces)), length).await;

        assert_eq!(
            (status, body["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some("BAD_REQUEST"))
        );
        assert_eq!(stored, 0);
    }
    let (status, _, stored) = put(Box::pin(stream::iter([piece(), piece()])), Some("16")).await;
    assert_eq!((status, stored), (StatusCode::CREATED, 1));
}
