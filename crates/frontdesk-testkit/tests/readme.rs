//! The test that both READMEs show.

// sample: application
use axum::{Router, routing::get};
use frontdesk::{Frontdesk, FrontdeskLayer, SignedIn};

fn app(frontdesk: Frontdesk) -> Router {
    let me = async |session: SignedIn| session.user_id().to_string();
    Router::new().route("/me", get(me)).layer(FrontdeskLayer::new(frontdesk))
}
// end of sample

// sample: test
use axum::body::Body;
use frontdesk_testkit::TestServer;
use tower::ServiceExt;

#[tokio::test]
async fn my_profile_is_mine() {
    let server = TestServer::start().await;
    let ada = server.user().email("ada@example.com").create().await;
    let request = server.session_for(&ada).await.fetch("/me").body(Body::empty()).unwrap();

    let response = app(server.frontdesk()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
}
// end of sample
