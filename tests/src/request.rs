//! Requests and answers.

use actix_web::body::to_bytes;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, COOKIE, HeaderMap, ORIGIN as ORIGIN_HEADER};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::{App, ORIGIN, Person};

/// A request to be made. Nothing is sent before [`Request::send`].
#[must_use = "nothing is sent before send()"]
pub struct Request<'a> {
    app: &'a App,
    request: TestRequest,
}

impl<'a> Request<'a> {
    pub(crate) fn new(app: &'a App, method: Method, path: &str) -> Self {
        Self {
            app,
            request: TestRequest::with_uri(path).method(method),
        }
    }

    /// Sends the cookie of this person, from a page of the application.
    pub fn by(self, person: &Person) -> Self {
        self.cookie(&person.cookie)
    }

    /// Sends this cookie, from a page of the application.
    pub fn cookie(self, cookie: &str) -> Self {
        self.header(COOKIE.as_str(), cookie)
            .header(ORIGIN_HEADER.as_str(), ORIGIN)
    }

    /// Names the organization.
    pub fn organization(self, id: &str) -> Self {
        self.header("organization-id", id)
    }

    /// Sends an entity tag in `If-Match`.
    pub fn if_match(self, tag: &str) -> Self {
        self.header("if-match", tag)
    }

    /// Comes from this address and port.
    pub fn from(mut self, peer: &str) -> Self {
        self.request = self
            .request
            .peer_addr(peer.parse().expect("an address with a port"));
        self
    }

    /// Sends a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.append_header((name, value));
        self
    }

    /// Sends a JSON body.
    pub fn json(self, body: Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sends a body of another kind.
    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body: Vec<u8> = body.into();
        self.request = self
            .request
            .append_header((CONTENT_TYPE, media_type))
            .set_payload(body);
        self
    }

    /// Makes the request.
    pub async fn send(self) -> Answer {
        let response = self.app.call(self.request).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = to_bytes(response.into_body())
            .await
            .expect("a body in memory does not break off");
        let text = String::from_utf8(body.to_vec()).expect("answers are UTF-8");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            text,
            body,
        }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
    /// The body as JSON; null if it is none.
    pub body: Value,
}

impl Answer {
    /// The same, if it has this status; anything else fails the test and shows the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The stable code of a refusal; empty if there is none.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// A header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The cookie that was set, as a browser sends it back.
    pub fn session_cookie(&self) -> Option<String> {
        let cookies = self
            .headers
            .get_all("set-cookie")
            .filter_map(|cookie| cookie.to_str().ok());
        let session = cookies.filter(|cookie| cookie.starts_with("better-auth.session_token="));
        session
            .filter_map(|cookie| cookie.split(';').next())
            .map(str::to_owned)
            .next()
    }

    /// What a snapshot shows: the status, the headers that the API promises, and the body.
    pub fn shown(&self) -> Value {
        let promised = ["content-type", "etag", "location", "allow", "retry-after"];
        let headers: Value = promised
            .into_iter()
            .filter(|name| self.headers.contains_key(*name))
            .map(|name| (name.to_owned(), json!(self.header(name))))
            .collect::<serde_json::Map<_, _>>()
            .into();
        json!({ "status": self.status, "headers": headers, "body": self.body })
    }
}
