use sea_orm::DbErr;
use wardkeep_tenancy::{Fault, FaultKind, is_unique_violation, violated_constraint};

use crate::authority::AuthorityError;

/// What is done with roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// One is made.
    Create,
    /// They are listed.
    List,
    /// One is read.
    Read,
    /// One is changed.
    Update,
    /// One is deleted.
    Delete,
}

/// Why an operation on roles did not happen.
#[derive(Debug, thiserror::Error)]
pub enum RoleError {
    /// The caller is no member any more.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// No member could carry the name.
    #[error("the name is empty, begins or ends with a space, or holds a comma")]
    Unusable,
    /// A built-in role or another one of the organization has the name.
    #[error("the name is taken")]
    NameTaken,
    /// The caller's roles do not allow it.
    #[error("the caller may not do this with roles")]
    Denied(Action),
    /// The role would grant what the caller does not hold: `resource:action` each.
    #[error("the caller does not hold what the role would grant")]
    Missing(Action, Vec<String>),
    /// The organization has as many roles as it may have.
    #[error("the organization has too many roles")]
    TooMany,
    /// No statement knows a resource that the role would grant rights on.
    #[error("there is no such resource")]
    UnknownResource,
    /// The organization has no such role of its own.
    #[error("there is no such role")]
    NotFound,
    /// A built-in role is not deleted.
    #[error("a built-in role is not deleted")]
    BuiltIn,
    /// Members have the role.
    #[error("members have the role")]
    Assigned,
    /// The database failed.
    #[error("the database failed")]
    Database(DbErr),
}

/// Two roles of one name at once: the unique key lets one through.
impl From<DbErr> for RoleError {
    fn from(error: DbErr) -> Self {
        let key = Some("organizationRole_organizationId_role_key");
        if is_unique_violation(&error) && violated_constraint(&error).as_deref() == key {
            Self::NameTaken
        } else {
            Self::Database(error)
        }
    }
}

impl Fault for RoleError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(_) | Self::Missing(..) => FaultKind::Forbidden,
            Self::Unusable
            | Self::NameTaken
            | Self::TooMany
            | Self::UnknownResource
            | Self::NotFound
            | Self::BuiltIn
            | Self::Assigned => FaultKind::Invalid,
            Self::Authority(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(action) | Self::Missing(action, _) => match action {
                Action::Create => "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE",
                Action::List => "YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE",
                Action::Read => "YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE",
                Action::Update => "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE",
                Action::Delete => "YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE",
            },
            Self::Unusable => "VALIDATION_ERROR",
            Self::NameTaken => "ROLE_NAME_IS_ALREADY_TAKEN",
            Self::TooMany => "TOO_MANY_ROLES",
            Self::UnknownResource => "INVALID_RESOURCE",
            Self::NotFound => "ROLE_NOT_FOUND",
            Self::BuiltIn => "CANNOT_DELETE_A_PRE_DEFINED_ROLE",
            Self::Assigned => "ROLE_IS_ASSIGNED_TO_MEMBERS",
            Self::Authority(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
