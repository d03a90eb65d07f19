//! What a link in a mail proves: signed claims that live an hour, as Better Auth makes them. They are no secrets of ours:
//! nothing is stored, and one link may be followed more than once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use wardkeep_tenancy::UserId;

use crate::Auth;
use crate::emails::Email;
use crate::jwt::{self, Unbelieved};
use crate::secret_text::SecretText;
use crate::users::User;

const LIFETIME: Duration = Duration::hours(1);
const CHANGE: &str = "change-email-verification";
/// Bytes of a stamp.
const STAMP: usize = 12;

/// A link that was followed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Whoever followed it reads the mails of this address; of this user, where it says so.
    Address { email: Email, user: Option<UserId> },
    /// Whoever followed it reads the mails of the new address, which the user with the old one asked for.
    Change {
        old: Email,
        new: Email,
        user: UserId,
        stamp: Option<String>,
    },
}

/// The names are those of the protocol; `stamp` is ours.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stamp: Option<String>,
    #[serde(skip_deserializing)]
    iat: i64,
    #[serde(skip_deserializing)]
    exp: i64,
}

/// Claims that prove the address of a user.
pub(crate) fn of_address(
    auth: &Auth,
    user: UserId,
    email: &str,
    now: OffsetDateTime,
) -> Result<String, serde_json::Error> {
    jwt::sign(auth.secrets(), &claims(user, email, now))
}

/// Claims that prove a new address of a user. They are void once the user has another password than now, or another one has
/// come through a provider: who signed up with somebody else's address, and asked for a change, must not get the account
/// back after its owner has reset it or taken it over.
pub(crate) fn of_change(
    auth: &Auth,
    user: &User,
    password: Option<&SecretText>,
    new: &Email,
    now: OffsetDateTime,
) -> Result<String, serde_json::Error> {
    let claims = Claims {
        update_to: Some(new.as_str().to_owned()),
        request_type: Some(CHANGE.to_owned()),
        stamp: Some(stamp(auth, user, password)),
        ..claims(user.id, &user.email, now)
    };
    jwt::sign(auth.secrets(), &claims)
}

/// Reads the claims of a link. Claims of another purpose than the two above are none (CVE-2026-110862).
pub(crate) fn read(auth: &Auth, token: &str, now: OffsetDateTime) -> Result<Proof, Unbelieved> {
    let claims: Claims = jwt::open(auth.secrets(), token, now)?;
    let email = Email::parse(&claims.email).ok_or(Unbelieved::Invalid)?;
    let user = claims
        .user_id
        .map(|id| id.parse().map_err(|_| Unbelieved::Invalid));
    let user = user.transpose()?;
    match (claims.request_type.as_deref(), claims.update_to, user) {
        (None, None, user) => Ok(Proof::Address { email, user }),
        (Some(CHANGE), Some(new), Some(user)) => Ok(Proof::Change {
            old: email,
            new: Email::parse(&new).ok_or(Unbelieved::Invalid)?,
            user,
            stamp: claims.stamp,
        }),
        _ => Err(Unbelieved::Invalid),
    }
}

/// Whether a link to a new address was made while the user had this password. In the compatibility profile every one
/// counts, as in Better Auth.
pub(crate) fn is_current(
    auth: &Auth,
    given: Option<&str>,
    user: &User,
    password: Option<&SecretText>,
) -> bool {
    if !auth.policy.reset_ends_all {
        return true;
    }
    let given = given.and_then(|given| URL_SAFE_NO_PAD.decode(given).ok());
    let given: Option<[u8; STAMP]> = given.and_then(|given| given.try_into().ok());
    given.is_some_and(|given| auth.secrets().verifies_cut(&stamped(user, password), &given))
}

fn claims(user: UserId, email: &str, now: OffsetDateTime) -> Claims {
    Claims {
        email: email.to_owned(),
        update_to: None,
        request_type: None,
        user_id: Some(user.to_string()),
        stamp: None,
        iat: now.unix_timestamp(),
        exp: (now + LIFETIME).unix_timestamp(),
    }
}

/// Says which password a user has and gives nothing of it away: a signature over the hash, cut to 96 bits. It is no
/// secret, the claims around it are signed.
fn stamp(auth: &Auth, user: &User, password: Option<&SecretText>) -> String {
    let signature = auth.secrets().sign(&stamped(user, password));
    let (short, _) = signature.split_at(STAMP);
    URL_SAFE_NO_PAD.encode(short)
}

/// Whoever has no password, since they came through a provider, has another stamp once the address is proven.
fn stamped(user: &User, password: Option<&SecretText>) -> String {
    let id = user.id;
    match password {
        Some(password) => format!("password of {id}\n{}", password.as_str()),
        None => format!("proven address of {id}\n{}", user.email_verified),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AuthConfig, Secrets};
    use serde_json::{Value, json};
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);
    const USER: &str = "5bd2ec29-14d7-4c55-8f20-22e7a9f54c01";

    fn auth() -> Auth {
        let secrets = Secrets::new(["the-secret-of-this-test-0123456789"]).unwrap();
        Auth::new(AuthConfig::new(secrets, "https://clinic.example"))
    }

    fn user() -> User {
        User {
            id: USER.parse().unwrap(),
            name: "Ana".to_owned(),
            email: "ana@example.test".to_owned(),
            email_verified: false,
            image: None,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn email(text: &str) -> Email {
        Email::parse(text).unwrap()
    }

    #[test]
    fn a_proof_of_an_address_reads_as_one_for_an_hour() {
        let auth = auth();
        let token = of_address(&auth, user().id, &user().email, NOW).unwrap();

        let expected = Proof::Address {
            email: email("ana@example.test"),
            user: Some(user().id),
        };
        assert_eq!(read(&auth, &token, NOW + Duration::minutes(59)), Ok(expected));
        assert_eq!(
            read(&auth, &token, NOW + Duration::hours(1)),
            Err(Unbelieved::Expired)
        );
    }

    #[test]
    fn a_change_reads_as_one_and_is_void_with_the_password() {
        let auth = auth();
        let (old, new) = (SecretText::new("old".into()), SecretText::new("new".into()));
        let token = of_change(&auth, &user(), Some(&old), &email("bo@example.test"), NOW).unwrap();

        let Ok(Proof::Change {
            old: from,
            new: to,
            user: of,
            stamp,
        }) = read(&auth, &token, NOW)
        else {
            panic!("no change");
        };
        assert_eq!(
            (from.as_str(), to.as_str()),
            ("ana@example.test", "bo@example.test")
        );
        assert_eq!(of, user().id);
        assert!(is_current(&auth, stamp.as_deref(), &user(), Some(&old)));
        assert!(!is_current(&auth, stamp.as_deref(), &user(), Some(&new)));
        assert!(!is_current(&auth, stamp.as_deref(), &user(), None));
        assert!(!is_current(&auth, None, &user(), Some(&old)));
    }

    #[test]
    fn cve_2026_110862_claims_of_another_purpose_are_none() {
        let auth = auth();
        let exp = NOW.unix_timestamp() + 60;
        let with = |claims: Value| {
            let mut all = json!({ "email": "ana@example.test", "exp": exp });
            all.as_object_mut()
                .unwrap()
                .extend(claims.as_object().unwrap().clone());
            read(&auth, &jwt::sign(auth.secrets(), &all).unwrap(), NOW)
        };

        assert!(with(json!({})).is_ok());
        for other in [
            json!({ "requestType": "change-email-verification" }),
            json!({ "requestType": "sign-in" }),
            json!({ "updateTo": "bo@example.test", "userId": USER }),
            json!({ "updateTo": "bo@example.test", "userId": USER, "requestType": "change-email-confirmation" }),
            json!({ "updateTo": "bo@example.test", "requestType": "change-email-verification" }),
            json!({ "updateTo": "nobody", "userId": USER, "requestType": "change-email-verification" }),
            json!({ "email": "nobody" }),
            json!({ "email": null }),
            json!({ "userId": "abc" }),
            json!({ "userId": 5 }),
        ] {
            assert_eq!(with(other.clone()), Err(Unbelieved::Invalid), "{other}");
        }
    }
}
