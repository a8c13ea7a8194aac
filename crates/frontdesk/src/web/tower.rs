//! tower: [`FrontdeskLayer`] in front of any service of `http` requests, hyper's own among them.
//!
//! A handler without a framework asks [`get_auth`](crate::get_auth) or [`SignedIn::of`](crate::SignedIn::of), and
//! answers with [`Denied::into_response`](crate::Denied::into_response):
//!
//! ```
//! use std::convert::Infallible;
//!
//! use frontdesk::{Frontdesk, FrontdeskLayer, SignedIn};
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use hyper::body::{Bytes, Incoming};
//! use hyper_util::rt::TokioIo;
//! use hyper_util::service::TowerToHyperService;
//! use tower::{Layer, service_fn};
//!
//! async fn my_profile(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
//!     Ok(match SignedIn::of(&request).await {
//!         Ok(session) => Response::new(Full::from(format!("you are {}", session.user_id()))),
//!         Err(denied) => denied.into_response(),
//!     })
//! }
//!
//! async fn serve(frontdesk: Frontdesk, stream: tokio::net::TcpStream) -> hyper::Result<()> {
//!     let service = FrontdeskLayer::new(frontdesk).layer(service_fn(my_profile));
//!     hyper::server::conn::http1::Builder::new()
//!         .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
//!         .await
//! }
//! ```

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{Either, Full};
use tower::{Layer, Service};

use super::layer::Course;
use crate::{Frontdesk, FrontdeskLayer};

impl<S> Layer<S> for FrontdeskLayer {
    type Service = FrontdeskService<S>;

    fn layer(&self, inner: S) -> FrontdeskService<S> {
        FrontdeskService { frontdesk: self.frontdesk.clone(), inner }
    }
}

/// The service that [`FrontdeskLayer`] makes. The body of its responses is the inner service's, or its own.
///
/// ```
/// use frontdesk::FrontdeskLayer;
/// use frontdesk::web::tower::FrontdeskService;
/// use tower::Layer;
///
/// fn in_front_of<S>(service: S, layer: &FrontdeskLayer) -> FrontdeskService<S> {
///     layer.layer(service)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct FrontdeskService<S> {
    frontdesk: Frontdesk,
    inner: S,
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for FrontdeskService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone + Send + 'static,
    S::Future: Send,
    RequestBody: Send + 'static,
    ResponseBody: Body<Data = Bytes>,
{
    type Response = Response<Either<ResponseBody, Full<Bytes>>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        // The service that is ready is the one to call; its clone waits for the next request.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let frontdesk = self.frontdesk.clone();
        Box::pin(async move {
            let state = match Course::of(&frontdesk, &request).await {
                Course::Continue(state) => state,
                Course::Answer(answer) => return Ok(answer.map(|text| Either::Right(Full::from(text)))),
            };
            request.extensions_mut().insert(state.clone());
            let mut response = inner.call(request).await?;
            state.apply_to(response.headers_mut());
            Ok(response.map(Either::Left))
        })
    }
}

#[cfg(test)]
#[cfg(feature = "axum")]
mod tests;
