//! What a developer reads in the terminal: the keys, what to paste, and the mails.

use std::fmt::Write as _;
use std::path::Path;

use frontdesk_core::instance::Instance;
use frontdesk_notify::Letter;
use frontdesk_server::{InstanceKeys, Server};

/// What is printed once the server listens.
pub(crate) fn text(server: &Server, keys: &InstanceKeys, folder: &Path) -> String {
    let Instance { slug, key_host, kind, .. } = &keys.instance;
    let url = server.public_url();
    let frontend = server.base_url(&keys.instance);
    let (publishable, secret) = (&keys.publishable_key, &keys.secret_key);
    let mut text = format!(
        "
Frontdesk {version} is listening on {url}
  instance         {slug} ({kind}, issuer https://{key_host})
  data             {folder} ({engine})
  publishable key  {publishable}
  secret key       {secret}
  JWKS             {frontend}/.well-known/jwks.json
  mail             {url}/dev/outbox
",
        version = env!("CARGO_PKG_VERSION"),
        kind = kind.as_str(),
        folder = folder.display(),
        engine = server.store().engine(),
    );
    if keys.instance.has_test_keys {
        text.push_str("\n  This instance was made from a seed and signs with published test keys. Keep it off the internet.\n");
    }
    let _ = write!(
        text,
        "
Rust (axum): cargo add frontdesk --features axum, then
  export FRONTDESK_URL={url} FRONTDESK_SECRET_KEY={secret} FRONTDESK_PUBLISHABLE_KEY={publishable}

  async fn me(SignedIn(session): SignedIn) -> String {{
      session.user_id.to_string() // without a valid session the answer is 401
  }}
  let app = axum::Router::new().route(\"/me\", axum::routing::get(me)).layer(FrontdeskLayer::from_env()?);

Next.js: put this in .env.local (with @clerk/nextjs 4, leave NEXT_PUBLIC_CLERK_PROXY_URL out)
  NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY={publishable}
  CLERK_SECRET_KEY={secret}
  CLERK_API_URL={url}
  NEXT_PUBLIC_CLERK_PROXY_URL={frontend}
  NEXT_PUBLIC_CLERK_TELEMETRY_DISABLED=1
  NEXT_PUBLIC_CLERK_KEYLESS_DISABLED=1

Express: put this in .env
  CLERK_PUBLISHABLE_KEY={publishable}
  CLERK_SECRET_KEY={secret}
  CLERK_API_URL={url}
  CLERK_PROXY_URL={frontend}
  CLERK_TELEMETRY_DISABLED=1

@clerk/backend:
  import {{ createClerkClient }} from '@clerk/backend'
  const clerk = createClerkClient({{
    apiUrl: '{url}',
    publishableKey: '{publishable}',
    secretKey: '{secret}',
  }})

Make a user:   frontdesk users create --email ada@example.com
Print a token: frontdesk token --user ada@example.com"
    );
    text
}

/// A mail as the terminal shows it.
pub(crate) fn mail(letter: &Letter) -> String {
    let mail = &letter.mail;
    format!("\n  Mail to {}: {}\n  {}", mail.to, mail.subject, mail.text.trim().replace('\n', "\n  "))
}
