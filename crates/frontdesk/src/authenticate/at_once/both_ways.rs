//! Arbitrary requests, answered by somebody who remembers and by somebody who never does.

use std::cell::Cell;

use frontdesk_types::Span;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::test_support::{NOW, Request, World, foreign_key, token};
use crate::{Accepts, RequestState, Status, TokenType};

const KEYS: [&str; 2] = ["pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", "pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk"];

/// Good tokens, tokens that are good later or were before, and tokens that are not good at all.
fn tokens() -> Vec<String> {
    let organization = |id: &str| serde_json::json!({ "id": id, "rol": "admin", "slg": "acme" });
    vec![
        token().sign(),
        token().claim("v", 2).claim("o", organization("org_1")).sign(),
        token().shifted(Span::seconds(5)).sign(),
        token().shifted(Span::seconds(-30)).sign(),
        token().claim("exp", NOW.as_secs() + 3600).sign(),
        token().claim("v", 2).claim("sts", "pending").sign(),
        token().claim("iss", "https://clerk.other.test").sign(),
        token().without("iss").sign(),
        token().without("iat").sign(),
        token().claim("iat", NOW.as_secs() - 100).sign(),
        token().kind(|header| header.with_category("cl_1234567890ABCDEFG")).sign(),
        token().sign_with(foreign_key()),
        "nonsense".to_owned(),
        String::new(),
    ]
}

#[derive(Clone, Debug)]
struct Draft {
    development: bool,
    satellite: bool,
    organization_sync: bool,
    accepts: Option<TokenType>,
    method: &'static str,
    target: &'static str,
    headers: Vec<(&'static str, String)>,
    /// In milliseconds after the tokens were made.
    later: i64,
}

fn arbitrary_draft() -> impl Strategy<Value = Draft> {
    // Mostly the first few: the good ones.
    let token =
        prop_oneof![4 => 0..5_usize, 1 => 0..tokens().len()].prop_map(|number| tokens_once()[number].clone());
    let session = (Just("__session".to_owned()), token.clone());
    let uat = prop_oneof![
        6 => Just((NOW.as_secs() - 60).to_string()),
        1 => Just(NOW.as_secs().to_string()),
        1 => prop::sample::select(vec!["0", "", "x", "00", "12abc", "-5"]).prop_map(str::to_owned),
    ];
    let cookie = prop_oneof![
        6 => session,
        5 => (Just("__client_uat".to_owned()), uat),
        3 => (Just("__clerk_db_jwt".to_owned()), prop::sample::select(vec!["dvb_1", ""]).prop_map(str::to_owned)),
        1 => (prop::sample::select(vec!["__clerk_handshake", "__clerk_handshake_nonce", "__clerk_redirect_count", "theme"])
                .prop_map(str::to_owned), prop_oneof![token.clone(), Just("2".to_owned())]),
    ];
    let cookies =
        prop::collection::vec((cookie, any::<bool>(), prop::bool::weighted(0.9)), 2..7).prop_map(|cookies| {
            let mut fields = vec![String::new()];
            for ((name, value), suffixed, joined) in cookies {
                let name = if suffixed { format!("{name}_SUFFIX") } else { name };
                match fields.last_mut() {
                    Some(field) if joined && !field.is_empty() => *field = format!("{field}; {name}={value}"),
                    _ => fields.push(format!("{name}={value}")),
                }
            }
            fields.into_iter().map(|field| ("cookie", field)).collect::<Vec<_>>()
        });
    let authorization =
        (prop::sample::select(vec!["Bearer ", "", "bearer ", "Basic ", " Bearer "]), token.clone())
            .prop_map(|(scheme, token)| vec![("authorization", format!("{scheme}{token}"))]);
    // A browser has all of them; now and then one is missing.
    let answer = prop_oneof![
        8 => Just(""),
        1 => prop::sample::select(vec!["; __clerk_handshake_nonce=the-nonce", "; __clerk_handshake=x"]),
    ];
    let has = prop::collection::vec(prop::bool::weighted(0.9), 6);
    let browser = (token.clone(), has, answer).prop_map(|(token, has, answer)| {
        let uat = (NOW.as_secs() - 60).to_string();
        let all = [
            format!("__session={token}"),
            format!("__session_SUFFIX={token}"),
            format!("__client_uat={uat}"),
            format!("__client_uat_SUFFIX={uat}"),
            "__clerk_db_jwt=dvb_1".to_owned(),
            "__clerk_db_jwt_SUFFIX=dvb_1".to_owned(),
        ];
        let some: Vec<_> =
            all.into_iter().zip(has).filter_map(|(cookie, has)| has.then_some(cookie)).collect();
        vec![("cookie", some.join("; ") + answer)]
    });
    let credentials = prop_oneof![
        2 => browser,
        2 => cookies.clone(),
        1 => authorization.clone(),
        1 => (cookies, authorization).prop_map(|(mut cookies, authorization)| { cookies.extend(authorization); cookies }),
    ];
    let rest = prop::sample::subsequence(
        vec![
            ("sec-fetch-dest", "document"),
            ("sec-fetch-dest", "empty"),
            ("accept", "text/html"),
            ("referer", "http://app.test/before"),
            ("referer", "https://elsewhere.test/"),
            ("x-forwarded-host", "public.test"),
            ("origin", "http://primary.test"),
        ],
        0..4,
    );
    let targets = vec![
        "/",
        "/",
        "/",
        "/orgs/acme",
        "/me?a=1&b=%20",
        "/?__clerk_synced=true",
        "/?x&%5F_clerk_handshake=1",
        "/?__clerk_db_jwt=dvb_2",
        "/?__clerk_handshake=x",
        "/?%61=1",
        "https://app.test/?q=1",
    ];
    let settings = (any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    let accepts = prop_oneof![
        8 => Just(None),
        1 => prop::sample::select(vec![TokenType::Session, TokenType::ApiKey]).prop_map(Some),
    ];
    let method = prop_oneof![4 => Just("GET"), 1 => Just("POST")];
    let later = prop_oneof![5 => Just(0), 1 => -20_000..60_000_i64];
    (settings, accepts, method, prop::sample::select(targets), credentials, rest, later).prop_map(
        |((development, satellite, organization_sync), accepts, method, target, credentials, rest, later)| {
            Draft {
                development,
                satellite,
                organization_sync,
                accepts,
                method,
                target,
                headers: credentials
                    .into_iter()
                    .chain(rest.into_iter().map(|(name, value)| (name, value.to_owned())))
                    .collect(),
                later,
            }
        },
    )
}

fn tokens_once() -> &'static [String] {
    static TOKENS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    TOKENS.get_or_init(tokens)
}

impl Draft {
    fn world(&self, token_cache: usize) -> World {
        World::with(KEYS[usize::from(!self.development)], |mut builder| {
            builder = builder.token_cache(token_cache).sign_in_url("http://app.test/sign-in");
            if self.satellite {
                builder = builder
                    .is_satellite(true)
                    .domain("satellite.test")
                    .sign_in_url("http://primary.test/sign-in");
            }
            if self.organization_sync {
                builder = builder.organization_patterns(["/orgs/:slug"]).personal_account_patterns(["/me"]);
            }
            builder
        })
    }

    fn request(&self, world: &World) -> Request {
        let mut request = Request(
            http::Request::builder()
                .method(self.method)
                .uri(self.target)
                .header("host", "app.test")
                .body(())
                .unwrap(),
        );
        for (name, value) in &self.headers {
            request = request.header(name, &value.replace("SUFFIX", world.key.cookie_suffix()));
        }
        request
    }
}

/// All that there is to see of an answer.
fn seen(state: Result<RequestState, crate::AuthenticateError>) -> String {
    match state {
        Ok(state) => format!(
            "{:?} {:?} {:?} {:?} {} {:?} {:?}",
            state.status(),
            state.reason(),
            state.message(),
            state.headers(),
            serde_json::to_string(&state.auth()).unwrap(),
            state.auth().session().map(|session| session.token().to_owned()),
            state.sign_in_location(),
        ),
        Err(error) => format!("{error:?}"),
    }
}

#[test]
fn whoever_remembers_says_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (at_once, signed_in, by_cookie) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let config = ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&arbitrary_draft(), |draft| {
        runtime.block_on(async {
            let forgetful = draft.world(0);
            let remembering = draft.world(1000);
            let occurs =
                |token: &&String| draft.headers.iter().any(|(_, value)| value.contains(token.as_str()));
            for token in tokens_once().iter().filter(|token| !token.is_empty()).filter(occurs) {
                remembering.auth(Request::fetch("/").bearer(token)).await;
            }
            for world in [&forgetful, &remembering] {
                world.clock.advance(Span::millis(draft.later));
            }
            let ask = async |world: &World| {
                let accepts = draft.accepts.map_or_else(Accepts::default, Accepts::from);
                let handle = world.frontdesk.accepting(accepts);
                let request = draft.request(world);
                let is_warm = world.frontdesk.inner().at_once(&request.0, accepts).is_some();
                let state = handle.authenticate_request(&request.0).await;
                let auth = handle.get_auth(&request.0).await;
                if let Ok(state) = &state {
                    prop_assert_eq!(
                        serde_json::to_string(&auth).unwrap(),
                        serde_json::to_string(&state.auth()).unwrap()
                    );
                }
                Ok((is_warm, state))
            };
            let (never, expected) = ask(&forgetful).await?;
            let (is_warm, first) = ask(&remembering).await?;
            let (_, second) = ask(&remembering).await?;
            prop_assert!(!never);
            if expected.as_ref().is_ok_and(|state| state.status() == Status::SignedIn) {
                signed_in.set(signed_in.get() + 1);
            }
            if is_warm {
                at_once.set(at_once.get() + 1);
                let by = usize::from(draft.headers.iter().all(|(name, _)| *name != "authorization"));
                by_cookie.set(by_cookie.get() + by);
            }
            let (expected, first, second) = (seen(expected), seen(first), seen(second));
            prop_assert_eq!(&expected, &first);
            prop_assert_eq!(expected, second);
            Ok(())
        })
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    // The test would mean little if hardly anything went the short way.
    let (at_once, signed_in, by_cookie) = (at_once.get(), signed_in.get(), by_cookie.get());
    assert!(
        at_once > 100 && by_cookie > 30 && 3 * at_once > signed_in,
        "{at_once} of {signed_in}, {by_cookie} by cookie"
    );
}
