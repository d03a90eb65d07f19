use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use url::Url;

/// What stands at `/`: where the links in mails lead that name no page to go on to, and where somebody looks first. Public.
/// An application that asks for such a mail names a page of its own (`callbackURL`).
#[derive(Clone)]
pub(crate) struct StartPage(String);

impl StartPage {
    /// With links to the pages of development where they are. They open under their own address only, so the links say
    /// that; the others work wherever the page does.
    pub(crate) fn new(mailbox_of: Option<&Url>) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let mailbox = mailbox_of.map_or_else(String::new, |base| {
            let base = base.origin().ascii_serialization();
            format!(
                "<li><a href=\"{base}/dev/mailbox\">The mails of development</a></li>
<li><a href=\"{base}/dev/sign-in\">Signing in through providers</a> (development)</li>\n"
            )
        });
        Self(format!(
            "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>Wardkeep</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem; }}</style>
</head>
<body>
<h1>Wardkeep</h1>
<p>If a link in a mail brought you here, it has done its work. Go back to your application.</p>
<p>This is the server behind it, version {version}:</p>
<ul>
<li><a href=\"/openapi.json\">What it can be asked</a> (OpenAPI)</li>
<li><a href=\"/health/ready\">Whether it is ready</a></li>
{mailbox}</ul>
</body>
</html>
"
        ))
    }

    /// The answer to every request for it.
    pub(crate) fn answer(&self) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            ))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(self.0.clone())
    }
}
