//! Signed claims: JSON Web Tokens (RFC 7519) with HMAC-SHA256, the one kind that Better Auth puts into links.
//!
//! Ours, because the crates for it bring RSA and elliptic curves along, and because the time must come from the request.
//! Only HS256 is read, whatever the header asks for (RFC 8725, section 3.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

use crate::secrets::Secrets;

const HEADER: &str = r#"{"alg":"HS256"}"#;

/// Why claims are not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unbelieved {
    /// They are past their time.
    Expired,
    /// None of our secrets signed them, or they are not the claims asked for.
    Invalid,
}

#[derive(serde::Deserialize)]
struct Header {
    alg: String,
    crit: Option<serde::de::IgnoredAny>,
}

/// The claims about time, in seconds since 1970 (RFC 7519, section 4.1).
#[derive(serde::Deserialize)]
struct Times {
    exp: f64,
    nbf: Option<f64>,
}

/// Signs claims, which must be an object.
pub(crate) fn sign(secrets: &Secrets, claims: &impl Serialize) -> Result<String, serde_json::Error> {
    let claims = serde_json::to_vec(claims)?;
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(HEADER),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(secrets.sign(&signed));
    Ok(format!("{signed}.{signature}"))
}

/// Reads claims that one of the secrets signed. The signature is looked at before anything that it covers.
pub(crate) fn open<T: DeserializeOwned>(
    secrets: &Secrets,
    token: &str,
    now: OffsetDateTime,
) -> Result<T, Unbelieved> {
    let claims = signed_claims(secrets, token).ok_or(Unbelieved::Invalid)?;
    let times: Times = serde_json::from_slice(&claims).map_err(|_| Unbelieved::Invalid)?;
    let now = now.unix_timestamp() as f64;
    if times.exp <= now {
        return Err(Unbelieved::Expired);
    }
    if times.nbf.is_some_and(|start| start > now) {
        return Err(Unbelieved::Invalid);
    }
    serde_json::from_slice(&claims).map_err(|_| Unbelieved::Invalid)
}

fn signed_claims(secrets: &Secrets, token: &str) -> Option<Vec<u8>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    if !secrets.verifies(signed, &URL_SAFE_NO_PAD.decode(signature).ok()?) {
        return None;
    }
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    if header.alg != "HS256" || header.crit.is_some() {
        return None;
    }
    URL_SAFE_NO_PAD.decode(claims).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

    fn secrets() -> Secrets {
        Secrets::new(["the-secret-of-this-test-0123456789"]).unwrap()
    }

    fn claims(lives: i64) -> Value {
        json!({ "email": "ana@example.test", "exp": NOW.unix_timestamp() + lives })
    }

    fn read(token: &str) -> Result<Value, Unbelieved> {
        open(&secrets(), token, NOW)
    }

    /// A token with this header, signed all the same.
    fn with_header(header: &str) -> String {
        let claims = URL_SAFE_NO_PAD.encode(claims(60).to_string());
        let signed = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header));
        let signature = URL_SAFE_NO_PAD.encode(secrets().sign(&signed));
        format!("{signed}.{signature}")
    }

    #[test]
    fn the_token_is_that_of_better_auth() {
        // jose: new SignJWT({ a: 1 }).setProtectedHeader({ alg: "HS256" }).sign(key)
        let secrets = secrets();
        assert_eq!(
            sign(&secrets, &json!({ "a": 1 })).unwrap(),
            "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.DH_Bownv7Lucq54Vis5mZjMBUHHwGGelbMpApeZYGuY"
        );
    }

    #[test]
    fn what_was_signed_is_read_until_its_time() {
        let token = sign(&secrets(), &claims(60)).unwrap();
        assert_eq!(read(&token), Ok(claims(60)));

        for (lives, expected) in [
            (1, None),
            (0, Some(Unbelieved::Expired)),
            (-1, Some(Unbelieved::Expired)),
        ] {
            let token = sign(&secrets(), &claims(lives)).unwrap();
            assert_eq!(read(&token).err(), expected, "{lives}");
        }
    }

    #[test]
    fn claims_without_an_end_or_before_their_start_are_refused() {
        let start = NOW.unix_timestamp() + 5;
        for claims in [
            json!({ "email": "ana@example.test" }),
            json!({ "exp": "never" }),
            json!({ "exp": start + 60, "nbf": start }),
            json!([]),
        ] {
            let token = sign(&secrets(), &claims).unwrap();
            assert_eq!(read(&token), Err(Unbelieved::Invalid), "{claims}");
        }
    }

    #[test]
    fn no_other_algorithm_is_read_whoever_signed() {
        assert!(read(&with_header(HEADER)).is_ok());
        assert!(read(&with_header(r#"{"typ":"JWT","alg":"HS256"}"#)).is_ok());
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS512"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"HS256","crit":["b64"]}"#,
            "{}",
            "[]",
        ] {
            assert_eq!(read(&with_header(header)), Err(Unbelieved::Invalid), "{header}");
        }
    }

    #[test]
    fn an_altered_token_is_refused() {
        let token = sign(&secrets(), &claims(60)).unwrap();
        for position in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            // The last character of an unpadded text has bits that stand for nothing.
            if altered != token && position + 1 < token.len() {
                assert_eq!(read(&altered), Err(Unbelieved::Invalid), "{altered}");
            }
        }
        let (signed, _) = token.rsplit_once('.').unwrap();
        for cut in [
            "",
            ".",
            "..",
            "a.b.c",
            signed,
            &format!("{signed}."),
            &format!(".{token}"),
        ] {
            assert_eq!(read(cut), Err(Unbelieved::Invalid), "{cut}");
        }
    }

    #[test]
    fn another_secret_signs_nothing_for_us_and_an_old_one_still_does() {
        let other = Secrets::new(["some-other-secret-for-it-0123456789"]).unwrap();
        let token = sign(&other, &claims(60)).unwrap();
        assert_eq!(read(&token), Err(Unbelieved::Invalid));

        let both = [
            "the-secret-of-this-test-0123456789",
            "some-other-secret-for-it-0123456789",
        ];
        let both = Secrets::new(both).unwrap();
        assert!(open::<Value>(&both, &token, NOW).is_ok());
    }
}
