//! An instance's settings, as pages see them. What is not built is off.

use frontdesk_api::frontend::environment as wire;
use frontdesk_core::settings::{Attributes, Settings, Wanted};
use serde_json::Map;

use crate::LoadedInstance;

/// The environment of an instance that browsers reach at this address. Pages that the owner has not named are the
/// server's own, there.
pub(crate) fn environment(instance: &LoadedInstance, public_url: &str) -> wire::Environment {
    wire::Environment {
        auth_config: auth_config(instance),
        display_config: display_config(instance, public_url),
        user_settings: user_settings(&instance.settings),
        organization_settings: organization_settings(),
        fraud_settings: wire::FraudSettings {
            object: "fraud_settings".to_owned(),
            native: wire::NativeFraudSettings { device_attestation_mode: "disabled".to_owned() },
        },
        api_keys_settings: wire::ApiKeysSettings::default(),
        protect_config: Map::new(),
        client_debug_mode: false,
        partitioned_cookies: false,
        maintenance_mode: false,
    }
}

fn auth_config(instance: &LoadedInstance) -> wire::AuthConfig {
    let settings = &instance.settings;
    let attributes = settings.attributes;
    let identifiers =
        if attributes.email_address == Wanted::Off { vec![] } else { strings(&["email_address"]) };
    wire::AuthConfig {
        object: "auth_config".to_owned(),
        id: sibling_id(instance, "aconf_"),
        first_name: word(attributes.first_name),
        last_name: word(attributes.last_name),
        email_address: word(attributes.email_address),
        phone_number: word(Wanted::Off),
        username: word(Wanted::Off),
        password: word(attributes.password),
        identification_requirements: if attributes.email_address == Wanted::Required {
            vec![identifiers.clone()]
        } else {
            vec![]
        },
        identification_strategies: identifiers,
        first_factors: first_factors(attributes),
        second_factors: vec![],
        email_address_verification_strategies: email_strategies(attributes),
        single_session_mode: settings.single_session_mode,
        enhanced_email_deliverability: false,
        test_mode: settings.test_mode,
        cookieless_dev: true,
        url_based_session_syncing: true,
        claimed_at: None,
        reverification: false,
        native_settings: wire::NativeSettings {
            object: "native_settings".to_owned(),
            api_enabled: true,
            trusted_device_sign_in_enabled: false,
            trusted_device_enrollment_prompt_after_sign_in_enabled: false,
            trusted_device_enrollment_prompt_after_sign_up_enabled: false,
        },
    }
}

fn display_config(instance: &LoadedInstance, public_url: &str) -> wire::DisplayConfig {
    let settings = &instance.settings;
    let urls = &settings.urls;
    let page = |named: &str, own: &str| {
        if named.is_empty() { format!("{public_url}{own}") } else { named.to_owned() }
    };
    let sign_in = page(&urls.sign_in, "/sign-in");
    let by_password = settings.attributes.password != Wanted::Off;
    wire::DisplayConfig {
        object: "display_config".to_owned(),
        id: sibling_id(instance, "display_config_"),
        instance_environment_type: instance.kind.as_str().to_owned(),
        application_name: settings.application_name.clone(),
        preferred_sign_in_strategy: if by_password { "password" } else { "otp" }.to_owned(),
        home_url: urls.home.clone(),
        logo_link_url: urls.home.clone(),
        sign_in_url: sign_in.clone(),
        sign_up_url: page(&urls.sign_up, "/sign-up"),
        user_profile_url: page("", "/user"),
        after_sign_in_url: urls.home.clone(),
        after_sign_up_url: urls.home.clone(),
        after_sign_out_one_url: urls.home.clone(),
        after_sign_out_all_url: sign_in,
        after_switch_session_url: urls.home.clone(),
        after_join_waitlist_url: urls.home.clone(),
        after_leave_organization_url: urls.home.clone(),
        after_create_organization_url: urls.home.clone(),
        captcha_heartbeat: Some(false),
        ..wire::DisplayConfig::default()
    }
}

fn user_settings(settings: &Settings) -> wire::UserSettings {
    let limits = &settings.limits;
    wire::UserSettings {
        attributes: attributes(settings.attributes),
        social: Map::new(),
        saml: wire::EnterpriseSso::default(),
        enterprise_sso: wire::EnterpriseSso::default(),
        sign_in: wire::SignInSettings::default(),
        sign_up: wire::SignUpSettings {
            captcha_enabled: false,
            captcha_widget_type: "smart".to_owned(),
            custom_action_required: false,
            progressive: true,
            mode: "public".to_owned(),
            legal_consent_enabled: false,
        },
        restrictions: wire::Restrictions::default(),
        password_settings: wire::PasswordSettings {
            disable_hibp: true,
            disable_password_reverification: false,
            min_length: settings.password.min_length,
            max_length: settings.password.max_length,
            require_special_char: false,
            require_numbers: false,
            require_uppercase: false,
            require_lowercase: false,
            show_zxcvbn: false,
            min_zxcvbn_strength: 0,
            enforce_hibp_on_sign_in: false,
            allowed_special_characters: "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~".to_owned(),
        },
        username_settings: wire::UsernameSettings {
            min_length: Some(4),
            max_length: Some(64),
            allow_extended_special_characters: false,
            allow_numeric_usernames: false,
        },
        actions: wire::Actions {
            delete_self: true,
            create_organization: false,
            create_organizations_limit: None,
        },
        attack_protection: wire::AttackProtection {
            user_lockout: wire::UserLockout {
                enabled: true,
                max_attempts: limits.lockout_tries,
                duration_in_minutes: limits.lockout_lifetime.as_minutes(),
            },
            pii: wire::Switch { enabled: true },
            email_link: wire::EmailLinkSettings::default(),
            enumeration_protection: wire::Switch::default(),
        },
        passkey_settings: wire::PasskeySettings::default(),
    }
}

fn attributes(attributes: Attributes) -> wire::AttributeSettings {
    let plain = |wanted| wire::Attribute {
        enabled: wanted != Wanted::Off,
        required: wanted == Wanted::Required,
        ..wire::Attribute::default()
    };
    let strategies = email_strategies(attributes);
    wire::AttributeSettings {
        email_address: wire::Attribute {
            used_for_first_factor: attributes.email_address != Wanted::Off,
            verify_at_sign_up: attributes.email_address != Wanted::Off,
            first_factors: strategies.clone(),
            verifications: strategies,
            ..plain(attributes.email_address)
        },
        first_name: plain(attributes.first_name),
        last_name: plain(attributes.last_name),
        password: plain(attributes.password),
        ticket: plain(Wanted::Optional),
        ..wire::AttributeSettings::default()
    }
}

fn organization_settings() -> wire::OrganizationSettings {
    wire::OrganizationSettings {
        enabled: false,
        max_allowed_memberships: 5,
        actions: wire::OrganizationActions::default(),
        domains: wire::OrganizationDomains {
            enabled: false,
            enrollment_modes: vec![],
            default_role: "org:member".to_owned(),
        },
        slug: wire::OrganizationSlugs::default(),
        creator_role: "org:admin".to_owned(),
    }
}

fn first_factors(attributes: Attributes) -> Vec<String> {
    let mut factors = email_strategies(attributes);
    if attributes.password != Wanted::Off {
        factors.push("password".to_owned());
    }
    factors.push("ticket".to_owned());
    factors
}

fn email_strategies(attributes: Attributes) -> Vec<String> {
    if attributes.email_address == Wanted::Off { vec![] } else { strings(&["email_code"]) }
}

fn word(wanted: Wanted) -> String {
    match wanted {
        Wanted::Off => "off",
        Wanted::Optional => "on",
        Wanted::Required => "required",
    }
    .to_owned()
}

/// Parts of an instance have no row of their own: they are named after it.
fn sibling_id(instance: &LoadedInstance, prefix: &str) -> String {
    let id = instance.id.as_str();
    format!("{prefix}{}", id.split_once('_').map_or(id, |(_, body)| body))
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
