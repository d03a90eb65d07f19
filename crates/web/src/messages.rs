//! The messages of Better Auth 1.7.25 for its codes, word for word: some clients show them.

/// The message of a code, if the protocol has one.
pub(crate) fn of(code: &str) -> Option<&'static str> {
    MESSAGES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, message)| *message)
}

/// The message of a code that the protocol does not show: those errors have a message only.
pub(crate) fn alone(code: &str) -> Option<&'static str> {
    let alone = MESSAGES_ALONE.iter().find(|(known, _)| *known == code);
    alone.map(|(_, message)| *message)
}

const MESSAGES_ALONE: &[(&str, &str)] = &[
    ("CHANGE_EMAIL_NEEDS_MAILS", "Verification email isn't enabled"),
    ("EMAIL_IS_THE_SAME", "Email is the same"),
    ("NO_FIELDS_TO_UPDATE", "No fields to update"),
];

const MESSAGES: &[(&str, &str)] = &[
    // Requests.
    (
        "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
        "Cross-site navigation login blocked. This request appears to be a CSRF attack.",
    ),
    ("BAD_REQUEST", "Invalid JSON in request body"),
    ("INVALID_CALLBACK_URL", "Invalid callbackURL"),
    ("INVALID_ERROR_CALLBACK_URL", "Invalid errorCallbackURL"),
    ("INVALID_NEW_USER_CALLBACK_URL", "Invalid newUserCallbackURL"),
    ("INVALID_ORIGIN", "Invalid origin"),
    ("INVALID_REDIRECT_URL", "Invalid redirectURL"),
    (
        "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
        "POST method requires deferSessionRefresh to be enabled in session config",
    ),
    (
        "UNSTORABLE_TEXT",
        "A text is too long, or holds a character that cannot be stored",
    ),
    ("MISSING_OR_NULL_ORIGIN", "Missing or null Origin"),
    // Users and sessions.
    ("ACCOUNT_NOT_FOUND", "Account not found"),
    ("CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found"),
    ("EMAIL_ALREADY_VERIFIED", "Email is already verified"),
    ("EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated"),
    ("EMAIL_MISMATCH", "Email mismatch"),
    ("EMAIL_NOT_VERIFIED", "Email not verified"),
    ("FAILED_TO_CREATE_USER", "Failed to create user"),
    ("FAILED_TO_GET_SESSION", "Failed to get session"),
    ("FAILED_TO_GET_USER_INFO", "Failed to get user info"),
    (
        "FAILED_TO_UNLINK_LAST_ACCOUNT",
        "You can't unlink your last account",
    ),
    ("INVALID_EMAIL", "Invalid email"),
    ("INVALID_EMAIL_OR_PASSWORD", "Invalid email or password"),
    ("INVALID_PASSWORD", "Invalid password"),
    ("INVALID_TOKEN", "Invalid token"),
    ("INVALID_USER", "Invalid user"),
    (
        "PASSWORD_COMPROMISED",
        "The password you entered has been compromised. Please choose a different password.",
    ),
    ("PASSWORD_TOO_LONG", "Password too long"),
    ("PASSWORD_TOO_SHORT", "Password too short"),
    ("PROVIDER_NOT_FOUND", "Provider not found"),
    (
        "SESSION_EXPIRED",
        "Session expired. Re-authenticate to perform this action.",
    ),
    ("RESET_PASSWORD_DISABLED", "Reset password isn't enabled"),
    ("SESSION_NOT_FRESH", "Session is not fresh"),
    ("TOKEN_EXPIRED", "Token expired"),
    (
        "TOO_MANY_GUESSES",
        "Too many wrong passwords. Try again in some minutes, or reset the password by mail.",
    ),
    ("UNAUTHORIZED", "Unauthorized"),
    (
        "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
        "User already exists. Use another email.",
    ),
    ("USER_NOT_FOUND", "User not found"),
    (
        "VERIFICATION_EMAIL_NOT_ENABLED",
        "Verification email isn't enabled",
    ),
    // Organizations and members.
    ("MEMBER_NOT_FOUND", "Member not found"),
    ("NO_ACTIVE_ORGANIZATION", "No active organization"),
    ("ORGANIZATION_ALREADY_EXISTS", "Organization already exists"),
    ("ORGANIZATION_NOT_FOUND", "Organization not found"),
    (
        "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
        "User is not a member of the organization",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER",
        "You are not allowed to delete this member",
    ),
    (
        "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER",
        "You cannot leave the organization as the only owner",
    ),
];
