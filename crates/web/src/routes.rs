//! Every route, and the document that describes them.

use actix_web::http::Method;
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, get};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt as _, scope};

use crate::error::{ApiError, ApiResult, ProblemDetails};
use crate::{State, auth, development_sign_in, document, health, invitation_page, mailbox, organization};

/// Adds every route to an application, which must be wrapped in [`surround`](crate::surround):
///
/// ```no_run
/// # fn example(state: wardkeep_web::State) {
/// use actix_web::{App, middleware::from_fn};
///
/// let app = App::new().wrap(from_fn(wardkeep_web::surround)).configure(wardkeep_web::configure(state));
/// # let _ = app;
/// # }
/// ```
pub fn configure(state: State) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        let document = openapi();
        if state.mailbox().is_some() {
            config
                .configure(mailbox::configure)
                .configure(development_sign_in::configure);
        }
        config.app_data(state);
        routes(&mut ServiceConfig::new(config));
        config
            .app_data(Data::new(document))
            .default_service(web::to(nothing_here));
    }
}

/// The OpenAPI document of every route.
pub fn openapi() -> OpenApi {
    let mut document = App::new()
        .into_utoipa_app()
        .openapi(Document::openapi())
        .configure(routes)
        .split_for_parts()
        .1;
    document::complete(&mut document);
    document
}

#[derive(utoipa::OpenApi)]
#[openapi(
    components(schemas(ProblemDetails)),
    info(title = "Wardkeep", description = "Sign-in, organizations and clinical records of many clinics."),
    tags(
        (name = "auth", description = "Users and sessions, in the protocol of Better Auth 1.7"),
        (name = "organization", description = "Organizations and members, in the protocol of Better Auth 1.7"),
        (name = "patients", description = "The patients of the organization"),
        (name = "appointments", description = "Who comes when to whom, and when there is time"),
        (name = "rooms", description = "Where patients are treated"),
        (name = "working-hours", description = "When practitioners work, every week"),
        (name = "absences", description = "When practitioners are away"),
        (name = "treatments", description = "Courses of treatment, and how far they are"),
        (name = "treatment-sessions", description = "What was done when"),
        (name = "medical-records", description = "Problems, allergies, medications, observations and documents"),
        (name = "clinical-notes", description = "Notes of sessions, signed and verified"),
        (name = "audit", description = "Who saw and changed what"),
        (name = "health", description = "For whatever watches over the process"),
    )
)]
struct Document;

fn routes(config: &mut ServiceConfig<'_>) {
    health::configure(config);
    invitation_page::configure(config);
    config.service(openapi_json);
    config.service(
        scope("/api/auth")
            .configure(auth::configure)
            .configure(organization::configure)
            .default_service(web::to(HttpResponse::NotFound)),
    );
    #[cfg(feature = "clinical")]
    crate::clinical::configure(config);
}

/// This document. Public.
#[utoipa::path(tag = "health", operation_id = "openapi", responses((status = 200, body = Object, description = "The document")))]
#[get("/openapi.json")]
async fn openapi_json(document: Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(&document)
}

/// 404, or 405 for a path that has other methods.
async fn nothing_here(request: HttpRequest) -> ApiResult<HttpResponse> {
    let methods = request
        .match_pattern()
        .map(|pattern| methods(&request, &pattern))
        .unwrap_or_default();
    if methods.is_empty() {
        Err(ApiError::not_found())
    } else {
        Err(ApiError::method_not_allowed(&methods))
    }
}

/// The methods that the document gives a path.
fn methods(request: &HttpRequest, pattern: &str) -> Vec<Method> {
    let document = request.app_data::<Data<OpenApi>>();
    let Some(item) = document.and_then(|document| document.paths.paths.get(pattern)) else {
        return Vec::new();
    };
    let PathItem {
        get,
        post,
        put,
        patch,
        delete,
        ..
    } = item;
    [
        (get, Method::GET),
        (post, Method::POST),
        (put, Method::PUT),
        (patch, Method::PATCH),
        (delete, Method::DELETE),
    ]
    .into_iter()
    .filter_map(|(operation, method)| operation.as_ref().map(|_| method))
    .collect()
}
