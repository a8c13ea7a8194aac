//! Pages for people: signing up and in, looking after one's own account, signing out.
//!
//! They are a client of the Frontend API and nothing more: every page asks the API's own router, in this process, with
//! the cookies of the browser that asks for the page, and passes on the cookies that the API sets. So each rule (limits,
//! lockout, who may see what) stands in one place, and no page can do what the API cannot. They work without scripts.
//!
//! One file for each page. What they share: `visit` (one browser at one page), `api` (asking), `csrf` (whose form is
//! it?), `destination` (where to afterwards), `problem` (what went wrong, in words), `frame` and `field` (what is drawn
//! on every page), `assets` (style, script, colours).

mod accounts;
mod api;
mod assets;
mod colour;
mod continuing;
mod csrf;
mod destination;
mod field;
mod form;
mod frame;
mod problem;
mod sign_in;
mod sign_out;
mod sign_up;
mod user;
mod visit;

use std::future::Future;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{MethodRouter, get};
use http::{HeaderValue, Request};

use self::form::Form;
use self::visit::{Answer, Visit};
use crate::Server;

/// What all pages share.
#[derive(Clone, Debug)]
struct Pages {
    server: Server,
    /// The Frontend API, as it answers browsers too.
    api: Router,
}

/// Every page of the server. `api` is the router of the Frontend API.
pub(crate) fn router(server: &Server, api: Router) -> Router {
    Router::new()
        .merge(accounts::routes())
        .merge(continuing::routes())
        .merge(sign_in::routes())
        .merge(sign_out::routes())
        .merge(sign_up::routes())
        .merge(user::routes())
        .with_state(Pages { server: server.clone(), api })
        .merge(assets::router())
}

/// A page that is only looked at.
fn shown<Show, Shown>(show: Show) -> MethodRouter<Pages>
where
    Show: Fn(Visit) -> Shown + Clone + Send + Sync + 'static,
    Shown: Future<Output = Answer> + Send + 'static,
{
    get(move |State(pages): State<Pages>, request: Request<Body>| visit::show(pages, request, show))
}

/// A form that is sent to its own address; there is nothing to look at there.
fn taken<Take, Taken>(take: Take) -> MethodRouter<Pages>
where
    Take: Fn(Visit, Form) -> Taken + Clone + Send + Sync + 'static,
    Taken: Future<Output = Answer> + Send + 'static,
{
    axum::routing::post(move |State(pages): State<Pages>, request: Request<Body>| {
        visit::take(pages, request, take)
    })
}

/// A form with a file in it.
fn taken_file<Take, Taken>(take: Take) -> MethodRouter<Pages>
where
    Take: Fn(Visit, HeaderValue, Body) -> Taken + Clone + Send + Sync + 'static,
    Taken: Future<Output = Answer> + Send + 'static,
{
    axum::routing::post(move |State(pages): State<Pages>, request: Request<Body>| {
        visit::take_file(pages, request, take)
    })
}
