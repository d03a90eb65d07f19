//! Somebody with a browser: follows redirects, fills in forms, and keeps the cookies of each site apart.

use std::collections::BTreeMap;

use serde_json::Value;
use ureq::http::{HeaderMap, Request, Response, StatusCode};
use ureq::{Agent, Body, RequestExt as _};
use url::Url;

/// More than any way takes.
const MOST_REDIRECTS: usize = 20;

/// A browser without script.
#[derive(Clone)]
pub(super) struct Visitor {
    agent: Agent,
    /// Of each site, by names.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// Where a visitor has come to.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) url: Url,
    pub(super) status: StatusCode,
    pub(super) body: String,
    headers: HeaderMap,
}

impl Visitor {
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false);
        Self {
            agent: config.build().into(),
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address, and goes wherever it leads.
    pub(super) fn open(&mut self, url: &Url) -> Page {
        self.open_until(url, |_| false)
    }

    /// The same, but stops before an address that `is_enough`: that page is not asked for, and the one that leads there is
    /// returned.
    pub(super) fn open_until(&mut self, url: &Url, is_enough: impl Fn(&Url) -> bool) -> Page {
        let page = self.send(Request::get(url.as_str()), url, String::new());
        self.follow(page, is_enough)
    }

    /// Sends the form of a page, and goes wherever it leads.
    pub(super) fn submit(
        &mut self,
        page: &Page,
        fields: &[(&str, &str)],
        is_enough: impl Fn(&Url) -> bool,
    ) -> Page {
        let action = page.attribute("<form ", "action").expect("there is a form");
        let url = page.url.join(&action).unwrap();
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::post(url.as_str())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", page.url.origin().ascii_serialization());
        let page = self.send(request, &url, form);
        self.follow(page, is_enough)
    }

    /// Asks as a program of the site does.
    pub(super) fn ask(&mut self, method: &str, url: &Url, body: &Value) -> (StatusCode, Value) {
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("origin", url.origin().ascii_serialization());
        if !body.is_null() {
            request = request.header("content-type", "application/json");
        }
        let page = self.send(request, url, text);
        let body = serde_json::from_str(&page.body).unwrap_or(Value::Null);
        (page.status, body)
    }

    fn follow(&mut self, mut page: Page, is_enough: impl Fn(&Url) -> bool) -> Page {
        for _ in 0..MOST_REDIRECTS {
            match page.leads_to() {
                Some(next) if !is_enough(&next) => {
                    page = self.send(Request::get(next.as_str()), &next, String::new());
                }
                _ => return page,
            }
        }
        panic!("there is no end to it: {}", page.url);
    }

    fn send(&mut self, request: ureq::http::request::Builder, url: &Url, body: String) -> Page {
        let site = url.origin().ascii_serialization();
        let jar = self.cookies.entry(site).or_default();
        let cookies: Vec<_> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = if cookies.is_empty() {
            request
        } else {
            request.header("cookie", cookies.join("; "))
        };
        let request = request.body(body).unwrap();
        let answer = request.with_agent(&self.agent).run();
        let answer: Response<Body> = answer.unwrap_or_else(|error| panic!("{url}: {error}"));
        let (parts, mut body) = answer.into_parts();
        for line in parts.headers.get_all("set-cookie") {
            let (pair, _) = line.to_str().unwrap().split_once(';').expect("it has attributes");
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        Page {
            url: url.clone(),
            status: parts.status,
            body: body.read_to_string().unwrap(),
            headers: parts.headers,
        }
    }
}

impl Page {
    /// Where a redirect leads.
    pub(super) fn leads_to(&self) -> Option<Url> {
        let location = self
            .headers
            .get("location")
            .filter(|_| self.status.is_redirection())?;
        Some(self.url.join(location.to_str().unwrap()).unwrap())
    }

    /// An attribute of the first element that begins so.
    pub(super) fn attribute(&self, element: &str, name: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(element)?;
        let (element, _) = rest.split_once('>')?;
        let (_, value) = element.split_once(&format!("{name}=\""))?;
        let (value, _) = value.split_once('"')?;
        Some(value.replace("&amp;", "&"))
    }

    /// Path and query.
    pub(super) fn path(&self) -> String {
        let query = self.url.query().map(|query| format!("?{query}"));
        format!("{}{}", self.url.path(), query.unwrap_or_default())
    }
}
