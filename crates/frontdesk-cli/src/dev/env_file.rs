//! The file that tells programs how to use the server.

use frontdesk_server::{InstanceKeys, Server};

/// The variables, one a line, in the form that shells and `.env` readers take.
pub(crate) fn text(server: &Server, keys: &InstanceKeys) -> String {
    let url = server.public_url();
    let frontend = server.base_url(&keys.instance);
    let (sign_in, sign_up) = (format!("{frontend}/sign-in"), format!("{frontend}/sign-up"));
    let (publishable, secret) = (keys.publishable_key.as_str(), keys.secret_key.as_str());
    [
        ("FRONTDESK_URL", url),
        ("FRONTDESK_PUBLISHABLE_KEY", publishable),
        ("FRONTDESK_SECRET_KEY", secret),
        ("CLERK_API_URL", url),
        ("CLERK_FAPI_URL", frontend.as_str()),
        ("CLERK_PUBLISHABLE_KEY", publishable),
        ("CLERK_SECRET_KEY", secret),
        ("CLERK_PROXY_URL", frontend.as_str()),
        ("CLERK_TELEMETRY_DISABLED", "1"),
        ("NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY", publishable),
        ("NEXT_PUBLIC_CLERK_PROXY_URL", frontend.as_str()),
        ("NEXT_PUBLIC_CLERK_SIGN_IN_URL", sign_in.as_str()),
        ("NEXT_PUBLIC_CLERK_SIGN_UP_URL", sign_up.as_str()),
        ("NEXT_PUBLIC_CLERK_TELEMETRY_DISABLED", "1"),
        ("NEXT_PUBLIC_CLERK_KEYLESS_DISABLED", "1"),
    ]
    .map(|(name, value)| format!("{name}={value}\n"))
    .concat()
}
