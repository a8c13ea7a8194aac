//! Session claims as they stand on the wire, in both versions.

use frontdesk_jwt::{
    ActiveOrganization, ClaimsVersion, Expectations, FactorVerificationAge, Header, Scoped, SessionClaims,
    StatusClaim, category, verify,
};
use frontdesk_types::Span;
use serde_json::{Map, Value, json};

use crate::{NOW, rsa_key};

pub(crate) fn full() -> SessionClaims {
    let mut claims =
        SessionClaims::new("https://clerk.example.com", "user_1", "sess_1", NOW, NOW + Span::seconds(60));
    claims.authorized_party = Some("https://app.example.com".to_owned());
    claims.not_before = Some(NOW - Span::seconds(10));
    claims.factor_verification_age =
        Some(FactorVerificationAge { first_factor: Some(3), second_factor: None });
    claims.status = Some(StatusClaim::Pending);
    claims.token_id = Some("jti_1".to_owned());
    claims.actor = json!({ "sub": "user_2", "sid": "sess_2" }).as_object().cloned();
    claims.features =
        vec![Scoped::organization("dashboard"), Scoped::user("me"), Scoped::organization("teams")];
    claims.plans = vec![Scoped::user("pro")];
    claims.organization = Some(ActiveOrganization {
        id: "org_1".to_owned(),
        slug: Some("acme".to_owned()),
        role: Some("org:admin".to_owned()),
        permissions: ["org:dashboard:read", "org:dashboard:manage", "org:teams:manage"]
            .map(str::to_owned)
            .to_vec(),
    });
    let custom = json!({ "nickname": "ada", "v": 1, "sub": "user_9", "sts": "active" });
    claims.custom.clone_from(custom.as_object().unwrap());
    claims
}

fn read(claims: Value) -> Result<SessionClaims, String> {
    serde_json::from_value(claims).map_err(|error| error.to_string())
}

#[test]
fn version_2_is_written_as_the_contract_has_it() {
    assert_eq!(
        Value::Object(full().to_claims(ClaimsVersion::V2)).to_string(),
        json!({ "act": { "sub": "user_2", "sid": "sess_2" }, "azp": "https://app.example.com", "exp": 1_800_000_060,
            "fea": "o:dashboard,u:me,o:teams", "fva": [3, -1], "iat": 1_800_000_000, "iss": "https://clerk.example.com",
            "jti": "jti_1", "nbf": 1_799_999_990,
            "o": { "id": "org_1", "slg": "acme", "rol": "admin", "per": "read,manage", "fpm": "3,2" },
            "pla": "u:pro", "sid": "sess_1", "sts": "pending", "sub": "user_1", "v": 2, "nickname": "ada" })
        .to_string()
    );
}

#[test]
fn version_1_is_written_as_the_contract_has_it() {
    let mut claims = full();
    claims.custom.insert("org_role".to_owned(), "org:owner".into());
    assert_eq!(
        Value::Object(claims.to_claims(ClaimsVersion::V1)).to_string(),
        json!({ "act": { "sub": "user_2", "sid": "sess_2" }, "azp": "https://app.example.com", "exp": 1_800_000_060,
            "fva": [3, -1], "iat": 1_800_000_000, "iss": "https://clerk.example.com", "nbf": 1_799_999_990,
            "org_id": "org_1",
            "org_permissions": ["org:dashboard:read", "org:dashboard:manage", "org:teams:manage"],
            "org_role": "org:admin", "org_slug": "acme", "sid": "sess_1", "sub": "user_1", "nickname": "ada" })
        .to_string()
    );
}

#[test]
fn the_least_a_token_says_has_no_empty_claims() {
    let claims = SessionClaims::new("https://i", "user_1", "sess_1", NOW, NOW + Span::seconds(60));
    let least = json!({ "exp": 1_800_000_060, "iat": 1_800_000_000, "iss": "https://i", "sid": "sess_1", "sub": "user_1" });
    assert_eq!(Value::Object(claims.to_claims(ClaimsVersion::V1)), least);
    let mut with_version = least;
    with_version["v"] = json!(2);
    assert_eq!(Value::Object(claims.to_claims(ClaimsVersion::V2)), with_version);
}

#[test]
fn both_versions_are_read_back() {
    let mut expected = full();
    expected.custom.retain(|name, _| name == "nickname");
    assert_eq!(read(Value::Object(full().to_claims(ClaimsVersion::V2))), Ok(expected.clone()));

    // What version 1 cannot say.
    (expected.status, expected.token_id) = (None, None);
    (expected.features, expected.plans) = (Vec::new(), Vec::new());
    assert_eq!(read(Value::Object(full().to_claims(ClaimsVersion::V1))), Ok(expected));
}

#[test]
fn a_session_token_goes_through_sign_and_verify() {
    let header = Header::for_key(rsa_key()).with_category(category::SESSION).with_origin_issued_at(NOW);
    let text = serde_json::to_string(&header).unwrap();
    assert_eq!(
        text,
        r#"{"alg":"RS256","cat":"cl_B7d4PD111AAA","kid":"key_1","oiat":1800000000,"typ":"JWT"}"#
    );
    let token = rsa_key().sign(&header, &full().to_claims(ClaimsVersion::V2)).unwrap();
    let expectations = Expectations::new().authorized_party("https://app.example.com");
    let verified = verify::<SessionClaims>(&token, rsa_key().verifying_key(), &expectations, NOW).unwrap();
    assert_eq!(verified.header, header);
    assert_eq!(verified.claims.organization, full().organization);
    let raw: Map<String, Value> = serde_json::from_str(&verified.claims_json).unwrap();
    assert_eq!(raw["o"]["rol"], "admin");
}

#[test]
fn an_owner_may_add_old_names_to_version_2_only() {
    let mut claims = SessionClaims::new("https://i", "user_1", "sess_1", NOW, NOW + Span::seconds(60));
    claims.custom.insert("org_id".to_owned(), "org_evil".into());
    assert_eq!(claims.to_claims(ClaimsVersion::V1).get("org_id"), None);
    let v2 = claims.to_claims(ClaimsVersion::V2);
    assert_eq!(v2["org_id"], "org_evil");
    let read = read(Value::Object(v2)).unwrap();
    assert_eq!(read.organization, None);
    assert_eq!(read.custom["org_id"], "org_evil");
}

#[test]
fn odd_claims_are_refused_or_grant_nothing() {
    let least = json!({ "sub": "user_1", "sid": "sess_1", "iss": "https://i", "iat": 1, "exp": 2, "v": 2 });
    let with = |name: &str, value: Value| {
        let mut claims = least.clone();
        claims[name] = value;
        read(claims)
    };
    for (name, value) in [
        ("sub", json!(null)),
        ("sid", json!(7)),
        ("iss", json!([])),
        ("iat", json!("1")),
        ("o", json!("org_1")),
        ("o", json!({ "rol": "admin" })),
        ("fea", json!(["o:x"])),
        ("act", json!("user_2")),
    ] {
        assert!(with(name, value.clone()).is_err(), "{name}: {value}");
    }
    for fva in [json!([1]), json!([1, 2, 3]), json!("1,2"), json!([1, "x"]), json!(null)] {
        assert_eq!(with("fva", fva).unwrap().factor_verification_age, None);
    }
    let ancient = with("fva", json!([9_999_999_999_i64, -7])).unwrap().factor_verification_age.unwrap();
    assert_eq!((ancient.first_factor, ancient.second_factor), (Some(u32::MAX), None));

    let roleless = with("o", json!({ "id": "org_1", "rol": "" })).unwrap();
    assert_eq!(roleless.organization.unwrap().role, None);

    // Without `fea` an organization has no permissions (§12, 31); an element without a colon is nobody's feature.
    let o = json!({ "id": "org_1", "rol": "admin", "per": "read", "fpm": "1" });
    assert_eq!(with("o", o.clone()).unwrap().organization.unwrap().permissions, Vec::<String>::new());
    let claims = json!({ "sub": "u", "sid": "s", "iss": "i", "iat": 1, "exp": 2.5, "v": 2.0, "fea": "broken,o:x", "o": o });
    let organization = read(claims).unwrap().organization.unwrap();
    assert_eq!(organization.permissions, ["org:x:read"]);
    assert_eq!(organization.role.as_deref(), Some("org:admin"));

    // Any other version is read as version 1, as SDKs do.
    let claims = json!({ "sub": "u", "sid": "s", "iss": "i", "iat": 1, "exp": 2, "v": "2", "o": { "id": "org_1" }, "org_id": "org_2" });
    assert_eq!(read(claims).unwrap().organization.unwrap().id, "org_2");
}

#[test]
fn more_permissions_than_any_integer_has_bits() {
    let mut claims = full();
    let permissions: Vec<String> = (0..300).map(|index| format!("org:big:p{index}")).collect();
    claims.organization.as_mut().unwrap().permissions.clone_from(&permissions);
    let read = read(Value::Object(claims.to_claims(ClaimsVersion::V2))).unwrap();
    assert_eq!(read.organization.unwrap().permissions, permissions);
}

#[test]
fn the_organization_can_be_read_alone() {
    for version in [ClaimsVersion::V1, ClaimsVersion::V2] {
        let mut claims = full().to_claims(version);
        assert_eq!(ActiveOrganization::from_claims(&claims).unwrap(), full().organization);
        for name in ["iss", "sub", "sid", "iat", "exp"] {
            claims.remove(name);
        }
        assert_eq!(ActiveOrganization::from_claims(&claims).unwrap(), full().organization);
        for name in ["o", "org_id"] {
            claims.remove(name);
        }
        assert_eq!(ActiveOrganization::from_claims(&claims).unwrap(), None);
    }
    let broken = json!({ "v": 2, "o": { "rol": "admin" } });
    assert!(ActiveOrganization::from_claims(broken.as_object().unwrap()).is_err());
}
