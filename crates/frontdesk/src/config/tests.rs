//! What is checked before anything is asked.

use super::*;

fn read(variables: &[(&str, &str)]) -> Builder {
    Builder::default().variables(|name| {
        let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
        Some((*value).to_owned())
    })
}

fn from(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    read(variables).check()
}

const TEST_KEY: &str = "pk_test_MTI3LjAuMC4xOjQwMDAk";

#[test]
fn the_variables_people_already_have_are_enough() {
    let config = from(&[("CLERK_PUBLISHABLE_KEY", TEST_KEY), ("CLERK_SECRET_KEY", "sk_test_1")]).unwrap();
    assert!(format!("{:?}", config.client).contains("https://api.clerk.com"));
    assert_eq!(handshake_of(&config), "https://127.0.0.1:4000/v1/client/handshake");
}

#[test]
fn our_own_variables_win() {
    let builder = read(&[
        ("CLERK_PUBLISHABLE_KEY", "pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk"),
        ("FRONTDESK_PUBLISHABLE_KEY", TEST_KEY),
        ("CLERK_SECRET_KEY", "sk_test_theirs"),
        ("FRONTDESK_SECRET_KEY", "sk_test_ours"),
        ("CLERK_API_URL", "http://127.0.0.1:1"),
        ("FRONTDESK_URL", "http://127.0.0.1:4400"),
        ("FRONTDESK_AUTHORIZED_PARTIES", "http://a.test, http://b.test"),
    ]);
    assert_eq!(builder.secret_key.as_ref().unwrap().expose(), "sk_test_ours");
    let config = builder.check().unwrap();
    assert_eq!(config.browsers.as_ref().unwrap().key.as_str(), TEST_KEY);
    assert!(format!("{:?}", config.client).contains("http://127.0.0.1:4400"));
    assert_eq!(handshake_of(&config), "http://127.0.0.1:4400/v1/client/handshake");
    let expected = Expectations::new().authorized_party("http://a.test").authorized_party("http://b.test");
    assert_eq!(config.expectations, expected);
}

#[test]
fn our_secret_key_is_never_sent_to_a_stranger_by_default() {
    let keys = [("FRONTDESK_PUBLISHABLE_KEY", TEST_KEY), ("FRONTDESK_SECRET_KEY", "sk_test_1")];
    assert!(matches!(from(&keys), Err(ConfigError::MissingApiUrl)));
}

#[test]
fn a_missing_or_broken_setting_is_named() {
    assert!(matches!(from(&[]), Err(ConfigError::MissingPublishableKey)));
    let key = ("CLERK_PUBLISHABLE_KEY", TEST_KEY);
    assert!(matches!(from(&[key]), Err(ConfigError::MissingSecretKey)));
    let keys = [key, ("CLERK_SECRET_KEY", "sk_test_1")];
    let with = |name, value| from(&[keys[0], keys[1], (name, value)]);
    assert!(matches!(with("CLERK_API_URL", "localhost:4400"), Err(ConfigError::Client(_))));
    assert!(matches!(with("CLERK_PROXY_URL", "//elsewhere.test"), Err(ConfigError::ProxyUrl(_))));
    assert!(matches!(with("CLERK_PROXY_URL", "__clerk"), Err(ConfigError::ProxyUrl(_))));
    assert!(matches!(with("CLERK_JWT_KEY", "not a key"), Err(ConfigError::JwtKey(_))));
    let below = with("CLERK_PROXY_URL", "/__clerk").unwrap();
    assert_eq!(handshake_of(&below), "http://app.test/__clerk/v1/client/handshake");
    let elsewhere = with("NEXT_PUBLIC_CLERK_PROXY_URL", "https://proxy.test/a/?b#c").unwrap();
    assert_eq!(handshake_of(&elsewhere), "https://proxy.test/a/v1/client/handshake");
}

#[test]
fn a_satellite_is_complete_or_no_satellite() {
    let variables = |extra: &[(&'static str, &'static str)], key: &'static str, secret: &'static str| {
        let mut variables = vec![("CLERK_PUBLISHABLE_KEY", key), ("CLERK_SECRET_KEY", secret)];
        variables.push(("CLERK_IS_SATELLITE", "true"));
        variables.extend(extra);
        from(&variables)
    };
    let (live, sign_in) =
        ("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", ("CLERK_SIGN_IN_URL", "https://a.test/sign-in"));
    let domain = ("CLERK_DOMAIN", "satellite.test");
    assert!(matches!(variables(&[domain], TEST_KEY, "sk_test_1"), Err(ConfigError::MissingSignInUrl)));
    assert!(matches!(variables(&[sign_in], TEST_KEY, "sk_test_1"), Err(ConfigError::MissingDomain)));
    assert!(matches!(variables(&[], live, "sk_live_1"), Err(ConfigError::MissingDomain)));
    assert!(matches!(variables(&[("CLERK_DOMAIN", "a b")], live, "sk_live_1"), Err(ConfigError::Domain(_))));

    let development = variables(&[domain, sign_in], TEST_KEY, "sk_test_1").unwrap().browsers.unwrap();
    assert_eq!(development.satellite, Some(Satellite { auto_sync: false }));
    assert_eq!(development.frontend_api, "127.0.0.1:4000", "the domain counts in production only");
    let auto = ("FRONTDESK_SATELLITE_AUTO_SYNC", "1");
    let config = variables(&[domain, auto], live, "sk_live_1").unwrap();
    assert_eq!(handshake_of(&config), "https://clerk.satellite.test/v1/client/handshake");
    assert_eq!(config.browsers.unwrap().satellite, Some(Satellite { auto_sync: true }));
    let proxied = variables(&[domain, ("CLERK_PROXY_URL", "https://proxy.test")], live, "sk_live_1").unwrap();
    assert_eq!(handshake_of(&proxied), "https://proxy.test/v1/client/handshake");
    assert_eq!(
        proxied.browsers.unwrap().frontend_api,
        "clerk.satellite.test",
        "tokens do not come from a proxy"
    );
    // A primary application may have a domain, too.
    let primary =
        from(&[("CLERK_PUBLISHABLE_KEY", live), ("CLERK_SECRET_KEY", "sk_live_1"), domain]).unwrap();
    assert_eq!(primary.browsers.unwrap().frontend_api, "clerk.frontdesk.test");
}

#[test]
fn yes_is_written_in_two_ways() {
    for (value, yes) in [
        ("true", true),
        ("TRUE", true),
        ("1", true),
        ("7", true),
        ("0", false),
        ("false", false),
        ("yes", false),
    ] {
        let builder = read(&[("NEXT_PUBLIC_CLERK_IS_SATELLITE", value)]);
        assert_eq!(builder.is_satellite, yes, "{value}");
    }
}

#[test]
fn who_talks_to_machines_alone_needs_less() {
    let with = |kind: TokenType, variables: &[(&str, &str)]| {
        let lookup = |name: &str| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some((*value).to_owned())
        };
        Builder::default().accepting(kind).variables(lookup).check()
    };
    let machine = [("CLERK_MACHINE_SECRET_KEY", "ak_1")];
    assert!(with(TokenType::M2m, &machine).unwrap().browsers.is_none());
    assert!(matches!(with(TokenType::M2m, &[]), Err(ConfigError::MissingSecretKey)));
    assert!(matches!(with(TokenType::ApiKey, &machine), Err(ConfigError::MissingSecretKey)));
    assert!(with(TokenType::ApiKey, &[("CLERK_SECRET_KEY", "sk_test_1")]).unwrap().browsers.is_none());
    assert!(matches!(
        with(TokenType::OAuth, &[("CLERK_SECRET_KEY", "sk_test_1")]),
        Err(ConfigError::MissingPublishableKey)
    ));
    // Without one of our own, the machine's secret is not told to a stranger either.
    assert!(matches!(
        with(TokenType::M2m, &[("FRONTDESK_MACHINE_SECRET_KEY", "ak_1")]),
        Err(ConfigError::MissingApiUrl)
    ));
}

#[test]
fn patterns_are_read_when_it_is_built() {
    let builder = || read(&[("CLERK_PUBLISHABLE_KEY", TEST_KEY), ("CLERK_SECRET_KEY", "sk_test_1")]);
    assert!(builder().organization_patterns(["/orgs/:slug"]).check().is_ok());
    let error = builder().personal_account_patterns(["/me", "/me/("]).check().unwrap_err();
    assert!(matches!(error, ConfigError::PathPattern(_)));
}

fn handshake_of(config: &Config) -> String {
    let page = Url::parse("http://app.test/page?a=b").unwrap();
    config.browsers.as_ref().unwrap().frontend.seen_from(&page).url("v1/client/handshake").to_string()
}
