//! An instance's settings, as pages see them. What is not built is off.

use frontdesk_api::frontend::environment as wire;
use frontdesk_core::settings::{Attributes, PasswordRules, Settings, Wanted};
use frontdesk_core::sign_in::{EMAIL_CODE, RESET_PASSWORD_EMAIL_CODE};
use serde_json::Map;

use super::sign_in;
use crate::{Breaches, LoadedInstance};

/// The environment of an instance that browsers reach at this address. Pages that the owner has not named are the
/// server's own, there. `breaches` tells whether the server can find out which passwords are known from breaches: a rule
/// about them that cannot be kept is shown as off.
pub(crate) fn environment(
    instance: &LoadedInstance,
    public_url: &str,
    breaches: &Breaches,
) -> wire::Environment {
    let knows_breaches = !matches!(breaches, Breaches::Unknown);
    wire::Environment {
        auth_config: auth_config(instance),
        display_config: display_config(instance, public_url),
        user_settings: user_settings(&instance.settings, knows_breaches),
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
    let required = [("email_address", attributes.email_address), ("username", attributes.username)];
    let required = required.into_iter().filter(|(_, wanted)| *wanted == Wanted::Required);
    wire::AuthConfig {
        object: "auth_config".to_owned(),
        id: sibling_id(instance, "aconf_"),
        first_name: word(attributes.first_name),
        last_name: word(attributes.last_name),
        email_address: word(attributes.email_address),
        phone_number: word(Wanted::Off),
        username: word(attributes.username),
        password: word(attributes.password),
        identification_requirements: required.map(|(name, _)| strings(&[name])).collect(),
        identification_strategies: sign_in::supported_identifiers(settings),
        first_factors: first_factors(attributes),
        // Of those who have them: they come with people from elsewhere, and nobody can set one up here yet.
        second_factors: strings(&["totp", "backup_code"]),
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
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
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
        support_email: given(&settings.support_email),
        terms_url: given(&urls.terms),
        privacy_policy_url: given(&urls.privacy_policy),
        captcha_heartbeat: Some(false),
        ..wire::DisplayConfig::default()
    }
}

fn user_settings(settings: &Settings, knows_breaches: bool) -> wire::UserSettings {
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
            progressive: settings.sign_up.progressive,
            mode: "public".to_owned(),
            legal_consent_enabled: settings.sign_up.legal_consent,
        },
        restrictions: restrictions(settings),
        password_settings: password_settings(&settings.password, knows_breaches),
        username_settings: wire::UsernameSettings {
            min_length: u32::try_from(settings.username.min_length).ok(),
            max_length: u32::try_from(settings.username.max_length).ok(),
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
            enumeration_protection: wire::Switch { enabled: settings.enumeration_protection },
        },
        passkey_settings: wire::PasskeySettings::default(),
    }
}

fn restrictions(settings: &Settings) -> wire::Restrictions {
    let restrictions = settings.restrictions;
    wire::Restrictions {
        allowlist: wire::Switch { enabled: restrictions.allowlist },
        blocklist: wire::Switch { enabled: restrictions.blocklist },
        // The lists say who may sign up. Who has an account signs in.
        allowlist_blocklist_disabled_on_sign_in: wire::Switch { enabled: true },
        block_email_subaddresses: wire::Switch { enabled: restrictions.block_email_subaddresses },
        block_disposable_email_domains: wire::Switch::default(),
    }
}

fn password_settings(rules: &PasswordRules, knows_breaches: bool) -> wire::PasswordSettings {
    wire::PasswordSettings {
        disable_hibp: !(rules.refuse_breached && knows_breaches),
        disable_password_reverification: false,
        min_length: rules.min_length,
        max_length: rules.max_length,
        require_special_char: rules.require_special_char,
        require_numbers: rules.require_numbers,
        require_uppercase: rules.require_uppercase,
        require_lowercase: rules.require_lowercase,
        show_zxcvbn: rules.min_zxcvbn_strength > 0,
        min_zxcvbn_strength: rules.min_zxcvbn_strength,
        enforce_hibp_on_sign_in: rules.refuse_breached_on_sign_in && knows_breaches,
        allowed_special_characters: PasswordRules::SPECIAL_CHARACTERS.to_owned(),
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
        username: wire::Attribute {
            used_for_first_factor: attributes.username != Wanted::Off,
            ..plain(attributes.username)
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
        if attributes.email_address != Wanted::Off {
            factors.push(RESET_PASSWORD_EMAIL_CODE.to_owned());
        }
    }
    factors.push("ticket".to_owned());
    factors
}

fn email_strategies(attributes: Attributes) -> Vec<String> {
    if attributes.email_address == Wanted::Off { vec![] } else { strings(&[EMAIL_CODE]) }
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
