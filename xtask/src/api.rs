//! Calling the server as a browser would, with a cookie jar.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

use crate::failure::{Failure, OrFail};

const TIMEOUT: Duration = Duration::from_secs(30);
/// What to do when the server does not answer.
const NEXT: &str = "look at the server's log";

/// One browser: its cookies, and the organization its tab is about.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    base_url: String,
    origin: String,
    cookies: BTreeMap<String, String>,
    organization: Option<String>,
    version: Option<String>,
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The body; null when it is empty or no JSON.
    pub(crate) body: Value,
}

/// A file that the server sent.
pub(crate) struct Download {
    /// What the browser is told to do with it.
    pub(crate) disposition: String,
    pub(crate) file: Vec<u8>,
}

impl Answer {
    /// A text in the body, by its JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.body.pointer(pointer).and_then(Value::as_str)
    }

    /// The text that must be there.
    pub(crate) fn expect_text(&self, pointer: &str) -> Result<String, Failure> {
        let found = self.text(pointer).map(str::to_owned);
        found.ok_or_else(|| Failure::new(format!("no {pointer} in the answer {}", self.body), NEXT))
    }
}

impl Client {
    /// A browser that was never here.
    pub(crate) fn new(base_url: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .build();
        Self {
            agent: config.into(),
            base_url: base_url.to_owned(),
            origin: base_url.to_owned(),
            cookies: BTreeMap::new(),
            organization: None,
            version: None,
        }
    }

    /// The same browser on pages of this origin, where the server is reached otherwise than browsers do.
    pub(crate) fn with_origin(self, origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            ..self
        }
    }

    /// The same browser in a tab about one organization, whatever the session's active one is.
    pub(crate) fn in_organization(&self, id: &str) -> Self {
        Self {
            organization: Some(id.to_owned()),
            ..self.clone()
        }
    }

    /// The same browser with a record of this version on its screen: changes say `If-Match`.
    pub(crate) fn at_version(&self, etag: &str) -> Self {
        Self {
            version: Some(etag.to_owned()),
            ..self.clone()
        }
    }

    /// The same browser with this answer on its screen.
    pub(crate) fn seeing(&self, record: &Answer) -> Self {
        let version = record.body.get("version").and_then(Value::as_u64);
        self.at_version(&format!("\"{}\"", version.unwrap_or_default()))
    }

    /// Where the server is.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Whether the server can serve.
    pub(crate) fn is_ready(&self) -> bool {
        let answer = self.agent.get(format!("{}/health/ready", self.base_url)).call();
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// A GET.
    pub(crate) fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        self.call("GET", path, None)
    }

    /// A POST of JSON.
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.call("POST", path, Some(body))
    }

    /// A POST that must succeed.
    pub(crate) fn must_post(&mut self, path: &str, body: &Value) -> Result<Answer, Failure> {
        must(path, self.post(path, body)?)
    }

    /// A GET that must succeed.
    pub(crate) fn must_get(&mut self, path: &str) -> Result<Answer, Failure> {
        must(path, self.get(path)?)
    }

    /// Any request that must succeed.
    pub(crate) fn must_call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        must(path, self.call(method, path, body)?)
    }

    /// Any request.
    pub(crate) fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Failure> {
        let text = body.map(Value::to_string);
        let json = text.as_ref().map(|text| ("application/json", text.as_bytes()));
        self.answer(method, path, json)
    }

    /// A PUT of a file.
    pub(crate) fn upload(&mut self, path: &str, media_type: &str, file: &[u8]) -> Result<Answer, Failure> {
        self.answer("PUT", path, Some((media_type, file)))
    }

    /// A GET of a file.
    pub(crate) fn download(&mut self, path: &str) -> Result<Download, Failure> {
        let mut response = self.send("GET", path, None)?;
        let disposition = response.headers().get("content-disposition");
        let disposition = disposition.and_then(|value| value.to_str().ok());
        let disposition = disposition.unwrap_or_default().to_owned();
        let file = response.body_mut().read_to_vec();
        Ok(Download {
            disposition,
            file: file.or_fail(&format!("could not read {path}"), NEXT)?,
        })
    }

    fn answer(&mut self, method: &str, path: &str, body: Option<(&str, &[u8])>) -> Result<Answer, Failure> {
        let mut response = self.send(method, path, body)?;
        let text = response.body_mut().read_to_string();
        let text = text.or_fail(&format!("could not read the answer to {method} {path}"), NEXT)?;
        Ok(Answer {
            status: response.status().as_u16(),
            body: serde_json::from_str(&text).unwrap_or_default(),
        })
    }

    /// With the origin that a page of ours has: a changing request with cookies is refused without.
    fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<(&str, &[u8])>,
    ) -> Result<Response<Body>, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .header("origin", &self.origin);
        if !self.cookies.is_empty() {
            let jar: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header("cookie", jar.join("; "));
        }
        if let Some(organization) = &self.organization {
            request = request.header("organization-id", organization);
        }
        if let Some(version) = &self.version {
            request = request.header("if-match", version);
        }
        let what = format!("could not call {method} {path}");
        let response = match body {
            None => request
                .body(())
                .or_fail(&what, NEXT)
                .and_then(|request| self.agent.run(request).or_fail(&what, NEXT)),
            Some((media_type, body)) => request
                .header("content-type", media_type)
                .body(body)
                .or_fail(&what, NEXT)
                .and_then(|request| self.agent.run(request).or_fail(&what, NEXT)),
        }?;
        self.keep_cookies(&response);
        Ok(response)
    }

    fn keep_cookies(&mut self, response: &Response<Body>) {
        for line in response
            .headers()
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok())
        {
            let mut parts = line.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if parts.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0")) {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn must(path: &str, answer: Answer) -> Result<Answer, Failure> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    Err(Failure::new(
        format!("{path} answered {} {}", answer.status, answer.body),
        "look at the server's log; an older database may be in the way: `cargo xtask migrate fresh`",
    ))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::Client;

    #[test]
    fn a_request_names_the_origin_of_the_page_and_goes_to_the_server() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let mut asked = vec![0; 4096];
            let (mut connection, _) = listener.accept().unwrap();
            let length = connection.read(&mut asked).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            connection.write_all(answer).unwrap();
            String::from_utf8_lossy(&asked[..length]).to_lowercase()
        });

        let mut browser = Client::new(&base).with_origin("http://localhost:4311");
        assert_eq!(browser.get("/").unwrap().status, 200);

        let asked = server.join().unwrap();
        assert!(asked.contains("\r\norigin: http://localhost:4311\r\n"), "{asked}");
        assert!(asked.contains("\r\nhost: 127.0.0.1:"), "{asked}");
    }
}
