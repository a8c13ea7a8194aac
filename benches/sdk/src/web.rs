//! A request's way through axum, without us and with us.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use frontdesk::{Auth, FrontdeskLayer};
use http::{Request, Response};
use tower::{Service, ServiceExt};

use crate::measure::Subject;
use crate::ours::{BATCH, Carrier, Order};
use crate::world::World;

/// A route that asks nobody.
pub(crate) fn bare<'w>(world: &'w World, people: &'w [String]) -> Subject<'w> {
    let app = Router::new().route("/orders", get(async || "orders"));
    subject("axum: a bare route", app, world, people)
}

/// The same route behind a layer that does nothing.
pub(crate) fn idle<'w>(world: &'w World, people: &'w [String]) -> Subject<'w> {
    let layer = axum::middleware::from_fn(async |request: Request<Body>, next: axum::middleware::Next| {
        next.run(request).await
    });
    let app = Router::new().route("/orders", get(async || "orders")).layer(layer);
    subject("axum: the same behind a layer that does nothing", app, world, people)
}

/// The same route behind our layer, with our extractor.
pub(crate) fn layered<'w>(world: &'w World, people: &'w [String]) -> Result<Subject<'w>> {
    let layer = FrontdeskLayer::new(world.frontdesk(people.len() * 5 / 4)?);
    let handler = async |auth: Auth| if auth.is_signed_in() { "orders" } else { "nobody" };
    let app = Router::new().route("/orders", get(handler)).layer(layer);
    Ok(subject("axum: the same behind our layer, with our extractor, warm", app, world, people))
}

fn subject<'w>(name: &str, app: Router, world: &'w World, people: &'w [String]) -> Subject<'w> {
    let mut app = app.into_service::<Body>();
    let mut order = Order::of(people);
    Subject::new(name, people.len(), move |count, notes| {
        for _ in 0..count.div_ceil(BATCH) {
            let requests: Vec<_> =
                order.by_ref().take(BATCH).map(|token| Carrier::Bearer.request(world, token)).collect();
            notes.time(BATCH, || {
                for request in requests {
                    assert_eq!(answer(&mut app, request.map(|()| Body::empty())).status(), 200);
                }
            });
        }
        Ok(())
    })
}

fn answer<S>(app: &mut S, request: Request<Body>) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let asking = pin!(app.ready());
    let Poll::Ready(Ok(app)) = asking.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("axum is always ready")
    };
    let answering = pin!(app.call(request));
    match answering.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => response,
        Poll::Pending => panic!("the answer must be there at the first poll"),
    }
}
