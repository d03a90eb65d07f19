use time::Duration;

/// The rules about which Better Auth leaves the choice. The defaults are its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Whether a signed-in user may found an organization.
    pub anybody_founds: bool,
    /// To how many organizations a user may belong and still found one; `None` is any number.
    pub organizations_per_user: Option<u64>,
    /// How many members an organization may have.
    pub members: u64,
    /// How many invitations of an organization may wait to be answered.
    pub pending_invitations: u64,
    /// How long an invitation can be accepted.
    pub invitation_lifetime: Duration,
    /// Whether an invitation is mailed. If not, whoever invites delivers its link.
    pub mail_invitations: bool,
    /// Whether only somebody who has proven the address may answer an invitation to it. An invitation's id is random and
    /// goes to the address, so that knowing it is some proof already.
    pub invitations_need_verified_email: bool,
    /// How many teams an organization may have; `None` is any number.
    pub teams: Option<u64>,
    /// How many members a team may have; `None` is any number.
    pub members_per_team: Option<u64>,
    /// How many roles an organization may make for itself; `None` is any number.
    pub roles: Option<u64>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            anybody_founds: true,
            organizations_per_user: None,
            members: 100,
            pending_invitations: 100,
            invitation_lifetime: Duration::hours(48),
            mail_invitations: true,
            invitations_need_verified_email: false,
            teams: None,
            members_per_team: None,
            roles: None,
        }
    }
}
