//! The organization that the URL names (wire contract §4.3, row 16; §4.11).

use super::*;
use crate::Notice;
use crate::test_support::TokenDraft;

const KEYS: [&str; 2] = ["pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", "pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk"];

fn world(key: &str) -> World {
    World::with(key, |builder| {
        builder
            .organization_patterns(["/orgs/:slug", "/orgs/:slug/(.*)", "/by-id/:id"])
            .personal_account_patterns(["/me", "/me/(.*)"])
    })
}

fn acme() -> [TokenDraft; 2] {
    [
        token().claim("org_id", "org_1").claim("org_slug", "acme").claim("org_role", "org:admin"),
        token().claim("v", 2).claim("o", serde_json::json!({ "id": "org_1", "slg": "acme", "rol": "admin" })),
    ]
}

#[tokio::test]
async fn the_right_one_is_no_reason_to_go_anywhere() {
    for world in KEYS.map(world) {
        for session in acme() {
            for path in
                ["/orgs/acme", "/orgs/acme/", "/orgs/acme/settings/a", "/by-id/org_1", "/", "/other/orgs/x"]
            {
                expect_signed_in(&world, Request::page(path).signed_in(&session.sign())).await;
            }
        }
        for path in ["/me", "/me/settings", "/"] {
            expect_signed_in(&world, Request::page(path).signed_in(&token().sign())).await;
        }
    }
}

#[tokio::test]
async fn another_one_is_activated_by_a_handshake() {
    for world in KEYS.map(world) {
        for (session, path, wanted) in [
            (&acme()[0], "/orgs/other", "other"),
            (&acme()[1], "/orgs/other/a", "other"),
            (&acme()[0], "/by-id/org_2", "org_2"),
            (&acme()[1], "/by-id/acme", "acme"),
            (&token(), "/orgs/acme", "acme"),
            (&acme()[0], "/me", ""),
            (&acme()[1], "/ME/settings", ""),
        ] {
            let request = Request::page(path).signed_in(&session.sign());
            let state = world.decide(request).await;
            assert_eq!(state.reason(), Some(&Reason::ActiveOrganizationMismatch), "{path}");
            let location = state.location().unwrap();
            assert!(location.ends_with(&format!("&organization_id={wanted}")), "{location}");
        }
    }
}

#[tokio::test]
async fn any_handshake_says_which_one_the_page_is_about() {
    let world = world(KEYS[1]);
    let page = Request::page("/orgs/acme").cookie("__client_uat", "1");
    let state = world.decide(page).await;
    assert_eq!(state.reason(), Some(&Reason::ClientUatWithoutSessionToken));
    assert!(state.location().unwrap().ends_with("&organization_id=acme"));
}

#[tokio::test]
async fn who_cannot_be_sent_away_stays_signed_in() {
    for world in KEYS.map(world) {
        let session = acme()[0].sign();
        expect_signed_in(&world, Request::fetch("/orgs/other").signed_in(&session)).await;
        let form = Request::page("/orgs/other").method(Method::POST).signed_in(&session);
        expect_signed_in(&world, form).await;
        // A bearer token is what it is.
        expect_signed_in(&world, Request::page("/orgs/other").bearer(&session)).await;
    }
}

#[tokio::test]
async fn an_organization_that_does_not_come_is_given_up() {
    for world in KEYS.map(world) {
        let again = |count: &str| {
            Request::page("/orgs/other").signed_in(&token().sign()).cookie("__clerk_redirect_count", count)
        };
        expect(&world, again("2"), Status::Handshake, Reason::ActiveOrganizationMismatch).await;
        for count in ["3", "4"] {
            let state = world.decide(again(count)).await;
            assert_eq!((state.status(), state.location()), (Status::SignedIn, None));
            assert_eq!(state.notice(), Some(&Notice::OrganizationLoop));
        }
    }
}

#[tokio::test]
async fn a_pending_session_is_not_moved() {
    for world in KEYS.map(world) {
        let pending = token().claim("v", 2).claim("sts", "pending").sign();
        let state = world.decide(Request::page("/orgs/other").signed_in(&pending)).await;
        assert_eq!((state.status(), state.location()), (Status::SignedIn, None));
    }
}
