//! The settings of the application in the present folder: in the environment, or in its `.env` files.

use std::collections::BTreeMap;
use std::path::Path;

use frontdesk::{InstanceType, PublishableKey};
use frontdesk_client::{Client, HttpTransport};

use super::Finding;
use crate::output;

/// Files that frameworks read, the first one wins.
const FILES: [&str; 3] = [".env.local", ".env.development", ".env"];
/// Larger files are no settings.
const MOST_BYTES: u64 = 256 * 1024;
/// Names that applications give the publishable key.
const PUBLISHABLE_KEYS: [&str; 6] = [
    "FRONTDESK_PUBLISHABLE_KEY",
    "CLERK_PUBLISHABLE_KEY",
    "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY",
    "VITE_CLERK_PUBLISHABLE_KEY",
    "PUBLIC_CLERK_PUBLISHABLE_KEY",
    "NUXT_PUBLIC_CLERK_PUBLISHABLE_KEY",
];
/// Names of the secret key.
const SECRET_KEYS: [&str; 3] = ["FRONTDESK_SECRET_KEY", "CLERK_SECRET_KEY", "NUXT_CLERK_SECRET_KEY"];
/// Names of the server's address.
const URLS: [&str; 2] = ["FRONTDESK_URL", "CLERK_API_URL"];

type Settings = BTreeMap<String, String>;

/// Looks at the keys, at whether they belong together, and at whether the server takes them.
pub(super) async fn look(folder: &Path, findings: &mut Vec<Finding>) {
    let settings = settings(folder);
    let publishable = PUBLISHABLE_KEYS.into_iter().find_map(|name| Some((name, settings.get(name)?)));
    let secret = SECRET_KEYS.into_iter().find_map(|name| Some((name, settings.get(name)?)));
    let url = URLS.into_iter().find_map(|name| Some((name, settings.get(name)?)));
    if publishable.is_none() && secret.is_none() && url.is_none() {
        findings.push(Finding::good("application", "this folder has no settings of an application"));
        return;
    }
    let kind = publishable.and_then(|(name, key)| look_at_publishable_key(name, key, findings));
    let Some((name, secret_key)) = secret else {
        findings.push(Finding::warning(
            "application",
            "there is no secret key",
            "set CLERK_SECRET_KEY or FRONTDESK_SECRET_KEY",
        ));
        return;
    };
    let expected = kind.map(|kind| if kind == InstanceType::Production { "sk_live_" } else { "sk_test_" });
    if expected.is_some_and(|prefix| !secret_key.starts_with(prefix)) {
        findings.push(Finding::wrong(
            "application",
            format!("{name} and the publishable key are of different environments"),
            "take both from `frontdesk instances show NAME`",
        ));
    }
    match url {
        Some((_, url)) => ask(url, secret_key, findings).await,
        None => findings.push(Finding::wrong(
            "application",
            "no address is set, so SDKs will ask Clerk's servers",
            "set CLERK_API_URL (and NEXT_PUBLIC_CLERK_PROXY_URL) or FRONTDESK_URL as `frontdesk dev` prints them",
        )),
    }
}

fn look_at_publishable_key(name: &str, key: &str, findings: &mut Vec<Finding>) -> Option<InstanceType> {
    match key.parse::<PublishableKey>() {
        Ok(key) => {
            findings.push(Finding::good("application", format!("{name} names {}", key.frontend_api())));
            Some(key.instance_type())
        }
        Err(error) => {
            findings.push(Finding::wrong(
                "application",
                format!("{name} is no publishable key: {error}"),
                "take it from `frontdesk instances show NAME`",
            ));
            None
        }
    }
}

/// Asks the server for its key set with the secret key: that tells whether it is there, and whether it knows the key.
async fn ask(url: &str, secret_key: &str, findings: &mut Vec<Finding>) {
    let client = match HttpTransport::new(url).map(|transport| Client::builder(secret_key).build(transport)) {
        Ok(Ok(client)) => client,
        Ok(Err(error)) => {
            let advice = "take the key from `frontdesk instances show NAME`";
            findings.push(Finding::wrong("application", output::with_causes(&error), advice));
            return;
        }
        Err(error) => {
            let advice = "an address begins with http:// or https://";
            findings.push(Finding::wrong("application", output::with_causes(&error), advice));
            return;
        }
    };
    findings.push(match client.jwks().await {
        Ok(keys) => Finding::good(
            "application",
            format!("{url} takes the secret key and has {} signing keys", keys.keys.len()),
        ),
        Err(error) if error.status().is_some() => Finding::wrong(
            "application",
            format!("{url} does not take the secret key: {}", output::with_causes(&error)),
            "take it from `frontdesk instances show NAME` of the server at that address",
        ),
        Err(error) => Finding::wrong(
            "application",
            format!("{url} does not answer: {}", output::with_causes(&error)),
            "start the server, or correct the address",
        ),
    });
}

/// The environment, and below it what the files say.
fn settings(folder: &Path) -> Settings {
    let mut settings: Settings = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    for file in FILES {
        let path = folder.join(file);
        if std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= MOST_BYTES) {
            for (name, value) in lines(&std::fs::read_to_string(&path).unwrap_or_default()) {
                settings.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
    }
    settings.retain(|_, value| !value.is_empty());
    settings
}

/// `NAME=value` lines, with `export` before or quotes around.
fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let value = value.trim();
        let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
        Some((name.trim(), quoted.unwrap_or(value))).filter(|(name, _)| !name.starts_with('#'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_files_are_read_as_frameworks_read_them() {
        let text = "# CLERK_API_URL=no\nexport A=1\nB = \"two words\"\nC='x'\nnothing\nD=";
        let read: Vec<_> = lines(text).collect();
        assert_eq!(read, [("A", "1"), ("B", "two words"), ("C", "x"), ("D", "")]);
    }
}
