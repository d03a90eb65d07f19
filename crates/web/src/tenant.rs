//! The extractor that enters an organization.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest};
use wardkeep_tenancy::{Asked, BeginError, OrganizationId, TenantScope, TenantTx};

use crate::State;
use crate::context::Unsurrounded;
use crate::error::ApiError;
use crate::session::{CurrentSession, find, unauthorized};

const ORGANIZATION_ID: HeaderName = HeaderName::from_static("organization-id");

/// A member's scope in one organization: session, user, membership and rights, found by one statement. It is also left in
/// the extensions of the request, as a `TenantScope`.
///
/// The organization is the one that the header `Organization-Id` names, else the session's active one. The answer is
///
/// - 401 `UNAUTHORIZED` without a valid session;
/// - 404 `ORGANIZATION_NOT_FOUND` if the header names an organization that does not exist, or of which the user is no
///   member, or is no uuid, or stands there twice: who is not in it may not know about it;
/// - 400 `NO_ACTIVE_ORGANIZATION` if there is no header and the session has no active organization;
/// - 403 `NOT_A_MEMBER` if the user is no longer a member of the session's active organization: they knew it, and
///   must choose another.
pub struct Tenant {
    scope: TenantScope,
    session: CurrentSession,
}

impl Tenant {
    /// Opens a transaction in the organization. 503 `TENANT_BUSY` if too many are open already.
    pub async fn begin(&self) -> Result<TenantTx, BeginError> {
        self.scope.begin().await
    }

    /// The scope itself.
    pub fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// The session, with the user.
    pub fn session(&self) -> &CurrentSession {
        &self.session
    }
}

impl FromRequest for Tenant {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let tenant = enter(&request).await?;
            request.extensions_mut().insert(tenant.scope.clone());
            Ok(tenant)
        })
    }
}

/// What the request says about the organization.
enum Named {
    Not,
    Is(OrganizationId),
    Unknown,
}

async fn enter(request: &HttpRequest) -> Result<Tenant, Error> {
    let state = request
        .app_data::<State>()
        .ok_or_else(|| ApiError::from(Unsurrounded))?;
    let named = named(request);
    let asked = match named {
        Named::Is(organization) => Asked::Organization(organization),
        Named::Not | Named::Unknown => Asked::Active,
    };
    let session = find(request, asked)
        .await
        .map_err(ApiError::from)?
        .ok_or_else(|| unauthorized(request))?;
    let membership = session
        .membership
        .as_ref()
        .filter(|_| !matches!(named, Named::Unknown));
    let Some(membership) = membership else {
        return Err(no_tenant(&named, session.session.active_organization_id).into());
    };
    let scope =
        wardkeep_organizations::enter(state.database(), session.context(), state.access(), membership);
    Ok(Tenant { scope, session })
}

fn named(request: &HttpRequest) -> Named {
    let mut values = request.headers().get_all(ORGANIZATION_ID);
    match (values.next(), values.next()) {
        (None, _) => Named::Not,
        (Some(value), None) => match value.to_str().ok().and_then(|text| text.parse().ok()) {
            Some(organization) => Named::Is(organization),
            None => Named::Unknown,
        },
        (Some(_), Some(_)) => Named::Unknown,
    }
}

fn no_tenant(named: &Named, active: Option<OrganizationId>) -> ApiError {
    match (named, active) {
        (Named::Is(_) | Named::Unknown, _) => ApiError::new(
            StatusCode::NOT_FOUND,
            "ORGANIZATION_NOT_FOUND",
            "you have no such organization",
        ),
        (Named::Not, Some(_)) => ApiError::new(
            StatusCode::FORBIDDEN,
            "NOT_A_MEMBER",
            "you are not a member of the active organization any more; choose another",
        ),
        (Named::Not, None) => ApiError::new(
            StatusCode::BAD_REQUEST,
            "NO_ACTIVE_ORGANIZATION",
            "choose an organization first, or name one in the header Organization-Id",
        ),
    }
}
