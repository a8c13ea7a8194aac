//! What the layer and the extractors of every framework must do, told once.
//!
//! The tests of a framework make an application of these routes and say how it is asked; `story!` tells the rest.
//!
//! | Route | Answers |
//! |---|---|
//! | `/` | who is signed in, or `signed out` |
//! | `/asking`, `/nested/asking` | the same by `get_auth`, or the reason |
//! | `/protected`, `/nested/protected` | to `SignedIn`: who |
//! | `/authorized` | to `Authorized<CreateInvoices>`: who |
//! | `/stepped-up` | to `Authorized<DeleteAccount>`: who |
//! | `/refusing` | a `Denied` to everybody who is signed in |
//! | `/program` | to `Machine`: its subject |
//! | `/cookie` | a cookie and an `Access-Control-Allow-Origin` of its own |
//! | `/failing` | 418, in the framework's own way to fail |

use std::fmt::Display;

use frontdesk_types::Span;

use crate::test_support::{Request, USER, World, foreign_key, token};
use crate::{FrontdeskLayer, Policy, Requirement, Reverification, TokenType};

pub(super) struct CreateInvoices;

impl Policy for CreateInvoices {
    fn requirement() -> Requirement {
        Requirement::permission("org:invoices:create")
    }
}

pub(super) struct DeleteAccount;

impl Policy for DeleteAccount {
    fn requirement() -> Requirement {
        Requirement::reverified(Reverification::STRICT)
    }
}

/// The application of a framework.
pub(super) trait Stage {
    /// Asks it, with this layer around everything or with none.
    async fn ask(layer: Option<FrontdeskLayer>, request: Request) -> Answer;

    async fn ask_with(world: &World, request: Request) -> Answer {
        Self::ask(Some(FrontdeskLayer::new(world.frontdesk.clone())), request).await
    }
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
    pub(super) headers: Vec<(String, String)>,
}

impl Answer {
    pub(super) fn new<N: Display, V: AsRef<[u8]>>(
        status: u16,
        headers: impl IntoIterator<Item = (N, V)>,
        text: impl Into<Vec<u8>>,
    ) -> Self {
        let utf8 = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let headers = headers.into_iter().map(|(name, value)| (name.to_string(), utf8(value.as_ref())));
        Self { status, text: utf8(&text.into()), headers: headers.collect() }
    }

    pub(super) fn each(&self, name: &str) -> Vec<&str> {
        let these = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        these.map(|(_, value)| &**value).collect()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        let [value] = self.each(name)[..] else { panic!("one {name} in {:?}", self.headers) };
        value
    }
}

pub(super) async fn handlers_learn_who_is_asking<S: Stage>() {
    let world = World::production();
    for path in ["/", "/asking", "/nested/asking"] {
        assert_eq!(
            S::ask_with(&world, Request::fetch(path).bearer(&token().sign())).await.text,
            USER,
            "{path}"
        );
    }
    assert_eq!(S::ask_with(&world, Request::page("/").signed_in(&token().sign())).await.text, USER);
    assert_eq!(S::ask_with(&world, Request::fetch("/")).await.text, "signed out");
    assert_eq!(S::ask_with(&world, Request::fetch("/asking")).await.text, "Some(SessionTokenAndUatMissing)");
}

pub(super) async fn only_the_signed_in_pass<S: Stage>() {
    let world = World::production();
    for path in ["/protected", "/nested/protected"] {
        let answer = S::ask_with(&world, Request::fetch(path).bearer(&token().sign())).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, USER), "{path}");
    }
    let pending = token().claim("v", 2).claim("sts", "pending").sign();
    for request in [
        Request::fetch("/protected"),
        Request::fetch("/protected").bearer("nonsense"),
        Request::fetch("/protected").bearer(&token().sign_with(foreign_key())),
        Request::fetch("/protected").bearer(&pending),
        Request::fetch("/nested/protected"),
        Request::fetch("/authorized"),
    ] {
        let answer = S::ask_with(&world, request).await;
        assert_eq!((answer.status, answer.text.as_str()), (401, r#"{"error":"unauthorized"}"#));
        assert_eq!(answer.header("content-type"), "application/json");
    }
    let nobody = S::ask_with(&world, Request::fetch("/protected")).await;
    assert_eq!(nobody.header("x-clerk-auth-status"), "signed-out");
}

pub(super) async fn only_the_allowed_pass<S: Stage>() {
    let world = World::production();
    let member = token()
        .claim("org_id", "org_2GIpXOEpVyJw51rkZn9Kmnc6Sxr")
        .claim("org_role", "org:member")
        .claim("org_permissions", serde_json::json!(["org:invoices:create"]))
        .sign();
    assert_eq!(S::ask_with(&world, Request::fetch("/authorized").bearer(&member)).await.text, USER);
    for (path, bearer) in [("/authorized", token().sign()), ("/refusing", member)] {
        let answer = S::ask_with(&world, Request::fetch(path).bearer(&bearer)).await;
        assert_eq!((answer.status, answer.text.as_str()), (403, r#"{"error":"forbidden"}"#), "{path}");
    }

    let verified = |minutes_ago: i64| {
        Request::fetch("/stepped-up").bearer(&token().claim("fva", vec![minutes_ago, -1]).sign())
    };
    let stale = S::ask_with(&world, verified(20)).await;
    assert_eq!(stale.status, 403);
    assert!(stale.text.contains("reverification-error"), "{}", stale.text);
    let fresh = S::ask_with(&world, verified(2)).await;
    assert_eq!((fresh.status, fresh.text.as_str()), (200, USER));
}

pub(super) async fn a_browser_is_sent_to_shake_hands_and_comes_back_to_the_whole_url<S: Stage>() {
    let world = World::production();
    let expired = token().shifted(Span::seconds(-600)).sign();
    for path in ["/protected?a=b&c=%2Fd", "/nested/protected?a=b"] {
        let answer = S::ask_with(&world, Request::page(path).signed_in(&expired)).await;
        assert_eq!((answer.status, answer.text.as_str()), (307, ""));
        let location = url::Url::parse(answer.header("location")).unwrap();
        assert_eq!(location.path(), "/v1/client/handshake");
        let (_, back) = location.query_pairs().find(|(name, _)| name == "redirect_url").unwrap();
        assert_eq!(back, format!("http://app.test{path}"));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-clerk-auth-status"), "handshake");
        assert_eq!(answer.each("set-cookie").len(), 1, "the redirects are counted");
    }
    assert_eq!(S::ask_with(&world, Request::fetch("/protected").signed_in(&expired)).await.status, 401);
}

pub(super) async fn a_visitor_is_sent_where_they_can_sign_in<S: Stage>() {
    let sign_in = "https://app.test/sign-in";
    let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder.sign_in_url(sign_in));
    for path in ["/protected", "/nested/protected", "/authorized"] {
        let answer = S::ask_with(&world, Request::page(path)).await;
        assert_eq!((answer.status, answer.text.as_str()), (307, ""), "{path}");
        assert!(answer.header("location").starts_with(&format!("{sign_in}?")), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(S::ask_with(&world, Request::fetch("/protected")).await.status, 401);
    // Other failures stay what they are.
    assert_eq!(S::ask_with(&world, Request::page("/failing")).await.status, 418);
}

pub(super) async fn what_the_handshake_brought_reaches_the_browser_beside_the_handlers_own<S: Stage>() {
    let world = World::production();
    world.backend.payload.lock().unwrap().replace(vec![
        format!("__session={}; Path=/", token().sign()),
        "__client_uat=1799999900; Path=/".to_owned(),
    ]);
    let asked = async |path| {
        S::ask_with(&world, Request::page(path).cookie("__clerk_handshake_nonce", "the-nonce")).await
    };
    let with_own = asked("/cookie").await;
    assert_eq!((with_own.status, with_own.each("set-cookie").len()), (200, 3));
    assert_eq!(with_own.header("access-control-allow-origin"), "https://friend.test");
    let failed = asked("/failing").await;
    assert_eq!((failed.status, failed.each("set-cookie").len()), (418, 2));
}

pub(super) async fn a_foreign_handshake_in_development_is_explained<S: Stage>() {
    let world = World::development();
    let answer = S::ask_with(&world, Request::page("/?__clerk_handshake=nonsense")).await;
    assert_eq!((answer.status, answer.header("content-type")), (500, "text/plain; charset=utf-8"));
    assert!(answer.text.contains("clear the cookies"), "{}", answer.text);
}

pub(super) async fn programs_have_a_type_of_their_own<S: Stage>() {
    let world = World::production();
    let ask = async |bearer: &str| {
        let layer = FrontdeskLayer::new(world.frontdesk.accepting(TokenType::M2m));
        S::ask(Some(layer), Request::fetch("/program").bearer(bearer)).await
    };
    let machine = ask(&token().claim("sub", "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr").sign()).await;
    assert_eq!(machine.text, "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr");
    let person = ask(&token().sign()).await;
    assert_eq!((person.status, person.text.as_str()), (401, r#"{"error":"unauthorized"}"#));
    assert!(person.header("www-authenticate").starts_with("Bearer"));
}

pub(super) async fn without_a_layer_and_without_settings_nobody_is_signed_in<S: Stage>() {
    let answer = S::ask(None, Request::fetch("/asking").bearer(&token().sign())).await;
    assert_eq!(answer.text, "Some(NotConfigured)");
    for path in ["/protected", "/authorized", "/program"] {
        assert_eq!(S::ask(None, Request::page(path)).await.status, 401, "{path}");
    }
}

/// The tests, for one stage.
macro_rules! story {
    ($stage:ident) => {
        $crate::web::story::story! {
            $stage:
            handlers_learn_who_is_asking,
            only_the_signed_in_pass,
            only_the_allowed_pass,
            a_browser_is_sent_to_shake_hands_and_comes_back_to_the_whole_url,
            a_visitor_is_sent_where_they_can_sign_in,
            what_the_handshake_brought_reaches_the_browser_beside_the_handlers_own,
            a_foreign_handshake_in_development_is_explained,
            programs_have_a_type_of_their_own,
            without_a_layer_and_without_settings_nobody_is_signed_in,
        }
    };
    ($stage:ident: $($chapter:ident,)+) => {
        mod story {
            $(
                #[tokio::test]
                async fn $chapter() {
                    $crate::web::story::$chapter::<super::$stage>().await;
                }
            )+
        }
    };
}
pub(super) use story;
