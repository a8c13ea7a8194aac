//! No field of the contract is forgotten (decision 22): each is sent alone, and is either kept or refused by its name.
//!
//! The list of fields comes from the contract. One that this file says nothing about must be refused as not available.

use frontdesk_api::contract::{declared, published_operation};
use frontdesk_api::{Audience, Declaration};
use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::{Settings, Wanted};
use frontdesk_testkit::matrix::{Reply, TestApp};
use serde_json::{Value, json};

use crate::contract::{body_properties, resolved};

/// Where one operation is asked.
pub(crate) struct Scene {
    /// Its path.
    pub(crate) path: String,
    /// What the operation cannot do without.
    pub(crate) needed: Value,
}

/// What becomes of a field that is built.
enum Outcome {
    /// It is shown at this place of the answer.
    Shown(&'static str, Value),
    /// It changes something that another test looks at.
    Taken,
}

#[frontdesk_testkit::matrix::test]
async fn every_field_of_every_operation_is_kept_or_refused(app: TestApp) {
    // With everything switched on that a field can be about.
    let mut settings = Settings::for_kind(InstanceKind::Development);
    settings.attributes.username = Wanted::Optional;
    let app = app.remade(InstanceKind::Development, settings).await;
    let mut refused = Vec::new();
    // What these take belongs together; their own tests send every field.
    let is_whole = |it: &Declaration| {
        ["RefreshSession", "SetUserProfileImage", "VerifyClient", "AddDomain", "UpdateDomain"]
            .contains(&it.id)
    };
    for operation in declared().filter(|it| it.audience == Audience::Backend && !is_whole(it)) {
        let method = operation.method.as_str();
        let published = published_operation(Audience::Backend, method, operation.path);
        for field in published.into_iter().flat_map(|it| it.fields().collect::<Vec<_>>()) {
            let scene = scene(&app, operation).await;
            if let Some((value, outcome)) = built(&app, operation.id, field, &scene).await {
                let reply = send(&app, operation, &scene, field, &value).await;
                assert!(reply.status() < 300, "{} {field}: {}", operation.id, reply.text());
                if let Outcome::Shown(place, expected) = outcome {
                    assert_eq!(reply.ok().pointer(place), Some(&expected), "{} {field}", operation.id);
                }
            } else {
                let value = of_right_type(operation.id, field);
                let reply = send(&app, operation, &scene, field, &value).await;
                reply.refused(422, "form_param_not_available");
                assert_eq!(reply.error_param(), field, "{}", operation.id);
                refused.push(format!("{} {field}", operation.id));
            }
        }
    }
    // The list only shrinks.
    let expected = [
        "CreateAllowlistIdentifier notify",
        "CreateSignInToken org_id",
        "CreateUser phone_number",
        "CreateUser phone_number_identification_status",
        "CreateUser web3_wallet",
        "UpdateInstance clerk_js_version",
        "UpdateInstance development_origin",
        "UpdateInstance cookieless_dev",
        "UpdateInstance url_based_session_syncing",
        "UpdateInstance preferred_sign_in_strategy_when_password_required",
        "UpdateInstanceAuthConfig from_email_address",
        "UpdateInstanceRestrictions allowlist_blocklist_disabled_on_sign_in",
        "UpdateInstanceRestrictions block_disposable_email_domains",
        "UpdateUser primary_phone_number_id",
        "UpdateUser primary_web3_wallet_id",
        "UpdateUser profile_image_id",
    ];
    refused.sort_by_key(|name| name.split(' ').next().map(str::to_owned));
    assert_eq!(refused, expected);
}

async fn send(app: &TestApp, operation: &Declaration, scene: &Scene, field: &str, value: &Value) -> Reply {
    let mut body = scene.needed.clone();
    body[field] = value.clone();
    // What goes with a field that means nothing alone.
    let companions: &[(&str, Value)] = match field {
        "email_address_identification_status" => &[("email_address", json!(["reserved@example.com"]))],
        "password_digest" => &[("password_hasher", json!("bcrypt"))],
        "password_hasher" => &[("password_digest", json!(DIGEST))],
        "skip_password_checks" => &[("password", json!("short"))],
        "skip_user_requirement" => {
            &[("skip_password_requirement", json!(true)), ("email_address", json!([]))]
        }
        "skip_password_requirement" => {
            &[("skip_user_requirement", json!(true)), ("email_address", json!([]))]
        }
        "primary" => &[("verified", json!(true))],
        "sign_out_of_other_sessions" if operation.id == "UpdateUser" => {
            &[("password", json!("correct horse battery"))]
        }
        "custom_signing_key" | "signing_algorithm" | "signing_key" => &[
            ("custom_signing_key", json!(true)),
            ("signing_algorithm", json!("HS256")),
            ("signing_key", json!("a shared secret")),
        ],
        _ => &[],
    };
    for (name, companion) in companions {
        body[*name] = companion.clone();
    }
    app.backend().send(operation.method.clone(), &scene.path, Some(body)).await
}

const PASSWORD: &str = "correct horse battery";
const DIGEST: &str = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";

/// Everything that an operation's path names, made anew.
pub(crate) async fn scene(app: &TestApp, operation: &Declaration) -> Scene {
    let user = match operation.id {
        "VerifyPassword"
        | "RemoveUserPassword"
        | "SetUserPasswordCompromised"
        | "UnsetUserPasswordCompromised" => app.user().password(PASSWORD),
        "VerifyTOTP" | "DeleteTOTP" | "DeleteBackupCode" | "DisableMFA" => {
            let user = app.user().with("totp_secret", json!("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
            user.with("backup_codes", json!(["abcd1234"]))
        }
        _ => app.user(),
    };
    let user = user.create().await;
    let post = async |path: &str, body: Value| app.backend().post(path, body).await.ok()["id"].clone();
    let mut path = operation.path.replace("{user_id}", user.as_str());
    if path.contains("{email_address_id}") {
        let address = format!("{}+clerk_test@example.com", user.as_str().to_lowercase());
        let body = json!({ "user_id": user, "email_address": address });
        let made = app.backend().post("/v1/email_addresses", body).await.ok();
        path = path.replace("{email_address_id}", made["id"].as_str().unwrap());
    }
    if path.contains("{session_id}") {
        let session = post("/v1/sessions", json!({ "user_id": user })).await;
        path = path.replace("{session_id}", session.as_str().unwrap());
    }
    if path.contains("{template_id}") || path.contains("{template_name}") {
        let name = format!("template of {user}");
        let template = post("/v1/jwt_templates", json!({ "name": name, "claims": {} })).await;
        path = path.replace("{template_id}", template.as_str().unwrap());
        path = path.replace("{template_name}", &name.replace(' ', "%20"));
    }
    if path.contains("{id}") && path.starts_with("/v1/sign_ups/") {
        // An earlier field made sign-ups name everything at once, and another keeps subaddresses out.
        let form = [("email_address", "begun@shop.example"), ("password", "correct horse battery")];
        let sign_up = app.browser().post("/v1/client/sign_ups", &form).await.ok();
        path = path.replace("{id}", sign_up["response"]["id"].as_str().unwrap());
    }
    if path.contains("{domain_id}") {
        let name = format!("{}.test", user.as_str().to_lowercase().replace('_', "-"));
        let satellite = post("/v1/domains", json!({ "name": name, "is_satellite": true })).await;
        path = path.replace("{domain_id}", satellite.as_str().unwrap());
    }
    if path.starts_with("/v1/redirect_urls/") {
        let host = user.as_str().to_lowercase().replace('_', "-");
        let listed = post("/v1/redirect_urls", json!({ "url": format!("https://{host}.example") })).await;
        path = path.replace("{id}", listed.as_str().unwrap());
    }
    if path.contains("{client_id}") {
        let session = app.backend().post("/v1/sessions", json!({ "user_id": user })).await.ok();
        path = path.replace("{client_id}", session["client_id"].as_str().unwrap());
    }
    if let Some(list) = path.strip_suffix("/{identifier_id}").map(str::to_owned) {
        let identifier = format!("*@{}.example", user.as_str().to_lowercase().replace('_', "-"));
        let entry = post(&list, json!({ "identifier": identifier })).await;
        path = path.replace("{identifier_id}", entry.as_str().unwrap());
    }
    if path.contains("{sign_in_token_id}") {
        let token = post("/v1/sign_in_tokens", json!({ "user_id": user })).await;
        path = path.replace("{sign_in_token_id}", token.as_str().unwrap());
    }
    path = path.replace("{template_type}", "email").replace("{slug}", "password_changed");
    assert!(!path.contains('{'), "this test does not know what {path} names");
    let needed = match operation.id {
        "CreateUser" => json!({ "email_address": [format!("{}@example.com", user.as_str().to_lowercase())] }),
        "ReplaceUserEmailAddress" => {
            json!({ "email_address": format!("{}@other.example", user.as_str().to_lowercase()) })
        }
        "CreateEmailAddress" => {
            json!({ "user_id": user, "email_address": format!("{}@made.example", user.as_str().to_lowercase()) })
        }
        "AttemptEmailAddressVerification" => {
            let prepare = path.replace("attempt_verification", "prepare_verification");
            json!({ "verification_id": post(&prepare, json!({})).await, "code": "424242" })
        }
        "createSession" | "CreateSignInToken" => json!({ "user_id": user }),
        "CreateAllowlistIdentifier" | "CreateBlocklistIdentifier" => {
            json!({ "identifier": format!("{}@example.com", user.as_str().to_lowercase()) })
        }
        "AddDomain" => {
            let name = format!("new-{}.test", user.as_str().to_lowercase().replace('_', "-"));
            json!({ "name": name, "is_satellite": true })
        }
        "CreateJWTTemplate" => json!({ "name": format!("new template of {user}"), "claims": {} }),
        "ToggleTemplateDelivery" => json!({ "delivered_by_clerk": false }),
        _ => json!({}),
    };
    Scene { path, needed }
}

/// A value for a field that this server has, and what becomes of it.
async fn built(app: &TestApp, operation: &str, field: &str, scene: &Scene) -> Option<(Value, Outcome)> {
    use Outcome::{Shown, Taken};
    let shown = |place: &'static str, value: Value| Some((value.clone(), Shown(place, value)));
    let before = "2025-06-01T12:00:00Z";
    let then = json!(1_748_779_200_000_i64);
    match (operation, field) {
        ("CreateUser" | "UpdateUser", "external_id") => shown("/external_id", json!(scene.path)),
        ("CreateUser" | "UpdateUser", "first_name") => shown("/first_name", json!("Ada")),
        ("CreateUser" | "UpdateUser", "last_name") => shown("/last_name", json!("Byron")),
        ("CreateUser" | "UpdateUser", "locale") => shown("/locale", json!("en-GB")),
        ("CreateUser" | "UpdateUser", "password") => {
            Some((json!("correct horse battery"), Shown("/password_enabled", json!(true))))
        }
        ("CreateUser" | "UpdateUser", "password_digest") => {
            Some((json!(DIGEST), Shown("/password_enabled", json!(true))))
        }
        ("CreateUser" | "UpdateUser", "password_hasher") => {
            Some((json!("bcrypt"), Shown("/password_enabled", json!(true))))
        }
        ("CreateUser" | "UpdateUser", "skip_password_checks") => {
            Some((json!(true), Shown("/password_enabled", json!(true))))
        }
        ("CreateUser", "skip_user_requirement" | "skip_password_requirement") => {
            Some((json!(true), Shown("/primary_email_address_id", json!(null))))
        }
        // No terms are asked for yet, so there is nothing to skip; `users` tests who is signed out.
        ("CreateUser" | "UpdateUser", "skip_legal_checks") | ("UpdateUser", "sign_out_of_other_sessions") => {
            Some((json!(true), Taken))
        }
        ("CreateUser" | "UpdateUser", "delete_self_enabled") => shown("/delete_self_enabled", json!(false)),
        ("CreateUser" | "UpdateUser", "create_organization_enabled") => {
            shown("/create_organization_enabled", json!(false))
        }
        ("CreateUser" | "UpdateUser", "create_organizations_limit") => {
            shown("/create_organizations_limit", json!(3))
        }
        ("CreateUser" | "UpdateUser", "legal_accepted_at") => {
            Some((json!(before), Shown("/legal_accepted_at", then)))
        }
        ("CreateUser" | "UpdateUser", "created_at") => Some((json!(before), Shown("/created_at", then))),
        ("CreateUser" | "UpdateUser", "username") => {
            let name = format!("{}_{}", operation.to_lowercase(), app.now().as_millis());
            shown("/username", json!(name))
        }
        ("CreateUser" | "UpdateUser", "totp_secret") => {
            Some((json!("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), Shown("/totp_enabled", json!(true))))
        }
        ("CreateUser" | "UpdateUser", "backup_codes") => {
            Some((json!(["abcd1234"]), Shown("/backup_code_enabled", json!(true))))
        }
        ("CreateUser" | "UpdateUser", "bypass_client_trust") => shown("/bypass_client_trust", json!(true)),
        ("CreateUser", "locked") => shown("/locked", json!(true)),
        ("ReplaceUserEmailAddress", "identification_status") => {
            Some((json!("reserved"), Shown("/reserved", json!(true))))
        }
        ("CreateEmailAddress", "user_id") => Some((scene.needed["user_id"].clone(), Taken)),
        ("CreateEmailAddress" | "ReplaceUserEmailAddress", "email_address") => {
            shown("/email_address", scene.needed["email_address"].clone())
        }
        ("CreateEmailAddress" | "UpdateEmailAddress", "verified") => {
            Some((json!(true), Shown("/verification/strategy", json!("admin"))))
        }
        ("AttemptEmailAddressVerification", "verification_id") => {
            shown("/id", scene.needed["verification_id"].clone())
        }
        ("AttemptEmailAddressVerification", "code") => {
            Some((json!("424242"), Shown("/status", json!("verified"))))
        }
        // Proven right and wrong in `users_credentials` and `users_factors`.
        ("VerifyPassword", "password") => Some((json!(PASSWORD), Shown("/verified", json!(true)))),
        ("VerifyTOTP", "code") => Some((json!("abcd1234"), Shown("/code_type", json!("backup_code")))),
        ("CreateUser", "banned") => shown("/banned", json!(true)),
        ("CreateUser", "email_address") => Some((
            json!(["new@example.com"]),
            Shown("/email_addresses/0/email_address", json!("new@example.com")),
        )),
        ("CreateUser", "email_address_identification_status") => {
            Some((json!(["reserved"]), Shown("/email_addresses/0/reserved", json!(true))))
        }
        ("UpdateUser", "primary_email_address_id") => {
            let body = json!({ "email_address": ["first@example.com", "second@example.com"] });
            let user = app.backend().post("/v1/users", body).await.ok();
            // Somebody with two addresses: the request goes to them by its own test.
            let path = format!("/v1/users/{}", user["id"].as_str().unwrap());
            let second = user["email_addresses"][1]["id"].clone();
            let changed =
                app.backend().patch(&path, json!({ "primary_email_address_id": second })).await.ok();
            assert_eq!(changed["primary_email_address_id"], second);
            Some((json!(null), Taken))
        }
        ("CreateUser", "public_metadata" | "private_metadata" | "unsafe_metadata")
        | ("UpdateUserMetadata" | "ReplaceUserMetadata", _) => {
            let place = match field {
                "public_metadata" => "/public_metadata",
                "private_metadata" => "/private_metadata",
                _ => "/unsafe_metadata",
            };
            shown(place, json!({ "a": 1 }))
        }
        ("UsersBan" | "UsersUnban", "user_ids") => {
            let user = app.user().create().await;
            Some((json!([user]), Shown("/0/banned", json!(operation == "UsersBan"))))
        }
        ("createSession" | "CreateSignInToken", "user_id") => {
            shown("/user_id", scene.needed["user_id"].clone())
        }
        // Organizations cannot be made over HTTP yet; the store's tests make them, and `sessions` tries a foreign one.
        ("createSession", "active_organization_id") => {
            Some((json!(""), Shown("/last_active_organization_id", json!(null))))
        }
        (
            "CreateSignInToken" | "CreateSessionToken" | "CreateSessionTokenFromTemplate",
            "expires_in_seconds",
        ) => Some((json!(300), Taken)),
        ("CreateAllowlistIdentifier" | "CreateBlocklistIdentifier", "identifier") => {
            shown("/identifier", json!("*@fields.example"))
        }
        ("CreateRedirectURL", "url") => shown("/url", json!("com.example.fields://done")),
        // Which address is the primary one, who is told and who is signed out, `email_addresses` and `users_credentials`
        // look at. Instances are answered without content; `instance` looks at what is kept.
        ("CreateEmailAddress" | "UpdateEmailAddress", "primary")
        | (_, "notify_primary_email_address_changed")
        | ("RemoveUserPassword", "sign_out_of_other_sessions")
        | ("SetUserPasswordCompromised", "revoke_all_sessions")
        | ("UpdateInstance", "test_mode" | "hibp")
        | ("UpdateInstanceAuthConfig", "test_mode") => Some((json!(true), Taken)),
        ("UpdateInstance", "support_email") => Some((json!("help@example.com"), Taken)),
        ("UpdateInstance", "allowed_origins") => Some((json!(["https://fields.example"]), Taken)),
        ("UpdateInstanceRestrictions", "allowlist") => shown("/allowlist", json!(true)),
        ("UpdateInstanceRestrictions", "blocklist") => shown("/blocklist", json!(true)),
        ("UpdateInstanceRestrictions", "block_email_subaddresses") => {
            shown("/block_email_subaddresses", json!(true))
        }
        ("UpdateInstanceAuthConfig", "restricted_to_allowlist") => {
            shown("/restricted_to_allowlist", json!(false))
        }
        ("UpdateInstanceAuthConfig", "progressive_sign_up") => shown("/progressive_sign_up", json!(false)),
        ("UpdateSignUp", "external_id") => shown("/external_id", json!("fields")),
        ("UpdateSignUp", "custom_action") => shown("/custom_action", json!(true)),
        ("CreateJWTTemplate" | "UpdateJWTTemplate", "name") => {
            shown("/name", json!(format!("{operation} name")))
        }
        ("CreateJWTTemplate" | "UpdateJWTTemplate", "claims") => {
            shown("/claims", json!({ "a": "{{user.id}}" }))
        }
        ("CreateJWTTemplate" | "UpdateJWTTemplate", "lifetime") => shown("/lifetime", json!(120)),
        ("CreateJWTTemplate" | "UpdateJWTTemplate", "allowed_clock_skew") => {
            shown("/allowed_clock_skew", json!(30))
        }
        ("CreateJWTTemplate" | "UpdateJWTTemplate", "custom_signing_key") => {
            shown("/custom_signing_key", json!(true))
        }
        ("CreateJWTTemplate" | "UpdateJWTTemplate", "signing_algorithm") => {
            shown("/signing_algorithm", json!("HS256"))
        }
        ("CreateJWTTemplate" | "UpdateJWTTemplate", "signing_key") => {
            Some((json!("a shared secret"), Shown("/custom_signing_key", json!(true))))
        }
        ("UpsertTemplate" | "PreviewTemplate", "subject") => {
            shown("/subject", json!(format!("{operation} subject")))
        }
        ("UpsertTemplate", "body") => shown("/body", json!("<p>{{ primary_email_address }}</p>")),
        ("PreviewTemplate", "body") => shown("/body", json!("<p>A page</p>")),
        ("UpsertTemplate", "name" | "markup" | "from_email_name" | "reply_to_email_name") => {
            let place = match field {
                "name" => "/name",
                "markup" => "/markup",
                "from_email_name" => "/from_email_name",
                _ => "/reply_to_email_name",
            };
            shown(place, json!(format!("our_{field}")))
        }
        ("PreviewTemplate", "from_email_name") => {
            Some((json!("news"), Shown("/from_email_address", json!("news@frontdesk.localhost"))))
        }
        ("PreviewTemplate", "reply_to_email_name") => {
            Some((json!("help"), Shown("/reply_to_email_address", json!("help@frontdesk.localhost"))))
        }
        ("UpsertTemplate" | "ToggleTemplateDelivery", "delivered_by_clerk") => {
            shown("/delivered_by_clerk", json!(false))
        }
        _ => None,
    }
}

/// Any value of the type that the contract gives a field.
fn of_right_type(operation: &str, field: &str) -> Value {
    let properties = body_properties(operation);
    match resolved(&properties[field])["type"].as_str() {
        Some("string") => json!("text"),
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        Some("array") => json!(["text"]),
        _ => json!({ "a": 1 }),
    }
}
