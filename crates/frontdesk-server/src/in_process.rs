//! The server as a transport: the typed client and the SDK ask it without a socket.

use axum::Router;
use axum::body::Body;
use frontdesk_client::{BoxFuture, Failure, Request, Response, Transport, TransportError};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::Server;

/// Carries requests to a server in the same process, through the same router that answers on a socket. Cheap to clone.
///
/// ```no_run
/// # async fn example(server: frontdesk_server::Server, secret_key: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let client = frontdesk_client::Client::builder(secret_key).build(server.transport())?;
/// let user = client.users().get_user(&"user_2nZ".parse()?).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct InProcess {
    router: Router,
}

impl Server {
    /// A transport to this server, for embedding and for tests.
    pub fn transport(&self) -> InProcess {
        InProcess { router: self.router() }
    }
}

impl InProcess {
    /// The router that it asks: the whole HTTP surface. A clone costs next to nothing; [`Server::router`] makes another.
    pub fn router(&self) -> Router {
        self.router.clone()
    }
}

impl Transport for InProcess {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(answer(self.router.clone(), request))
    }
}

async fn answer(router: Router, request: Request) -> Result<Response, TransportError> {
    let mut asked = http::Request::new(Body::from(request.body));
    *asked.method_mut() = request.method;
    *asked.uri_mut() = request.path_and_query.into();
    *asked.headers_mut() = request.headers;
    let answered = router.oneshot(asked).await.unwrap_or_else(|never| match never {});
    let (parts, body) = answered.into_parts();
    let body = body.collect().await.map_err(|error| TransportError::new(Failure::Broken, error))?;
    Ok(Response::new(parts.status, parts.headers, body.to_bytes()))
}
