//! How often a password may be guessed.
//!
//! NIST SP 800-63B, section 3.2.2, allows at most 100 consecutive wrong attempts on one account. They are counted in
//! the database, so that they hold across restarts and servers, and each before its password is checked, so that guesses
//! at the same moment cannot all pass. The first ten are free; then comes a pause of two seconds, which doubles with
//! every further guess up to a quarter of an hour. After a hundred only a reset by mail opens the account. Sessions
//! that are signed in go on.

use sea_orm::{DbErr, Value};
use wardkeep_tenancy::{BeginError, CredentialsTx, Database, RequestContext, UserId};

use crate::Auth;
use crate::emails::Email;
use crate::users::User;
use crate::{letters, mail};

/// Wrong passwords in a row after which only a reset by mail opens the account.
pub const MOST_GUESSES: i32 = 100;

/// Changes nothing for a user who does not exist, is being deleted, or must wait. The free ones do not look at the time:
/// of two requests at once, the one that began first may come last. Where nothing is changed, a message without a reader is
/// written instead: a commit that has nothing to write is quicker, and its time would tell that nobody has the address.
const COUNT: &str = r#"
with counted as (
  insert into password_guesses (user_id, guesses, next_at)
  select "user".id, 1, $2 from "user" where "user".id = $1
  for key share
  on conflict (user_id) do update
  set
    guesses = password_guesses.guesses + 1,
    next_at = $2 + case
      when password_guesses.guesses < 9 then interval '0'
      else make_interval(secs => least(900, power(2, password_guesses.guesses - 8)))
    end
  where password_guesses.guesses < 100
    and (password_guesses.guesses < 10 or password_guesses.next_at <= $2)
  returning guesses
)
select
  (select guesses from counted) as guesses,
  case
    when not exists (select from counted) then pg_logical_emit_message(true, 'wardkeep', '')
  end as message"#;

const FORGET: &str = "delete from password_guesses where user_id = $1";

/// What became of the wish to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guess {
    /// The password may be checked.
    Allowed,
    /// The password may be checked, and if it is wrong no further one.
    Last,
    /// It is too early, or there were too many: the password must not be checked.
    Refused,
}

/// Counts a guess that is about to be checked. The caller commits before it checks.
pub(crate) async fn count(tx: &CredentialsTx, auth: &Auth, user: UserId) -> Result<Guess, DbErr> {
    if !auth.policy.limit_guesses {
        return Ok(Guess::Allowed);
    }
    let values = [Value::from(user.as_uuid()), Value::from(tx.now())];
    let row = tx.sql(COUNT, values).one().await?;
    let guesses: Option<i32> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
    Ok(match guesses {
        None => Guess::Refused,
        Some(guesses) if guesses < MOST_GUESSES => Guess::Allowed,
        Some(_) => Guess::Last,
    })
}

/// Says in the log what no answer says: the password of this user was not even checked.
pub(crate) fn note_refusal(user: &User) {
    tracing::info!(user = %user.id, "a password was not checked: too many wrong ones came before");
}

/// Tells a user by mail that the last guess was wrong: no answer of ours says so, since an unknown address gets the same.
pub(crate) async fn tell(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    user: &User,
) -> Result<(), BeginError> {
    tracing::warn!(user = %user.id, "a hundred wrong passwords: only a reset by mail opens the account again");
    let Some(to) = Email::parse(&user.email).filter(|_| auth.mails_are_sent) else {
        return Ok(());
    };
    let tx = db.credentials(cx).await?;
    mail::queue(&tx, cx, auth, &letters::sign_in_blocked(auth, to)).await?;
    tx.commit().await?;
    auth.mail_waiting();
    Ok(())
}

/// Forgets the guesses at a user's password: it was right, or is a new one.
pub(crate) async fn forget(tx: &CredentialsTx, auth: &Auth, user: UserId) -> Result<(), DbErr> {
    if auth.policy.limit_guesses {
        tx.sql(FORGET, [Value::from(user.as_uuid())]).execute().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AuthConfig, Secrets};
    use wardkeep_testkit::{TestDatabase, context};

    const HAS_WRITTEN: &str = "select pg_current_xact_id_if_assigned() is not null";

    #[tokio::test]
    async fn a_guess_at_nobodys_password_writes_like_one_at_somebodys() {
        let test = TestDatabase::create().await;
        let (db, cx) = (test.connect().await, context(1));
        let secrets = Secrets::new(["a-secret-of-the-tests-0123456789abcdef"]).unwrap();
        let auth = Auth::new(AuthConfig::new(secrets, "http://wardkeep.test"));

        for (user, expected) in [
            (test.user("Ana Reyes").await, Guess::Allowed),
            (cx.new_id(), Guess::Refused),
        ] {
            let tx = db.credentials(&cx).await.unwrap();
            assert_eq!(count(&tx, &auth, user).await.unwrap(), expected);
            let row = tx.sql(HAS_WRITTEN, []).one().await.unwrap().unwrap();
            assert!(row.try_get_by_index::<bool>(0).unwrap(), "{expected:?}");
        }
    }
}
