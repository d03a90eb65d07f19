//! The one way in which anything is asked of a provider.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, Response, redirect, retry};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use url::{Host, Url, form_urlencoded};

use crate::Secret;
use crate::addresses::is_global;

/// An answer is a few kilobytes; this is for a large set of keys.
const LARGEST_ANSWER: usize = 256 * 1024;

/// How long a provider may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection, the name's address included.
    pub connect: Duration,
    /// For a request from its first byte to the last of the answer.
    pub request: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(10),
        }
    }
}

/// Asks one provider. It follows no redirect, keeps no cookies, uses no proxy of the environment, and reaches addresses
/// that are not everybody's only where that is allowed.
pub(crate) struct Http {
    client: Client,
    allows_private: bool,
}

/// What a provider answered.
pub(crate) struct Answer {
    /// The status; none of those that redirect.
    pub(crate) status: u16,
    /// The body; null where the status is an error and the body no JSON.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer, for the log: without a secret and without the query of the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct HttpError(String);

impl Http {
    pub(crate) fn new(tls: ClientConfig, limits: Limits, allows_private: bool) -> Result<Self, HttpError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Resolver { allows_private })
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .user_agent("wardkeep")
            .connect_timeout(limits.connect)
            .timeout(limits.request)
            .build()
            .map_err(|error| described(error, "the client"))?;
        Ok(Self {
            client,
            allows_private,
        })
    }

    /// Asks for a document.
    pub(crate) async fn get(&self, url: &Url) -> Result<Answer, HttpError> {
        self.send(url, self.client.get(url.clone())).await
    }

    /// Asks for what an access token opens.
    pub(crate) async fn get_with(&self, url: &Url, token: &Secret) -> Result<Answer, HttpError> {
        let request = self.client.get(url.clone()).bearer_auth(token.expose());
        self.send(url, request).await
    }

    /// Posts a form, with the client's id and secret in the header if they are given (RFC 6749, section 2.3.1).
    pub(crate) async fn post(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &Secret)>,
    ) -> Result<Answer, HttpError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut request = self
            .client
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        if let Some((id, secret)) = basic {
            request = request.basic_auth(form_encoded(id), Some(form_encoded(secret.expose())));
        }
        self.send(url, request).await
    }

    async fn send(&self, url: &Url, request: RequestBuilder) -> Result<Answer, HttpError> {
        let place = place(url);
        // A resolver is not asked about an address.
        if !self.allows_private && literal(url).is_some_and(|address| !is_global(address)) {
            return Err(HttpError(format!("{place}: {PRIVATE}")));
        }
        let response = request
            .header(ACCEPT, "application/json")
            .send()
            .await
            .map_err(|error| described(error, &place))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(HttpError(format!(
                "{place} redirects elsewhere, which is not followed: configure the final address"
            )));
        }
        let is_json = is_json(&response);
        let bytes = read(response, &place).await?;
        let body = match serde_json::from_slice(&bytes) {
            Ok(body) if is_json => body,
            _ if !status.is_success() => Value::Null,
            _ => {
                return Err(HttpError(format!(
                    "{place} answers with something other than JSON"
                )));
            }
        };
        Ok(Answer {
            status: status.as_u16(),
            body,
        })
    }
}

/// What is trusted to name the owner of a host: what the operating system trusts.
pub(crate) fn tls() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        tracing::warn!("the system trusts no certificates: no provider can be reached over https");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// The address itself, where a URL has one instead of a name, in whatever spelling.
pub(crate) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}

const PRIVATE: &str = "the address is private or special, and is not reached without allowPrivateAddresses";

/// Gives the addresses that may be connected to, and so leaves nothing to be resolved differently a moment later.
struct Resolver {
    allows_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allows_private = self.allows_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let usable: Vec<SocketAddr> = found
                .filter(|address| allows_private || is_global(address.ip()))
                .collect();
            if usable.is_empty() {
                return Err(PRIVATE.into());
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

fn is_json(response: &Response) -> bool {
    let header = response.headers().get(CONTENT_TYPE);
    let Some(kind) = header.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Counts what comes, whatever the header says.
async fn read(mut response: Response, place: &str) -> Result<Vec<u8>, HttpError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| described(error, place))? {
        if bytes.len().saturating_add(chunk.len()) > LARGEST_ANSWER {
            return Err(HttpError(format!(
                "{place} answers with more than {LARGEST_ANSWER} bytes"
            )));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Where something was asked, without the query.
fn place(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

fn described(error: reqwest::Error, place: &str) -> HttpError {
    if error.is_timeout() {
        return HttpError(format!("{place} does not answer in time"));
    }
    let error = error.without_url();
    let mut text = format!("{place}: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    HttpError(text)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::TcpListener;

    use super::*;

    fn http(allows_private: bool) -> Http {
        Http::new(tls().unwrap(), Limits::default(), allows_private).unwrap()
    }

    #[tokio::test]
    async fn a_private_address_itself_is_not_connected_to() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "[::ffff:127.0.0.1]"] {
            let url = Url::parse(&format!("http://{host}:{port}/?secret")).unwrap();
            let why = http(false).get(&url).await.err().unwrap().to_string();
            assert!(
                why.contains("private or special") && !why.contains("secret"),
                "{why}"
            );
        }
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    #[tokio::test]
    async fn a_name_has_the_addresses_that_may_be_connected_to() {
        let resolved = async |allows_private| {
            let resolver = Resolver { allows_private };
            resolver
                .resolve("localhost".parse().unwrap())
                .await
                .map(Iterator::count)
        };
        assert!(resolved(true).await.unwrap() > 0);
        assert_eq!(resolved(false).await.unwrap_err().to_string(), PRIVATE);
    }

    #[test]
    fn a_client_names_itself_in_a_form() {
        // RFC 6749, section 2.3.1: both are encoded before they meet at the colon.
        assert_eq!(form_encoded("a:b c/ä"), "a%3Ab+c%2F%C3%A4");
    }
}
