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
    ("ACCESS_TOKEN_NOT_FOUND", "Access token not found"),
    ("ACCOUNT_NOT_FOUND", "Account not found"),
    ("CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found"),
    ("EMAIL_ALREADY_VERIFIED", "Email is already verified"),
    ("EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated"),
    ("EMAIL_MISMATCH", "Email mismatch"),
    ("EMAIL_NOT_VERIFIED", "Email not verified"),
    ("FAILED_TO_CREATE_USER", "Failed to create user"),
    ("FAILED_TO_GET_ACCESS_TOKEN", "Failed to get a valid access token"),
    ("FAILED_TO_GET_SESSION", "Failed to get session"),
    ("FAILED_TO_GET_USER_INFO", "Failed to get user info"),
    ("FAILED_TO_REFRESH_ACCESS_TOKEN", "Failed to refresh access token"),
    (
        "FAILED_TO_UNLINK_LAST_ACCOUNT",
        "You can't unlink your last account",
    ),
    ("ID_TOKEN_NOT_SUPPORTED", "id_token not supported"),
    ("INVALID_EMAIL", "Invalid email"),
    ("INVALID_EMAIL_OR_PASSWORD", "Invalid email or password"),
    ("INVALID_PASSWORD", "Invalid password"),
    ("INVALID_TOKEN", "Invalid token"),
    ("INVALID_USER", "Invalid user"),
    (
        "PASSWORD_COMPROMISED",
        "The password you entered has been compromised. Please choose a different password.",
    ),
    (
        "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED",
        "Account not linked - different emails not allowed",
    ),
    ("LINKING_FAILED", "Account not linked - unable to create account"),
    ("LINKING_NOT_ALLOWED", "Account not linked - linking not allowed"),
    ("PASSWORD_TOO_LONG", "Password too long"),
    ("PASSWORD_TOO_SHORT", "Password too short"),
    (
        "PROVIDER_NOT_CONFIGURED",
        "Account is not associated with a configured social provider.",
    ),
    ("PROVIDER_NOT_FOUND", "Provider not found"),
    ("REFRESH_TOKEN_NOT_FOUND", "Refresh token not found"),
    (
        "SESSION_EXPIRED",
        "Session expired. Re-authenticate to perform this action.",
    ),
    ("RESET_PASSWORD_DISABLED", "Reset password isn't enabled"),
    ("SESSION_NOT_FRESH", "Session is not fresh"),
    ("SOCIAL_ACCOUNT_ALREADY_LINKED", "Social account already linked"),
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
    ("USER_EMAIL_NOT_FOUND", "User email not found"),
    ("USER_NOT_FOUND", "User not found"),
    (
        "VERIFICATION_EMAIL_NOT_ENABLED",
        "Verification email isn't enabled",
    ),
    // Organizations, members, invitations, teams and roles.
    (
        "CANNOT_DELETE_A_PRE_DEFINED_ROLE",
        "Cannot delete a pre-defined role",
    ),
    (
        "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION",
        "Email verification required before accepting or rejecting invitation",
    ),
    (
        "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION",
        "Email verification required to view or list invitations for the session email",
    ),
    (
        "INVALID_RESOURCE",
        "The provided permission includes an invalid resource",
    ),
    ("INVALID_TEAM_ID", "Team id contains a reserved character"),
    ("INVITATION_LIMIT_REACHED", "Invitation limit reached"),
    ("INVITATION_NOT_FOUND", "Invitation not found"),
    (
        "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION",
        "Inviter is no longer a member of the organization",
    ),
    ("MEMBER_NOT_FOUND", "Member not found"),
    ("NO_ACTIVE_ORGANIZATION", "No active organization"),
    ("ORGANIZATION_ALREADY_EXISTS", "Organization already exists"),
    (
        "ORGANIZATION_HAS_RECORDS",
        "The organization has clinical records, deleted ones and the audit included. It stays until they are exported and purged, which this version cannot do yet.",
    ),
    (
        "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED",
        "Organization membership limit reached",
    ),
    ("ORGANIZATION_NOT_FOUND", "Organization not found"),
    (
        "ORGANIZATION_SLUG_ALREADY_TAKEN",
        "Organization slug already taken",
    ),
    (
        "ROLE_IS_ASSIGNED_TO_MEMBERS",
        "Cannot delete a role that is assigned to members. Please reassign the members to a different role first",
    ),
    ("ROLE_NAME_IS_ALREADY_TAKEN", "That role name is already taken"),
    ("ROLE_NOT_FOUND", "Role not found"),
    ("TEAM_MEMBER_LIMIT_REACHED", "Team member limit reached"),
    ("TEAM_NOT_FOUND", "Team not found"),
    ("TOO_MANY_ROLES", "This organization has too many roles"),
    ("UNABLE_TO_REMOVE_LAST_TEAM", "Unable to remove last team"),
    (
        "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION",
        "User is already a member of this organization",
    ),
    (
        "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION",
        "User is already invited to this organization",
    ),
    (
        "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
        "User is not a member of the organization",
    ),
    (
        "USER_IS_NOT_A_MEMBER_OF_THE_TEAM",
        "User is not a member of the team",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION",
        "You are not allowed to access this organization as an owner",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION",
        "You are not allowed to cancel this invitation",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION",
        "You are not allowed to create a new organization",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER",
        "You are not allowed to create a new member",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE",
        "You are not allowed to create a role",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION",
        "You are not allowed to create teams in this organization",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE",
        "You are not allowed to delete a role",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION",
        "You are not allowed to delete teams in this organization",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER",
        "You are not allowed to delete this member",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION",
        "You are not allowed to delete this organization",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM",
        "You are not allowed to delete this team",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION",
        "You are not allowed to invite users to this organization",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE",
        "You are not allowed to invite a user with this role",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE",
        "You are not allowed to list a role",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS",
        "You are not allowed to list invitations for this organization",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE",
        "You are not allowed to read a role",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER",
        "You are not allowed to remove a team member",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE",
        "You are not allowed to update a role",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER",
        "You are not allowed to update this member",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION",
        "You are not allowed to update this organization",
    ),
    (
        "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM",
        "You are not allowed to update this team",
    ),
    (
        "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION",
        "You are not a member of this organization",
    ),
    (
        "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION",
        "You are not the recipient of the invitation",
    ),
    (
        "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER",
        "You cannot leave the organization as the only owner",
    ),
    (
        "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER",
        "You cannot leave the organization without an owner",
    ),
    ("YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM", "You do not have an active team"),
    (
        "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS",
        "You have reached the maximum number of organizations",
    ),
    (
        "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS",
        "You have reached the maximum number of teams",
    ),
    (
        "YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE",
        "You must be in an organization to create a role",
    ),
];
