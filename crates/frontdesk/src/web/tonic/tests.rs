//! The layer in front of a gRPC service, called by tonic's own client in the same process.

use std::convert::Infallible;

use frontdesk_types::Span;
use http::uri::PathAndQuery;
use tonic::body::Body;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::{Layer, service_fn};

use crate::test_support::{self, USER, World, foreign_key, token};
use crate::{
    Authorized, Denied, FrontdeskLayer, Policy, RequestView, Requirement, Reverification, SignedIn, get_auth,
    require,
};

type Reply = Result<Response<String>, Status>;

async fn greet(request: Request<String>) -> Reply {
    let auth = get_auth(&request).await;
    Ok(Response::new(auth.user_id().map_or_else(|| "signed out".to_owned(), ToString::to_string)))
}

async fn protected(request: Request<String>) -> Reply {
    let session = SignedIn::of(&request).await?;
    Ok(Response::new(session.user_id().to_string()))
}

struct CreateInvoices;

impl Policy for CreateInvoices {
    fn requirement() -> Requirement {
        Requirement::permission("org:invoices:create")
    }
}

async fn authorized(request: Request<String>) -> Reply {
    let session = Authorized::<CreateInvoices>::of(&request).await?;
    Ok(Response::new(session.user_id().to_string()))
}

async fn stepped_up(request: Request<String>) -> Reply {
    let session = require(&request, &Requirement::reverified(Reverification::STRICT)).await?;
    Ok(Response::new(session.user_id().to_string()))
}

/// What the code generator writes: one method after the other, by path.
async fn serve(request: http::Request<Body>) -> Result<http::Response<Body>, Infallible> {
    let mut grpc = tonic::server::Grpc::new(ProstCodec::default());
    Ok(match request.uri().path() {
        "/test.Desk/Greet" => grpc.unary(service_fn(greet), request).await,
        "/test.Desk/Protected" => grpc.unary(service_fn(protected), request).await,
        "/test.Desk/Authorized" => grpc.unary(service_fn(authorized), request).await,
        "/test.Desk/SteppedUp" => grpc.unary(service_fn(stepped_up), request).await,
        other => panic!("no such method: {other}"),
    })
}

/// Calls a method, with this in the metadata.
async fn call(world: &World, method: &str, metadata: &[(&'static str, &str)]) -> Reply {
    let service = FrontdeskLayer::new(world.frontdesk.clone()).layer(service_fn(serve));
    let mut client = tonic::client::Grpc::new(service);
    client.ready().await.unwrap();
    let mut request = Request::new("hello".to_owned());
    for (name, value) in metadata {
        request.metadata_mut().append(*name, value.parse().unwrap());
    }
    let path = PathAndQuery::try_from(format!("/test.Desk/{method}")).unwrap();
    client.unary(request, path, ProstCodec::<String, String>::default()).await
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn methods_learn_who_is_calling() {
    let world = World::production();
    let good = bearer(&token().sign());
    for method in ["Greet", "Protected"] {
        let reply = call(&world, method, &[("authorization", &good)]).await.unwrap();
        assert_eq!(reply.get_ref(), USER, "{method}");
    }
    let reply = call(&world, "Greet", &[]).await.unwrap();
    assert_eq!(reply.get_ref(), "signed out");
    let reason = reply.metadata().get("x-clerk-auth-reason").unwrap();
    assert_eq!(reason, "session-token-and-uat-missing");
}

#[tokio::test]
async fn only_the_signed_in_pass() {
    let world = World::production();
    for (metadata, reason) in [
        (None, "session-token-and-uat-missing"),
        (Some("nonsense".to_owned()), "token-invalid"),
        (Some(token().sign_with(foreign_key())), "token-invalid-signature"),
        (
            Some(token().shifted(Span::minutes(-5)).sign()),
            "session-token-expired-refresh-non-eligible-non-get",
        ),
    ] {
        let metadata = metadata.map(|token| bearer(&token));
        let metadata: Vec<_> = metadata.iter().map(|value| ("authorization", value.as_str())).collect();
        for method in ["Protected", "Authorized", "SteppedUp"] {
            let status = call(&world, method, &metadata).await.unwrap_err();
            assert_eq!((status.code(), status.message()), (Code::Unauthenticated, "nobody is signed in"));
            assert_eq!(status.metadata().get("x-clerk-auth-reason").unwrap(), reason);
        }
    }
}

#[tokio::test]
async fn a_policy_decides_who_may() {
    let world = World::production();
    let with = |permissions: &[&str]| {
        let token = token()
            .claim("org_id", "org_2GIpXOEpVyJw51rkZn9Kmnc6Sxr")
            .claim("org_role", "org:member")
            .claim("org_slug", "acme")
            .claim("org_permissions", permissions.to_vec());
        bearer(&token.sign())
    };
    let reply =
        call(&world, "Authorized", &[("authorization", &with(&["org:invoices:create"]))]).await.unwrap();
    assert_eq!(reply.get_ref(), USER);
    let status =
        call(&world, "Authorized", &[("authorization", &with(&["org:invoices:read"]))]).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(status.metadata().get("x-frontdesk-reverification"), None);
}

#[tokio::test]
async fn stale_factors_are_asked_for_again() {
    let world = World::production();
    let verified = |minutes_ago: i64| bearer(&token().claim("fva", vec![minutes_ago, -1]).sign());
    assert_eq!(call(&world, "SteppedUp", &[("authorization", &verified(1))]).await.unwrap().get_ref(), USER);
    let status = call(&world, "SteppedUp", &[("authorization", &verified(60))]).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    let wanted: serde_json::Value =
        serde_json::from_str(status.metadata().get("x-frontdesk-reverification").unwrap().to_str().unwrap())
            .unwrap();
    assert_eq!(wanted, serde_json::json!(Reverification::STRICT));
}

/// Not even to one that looks like a browser, or brings the remains of a handshake.
#[tokio::test]
async fn a_call_is_never_sent_anywhere() {
    let world = World::development();
    let browser = [("sec-fetch-dest", "document"), ("accept", "text/html")];
    let foreign = [("cookie", "__clerk_handshake=nonsense"), ("cookie", "__clerk_db_jwt=dvb_1")];
    for metadata in [browser, foreign] {
        let status = call(&world, "Protected", &metadata).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{metadata:?}");
        assert_eq!(status.metadata().get("location"), None);
    }
}

#[tokio::test]
async fn cookies_are_read_too() {
    let world = World::production();
    let page = test_support::Request::page("/").signed_in(&token().sign());
    let cookies: Vec<_> =
        page.0.headers().get_all("cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let metadata: Vec<_> = cookies.iter().map(|cookie| ("cookie", *cookie)).collect();
    assert_eq!(call(&world, "Protected", &metadata).await.unwrap().get_ref(), USER);
}

#[tokio::test]
async fn without_a_layer_and_without_settings_nobody_is_signed_in() {
    let mut request = Request::new(String::new());
    request.metadata_mut().insert("authorization", bearer(&token().sign()).parse().unwrap());
    assert_eq!(protected(request).await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_handle_answers_without_a_layer() {
    let world = World::production();
    let mut request = Request::new(std::cell::Cell::new(0));
    request.metadata_mut().insert("authorization", bearer(&token().sign()).parse().unwrap());
    assert!(world.frontdesk.get_auth(&request).await.is_signed_in());
    assert_eq!((RequestView::method(&request), &*request.url()), ("POST", "/"));
}

#[test]
fn a_refusal_is_a_status() {
    let location = http::HeaderValue::from_static("https://accounts.example/sign-in");
    for (denied, code) in [
        (Denied::unauthorized(http::HeaderMap::new()), Code::Unauthenticated),
        (Denied::redirect_to(location), Code::Unauthenticated),
        (Denied::forbidden(), Code::PermissionDenied),
    ] {
        let status = Status::from(denied);
        assert_eq!(status.code(), code);
        assert!(status.metadata().is_empty());
    }
}
