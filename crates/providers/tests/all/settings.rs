//! What an operator may say, and what is answered.

use serde_json::{Value, json};
use wardkeep_providers::{Providers, Settings};

use crate::apple::key;

fn refused(json: &Value) -> String {
    Settings::read(&json.to_string()).unwrap_err().to_string()
}

fn entry(more: Value) -> Value {
    let usual = json!({"issuer": "https://id.clinic.example/realms/staff", "clientId": "wardkeep", "clientSecret": "s3cret"});
    crate::support::merged(usual, more)
}

#[test]
fn each_kind_is_read() {
    let (_, pem) = key();
    let all = json!({
        "google": {"clientId": ["web", "ios"], "clientSecret": "s", "hostedDomain": "clinic.example"},
        "github": {"clientId": "c", "clientSecret": "s"},
        "microsoft": {"clientId": "c", "clientSecret": "s", "tenantId": "clinic.onmicrosoft.com"},
        "apple": {"clientId": "c", "teamId": "t", "keyId": "k", "privateKey": pem.replace('\n', "\\n")},
        "keycloak": entry(json!({"name": "Staff", "tokenEndpointAuthMethod": "client_secret_post"})),
        "public": entry(json!({"clientSecret": null, "tokenEndpointAuthMethod": "none"})),
        "forge": {
            "authorizationEndpoint": "https://forge.example/a", "tokenEndpoint": "https://forge.example/t",
            "userinfoEndpoint": "https://forge.example/u", "clientId": "c", "clientSecret": "s",
            "profile": {"subject": "id"},
        },
    });

    let settings = Settings::read(&all.to_string()).unwrap();

    let providers = Providers::new(settings).unwrap();
    let named: Vec<_> = providers
        .iter()
        .map(|provider| (provider.id(), provider.name()))
        .collect();
    let expected = [
        ("apple", "Apple"),
        ("forge", "forge"),
        ("github", "GitHub"),
        ("google", "Google"),
        ("keycloak", "Staff"),
        ("microsoft", "Microsoft"),
        ("public", "public"),
    ];
    assert_eq!(named, expected);
    assert!(Settings::read("{}").unwrap().is_empty());
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let refused = refused(&json!({
        "google": {"clientid": "c", "trustEmail": "yes"},
        "own": entry(json!({"issuer": "http://id.clinic.example"})),
        "Forge": {},
    }));

    let lines: Vec<&str> = refused.lines().collect();
    let expected = [
        "provider \"Forge\": the id is part of addresses",
        "provider \"google\": trustEmail is neither true nor false",
        "provider \"google\": clientId is missing: register Wardkeep",
        "provider \"google\": clientSecret is missing: register Wardkeep",
        "provider \"google\": clientid is no key of such a provider: is clientId meant?",
        "provider \"own\": issuer begins with http:",
    ];
    assert_eq!(lines.len(), expected.len(), "{refused}");
    for start in expected {
        assert!(
            lines.iter().any(|line| line.starts_with(start)),
            "{start} in {refused}"
        );
    }
}

#[test]
fn a_wrong_value_is_refused_with_its_remedy() {
    for (more, expected) in [
        (
            json!({"issuer": "id.clinic.example"}),
            "issuer is no address: begin with https://",
        ),
        (
            json!({"issuer": "https://a:b"}),
            "issuer is no address: invalid port",
        ),
        (json!({"issuer": "ftp://a.example"}), "give an https: address"),
        (
            json!({"issuer": "https://ana:s3cret@a.example"}),
            "leave them out",
        ),
        (json!({"issuer": "https://a.example/#x"}), "fragment"),
        (json!({"issuer": "https://a.example/?x"}), "query"),
        (
            json!({"issuer": "https://a.example/.well-known/openid-configuration"}),
            "leave /.well-known",
        ),
        (json!({"issuer": 17}), "issuer is no text"),
        (json!({"clientId": ""}), "clientId is empty"),
        (json!({"clientId": []}), "clientId names no client"),
        (json!({"clientId": ["a", 1]}), "clientId is no list of texts"),
        (json!({"clientSecret": ["s3cret"]}), "clientSecret is no text"),
        (json!({"scopes": "a b"}), "scopes is no list of texts"),
        (
            json!({"authorizationParams": {"a": 1}}),
            "authorizationParams is no object of texts",
        ),
        (
            json!({"authorizationParams": {"state": "s3cret"}}),
            "has state, which is made anew",
        ),
        (
            json!({"tokenEndpointAuthMethod": "private_key_jwt"}),
            "client_secret_basic, client_secret_post or none",
        ),
        (
            json!({"tokenEndpointAuthMethod": "none"}),
            "clientSecret is not used",
        ),
        (json!({"clientSecret": null}), "clientSecret is missing"),
        (
            json!({"hostedDomain": "clinic.example"}),
            "hostedDomain is for google alone: leave it out",
        ),
        (
            json!({"alowPrivateAddresses": true}),
            "is allowPrivateAddresses meant?",
        ),
        (
            json!({"profile": {"subject": "id"}}),
            "profile is for plain OAuth 2 alone: leave it out",
        ),
        (
            json!({"redirectUri": "s3cret"}),
            "redirectUri is no key of such a provider: leave it out",
        ),
    ] {
        let refused = refused(&json!({"own": entry(more)}));
        assert!(
            refused.starts_with("provider \"own\": ") && refused.contains(expected),
            "{expected} in {refused}"
        );
        assert!(!refused.contains("s3cret"), "{refused}");
    }
}

#[test]
fn a_document_that_is_none_is_refused_without_being_quoted() {
    for (text, expected) in [
        ("\n", "write {} for none"),
        ("s3cret", "not valid JSON at line 1, column 1"),
        ("\"s3cret\"", "are no object"),
        ("[\"s3cret\"]", "are no object"),
        ("[]", "are no object"),
        (
            "{\"own\": {\"clientSecret\": s3cret}}",
            "not valid JSON at line 1, column 26",
        ),
        (
            "{\n  \"a\": {} \"s3cret\": {}}",
            "not valid JSON at line 2, column 11",
        ),
        (
            "{\"a\": {\"clientSecret\": \"s3cret\",}}",
            "not valid JSON at line 1, column 33",
        ),
        ("{\"a\": {}", "not valid JSON at line 1, column 8"),
        ("/etc/s3cret/providers", "is PROVIDERS_FILE meant?"),
        ("s3cret.json", "is PROVIDERS_FILE meant?"),
    ] {
        let refused = Settings::read(text).unwrap_err().to_string();
        assert!(
            refused.contains(expected) && !refused.contains("s3cret"),
            "{text}: {refused}"
        );
        assert_eq!(
            refused.contains("column"),
            expected.contains("column"),
            "{refused}"
        );
    }
    assert!(refused(&json!({"own": "s3cret"})).contains("provider \"own\" is no object"));
}

#[test]
fn an_id_that_is_no_preset_needs_an_issuer_or_endpoints() {
    let google = json!({"clientId": "c", "clientSecret": "s3cret", "hostedDomain": "clinic.example"});
    assert_eq!(
        refused(&json!({"gogle": google})),
        "provider \"gogle\": issuer is missing: is google meant as its id? Else enter it, or authorizationEndpoint, \
         tokenEndpoint, userinfoEndpoint for plain OAuth 2"
    );
    let said = refused(
        &json!({"clinic": {"clientId": "c", "clientSecret": "s3cret", "isuer": "https://a.example"}}),
    );
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].starts_with("provider \"clinic\": issuer is missing: enter it, or "));
    assert!(lines[1].contains("isuer is no key of such a provider: is issuer meant?"));
}

#[test]
fn a_key_of_another_kind_is_refused_with_whose_it_is() {
    let github = json!({"clientId": "c", "clientSecret": "s", "issuer": "https://a.example"});
    assert_eq!(
        refused(&json!({"github": github})),
        "provider \"github\": issuer is for google, microsoft, apple and OpenID Connect alone: leave it out"
    );
}

#[test]
fn a_hosted_domain_is_one_that_google_could_name() {
    let google =
        |domain: &str| json!({"google": {"clientId": "c", "clientSecret": "s", "hostedDomain": domain}});
    for domain in ["clinic.example", "Clinic.Example", "a-b.c.example", "*"] {
        assert!(Settings::read(&google(domain).to_string()).is_ok(), "{domain}");
    }
    for domain in [
        "https://clinic.example",
        "clinic.example/",
        "@clinic.example",
        "clinic",
        ".example",
        "a..b",
        "*.a.b",
    ] {
        let refused = refused(&google(domain));
        assert!(
            refused.contains("hostedDomain is no domain: write it like"),
            "{domain}: {refused}"
        );
    }
}

#[test]
fn an_id_is_there_once_and_fits_into_an_address() {
    let entry = entry(json!({})).to_string();
    let refused = Settings::read(&format!("{{\"own\": {entry}, \"own\": {entry}}}"))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("is there twice"), "{refused}");
    for id in ["", "-a", "a/b", "A", "é", "credential", &"x".repeat(33)] {
        assert!(Settings::read(&format!("{{\"{id}\": {entry}}}")).is_err(), "{id}");
    }
    let own = Settings::read(&format!("{{\"own\": {entry}}}")).unwrap();
    assert!(Providers::new(own.clone().into_iter().chain(own)).is_err());
}

#[test]
fn a_tenant_that_everybody_is_in_is_refused() {
    for tenant in ["common", "organizations", "consumers", "Common"] {
        let refused =
            refused(&json!({"microsoft": {"clientId": "c", "clientSecret": "s", "tenantId": tenant}}));
        assert!(refused.contains("every directory in the world"), "{refused}");
    }
    for tenant in ["a/b", "..", "a b"] {
        let refused =
            refused(&json!({"microsoft": {"clientId": "c", "clientSecret": "s", "tenantId": tenant}}));
        assert!(refused.contains("neither an id nor a domain"), "{refused}");
    }
    assert!(
        refused(&json!({"microsoft": {"clientId": "c", "clientSecret": "s"}}))
            .contains("tenantId is missing")
    );
}

#[test]
fn an_apple_key_is_tried_when_it_is_read() {
    let apple =
        |key: &str| json!({"apple": {"clientId": "c", "teamId": "t", "keyId": "k", "privateKey": key}});
    let wrong = "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----";
    let refused_key = refused(&apple(wrong));
    assert!(
        refused_key.contains("whole text of the .p8 file") && !refused_key.contains("s3cret"),
        "{refused_key}"
    );
    let both = crate::support::merged(
        apple(&key().1)["apple"].clone(),
        json!({"clientSecret": "s3cret"}),
    );
    assert!(refused(&json!({"apple": both})).contains("not used with clientSecret"));
}

#[test]
fn no_secret_shows_in_debug_output() {
    let (_, pem) = key();
    let all = json!({
        "own": entry(json!({})),
        "apple": {"clientId": "c", "teamId": "t", "keyId": "k", "privateKey": pem},
    });
    let settings = Settings::read(&all.to_string()).unwrap();

    let shown = format!("{settings:?} {:?}", Providers::new(settings.clone()).unwrap());

    assert!(shown.contains("wardkeep") && !shown.contains("s3cret"), "{shown}");
    let secret = pem.lines().nth(1).unwrap();
    assert!(!shown.contains(secret) && !shown.contains("BEGIN"), "{shown}");
}
