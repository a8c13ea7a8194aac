//! Every row of the decision table (wire contract §4.2, §4.3, §4.5), in development and production.

mod doors;
mod organizations;
mod refreshing;
mod satellites;

use frontdesk_jwt::category;
use frontdesk_types::Span;
use http::Method;

use crate::state::reason::RefusalCode;
use crate::test_support::{KEY_HOST, NOW, Request, USER, World, foreign_key, key, token};
use crate::{Reason, RefreshObstacle, Status};

const EXPIRED: Span = Span::minutes(-10);
const NO_REFRESH: Reason = Reason::SessionTokenExpired(RefreshObstacle::NoRefreshCookie);

/// Checks status and reason, and that the response announces both.
async fn expect(world: &World, request: Request, status: Status, reason: Reason) {
    let shown = format!("{:?}", request.0);
    let state = world.decide(request).await;
    assert_eq!((state.status(), state.reason()), (status, Some(&reason)), "{shown}");
    assert_eq!(state.headers()["x-clerk-auth-status"], status.as_str());
    assert_eq!(state.headers()["x-clerk-auth-reason"], reason.as_str());
    assert_eq!(state.location().is_some(), status == Status::Handshake, "{shown}");
    assert_eq!(state.auth().user_id(), None, "nobody without a verified token");
}

async fn expect_signed_in(world: &World, request: Request) {
    let shown = format!("{:?}", request.0);
    let state = world.decide(request).await;
    assert_eq!((state.status(), state.reason()), (Status::SignedIn, None), "{shown}");
    assert!(state.headers().is_empty(), "signed in is not announced");
    assert_eq!(state.auth().user_id().unwrap().as_str(), USER);
}

fn worlds() -> [World; 2] {
    [World::development(), World::production()]
}

#[tokio::test]
async fn a_bearer_token_signs_in() {
    for world in worlds() {
        let good = token().sign();
        expect_signed_in(&world, Request::fetch("/").bearer(&good)).await;
        expect_signed_in(&world, Request::page("/").bearer(&good)).await;
        expect_signed_in(&world, Request::fetch("/").method(Method::POST).bearer(&good)).await;
        // The whole value is the token when there is no scheme.
        expect_signed_in(&world, Request::fetch("/").header("authorization", &good)).await;
        // The header wins over cookies, whatever they say.
        expect_signed_in(&world, Request::page("/").bearer(&good).cookie("__session", "nonsense")).await;
    }
}

#[tokio::test]
async fn another_scheme_is_not_ours() {
    for world in worlds() {
        let basic = Request::fetch("/").header("authorization", "Basic YTpi");
        let reason = if world.key.as_str().starts_with("pk_test_") {
            Reason::DevBrowserMissing
        } else {
            Reason::SessionTokenAndUatMissing
        };
        expect(&world, basic, Status::SignedOut, reason).await;
        // Schemes are compared as written, as other SDKs do.
        let lower = Request::fetch("/").header("authorization", &format!("bearer {}", token().sign()));
        assert!(!world.auth(lower).await.is_signed_in());
    }
}

#[tokio::test]
async fn nonsense_in_the_header_is_invalid() {
    for world in worlds() {
        for nonsense in ["nonsense", "a.b.c", "..", "Bearer", "Bearer  two-spaces", "ak_opaque", "\u{e9}"] {
            let value = if nonsense.starts_with("Bearer") {
                nonsense.to_owned()
            } else {
                format!("Bearer {nonsense}")
            };
            let request = Request::page("/").header("authorization", &value);
            expect(&world, request, Status::SignedOut, Reason::TokenInvalid).await;
        }
    }
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let good = token().sign();
    let (signed_text, signature) = good.rsplit_once('.').unwrap();
    let other = token().claim("sub", "user_somebody_else").sign();
    let none = {
        use base64::Engine as _;
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .encode(r#"{"alg":"none","kid":"key_1","typ":"JWT"}"#);
        format!("{header}.{}.", signed_text.split_once('.').unwrap().1)
    };
    for world in worlds() {
        for (forged, reason) in [
            (format!("{}.{signature}", other.rsplit_once('.').unwrap().0), Reason::TokenInvalidSignature),
            (token().sign_with(foreign_key()), Reason::TokenInvalidSignature),
            (format!("{signed_text}."), Reason::TokenInvalidSignature),
            (none.clone(), Reason::TokenInvalidAlgorithm),
            (token().kind(|header| header.with_type("jwt")).sign(), Reason::TokenInvalid),
        ] {
            expect(&world, Request::page("/").bearer(&forged), Status::SignedOut, reason.clone()).await;
            expect(&world, Request::page("/").signed_in(&forged), Status::SignedOut, reason).await;
        }
    }
}

#[tokio::test]
async fn claims_of_the_wrong_kind_are_refused() {
    for world in worlds() {
        for draft in [
            token().without("sub"),
            token().claim("sub", 7),
            token().claim("sub", "somebody"),
            token().claim("sid", "no session"),
            token().without("exp"),
            token().claim("exp", "tomorrow"),
            token().claim("nbf", "now"),
        ] {
            let request = Request::page("/").bearer(&draft.sign());
            expect(&world, request, Status::SignedOut, Reason::TokenVerificationFailed).await;
        }
        // What other SDKs do without, so do we.
        for draft in
            [token().without("sid"), token().without("iat"), token().without("iss"), token().without("azp")]
        {
            expect_signed_in(&world, Request::page("/").bearer(&draft.sign())).await;
        }
    }
}

#[tokio::test]
async fn other_kinds_of_tokens_do_not_stand_for_a_session() {
    for world in worlds() {
        for draft in [
            token().kind(|header| header.with_category(category::JWT_TEMPLATE)),
            token().kind(|header| header.with_category(category::MACHINE)),
            token().kind(|header| header.with_category("cl_something_else")),
            token().kind(|header| header.with_type("at+jwt")),
            token().kind(|header| header.with_type("application/at+jwt")),
            token().claim("sub", "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr"),
        ] {
            let other = draft.sign();
            expect(&world, Request::page("/").bearer(&other), Status::SignedOut, Reason::TokenTypeMismatch)
                .await;
            expect(
                &world,
                Request::page("/").signed_in(&other),
                Status::SignedOut,
                Reason::TokenTypeMismatch,
            )
            .await;
        }
        let broken = token().claim("sub", "mch_1").sign();
        let broken = format!("{}.", broken.rsplit_once('.').unwrap().0);
        let request = Request::page("/").bearer(&broken);
        expect(&world, request, Status::SignedOut, Reason::TokenInvalidSignature).await;
        for category in [category::SESSION, category::IGNORE] {
            let request =
                Request::page("/").bearer(&token().kind(|header| header.with_category(category)).sign());
            expect_signed_in(&world, request).await;
        }
    }
}

#[tokio::test]
async fn time_is_forgiven_for_five_seconds() {
    for world in worlds() {
        // A good token lives until 50 s from now, and was issued 10 s ago.
        for (shift, reason) in [
            (-54, None),
            (-55, Some(NO_REFRESH)),
            (15, None),
            (16, Some(Reason::SessionTokenIatInTheFuture)),
            (26, Some(Reason::SessionTokenNbf)),
        ] {
            let shifted = token().shifted(Span::seconds(shift)).sign();
            let Some(reason) = reason else {
                expect_signed_in(&world, Request::fetch("/").bearer(&shifted)).await;
                continue;
            };
            expect(&world, Request::fetch("/").bearer(&shifted), Status::SignedOut, reason.clone()).await;
            expect(&world, Request::page("/").bearer(&shifted), Status::Handshake, reason.clone()).await;
            let cookie = Request::page("/").signed_in(&shifted);
            // An old token may be older than the last change of the client, which is noticed first.
            let cookie = cookie.cookie("__unrelated", "1");
            if shift > 0 {
                expect(&world, cookie, Status::Handshake, reason).await;
            }
        }
    }
}

#[tokio::test]
async fn an_expired_token_says_why_it_was_not_refreshed() {
    for world in worlds() {
        let expired = token().shifted(EXPIRED).sign();
        let refresh = world.suffixed("__refresh");
        let cases = [
            (Request::page("/").bearer(&expired), RefreshObstacle::NoRefreshCookie, Status::Handshake),
            (
                Request::page("/").bearer(&expired).cookie(&refresh, "r"),
                RefreshObstacle::Refused(RefusalCode::new("resource_not_found")),
                Status::Handshake,
            ),
            (
                Request::page("/").bearer(&expired).method(Method::POST),
                RefreshObstacle::NotGet,
                Status::SignedOut,
            ),
            // Only the suffixed refresh cookie counts.
            (
                Request::page("/").bearer(&expired).cookie("__refresh", "r"),
                RefreshObstacle::NoRefreshCookie,
                Status::Handshake,
            ),
        ];
        for (request, obstacle, status) in cases {
            expect(&world, request, status, Reason::SessionTokenExpired(obstacle)).await;
        }
    }
}

#[tokio::test]
async fn authorized_parties_audience_and_issuer_are_demanded() {
    let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| {
        builder.authorized_party("http://app.test").audience("shop").issuer(format!("https://{KEY_HOST}"))
    });
    expect_signed_in(&world, Request::fetch("/").bearer(&token().sign())).await;
    expect_signed_in(&world, Request::fetch("/").bearer(&token().claim("aud", "shop").sign())).await;
    for (draft, reason) in [
        (token().claim("azp", "http://evil.test"), Reason::TokenInvalidAuthorizedParties),
        (token().without("azp"), Reason::TokenInvalidAuthorizedParties),
        (token().claim("aud", "bank"), Reason::TokenVerificationFailed),
        (token().claim("iss", "https://clerk.evil.test"), Reason::TokenInvalidIssuer),
    ] {
        expect(&world, Request::page("/").bearer(&draft.sign()), Status::SignedOut, reason).await;
    }
}

#[tokio::test]
async fn a_development_browser_must_introduce_itself() {
    let world = World::development();
    let good = token().sign();
    expect(&world, Request::page("/"), Status::Handshake, Reason::DevBrowserMissing).await;
    expect(&world, Request::fetch("/"), Status::SignedOut, Reason::DevBrowserMissing).await;
    let cookies = Request::page("/").cookie("__session", &good).cookie("__client_uat", "1");
    expect(&world, cookies, Status::Handshake, Reason::DevBrowserMissing).await;
    let in_url = Request::page("/?__clerk_db_jwt=dvb_2").signed_in(&good);
    expect(&world, in_url, Status::Handshake, Reason::DevBrowserSync).await;
    let empty = Request::page("/?__clerk_db_jwt=").cookie("__clerk_db_jwt", "dvb_1");
    expect(&world, empty, Status::Handshake, Reason::DevBrowserSync).await;
    let introduced = Request::page("/").cookie("__clerk_db_jwt", "dvb_1");
    expect(&world, introduced, Status::SignedOut, Reason::SessionTokenAndUatMissing).await;
}

#[tokio::test]
async fn production_knows_no_development_browsers() {
    let world = World::production();
    expect(&world, Request::page("/"), Status::SignedOut, Reason::SessionTokenAndUatMissing).await;
    expect_signed_in(&world, Request::page("/?__clerk_db_jwt=dvb_2").signed_in(&token().sign())).await;
    let satellite =
        Request::page("/?__clerk_redirect_url=https://satellite.test/").signed_in(&token().sign());
    expect_signed_in(&world, satellite).await;
}

#[tokio::test]
async fn a_primary_application_answers_its_satellite() {
    let world = World::development();
    let request = Request::page(
        "/?__clerk_redirect_url=https%3A%2F%2Fsatellite.test%2F%3F__clerk_synced%3Dfalse%26a%3Db",
    );
    let state = world.decide(request.cookie("__clerk_db_jwt", "dvb_1")).await;
    assert_eq!(state.reason(), Some(&Reason::PrimaryRespondsToSyncing));
    let answer = "https://satellite.test/?__clerk_synced=true&a=b&__clerk_db_jwt=dvb_1";
    assert_eq!(state.location(), Some(answer));
    let stranger = Request::page("/?__clerk_redirect_url=https%3A%2F%2Fsatellite.test%2F");
    assert_eq!(world.decide(stranger).await.location(), Some("https://satellite.test/?__clerk_synced=true"));
    let nonsense = Request::page("/?__clerk_redirect_url=nonsense");
    assert!(world.frontdesk.authenticate_request(&nonsense.0).await.is_err());
    assert_eq!(world.auth(nonsense).await.reason(), Some(&Reason::UnexpectedError));
}

#[tokio::test]
async fn the_cookies_must_agree() {
    for world in worlds() {
        let good = token().sign();
        let page = || Request::page("/").cookie("__clerk_db_jwt", "dvb_1");
        let issued_at = NOW.as_secs() - 10;

        expect(&world, page(), Status::SignedOut, Reason::SessionTokenAndUatMissing).await;
        expect(
            &world,
            page().cookie("__client_uat", "0"),
            Status::SignedOut,
            Reason::SessionTokenAndUatMissing,
        )
        .await;

        let only_session = || page().cookie("__session", &good);
        let reason = Reason::SessionTokenWithoutClientUat;
        expect(&world, only_session(), Status::Handshake, reason.clone()).await;
        expect(&world, only_session().cookie("__client_uat", "0"), Status::Handshake, reason.clone()).await;
        expect(&world, only_session().cookie("__client_uat", "soon"), Status::Handshake, reason).await;

        let only_uat = page().cookie("__client_uat", &issued_at.to_string());
        expect(&world, only_uat, Status::Handshake, Reason::ClientUatWithoutSessionToken).await;

        let both = |uat: i64| only_session().cookie("__client_uat", &uat.to_string());
        expect_signed_in(&world, both(issued_at)).await;
        expect_signed_in(&world, both(1)).await;
        expect(&world, both(issued_at + 1), Status::Handshake, Reason::SessionTokenIatBeforeClientUat).await;

        let scripts = both(issued_at + 1).method(Method::POST);
        expect(&world, scripts, Status::SignedOut, Reason::SessionTokenIatBeforeClientUat).await;
    }
}

#[tokio::test]
async fn an_undecodable_cookie_is_invalid() {
    for world in worlds() {
        expect(&world, Request::page("/").signed_in("nonsense"), Status::SignedOut, Reason::TokenInvalid)
            .await;
    }
}

#[tokio::test]
async fn an_expired_cookie_shakes_hands() {
    for world in worlds() {
        let expired = token().shifted(EXPIRED).sign();
        let cookies = |request: Request| {
            request
                .cookie("__session", &expired)
                .cookie("__client_uat", "1")
                .cookie("__clerk_db_jwt", "dvb_1")
        };
        expect(&world, cookies(Request::page("/")), Status::Handshake, NO_REFRESH).await;
        expect(&world, cookies(Request::fetch("/")), Status::SignedOut, NO_REFRESH).await;
    }
}

#[tokio::test]
async fn only_somebody_who_opens_a_page_can_be_sent_away() {
    let world = World::production();
    let uat = |request: Request| request.cookie("__client_uat", "1");
    let reason = Reason::ClientUatWithoutSessionToken;
    for (request, status) in [
        (Request::fetch("/").header("sec-fetch-dest", "document"), Status::Handshake),
        (Request::fetch("/").header("sec-fetch-dest", "iframe"), Status::Handshake),
        (Request::fetch("/").header("accept", "text/html"), Status::Handshake),
        (
            Request::fetch("/").header("sec-fetch-dest", "empty").header("accept", "text/html"),
            Status::SignedOut,
        ),
        (Request::fetch("/").header("accept", "*/*"), Status::SignedOut),
        (Request::page("/").method(Method::HEAD), Status::SignedOut),
        (Request::page("/").method(Method::POST), Status::SignedOut),
    ] {
        expect(&world, uat(request), status, reason.clone()).await;
    }
}

#[tokio::test]
async fn a_visitor_from_elsewhere_shakes_hands() {
    for world in worlds() {
        let good = token().sign();
        let development = world.key.as_str().starts_with("pk_test_");
        let from = |referer: &str| Request::page("/").signed_in(&good).header("referer", referer);
        let reason = Reason::PrimaryDomainCrossOriginSync;

        expect(&world, from("https://search.test/?q=shop"), Status::Handshake, reason.clone()).await;
        expect(&world, from("https://app.test/"), Status::Handshake, reason.clone()).await; // another scheme
        expect_signed_in(&world, from("http://app.test/other")).await;
        expect_signed_in(&world, from("not a url")).await;
        expect_signed_in(&world, from(&format!("https://{KEY_HOST}/v1/client"))).await;
        expect_signed_in(&world, from("https://accounts.frontdesk.test/sign-in")).await;
        expect(&world, from("https://accounts.evil.test/"), Status::Handshake, reason.clone()).await;

        let portal = from("https://foo-bar-13.accounts.dev/sign-in");
        if development {
            expect_signed_in(&world, portal).await;
        } else {
            expect(&world, portal, Status::Handshake, reason.clone()).await;
        }
        // A redirect that was just made is not repeated, and a frame or a script is left alone.
        expect_signed_in(&world, from("https://search.test/").cookie("__clerk_redirect_count", "1")).await;
        let script = Request::fetch("/").signed_in(&good).header("referer", "https://search.test/");
        expect_signed_in(&world, script).await;
    }
}

#[tokio::test]
async fn a_pending_session_is_signed_out_unless_asked_for() {
    let world = World::production();
    let pending = token().claim("v", 2).claim("sts", "pending").sign();
    let state = world.decide(Request::fetch("/").bearer(&pending)).await;
    assert_eq!(state.status(), Status::SignedIn, "the token itself is good");
    assert_eq!(state.auth().reason(), Some(&Reason::SessionPending));
    assert_eq!(state.auth().user_id(), None);
    let lenient = world.frontdesk.with_pending_sessions();
    let auth = lenient.get_auth(&Request::fetch("/").bearer(&pending).0).await;
    assert_eq!(auth.user_id().unwrap().as_str(), USER);
}

#[tokio::test]
async fn a_fixed_key_needs_no_backend() {
    let pem = key().public_pem().unwrap();
    let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| {
        builder.jwt_key(pem.replace('\n', "\\n"))
    });
    expect_signed_in(&world, Request::fetch("/").bearer(&token().sign())).await;
    let forged = token().sign_with(foreign_key());
    expect(&world, Request::fetch("/").bearer(&forged), Status::SignedOut, Reason::TokenInvalidSignature)
        .await;
    assert_eq!(world.backend.jwks_calls(), 0);
}

#[tokio::test]
async fn a_layer_in_front_is_believed() {
    let world = World::production();
    let nobody = world.frontdesk.authenticate_request(&Request::fetch("/").0).await.unwrap();
    let mut request = Request::fetch("/").bearer(&token().sign());
    request.0.extensions_mut().insert(nobody);
    assert_eq!(world.frontdesk.get_auth(&request.0).await.reason(), Some(&Reason::SessionTokenAndUatMissing));
    // Another handle, or another question, finds out for itself.
    assert!(World::production().frontdesk.get_auth(&request.0).await.is_signed_in());
    assert!(world.frontdesk.with_pending_sessions().get_auth(&request.0).await.is_signed_in());
}

#[tokio::test]
async fn a_layer_that_is_gone_answers_for_nobody_else() {
    for _ in 0..20 {
        let mut request = Request::fetch("/").bearer(&token().sign());
        let gone = World::production();
        let state = gone.frontdesk.authenticate_request(&request.0).await.unwrap();
        assert_eq!(state.status(), Status::SignedIn);
        request.0.extensions_mut().insert(state);
        drop(gone);
        // Made of the same parts, it may well get the same place in memory.
        let stranger = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| {
            builder.authorized_party("https://elsewhere.test")
        });
        let auth = stranger.frontdesk.get_auth(&request.0).await;
        assert_eq!(auth.reason(), Some(&Reason::TokenInvalidAuthorizedParties));
    }
}

mod strangers {
    use proptest::prelude::*;

    use super::*;

    /// Anything that a header can carry, often with pieces that mean something.
    fn value() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..12),
            proptest::sample::select(vec![
                "__session=",
                "__client_uat=",
                "__session_wg9BN2Og=",
                "__clerk_db_jwt=",
                "__clerk_handshake=",
                "__clerk_handshake_nonce=",
                "__clerk_redirect_count=",
                "__refresh_wg9BN2Og=",
                "; ",
                "Bearer ",
                "eyJhbGciOiJub25lIn0",
                ".",
                "e30",
                "%",
                "%zz",
                "\u{e9}",
                ",",
                "https",
                "://",
                "[::1",
                "@",
                "?",
                "#",
                "99999999999999999999",
                "-1",
                "a=b",
            ])
            .prop_map(|text| text.as_bytes().to_vec()),
        ];
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        /// Whatever strangers send is answered, and signs nobody in.
        #[test]
        fn can_send_what_they_like(
            path in "/[ -~]{0,40}",
            headers in proptest::collection::vec(
                (proptest::sample::select(vec![
                    "authorization", "cookie", "host", "x-forwarded-host", "x-forwarded-proto", "referer", "accept",
                    "sec-fetch-dest", "origin",
                ]), value()),
                0..8,
            ),
            development: bool,
            document: bool,
            satellite: bool,
            auto_sync: bool,
        ) {
            let (Ok(uri), headers) = (path.parse::<http::Uri>(), headers) else { return Ok(()) };
            let mut request = http::Request::get(uri).body(()).unwrap();
            for (name, value) in headers {
                if let Ok(value) = http::HeaderValue::from_bytes(&value) {
                    request.headers_mut().append(name, value);
                }
            }
            if document {
                request.headers_mut().insert("sec-fetch-dest", http::HeaderValue::from_static("document"));
            }
            let pem = key().public_pem().unwrap();
            let prefix = if development { "pk_test_" } else { "pk_live_" };
            let world = World::with(&format!("{prefix}Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk"), |builder| {
                builder
                    .jwt_key(pem)
                    .is_satellite(satellite)
                    .domain("satellite.test")
                    .sign_in_url("https://primary.test/sign-in")
                    .satellite_auto_sync(auto_sync)
                    .organization_patterns(["/:slug/(.*)", "/(.*)/:id+"])
            });
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let auth = runtime.block_on(world.frontdesk.get_auth(&request));
            prop_assert!(!auth.is_signed_in());
        }
    }
}
