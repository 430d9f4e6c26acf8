//! `/phone/`: a phone in the browser that runs the very mini program that WeChat would.
//!
//! The mini program is compiled here, its code runs in the browser, and everything that leaves it
//! comes back here: `wx.request` through [`proxy`], the rest through the control plane.

mod assets;
mod compiled;
mod events;
mod image;
mod options;
mod pages;
mod path;
mod proxy;
mod runtime;
mod watch;

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::{Value, json};

pub use options::{DomainError, PhoneDomain, PhoneOptions};

use crate::control::{Problem, shown_user};
use crate::platform::Platform;
use compiled::{Built, Product, Program};
use pages::{Missing, fresh};
use runtime::{Part, Runtime};
use watch::Watch;

/// A picture or sound of a mini program; WeChat takes 2 MB per package.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// What the phone needs besides the platform.
#[derive(Debug)]
pub(crate) struct Phone {
    program: Option<Program>,
    domains: Vec<PhoneDomain>,
    runtime: Runtime,
    watch: Watch,
    proxy: proxy::Proxy,
}

impl Phone {
    pub(crate) fn new(options: Option<PhoneOptions>) -> Self {
        let (program, options) = match options {
            Some(options) => (Some(options.mini_program.clone()), options),
            None => (None, PhoneOptions::default()),
        };
        Self {
            program: program.map(Program::at),
            domains: options.domains,
            runtime: Runtime::at(options.runtime),
            watch: Watch::default(),
            proxy: proxy::Proxy::new(),
        }
    }

    fn program(&self) -> Result<&Program, Missing> {
        let program = self.program.as_ref().ok_or(Missing::MiniProgram)?;
        if program.is_there() {
            return Ok(program);
        }
        Err(Missing::AppJson(program.root().display().to_string()))
    }

    fn runtime(&self) -> Result<&Runtime, Missing> {
        let runtime = &self.runtime;
        let missing = || Missing::Runtime(runtime.folder().display().to_string());
        runtime.is_there().then_some(runtime).ok_or_else(missing)
    }
}

type Shared = State<Arc<Platform>>;

/// All routes of the phone.
pub(crate) fn router() -> Router<Arc<Platform>> {
    Router::new()
        .route("/phone", get(async || Redirect::permanent("/phone/")))
        .route("/phone/", get(frame))
        .route("/phone/screen", get(screen))
        .route("/phone/web/{*path}", get(web))
        .route("/phone/rt/{name}", get(runtime_part))
        .route("/phone/app/{product}", get(product))
        .route("/phone/app/files/{*path}", get(file))
        .route("/phone/api/host", get(host))
        .route("/phone/api/request", post(proxy::request))
        .route("/phone/api/image", get(image::image))
        .route("/phone/api/events", get(events::events))
        .layer(from_fn(guard))
}

async fn guard(request: Request, next: Next) -> Response {
    let screen = assets::get("screen.html");
    let screen = screen.map(|asset| asset.bytes).unwrap_or_default();
    pages::guard(next.run(request).await, &pages::policy(&screen))
}

async fn frame(State(platform): Shared, headers: HeaderMap) -> Response {
    page(&platform, "index.html", &headers)
}

async fn screen(State(platform): Shared, headers: HeaderMap) -> Response {
    page(&platform, "screen.html", &headers)
}

fn page(platform: &Platform, name: &str, headers: &HeaderMap) -> Response {
    let phone = &platform.phone;
    let ready = phone.program().and_then(|_| phone.runtime());
    match ready {
        Ok(_) => asset(name, headers),
        Err(missing) => pages::missing(&missing),
    }
}

async fn web(Path(path): Path<String>, headers: HeaderMap) -> Response {
    asset(&path, &headers)
}

fn asset(path: &str, headers: &HeaderMap) -> Response {
    match (assets::get(path), path::page_type(path)) {
        (Some(asset), Some(kind)) => fresh(headers, kind, &asset.etag, asset.bytes),
        _ => no_such_file(),
    }
}

async fn runtime_part(
    State(platform): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(part) = Part::named(&name) else {
        return no_such_file();
    };
    match platform.phone.runtime() {
        Err(missing) => unready(&missing),
        Ok(runtime) => match runtime.read(part) {
            Ok(bytes) => sent(&headers, "a.js", &Product::of(bytes)),
            Err(error) => Problem::new(500, format!("{name}: {error}")).into_response(),
        },
    }
}

async fn product(
    State(platform): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let choose: fn(&Built) -> &Product = match name.as_str() {
        "bundle.js" => |built| &built.bundle,
        "app.css" => |built| &built.css,
        "issues.json" => |built| &built.issues,
        _ => return no_such_file(),
    };
    let program = match platform.phone.program() {
        Ok(program) => program,
        Err(missing) => return unready(&missing),
    };
    match program.built().await {
        Ok(built) => sent(&headers, &name, choose(&built)),
        Err(error) => Problem::new(500, format!("the mini program: {error}")).into_response(),
    }
}

fn sent(headers: &HeaderMap, name: &str, product: &Product) -> Response {
    let kind = path::page_type(name).unwrap_or("application/octet-stream");
    fresh(headers, kind, &product.etag, product.bytes.clone())
}

/// Pictures and the like out of the mini program's folder.
async fn file(State(platform): Shared, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let program = match platform.phone.program() {
        Ok(program) => program,
        Err(missing) => return unready(&missing),
    };
    let Some(kind) = path::media_type(&path) else {
        return no_such_file();
    };
    let root = program.root().to_owned();
    let read = move || -> Option<Bytes> {
        let found = path::inside(&root, &path)?;
        let small = found.metadata().ok()?.len() <= MAX_FILE_BYTES;
        small.then(|| std::fs::read(found).ok().map(Bytes::from))?
    };
    let Ok(Some(bytes)) = tokio::task::spawn_blocking(read).await else {
        return no_such_file();
    };
    let product = Product::of(bytes);
    let mut response = fresh(&headers, kind, &product.etag, product.bytes);
    let inert = header::HeaderValue::from_static(pages::INERT);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, inert);
    response
}

/// What a screen has to know before it starts.
async fn host(State(platform): Shared) -> Response {
    let phone = &platform.phone;
    let program = match phone.program() {
        Ok(program) => program,
        Err(missing) => return unready(&missing),
    };
    let revision = match program.revision().await {
        Ok(revision) => revision,
        Err(error) => {
            return Problem::new(500, format!("the mini program: {error}")).into_response();
        }
    };
    let identity = &platform.keys.identity;
    let domains: Vec<&str> = phone.domains.iter().map(PhoneDomain::name).collect();
    let ledger = platform.ledger();
    let users: Vec<Value> = ledger.people.values().map(shown_user).collect();
    Json(json!({
        "appid": identity.apps.first().map(|app| &app.appid),
        "merchant_name": identity.name,
        "domains": domains,
        "revision": revision,
        "mini_program": program.name(),
        "users": users,
    }))
    .into_response()
}

fn unready(missing: &Missing) -> Response {
    Problem::new(503, missing.line()).into_response()
}

fn no_such_file() -> Response {
    Problem::new(404, "no such file").into_response()
}
