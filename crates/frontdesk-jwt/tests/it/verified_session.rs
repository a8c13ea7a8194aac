//! Sessions as they are kept after verification: the same meaning as [`SessionClaims`], read without copying.

use frontdesk_jwt::{
    ActiveOrganization, ClaimsVersion, Expectations, FactorVerificationAge, Header, Scoped, SessionClaims,
    StatusClaim, VerifiedSession, VerifyError, category, verify, verify_session,
};
use frontdesk_types::{Span, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::session_claims::full;
use crate::{NOW, claims, rsa_key, signed, signed_text};

fn session(token: &str) -> Result<VerifiedSession, VerifyError> {
    verify_session(token, rsa_key().verifying_key(), &Expectations::new(), NOW)
}

/// A session with these claims changed.
fn with(changes: Value) -> Result<VerifiedSession, VerifyError> {
    session(&signed(changes))
}

/// The long way: the same token read into owned claims must mean the same.
fn assert_same_meaning(token: &str, kept: &VerifiedSession) {
    let read = verify::<SessionClaims>(token, rsa_key().verifying_key(), &Expectations::new(), NOW).unwrap();
    let owned = read.claims;
    assert_eq!(kept.header(), read.header);
    assert_eq!(kept.category(), read.header.cat.as_deref());
    assert_eq!(kept.kid(), read.header.kid.as_deref());
    assert_eq!(kept.claims_json(), read.claims_json);
    assert_eq!(kept.user_id(), owned.user_id);
    assert_eq!(kept.session_id(), Some(owned.session_id.as_str()));
    assert_eq!(kept.issuer(), Some(owned.issuer.as_str()));
    assert_eq!(kept.authorized_party(), owned.authorized_party.as_deref());
    assert_eq!(kept.token_id(), owned.token_id.as_deref());
    assert_eq!((kept.issued_at(), kept.expires_at()), (Some(owned.issued_at), owned.expires_at));
    assert_eq!(kept.not_before(), owned.not_before);
    assert_eq!(kept.status(), owned.status.as_ref().map(StatusClaim::as_str));
    assert_eq!(kept.factor_verification_age(), owned.factor_verification_age);
    assert_eq!(kept.actor(), owned.actor.clone().map(Value::Object));
    assert_eq!(kept.organization(), owned.organization);
    assert_eq!((kept.features(), kept.plans()), (owned.features.clone(), owned.plans.clone()));
    assert_eq!(kept.claims::<SessionClaims>().unwrap(), owned);
}

#[test]
fn both_versions_mean_what_their_claims_mean() {
    for version in [ClaimsVersion::V1, ClaimsVersion::V2] {
        let header = Header::for_key(rsa_key()).with_category(category::SESSION).with_origin_issued_at(NOW);
        let claims = full().to_claims(version);
        let token = rsa_key().sign(&header, &claims).unwrap();
        let kept = session(&token).unwrap();
        assert_eq!(kept.version(), version);
        assert_same_meaning(&token, &kept);
        assert_eq!(kept.to_map(), claims);
        assert!(kept.to_map().keys().eq(claims.keys()), "in the order they were sent");
        assert_eq!((kept.organization_id(), kept.organization_slug()), (Some("org_1"), Some("acme")));
        assert_eq!(kept.organization_role().as_deref(), Some("org:admin"));
        assert_eq!(
            kept.organization_permissions(),
            ["org:dashboard:read", "org:dashboard:manage", "org:teams:manage"]
        );
        assert_eq!(kept.is_pending(), version == ClaimsVersion::V2);
        assert_same_meaning(&token, &kept.clone());
    }
}

#[test]
fn the_least_a_token_says_is_enough() {
    let kept = session(&signed_text(r#"{"alg":"RS256"}"#, r#"{"sub":"user_1","exp":1800000060}"#)).unwrap();
    assert_eq!((kept.user_id(), kept.expires_at()), ("user_1", NOW + Span::seconds(60)));
    assert_eq!(
        (kept.kid(), kept.session_id(), kept.issuer(), kept.authorized_party()),
        (None, None, None, None)
    );
    assert_eq!(
        (kept.issued_at(), kept.not_before(), kept.token_id(), kept.status()),
        (None, None, None, None)
    );
    assert_eq!((kept.actor(), kept.organization(), kept.factor_verification_age()), (None, None, None));
    assert_eq!((kept.organization_role(), kept.organization_permissions()), (None, Vec::new()));
    assert_eq!((kept.features(), kept.plans()), (Vec::new(), Vec::new()));
    assert_eq!((kept.version(), kept.is_pending()), (ClaimsVersion::V1, false));
}

#[test]
fn claims_that_decide_about_rights_have_the_right_type() {
    let o = |o: Value| json!({ "v": 2, "o": o });
    for (changes, expected) in [
        (json!({ "sid": 1 }), "sid"),
        (json!({ "sid": ["sess_1"] }), "sid"),
        (json!({ "sts": true }), "sts"),
        (json!({ "sts": ["pending"] }), "sts"),
        (json!({ "fea": ["o:x"] }), "fea"),
        (json!({ "pla": { "o": "x" } }), "pla"),
        (o(json!("org_1")), "o"),
        (o(json!([{ "id": "org_1" }])), "o"),
        (o(json!(true)), "o"),
        (o(json!({})), "o"),
        (o(json!({ "id": null })), "o"),
        (o(json!({ "id": 1 })), "o"),
        (o(json!({ "id": "org_1", "rol": ["admin"] })), "o"),
        (o(json!({ "id": "org_1", "slg": 1 })), "o"),
        (o(json!({ "id": "org_1", "per": ["read"] })), "o"),
        (o(json!({ "id": "org_1", "fpm": 3 })), "o"),
        (json!({ "v": 2, "o": { "id": "org_1" }, "fea": "dashboard" }), "fea"),
        (json!({ "v": 2, "o": { "id": "org_1" }, "fea": "o:dashboard," }), "fea"),
    ] {
        let error = with(changes.clone()).unwrap_err();
        assert!(matches!(error, VerifyError::ClaimType(name) if name == expected), "{changes}: {error}");
        assert_eq!(error.reason(), "token-verification-failed");
    }
    // Without an organization there is nothing to unpack.
    for changes in
        [json!({ "v": 2, "fea": "dashboard" }), json!({ "fea": "dashboard", "o": {}, "org_id": "org_1" })]
    {
        assert_eq!(with(changes).unwrap().features(), []);
    }
    let nothing = r#"{"sub":"user_1","exp":1800000060,"v":2,"sid":null,"sts":null,"fea":null,"pla":null,"o":null,"act":null,"fva":null}"#;
    let kept = session(&signed_text(r#"{"alg":"RS256"}"#, nothing)).unwrap();
    assert_eq!((kept.session_id(), kept.organization(), kept.actor()), (None, None, None));
    let nothing_in_it =
        json!({ "v": 2, "o": { "id": "org_1", "slg": null, "rol": null, "per": null, "fpm": null } });
    let organization = ActiveOrganization { id: "org_1".to_owned(), ..ActiveOrganization::default() };
    assert_eq!(with(nothing_in_it).unwrap().organization(), Some(organization));
}

#[test]
fn odd_claims_give_no_rights() {
    // Only the number 2 makes version 2; the other version's organization is not looked at.
    for v in [json!("2"), json!(1), json!(3), json!(2.5), json!(true), json!([2]), json!({})] {
        let kept = with(json!({ "v": v, "o": { "id": "org_2" }, "org_id": "org_1" })).unwrap();
        assert_eq!((kept.version(), kept.organization_id()), (ClaimsVersion::V1, Some("org_1")), "{v}");
    }
    for v in ["2", "2.0", "2e0", "20e-1"] {
        let claims =
            format!(r#"{{"sub":"user_1","exp":1800000060,"v":{v},"o":{{"id":"org_2"}},"org_id":"org_1"}}"#);
        let kept = session(&signed_text(r#"{"alg":"RS256"}"#, claims)).unwrap();
        assert_eq!((kept.version(), kept.organization_id()), (ClaimsVersion::V2, Some("org_2")), "{v}");
    }
    for fva in
        [json!([1]), json!([1, 2, 3]), json!("1,2"), json!([1, "x"]), json!([1.5, 2]), json!({ "0": 1 })]
    {
        assert_eq!(with(json!({ "fva": fva })).unwrap().factor_verification_age(), None, "{fva}");
    }
    let age = FactorVerificationAge { first_factor: Some(u32::MAX), second_factor: None };
    assert_eq!(with(json!({ "fva": [9_999_999_999_i64, -7] })).unwrap().factor_verification_age(), Some(age));
    // An organization of version 1 without a text for its id is none; what is not text gives nothing.
    assert_eq!(with(json!({ "org_id": 1, "org_role": "org:admin" })).unwrap().organization(), None);
    let kept =
        with(json!({ "org_id": "org_1", "org_role": ["org:admin"], "org_permissions": ["a", 1, null, "b"] }))
            .unwrap();
    assert_eq!(
        (kept.organization_role(), kept.organization_permissions()),
        (None, vec!["a".to_owned(), "b".to_owned()])
    );
    let kept = with(json!({ "org_id": "org_1", "org_permissions": "org:x:y" })).unwrap();
    assert_eq!(kept.organization_permissions(), Vec::<String>::new());
    let kept = with(json!({ "v": 2, "o": { "id": "org_1", "rol": "" } })).unwrap();
    assert_eq!(kept.organization_role(), None);
    assert!(!with(json!({ "sts": "PENDING" })).unwrap().is_pending());
}

#[test]
fn escapes_are_undone_wherever_they_stand() {
    let claims = r#"{"\u0073ub":"user\u005f1","exp":1800000060,"iat":1800000000,"sid":"sess\u005f1","iss":"https:\/\/i.example","azp":"https:\/\/a.example","v":2,"jti":"\u006a","sts":"p\u0065nding","fea":"o:d\u0061shboard","pla":"u:pr\u006f","o":{"i\u0064":"org\u005f1","slg":"\u0061cme","rol":"\u0061dmin","per":"re\u0061d","fpm":"\u0031"},"act":{"sub":"\u0075"}}"#;
    let token = signed_text(r#"{"alg":"RS256","k\u0069d":"key\u005f1"}"#, claims);
    let kept = session(&token).unwrap();
    assert_same_meaning(&token, &kept);
    assert_eq!((kept.user_id(), kept.kid(), kept.session_id()), ("user_1", Some("key_1"), Some("sess_1")));
    assert_eq!(kept.organization_permissions(), ["org:dashboard:read"]);
    assert_eq!(kept.plans(), [Scoped::user("pro")]);
    assert!(kept.is_pending());
    let spelled = r#"{"sub":"user_1","exp":1800000060,"org_id":"org\u005f1","org_slug":"\u0061","org_role":"org:\u0061","org_permissions":["org:\u0061:b"]}"#;
    let kept = session(&signed_text(r#"{"alg":"RS256"}"#, spelled)).unwrap();
    let expected = ActiveOrganization {
        id: "org_1".to_owned(),
        slug: Some("a".to_owned()),
        role: Some("org:a".to_owned()),
        permissions: vec!["org:a:b".to_owned()],
    };
    assert_eq!(kept.organization(), Some(expected));
}

#[test]
fn time_is_checked_again_and_nothing_else() {
    let kept = with(json!({ "nbf": NOW.as_secs() - 10, "iat": NOW.as_secs() })).unwrap();
    let expectations = Expectations::new();
    let reason =
        |now: Timestamp| kept.check_times(&expectations, now).map_or_else(|error| error.reason(), |()| "ok");
    let end = NOW + Span::seconds(65);
    assert_eq!(reason(NOW), "ok");
    assert_eq!(reason(end - Span::millis(1)), "ok");
    assert_eq!(reason(end), "token-expired");
    assert_eq!(reason(NOW - Span::seconds(5)), "ok");
    assert_eq!(reason(NOW - Span::seconds(5) - Span::millis(1)), "token-iat-in-the-future");
    assert_eq!(reason(NOW - Span::seconds(15) - Span::millis(1)), "token-not-active-yet");
    let lenient = Expectations::new().clock_skew(Span::hours(1)).issuer("https://elsewhere.example");
    assert!(kept.check_times(&lenient, end).is_ok());
}

#[test]
fn debugging_shows_who_and_nothing_more() {
    let text = signed(json!({ "secret": "hush", "email": "ada@example.com" }));
    let shown = format!("{:?}", session(&text).unwrap());
    assert!(shown.contains("user_1") && shown.contains("sess_1"));
    assert!(!shown.contains("hush") && !shown.contains("ada@"), "{shown}");
    let token = frontdesk_jwt::Token::decode(&text).unwrap();
    let shown = format!("{token:?}");
    assert!(shown.contains("key_1") && !shown.contains("hush") && !shown.contains("user_1"), "{shown}");
}

#[test]
fn a_session_can_be_shared_between_threads() {
    fn shareable<T: Send + Sync + Clone + 'static>() {}
    shareable::<VerifiedSession>();
}

proptest! {
    #[test]
    fn any_claims_mean_the_same_both_ways(
        user in "\\PC{0,20}",
        name in ".{0,20}",
        seconds in 0_i64..50,
        first_age in prop::option::of(0_u32..100_000),
        v2: bool,
        permissions in prop::collection::btree_set("org:[a-c]:[a-z]{1,3}", 0..12),
        custom in prop::collection::btree_map("x[a-z\"\\\\é]{0,5}", ".{0,10}", 0..6),
    ) {
        let mut claims = SessionClaims::new(name.clone(), user, name.clone(), NOW - Span::seconds(seconds), NOW + Span::seconds(60));
        claims.authorized_party = Some(name.clone());
        claims.factor_verification_age = Some(FactorVerificationAge { first_factor: first_age, second_factor: None });
        claims.organization = (!permissions.is_empty()).then(|| ActiveOrganization {
            id: name.clone(),
            slug: Some(name.clone()),
            role: Some(format!("org:{name}x")),
            permissions: permissions.into_iter().collect(),
        });
        claims.custom = custom.into_iter().map(|(name, text)| (name, Value::from(text))).collect::<Map<_, _>>();
        let version = if v2 { ClaimsVersion::V2 } else { ClaimsVersion::V1 };
        let token = rsa_key().sign(&Header::for_key(rsa_key()), &claims.to_claims(version)).unwrap();
        let kept = session(&token).unwrap();
        assert_same_meaning(&token, &kept);
        prop_assert_eq!(kept.version(), version);
    }
}

/// The helper that the others build on gives a session, too.
#[test]
fn plain_claims_are_a_session() {
    let kept = with(json!({})).unwrap();
    assert_eq!(kept.to_map(), claims(json!({})));
    assert_eq!(kept.claims::<Value>().unwrap()["sid"], "sess_1");
    assert!(matches!(kept.claims::<Vec<u8>>(), Err(VerifyError::Claims(_))));
}
