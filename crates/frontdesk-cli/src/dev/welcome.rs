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
    for (title, block) in blocks(server, keys) {
        let _ = write!(text, "\n{title}\n{}", indented(&block));
    }
    text.push_str(
        "\nMake a user:    frontdesk users create --email ada@example.com\
         \nPrint a token:  frontdesk token --user ada@example.com",
    );
    text
}

/// What to paste, for each kind of application.
fn blocks(server: &Server, keys: &InstanceKeys) -> [(&'static str, String); 4] {
    let url = server.public_url();
    let frontend = server.base_url(&keys.instance);
    let (publishable, secret) = (&keys.publishable_key, &keys.secret_key);
    let node = format!(
        "export CLERK_API_URL={url}\nexport CLERK_PUBLISHABLE_KEY={publishable}\nexport CLERK_SECRET_KEY={secret}\n\
         export CLERK_PROXY_URL={frontend}\nexport CLERK_TELEMETRY_DISABLED=1\n"
    );
    [
        (
            "Rust (axum): set these, and add the crate frontdesk with its feature axum",
            format!(
                "export FRONTDESK_URL={url}\nexport FRONTDESK_PUBLISHABLE_KEY={publishable}\n\
                 export FRONTDESK_SECRET_KEY={secret}\n\n{}",
                include_str!("samples/me.rs")
            ),
        ),
        (
            "Next.js: put this into .env.local (with @clerk/nextjs 4, leave NEXT_PUBLIC_CLERK_PROXY_URL out)",
            format!(
                "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY={publishable}\nCLERK_SECRET_KEY={secret}\nCLERK_API_URL={url}\n\
                 NEXT_PUBLIC_CLERK_PROXY_URL={frontend}\nNEXT_PUBLIC_CLERK_SIGN_IN_URL={frontend}/sign-in\n\
                 NEXT_PUBLIC_CLERK_SIGN_UP_URL={frontend}/sign-up\nNEXT_PUBLIC_CLERK_TELEMETRY_DISABLED=1\n\
                 NEXT_PUBLIC_CLERK_KEYLESS_DISABLED=1\n"
            ),
        ),
        ("Express: set these", format!("{node}\n{}", include_str!("samples/express.mjs"))),
        ("@clerk/backend: the same settings, and", include_str!("samples/backend.mjs").to_owned()),
    ]
}

fn indented(block: &str) -> String {
    block.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}

/// A mail as the terminal shows it.
pub(crate) fn mail(letter: &Letter) -> String {
    let mail = &letter.mail;
    let sender = if letter.handed_over { ", for the application to send" } else { "" };
    format!("\n  Mail to {}{sender}: {}\n  {}", mail.to, mail.subject, mail.text.trim().replace('\n', "\n  "))
}

#[cfg(test)]
mod tests {
    /// The Rust that is printed is the SDK's own example, which is compiled with it.
    #[test]
    fn the_rust_that_is_printed_is_the_sdks_example() {
        assert_eq!(include_str!("samples/me.rs"), include_str!("../../../frontdesk/examples/me.rs"));
    }
}
