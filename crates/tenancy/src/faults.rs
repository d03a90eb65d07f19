//! What an error says to the outside: a kind, which becomes a status, and a stable code.

use std::borrow::Cow;
use std::fmt;

use sea_orm::sqlx::error::{DatabaseError, ErrorKind};
use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// The kinds of failure that a caller can tell apart. Only the edge turns one into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// What was sent cannot be right.
    Invalid,
    /// No valid session.
    Unauthenticated,
    /// The caller may know of it, but not do this.
    Forbidden,
    /// It does not exist, or not for this caller.
    NotFound,
    /// It stands against something that is there.
    Conflict,
    /// It is well formed, and still not to be done.
    Unprocessable,
    /// Somebody changed it in the meantime.
    Stale,
    /// It was there, and is over.
    Gone,
    /// Too often.
    Limited,
    /// Not now; later perhaps.
    Unavailable,
    /// Our mistake.
    Internal,
}

/// An error that knows what to say to the outside. Its message is for the log; where the caller can do something about it
/// (every kind but [`Unavailable`](FaultKind::Unavailable) and [`Internal`](FaultKind::Internal)) it is shown as well, so
/// word it for both. Its sources are never shown.
pub trait Fault: std::error::Error {
    /// Which kind of failure it is.
    fn kind(&self) -> FaultKind;

    /// A stable code in upper case, such as `PATIENT_NOT_FOUND`.
    fn code(&self) -> &'static str;

    /// The fields that are not right, if it is a matter of fields. These are shown to the caller.
    fn fields(&self) -> &[InvalidField] {
        &[]
    }

    /// What else the caller needs to go on, by name, such as what is allowed instead. It is shown to them.
    fn details(&self) -> Vec<(&'static str, serde_json::Value)> {
        Vec::new()
    }
}

/// A field that cannot be as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidField {
    /// Its name in Rust, such as `first_name`; one inside another with dots, such as `contacts.0.phone`.
    pub field: Cow<'static, str>,
    /// What is wrong, to be read after the name: `must not be empty`.
    pub problem: Cow<'static, str>,
}

impl InvalidField {
    /// Names a field and what is wrong with it.
    #[must_use]
    pub fn new(field: impl Into<Cow<'static, str>>, problem: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for InvalidField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.problem)
    }
}

/// Read by SQLSTATE first (PostgreSQL manual, appendix A), then by what the driver says about the connection.
impl Fault for DbErr {
    fn kind(&self) -> FaultKind {
        classify(self).0
    }

    fn code(&self) -> &'static str {
        classify(self).1
    }
}

const UNAVAILABLE: (FaultKind, &str) = (FaultKind::Unavailable, "DATABASE_UNAVAILABLE");
const TIMEOUT: (FaultKind, &str) = (FaultKind::Unavailable, "DATABASE_TIMEOUT");
const CONFLICT: (FaultKind, &str) = (FaultKind::Unavailable, "DATABASE_CONFLICT");
const UNSTORABLE: (FaultKind, &str) = (FaultKind::Invalid, "UNSTORABLE_TEXT");
const ORGANIZATION_GONE: (FaultKind, &str) = (FaultKind::NotFound, "ORGANIZATION_NOT_FOUND");
const INTERNAL: (FaultKind, &str) = (FaultKind::Internal, "INTERNAL_ERROR");

fn classify(error: &DbErr) -> (FaultKind, &'static str) {
    if let Some(state) = sqlstate(error) {
        return match state.as_str() {
            // query_canceled (statement_timeout), idle_in_transaction_session_timeout.
            "57014" | "25P03" => TIMEOUT,
            // serialization_failure, deadlock_detected: nothing was done, and the same request will do when it comes again.
            "40001" | "40P01" => CONFLICT,
            // What was sent has a text that PostgreSQL has no form for (U+0000), or that is too long for its column or index.
            "22001" | "22021" | "22P05" | "54000" => UNSTORABLE,
            // foreign_key_violation: the organization was deleted while the request was on its way.
            "23503" if violated_constraint(error).is_some_and(|key| refers_to_organization(&key)) => {
                ORGANIZATION_GONE
            }
            // Connection exceptions, insufficient resources, shutdown and crash.
            state if state.starts_with("08") || state.starts_with("53") || state.starts_with("57P0") => {
                UNAVAILABLE
            }
            _ => INTERNAL,
        };
    }
    match driver_error(error) {
        Some(
            SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::WorkerCrashed,
        ) => UNAVAILABLE,
        _ if matches!(error, DbErr::ConnectionAcquire(_)) => UNAVAILABLE,
        _ => INTERNAL,
    }
}

/// Whether a key is the one that each table of an organization has to the organization itself.
fn refers_to_organization(key: &str) -> bool {
    key.ends_with("_organization_id_fkey") || key.ends_with("_organizationId_fkey")
}

/// The SQLSTATE, if it was the database that refused.
#[must_use]
pub fn sqlstate(error: &DbErr) -> Option<String> {
    database_error(error)?.code().map(|code| code.into_owned())
}

/// The name of the constraint that the statement violated.
#[must_use]
pub fn violated_constraint(error: &DbErr) -> Option<String> {
    database_error(error)?.constraint().map(str::to_owned)
}

/// Whether a unique key was violated (SQLSTATE 23505).
#[must_use]
pub fn is_unique_violation(error: &DbErr) -> bool {
    database_error(error).is_some_and(|error| error.kind() == ErrorKind::UniqueViolation)
}

fn database_error(error: &DbErr) -> Option<&dyn DatabaseError> {
    driver_error(error)?.as_database_error()
}

fn driver_error(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Debug)]
    struct Refused(&'static str, &'static str);

    impl fmt::Display for Refused {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl std::error::Error for Refused {}

    impl DatabaseError for Refused {
        fn message(&self) -> &str {
            self.0
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(Cow::Borrowed(self.0))
        }

        fn constraint(&self) -> Option<&str> {
            Some(self.1)
        }

        fn kind(&self) -> ErrorKind {
            if self.0 == "23505" {
                ErrorKind::UniqueViolation
            } else {
                ErrorKind::Other
            }
        }

        fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
            self
        }
    }

    fn refused(state: &'static str) -> DbErr {
        refused_by(state, "member_key")
    }

    fn refused_by(state: &'static str, constraint: &'static str) -> DbErr {
        DbErr::Query(RuntimeErr::SqlxError(Arc::new(SqlxError::Database(Box::new(
            Refused(state, constraint),
        )))))
    }

    fn driver(error: SqlxError) -> DbErr {
        DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
    }

    #[test]
    fn a_database_that_is_going_down_or_full_is_unavailable() {
        for state in [
            "08006", "08P01", "53300", "53100", "57P01", "57P02", "57P03", "57P05",
        ] {
            let error = refused(state);
            assert_eq!((error.kind(), error.code()), UNAVAILABLE, "{state}");
        }
    }

    #[test]
    fn a_cancelled_statement_is_a_timeout() {
        for state in ["57014", "25P03"] {
            let error = refused(state);
            assert_eq!((error.kind(), error.code()), TIMEOUT, "{state}");
        }
    }

    #[test]
    fn a_deadlock_and_a_failed_serialization_are_to_be_tried_again() {
        for state in ["40001", "40P01"] {
            let error = refused(state);
            assert_eq!((error.kind(), error.code()), CONFLICT, "{state}");
        }
    }

    #[test]
    fn a_row_for_an_organization_that_was_deleted_is_told_that_it_is_gone() {
        for key in ["patients_organization_id_fkey", "team_organizationId_fkey"] {
            let error = refused_by("23503", key);
            assert_eq!((error.kind(), error.code()), ORGANIZATION_GONE, "{key}");
        }
        for (state, key) in [
            ("23503", "patient_words_patient_id_fkey"),
            ("23505", "patients_organization_id_fkey"),
        ] {
            let error = refused_by(state, key);
            assert_eq!((error.kind(), error.code()), INTERNAL, "{key}");
        }
    }

    #[test]
    fn every_other_refusal_is_our_mistake() {
        for state in ["23505", "42501", "42P01", "40002", "22P02", "25P02", "57000"] {
            let error = refused(state);
            assert_eq!((error.kind(), error.code()), INTERNAL, "{state}");
        }
        let error = DbErr::Custom("x".to_owned());
        assert_eq!((error.kind(), error.code()), INTERNAL);
    }

    #[test]
    fn a_lost_connection_and_an_exhausted_pool_are_unavailable() {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let errors = [
            driver(SqlxError::Io(reset)),
            driver(SqlxError::PoolTimedOut),
            driver(SqlxError::PoolClosed),
            DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout),
        ];

        for error in errors {
            assert_eq!((error.kind(), error.code()), UNAVAILABLE, "{error}");
        }
    }

    #[test]
    fn a_unique_violation_names_its_constraint() {
        let error = refused("23505");

        assert!(is_unique_violation(&error));
        assert_eq!(violated_constraint(&error).as_deref(), Some("member_key"));
        assert_eq!(sqlstate(&error).as_deref(), Some("23505"));
        assert!(!is_unique_violation(&refused("23503")));
        assert_eq!(sqlstate(&driver(SqlxError::PoolClosed)), None);
    }
}
