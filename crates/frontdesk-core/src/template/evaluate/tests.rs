use frontdesk_types::Span;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::identification::{IdentificationKind, Verification, VerificationStatus};
use crate::organization::Organization;
use crate::session::SessionStatus;
use crate::user::User;

const NOW: Timestamp = Timestamp::from_millis(1_795_423_080_500);

fn metadata(value: &Value) -> Metadata {
    Metadata::from_value(value).unwrap()
}

fn identification(id: &str, kind: IdentificationKind, value: &str, verified: bool) -> Identification {
    let verification = Verification {
        status: VerificationStatus::Verified,
        strategy: "email_code".to_owned(),
        attempts: Some(1),
        expire_at: None,
    };
    Identification {
        id: id.parse().unwrap(),
        user_id: "user_nora".parse().unwrap(),
        kind,
        value: value.to_owned(),
        verification: verified.then_some(verification),
        challenge: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

/// Somebody of whom everything is known.
fn nora() -> Account {
    let mut user = User::new("user_nora".parse().unwrap(), NOW);
    user.external_id = Some("crm-77".to_owned());
    user.first_name = Some("Nora".to_owned());
    user.last_name = Some("Lind".to_owned());
    user.primary_email_address_id = Some("idn_mail".parse().unwrap());
    user.primary_phone_number_id = Some("idn_phone".parse().unwrap());
    user.primary_web3_wallet_id = Some("idn_wallet".parse().unwrap());
    user.public_metadata = metadata(&json!({
        "plan": "gold",
        "seats": 12,
        "ratio": 0.5,
        "beta": false,
        "none": null,
        "tags": ["rust", "tea"],
        "address": { "home": { "city": "Umeå", "zip-code": "903 26" } },
    }));
    user.unsafe_metadata = metadata(&json!({ "theme": "dark", "quote": "say \"hi\"" }));
    user.updated_at = NOW + Span::seconds(60);
    Account {
        user,
        identifications: vec![
            identification("idn_other", IdentificationKind::EmailAddress, "old@lind.example", false),
            identification("idn_mail", IdentificationKind::EmailAddress, "nora@lind.example", true),
            identification("idn_phone", IdentificationKind::PhoneNumber, "+46705550123", false),
            identification("idn_wallet", IdentificationKind::Web3Wallet, "0xabc", true),
            identification("idn_name", IdentificationKind::Username, "nora", true),
        ],
    }
}

/// Somebody of whom nothing is known.
fn nobody() -> Account {
    Account { user: User::new("user_nobody".parse().unwrap(), NOW), identifications: Vec::new() }
}

fn session(actor: Option<Value>) -> Session {
    Session {
        id: "sess_1".parse().unwrap(),
        client_id: "client_1".parse().unwrap(),
        user_id: "user_nora".parse().unwrap(),
        status: SessionStatus::Active,
        expire_at: NOW + Span::days(7),
        abandon_at: NOW + Span::days(30),
        last_active_at: NOW,
        latest_activity: None,
        last_active_organization_id: None,
        actor,
        first_factor_at: None,
        second_factor_at: None,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

fn membership(id: &str, role: &str) -> Membership {
    Membership {
        id: "orgmem_1".parse().unwrap(),
        organization: Organization {
            id: id.parse().unwrap(),
            name: "Tea House".to_owned(),
            slug: Some("tea-house".to_owned()),
            public_metadata: metadata(&json!({ "tier": { "name": "pro" } })),
            private_metadata: Metadata::default(),
            created_at: NOW,
            updated_at: NOW,
        },
        user_id: "user_nora".parse().unwrap(),
        role: role.to_owned(),
        permissions: vec!["org:tea:brew".to_owned()],
        public_metadata: metadata(&json!({ "desk": 4 })),
        created_at: NOW,
        updated_at: NOW,
    }
}

/// Evaluates one claim with everything known.
fn claim(template: &Value) -> Value {
    let memberships = [membership("org_tea", "org:admin"), membership("org_ink", "org:member")];
    let session = session(Some(json!({ "sub": "user_support", "iss": "https://desk.example" })));
    let account = nora();
    let facts = Facts {
        membership: Some(&memberships[0]),
        memberships: &memberships,
        user_picture: Some(Picture { url: "https://img.example/nora", is_given: true }),
        organization_picture: Some(Picture { url: "https://img.example/tea", is_given: false }),
        two_factor_enabled: true,
        reverification_id: Some("rev_1"),
        ..Facts::new(&account, &session)
    };
    evaluate(template, &facts)
}

/// Evaluates one claim with nothing known.
fn claim_of_nobody(template: &Value) -> Value {
    evaluate(template, &Facts::new(&nobody(), &session(None)))
}

fn evaluate(claim: &Value, facts: &Facts<'_>) -> Value {
    let claims = Map::from_iter([("claim".to_owned(), claim.clone())]);
    Template::parse(&claims).unwrap().evaluate(facts).remove("claim").unwrap()
}

#[test]
fn every_shortcode_has_its_value_and_type() {
    let table = [
        ("user.id", json!("user_nora"), json!("user_nobody")),
        ("user.external_id", json!("crm-77"), json!(null)),
        ("user.first_name", json!("Nora"), json!(null)),
        ("user.last_name", json!("Lind"), json!(null)),
        ("user.full_name", json!("Nora Lind"), json!(null)),
        ("user.username", json!("nora"), json!(null)),
        ("user.image_url", json!("https://img.example/nora"), json!(null)),
        ("user.has_image", json!(true), json!(false)),
        ("user.primary_email_address", json!("nora@lind.example"), json!(null)),
        ("user.primary_phone_address", json!("+46705550123"), json!(null)),
        ("user.primary_phone_number", json!("+46705550123"), json!(null)),
        ("user.primary_web3_wallet", json!("0xabc"), json!(null)),
        ("user.email_verified", json!(true), json!(false)),
        ("user.phone_number_verified", json!(false), json!(false)),
        ("user.two_factor_enabled", json!(true), json!(false)),
        ("user.created_at", json!(1_795_423_080), json!(1_795_423_080)),
        ("user.updated_at", json!(1_795_423_140), json!(1_795_423_080)),
        ("user.public_metadata.plan", json!("gold"), json!(null)),
        ("user.public_metadata", nora().user.public_metadata.to_map().into(), json!({})),
        ("user.unsafe_metadata", nora().user.unsafe_metadata.to_map().into(), json!({})),
        ("user.organizations", json!({ "org_tea": "org:admin", "org_ink": "org:member" }), json!({})),
        ("org.id", json!("org_tea"), json!(null)),
        ("org.name", json!("Tea House"), json!(null)),
        ("org.slug", json!("tea-house"), json!(null)),
        ("org.role", json!("org:admin"), json!(null)),
        ("org.image_url", json!("https://img.example/tea"), json!(null)),
        ("org.has_image", json!(false), json!(null)),
        ("org.public_metadata", json!({ "tier": { "name": "pro" } }), json!(null)),
        ("org.public_metadata.tier.name", json!("pro"), json!(null)),
        ("organization.public_metadata.tier.name", json!("pro"), json!(null)),
        ("org_membership.role", json!("org:admin"), json!(null)),
        ("org_membership.permissions", json!(["org:tea:brew"]), json!(null)),
        ("org_membership.public_metadata", json!({ "desk": 4 }), json!(null)),
        ("organization_membership.public_metadata.desk", json!(4), json!(null)),
        ("session.actor", json!({ "sub": "user_support", "iss": "https://desk.example" }), json!(null)),
        ("session.actor.sub", json!("user_support"), json!(null)),
        ("session.reverification_id", json!("rev_1"), json!(null)),
    ];
    for (name, known, unknown) in table {
        assert_eq!(claim(&json!(format!("{{{{{name}}}}}"))), known, "{name}");
        assert_eq!(claim_of_nobody(&json!(format!("{{{{ {name} }}}}"))), unknown, "{name}");
    }
}

#[test]
fn what_is_not_there_is_null() {
    for name in [
        "user",
        "user.shoe_size",
        "user.password_digest",
        "user.private_metadata",
        "org.private_metadata",
        "session.id",
        "user.first_name.length",
        "user.created_at.year",
        "user.public_metadata.tags.0",
        "user.public_metadata.plan.name",
        "user.public_metadata.address.work.city",
        "user.organizations.org_other",
        "null",
    ] {
        assert_eq!(claim(&json!(format!("{{{{{name}}}}}"))), Value::Null, "{name}");
    }
}

#[test]
fn paths_go_any_way_into_metadata_and_keep_the_type() {
    let table = [
        ("plan", json!("gold")),
        ("seats", json!(12)),
        ("ratio", json!(0.5)),
        ("beta", json!(false)),
        ("none", json!(null)),
        ("tags", json!(["rust", "tea"])),
        ("address", json!({ "home": { "city": "Umeå", "zip-code": "903 26" } })),
        ("address.home.zip-code", json!("903 26")),
    ];
    for (path, value) in table {
        assert_eq!(claim(&json!(format!("{{{{user.public_metadata.{path}}}}}"))), value, "{path}");
    }
}

#[test]
fn shortcodes_among_text_make_text() {
    let table = [
        ("{{user.last_name}} {{user.first_name}}", "Lind Nora", "null null"),
        ("Dr {{user.last_name || 'Who'}}!", "Dr Lind!", "Dr Who!"),
        ("{{user.email_verified}}/{{user.created_at}}", "true/1795423080", "false/1795423080"),
        ("tags: {{user.public_metadata.tags}}", r#"tags: ["rust","tea"]"#, "tags: null"),
        ("{{user.unsafe_metadata.quote}}.", r#"say "hi"."#, "null."),
        ("{{org.id}}{{org.slug}}", "org_teatea-house", "nullnull"),
        // White space at the ends goes.
        (" {{user.last_name}} {{user.first_name}} ", "Lind Nora", "null null"),
        (" {{user.id}}", "user_nora", "user_nobody"),
    ];
    for (template, known, unknown) in table {
        assert_eq!(claim(&json!(template)), json!(known), "{template}");
        assert_eq!(claim_of_nobody(&json!(template)), json!(unknown), "{template}");
    }
    assert_eq!(
        claim(&json!("  plain text  ")),
        json!("  plain text  "),
        "nothing to put in, nothing to trim"
    );
}

#[test]
fn the_first_operand_that_is_neither_null_nor_false_wins() {
    let table = [
        ("user.first_name || 'you'", json!("Nora"), json!("you")),
        ("user.email_verified || user.phone_number_verified", json!(true), json!(false)),
        ("user.phone_number_verified || user.email_verified", json!(true), json!(false)),
        ("user.public_metadata.beta || user.nickname", json!(null), json!(null)),
        ("user.nickname || user.public_metadata.beta", json!(false), json!(null)),
        ("user.public_metadata.age || user.unsafe_metadata.age || 30 ", json!(30), json!(30)),
        ("user.public_metadata.seats || 1", json!(12), json!(1)),
        ("'' || 'x'", json!(""), json!("")),
        ("0 || 1", json!(0), json!(0)),
        ("false || 'x'", json!("x"), json!("x")),
        ("user.nickname || false", json!(false), json!(false)),
        ("true || 1", json!(true), json!(true)),
        ("user.public_metadata.tags || 'none'", json!(["rust", "tea"]), json!("none")),
        ("org.name || '{{ a || b }}'", json!("Tea House"), json!("{{ a || b }}")),
        ("-1.5", json!(-1.5), json!(-1.5)),
    ];
    for (expression, known, unknown) in table {
        let template = json!(format!("{{{{{expression}}}}}"));
        assert_eq!(claim(&template), known, "{expression}");
        assert_eq!(claim_of_nobody(&template), unknown, "{expression}");
    }
}

#[test]
fn a_whole_template_keeps_its_shape_and_order() {
    let template = json!({
        "role": "authenticated",
        "aud": ["api", "https://api.lind.example"],
        "version": 3,
        "https://db.example/claims": {
            "allowed": ["reader", "{{user.public_metadata.plan}}", { "tags": "{{user.public_metadata.tags}}" }],
            "who": "{{user.id}}",
            "nothing": null,
        },
        "since": "{{user.created_at}}",
        "odd": "{{user.shoe_size}}",
        "{{user.id}}": "keys are not looked at",
    });
    let (account, session) = (nora(), session(None));
    let claims =
        Template::parse(template.as_object().unwrap()).unwrap().evaluate(&Facts::new(&account, &session));
    let expected = json!({
        "role": "authenticated",
        "aud": ["api", "https://api.lind.example"],
        "version": 3,
        "https://db.example/claims": {
            "allowed": ["reader", "gold", { "tags": ["rust", "tea"] }],
            "who": "user_nora",
            "nothing": null,
        },
        "since": 1_795_423_080,
        "odd": null,
        "{{user.id}}": "keys are not looked at",
    });
    assert_eq!(Value::Object(claims).to_string(), expected.to_string());
}

#[test]
fn values_are_not_read_again() {
    let mut account = nora();
    account.user.first_name = Some("{{user.public_metadata}}".to_owned());
    account.user.unsafe_metadata = metadata(&json!({ "theme": "{{user.id}}" }));
    let session = session(None);
    let facts = Facts::new(&account, &session);
    for (template, text) in [
        ("{{user.first_name}}", "{{user.public_metadata}}"),
        ("Hi {{user.first_name}}", "Hi {{user.public_metadata}}"),
        ("{{user.unsafe_metadata.theme || 'light'}}", "{{user.id}}"),
    ] {
        assert_eq!(evaluate(&json!(template), &facts), json!(text), "{template}");
    }
}

#[test]
fn one_name_is_a_full_name_too() {
    assert_eq!(full_name(Some("Nora"), None).as_deref(), Some("Nora"));
    assert_eq!(full_name(None, Some("Lind")).as_deref(), Some("Lind"));
    assert_eq!(full_name(Some(""), Some("")), None);
}

proptest! {
    #[test]
    fn no_template_panics(text in "[{}|'. a-z0-9_\"]{0,60}", inside in ".{0,30}") {
        let (account, session) = (nora(), session(None));
        let facts = Facts::new(&account, &session);
        for text in [text.clone(), format!("{{{{{text}}}}}"), format!("{{{{user.public_metadata.{inside}}}}}")] {
            let claims = Map::from_iter([("claim".to_owned(), Value::from(text))]);
            if let Ok(template) = Template::parse(&claims) {
                prop_assert_eq!(template.evaluate(&facts).len(), 1);
                prop_assert!(template.worst_case_size() > 2);
            }
        }
    }

    #[test]
    fn text_without_braces_is_kept(text in "[^{]{0,60}") {
        prop_assert_eq!(claim(&json!(text)), json!(text));
    }
}
