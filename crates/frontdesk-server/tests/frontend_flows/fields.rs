//! No field of the contract is taken and forgotten (decision 22): each is known here as kept, or refused by name.

use frontdesk_testkit::matrix::TestApp;

use crate::contract;
use crate::steps::{begin_sign_up, identify, sign_up};

/// The fields that mean something so far, by operation. All others are refused.
const TAKEN: &[(&str, &[&str])] = &[
    ("createSignIn", &["strategy", "identifier", "password", "ticket", "transfer"]),
    ("prepareSignInFactorOne", &["strategy", "email_address_id"]),
    ("attemptSignInFactorOne", &["strategy", "password", "code", "ticket"]),
    ("attemptSignInFactorTwo", &["strategy", "code"]),
    ("resetPassword", &["password", "sign_out_of_other_sessions"]),
    (
        "createSignUps",
        &[
            "transfer",
            "strategy",
            "email_address",
            "username",
            "password",
            "first_name",
            "last_name",
            "unsafe_metadata",
            "legal_accepted",
        ],
    ),
    (
        "updateSignUps",
        &[
            "strategy",
            "email_address",
            "username",
            "password",
            "first_name",
            "last_name",
            "unsafe_metadata",
            "legal_accepted",
        ],
    ),
    ("prepareSignUpsVerification", &["strategy"]),
    ("attemptSignUpsVerification", &["strategy", "code"]),
    ("patchUser", &["username", "first_name", "last_name", "primary_email_address_id"]),
    ("changePassword", &["current_password", "new_password", "sign_out_of_other_sessions"]),
    ("removePassword", &["current_password"]),
    ("createEmailAddresses", &["email_address"]),
    ("patchUserMetadata", &["unsafe_metadata"]),
];

#[frontdesk_testkit::matrix::test]
async fn what_is_not_built_is_refused_by_its_name(app: TestApp) {
    app.user().email("bob@example.com").create().await;
    let mut browser = app.browser();
    let sign_up_path = begin_sign_up(&mut browser, "eve@example.com").await;
    let (sign_in_path, _) = identify(&mut browser, "bob@example.com").await;
    let mut signed_in = app.browser();
    sign_up(&mut signed_in, "ada+clerk_test@example.com").await;

    let mut refused = 0;
    for (operation, taken) in TAKEN {
        let (method, path, fields) = contract::operation(operation);
        let path = path.replace("/v1/client/sign_ups/{sign_up_id}", &sign_up_path);
        let path = path.replace("/v1/client/sign_ins/{sign_in_id}", &sign_in_path);
        let caller = if path.starts_with("/v1/me") { &mut signed_in } else { &mut browser };
        for name in *taken {
            assert!(fields.iter().any(|field| field == name), "{operation} has no {name}");
        }
        for field in fields.iter().filter(|field| !taken.contains(&field.as_str())) {
            let reply = caller.post_as(&method, &path, &[(field, "true")]).await;
            reply.refused(422, "form_param_not_available");
            assert_eq!(reply.error_param(), *field, "{operation}");
            refused += 1;
        }
    }
    assert!(refused > 50, "only {refused} fields were tried");
}
