//! The texts of the mails. Each says why it came and what to do if nobody asked for it.

use url::form_urlencoded;

use crate::Auth;
use crate::emails::Email;
use crate::mail::Mail;

/// The link that proves an address.
pub(crate) fn verify_email(auth: &Auth, to: Email, token: &str, callback: Option<&str>) -> Mail {
    let link = proving(auth, token, callback);
    Mail {
        subject: "Confirm your e-mail address".to_owned(),
        text: format!(
            "Please confirm that {to} is your e-mail address by opening this link:\n\n{link}\n\n\
             It works for one hour. If you did not ask for it, you need not do anything.\n"
        ),
        to,
    }
}

/// The link that makes a new address the user's.
pub(crate) fn change_email(auth: &Auth, to: Email, token: &str, callback: Option<&str>) -> Mail {
    let link = proving(auth, token, callback);
    Mail {
        subject: "Confirm your new e-mail address".to_owned(),
        text: format!(
            "Somebody wants to sign in as {to} from now on. If it was you, open this link:\n\n{link}\n\n\
             It works for one hour. If it was not you, do not open it; nothing will change.\n"
        ),
        to,
    }
}

/// The link that lets a new password be set.
pub(crate) fn reset_password(auth: &Auth, to: Email, token: &str, redirect: Option<&str>) -> Mail {
    let redirect = encode(redirect.unwrap_or_default());
    let link = format!(
        "{}/api/auth/reset-password/{token}?callbackURL={redirect}",
        auth.base_url()
    );
    Mail {
        subject: "Reset your password".to_owned(),
        text: format!(
            "Somebody asked to reset the password of {to}. If it was you, choose a new one here:\n\n{link}\n\n\
             It works once, and for one hour. If it was not you, you need not do anything; your password stays.\n"
        ),
        to,
    }
}

/// The link that deletes the account.
pub(crate) fn delete_account(auth: &Auth, to: Email, token: &str, callback: Option<&str>) -> Mail {
    let callback = encode(callback.unwrap_or("/"));
    let link = format!(
        "{}/api/auth/delete-user/callback?token={token}&callbackURL={callback}",
        auth.base_url()
    );
    Mail {
        subject: "Confirm that your account is to be deleted".to_owned(),
        text: format!(
            "Somebody asked to delete the account of {to}. If it was you, open this link in the browser in which you \
             are signed in:\n\n{link}\n\n\
             It works once, and for one day. The account cannot be brought back. If it was not you, do not open it, \
             and change your password.\n"
        ),
        to,
    }
}

/// What somebody gets whose address is signed up with again, where the page must not say that it has an account.
pub(crate) fn already_signed_up(auth: &Auth, to: Email) -> Mail {
    Mail {
        subject: "You have an account already".to_owned(),
        text: format!(
            "Somebody tried to sign up as {to} at {}, which has an account already. If it was you, sign in, or reset \
             your password if you have forgotten it. If it was not you, you need not do anything.\n",
            auth.base_url()
        ),
        to,
    }
}

/// What somebody gets whose password was guessed at too often.
pub(crate) fn sign_in_blocked(auth: &Auth, to: Email) -> Mail {
    Mail {
        subject: "Signing in was blocked".to_owned(),
        text: format!(
            "Too many wrong passwords were tried for {to} at {}, so that nobody can sign in with it any more. To open \
             the account again, reset your password. Where you are signed in you stay so.\n",
            auth.base_url()
        ),
        to,
    }
}

fn proving(auth: &Auth, token: &str, callback: Option<&str>) -> String {
    let callback = encode(callback.unwrap_or("/"));
    format!(
        "{}/api/auth/verify-email?token={token}&callbackURL={callback}",
        auth.base_url()
    )
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
