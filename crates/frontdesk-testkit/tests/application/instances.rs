//! Several instances in one server, several servers in one process, and what is the same in every run.

use frontdesk_testkit::{PUBLISHABLE_KEY, SECRET_KEY, TestServer};

use crate::{app, send};

#[tokio::test]
async fn instances_do_not_take_each_others_tokens() {
    let first = TestServer::start().await;
    let mut servers = vec![first.clone()];
    // More than there are published signing keys.
    for name in ["shop", "blog", "wiki", "chat", "mail"] {
        servers.push(first.instance(name).await);
    }
    for (home, server) in servers.iter().enumerate() {
        let session = server.session_for(&server.user().create().await).await;
        for (place, other) in servers.iter().enumerate() {
            let app = app(other.frontdesk());
            let expected = if home == place { 200 } else { 401 };
            assert_eq!(send(&app, session.fetch("/me")).await.status(), expected, "{home} at {place}");
            let page = send(&app, session.page("/me")).await.status();
            assert_eq!(page == 200, home == place, "{home} at {place}: {page}");
        }
        assert_eq!(session.browser().open(&app(server.frontdesk()), "/me").await.status(), 200);
    }
}

#[tokio::test]
async fn two_servers_of_different_seeds_share_nothing() {
    let (one, two) = (TestServer::start().await, TestServer::builder().seed(2).start().await);
    let ada = one.user().email("ada@example.com").create().await;
    let session = one.session_for(&ada).await;
    assert_eq!(send(&app(one.frontdesk()), session.fetch("/me")).await.status(), 200);
    assert_eq!(send(&app(two.frontdesk()), session.fetch("/me")).await.status(), 401);
    assert_eq!(two.user_by_email("ada@example.com").await, None);

    one.advance(std::time::Duration::from_hours(1));
    assert_eq!(one.now().since(two.now()), frontdesk::Span::hours(1));
}

#[tokio::test]
async fn keys_and_ids_are_the_same_in_every_run() {
    let (one, again) = (TestServer::start().await, TestServer::start().await);
    assert_eq!((one.publishable_key(), one.secret_key()), (PUBLISHABLE_KEY, SECRET_KEY));
    let shop = one.instance("shop").await;
    assert_eq!(shop.secret_key(), "sk_test_PublishedKeyForTestsProtectsNothing1x1");
    assert_eq!(shop.frontend_url(), "http://localhost:4400/i/shop");
    let live = TestServer::builder().production().seed(7).start().await;
    assert_eq!(live.secret_key(), "sk_live_PublishedKeyForTestsProtectsNothing7x0");

    again.instance("shop").await;
    let (ada, same) = (one.user().create().await, again.user().create().await);
    assert_eq!(ada, same);
    let (session, same) = (one.session_for(&ada).await, again.session_for(&same).await);
    assert_eq!((session.id(), session.token()), (same.id(), same.token()));
    // Which is why servers that shall refuse each other's tokens need different seeds.
    assert_eq!(send(&app(again.frontdesk()), session.fetch("/me")).await.status(), 200);
}

#[tokio::test]
async fn the_sdk_outlives_the_handle() {
    let (app, request) = {
        let server = TestServer::start().await;
        let session = server.session_for(&server.user().create().await).await;
        (app(server.frontdesk()), session.fetch("/me"))
    };
    assert_eq!(send(&app, request).await.status(), 200);
}

#[tokio::test]
async fn postgres_when_asked() {
    let Ok(url) = std::env::var("FRONTDESK_TEST_POSTGRES") else {
        eprintln!("left out: FRONTDESK_TEST_POSTGRES names no PostgreSQL server");
        return;
    };
    let server = TestServer::builder().postgres(url).start().await;
    let ada = server.user().email("ada@example.com").username("ada").create().await;
    let session = server.session_for(&ada).await;
    assert_eq!(send(&app(server.frontdesk()), session.page("/me")).await.status(), 200);
    assert_eq!(ada.id, TestServer::start().await.user().create().await.id, "the engine changes no id");
}
