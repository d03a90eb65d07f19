//! Addresses made up for tests: near to what is trusted, and around the corners of URLs.

use proptest::prelude::{Strategy, any as anything};
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::{collection, prop_oneof};
use url::Url;

use super::Origins;

const PIECES: &[&str] = &[
    "/",
    "/",
    "//",
    "/.",
    "/..",
    "\\",
    "@",
    ":",
    "?",
    "#",
    "&",
    ";",
    ".",
    "-",
    "%2f",
    "%5c",
    "%2e",
    "%00",
    "%09",
    "%40",
    "%23",
    "\t",
    "\n",
    "\r",
    "\u{0}",
    "\u{85}",
    " ",
    "http",
    "https",
    "HTTPS",
    "://",
    ":/",
    "javascript:",
    "data:",
    "blob:",
    "clinicapp",
    "clinic.test",
    "x.clinic.test",
    "X.Clinic.Test",
    ".clinic.test",
    "evil.test",
    "evil",
    "80",
    "443",
    "8443",
    "[::1]",
    "10.0.0.1",
    "10.0",
    "\u{ff0f}",
    "\u{ff0e}",
    "\u{3002}",
    "\u{ff03}",
    "\u{fc}",
    "\u{ad}",
    "\u{2f46}",
    "x",
];

/// What [`is_trusted`] tells in another way.
pub(crate) fn origins() -> Origins {
    let trusted = ["https://*.clinic.test", "10.0.*", "clinicapp://home"];
    Origins::new("http://clinic.test", trusted).unwrap()
}

/// Whether an address is on an origin of [`origins`].
pub(crate) fn is_trusted(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    match (url.scheme(), url.port()) {
        ("http", None) => host == "clinic.test" || host.starts_with("10.0."),
        ("https", None) => host.ends_with(".clinic.test") || host.starts_with("10.0."),
        ("clinicapp", None) => host == "home" && url.username().is_empty(),
        _ => false,
    }
}

/// Any text, most often one that begins as an address does.
pub(crate) fn any() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        20 => select(PIECES).prop_map(str::to_owned),
        1 => anything::<char>().prop_map(String::from),
    ];
    let start = select(
        &[
            "",
            "",
            "/",
            "/",
            "http://clinic.test",
            "https://x.clinic.test",
            "https://",
            "clinicapp://home",
        ][..],
    );
    (start, collection::vec(piece, 0..8)).prop_map(|(start, pieces)| format!("{start}{}", pieces.concat()))
}

#[test]
fn the_made_up_addresses_are_trusted_and_are_not() {
    let origins = origins();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let made: Vec<_> = std::iter::repeat_with(|| any().new_tree(&mut runner).unwrap().current())
        .take(1000)
        .collect();
    let passed = made
        .iter()
        .filter(|address| origins.may_redirect_to(address))
        .count();
    assert!((100..900).contains(&passed), "{passed}");
}
