//! The instance itself. Every change moves its version, so that each server that holds it in memory loads it anew before
//! it answers the next request.

use frontdesk_api::Nothing;
use frontdesk_api::backend::instance::{
    self as wire, GetInstance, UpdateInstance, UpdateInstanceAuthConfig, UpdateInstanceRestrictions,
};
use frontdesk_core::instance::Instance;
use frontdesk_types::EmailAddress;
use url::Url;

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::routes::Routes;

/// How many origins one instance may list.
const MOST_ORIGINS: usize = 100;
/// The longest origin, in bytes: the longest host name, a scheme and a port.
const LONGEST_ORIGIN: usize = 280;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(get_instance).on(update_instance).on(update_restrictions).on(update_settings)
}

async fn get_instance(cx: BackendCx, _: Req<GetInstance>) -> Answer<GetInstance> {
    let origins = &cx.instance.settings.allowed_origins;
    Ok(Shown::new(wire::Instance {
        object: "instance".to_owned(),
        id: cx.instance.id.clone(),
        environment_type: cx.instance.kind.as_str().to_owned(),
        allowed_origins: (!origins.is_empty()).then(|| origins.clone()),
        workspace_id: None,
    }))
}

async fn update_instance(mut cx: BackendCx, req: Req<UpdateInstance>) -> Answer<UpdateInstance> {
    let mut instance = cx.fresh_instance().await?;
    let changes = req.body;
    set_test_mode(&mut instance, changes.test_mode)?;
    let settings = &mut instance.settings;
    set(&mut settings.password.refuse_breached, changes.hibp);
    if let Some(address) = changes.support_email {
        settings.support_email = support_email(&address)?;
    }
    if let Some(origins) = changes.allowed_origins {
        settings.allowed_origins = canonical_origins(&origins)?;
    }
    cx.save_settings(&mut instance);
    Ok(cx.commit(Nothing {}).await?.without_content())
}

async fn update_restrictions(
    mut cx: BackendCx,
    req: Req<UpdateInstanceRestrictions>,
) -> Answer<UpdateInstanceRestrictions> {
    if req.body.ignore_dots_for_gmail_addresses == Some(true) {
        return Err(errors::param_not_available("ignore_dots_for_gmail_addresses"));
    }
    let mut instance = cx.fresh_instance().await?;
    let restrictions = &mut instance.settings.restrictions;
    set(&mut restrictions.allowlist, req.body.allowlist);
    set(&mut restrictions.blocklist, req.body.blocklist);
    set(&mut restrictions.block_email_subaddresses, req.body.block_email_subaddresses);
    let restrictions = *restrictions;
    cx.save_settings(&mut instance);
    cx.commit(wire::InstanceRestrictions {
        object: "instance_restrictions".to_owned(),
        allowlist: restrictions.allowlist,
        blocklist: restrictions.blocklist,
        // Whoever has an account may sign in, whatever the lists say: ban them to keep them out.
        allowlist_blocklist_disabled_on_sign_in: true,
        block_email_subaddresses: restrictions.block_email_subaddresses,
        block_disposable_email_domains: false,
        ignore_dots_for_gmail_addresses: false,
    })
    .await
}

async fn update_settings(
    mut cx: BackendCx,
    req: Req<UpdateInstanceAuthConfig>,
) -> Answer<UpdateInstanceAuthConfig> {
    let mut instance = cx.fresh_instance().await?;
    set_test_mode(&mut instance, req.body.test_mode)?;
    let settings = &mut instance.settings;
    set(&mut settings.restrictions.allowlist, req.body.restricted_to_allowlist);
    set(&mut settings.sign_up.progressive, req.body.progressive_sign_up);
    let shown = wire::InstanceSettings {
        object: "instance_settings".to_owned(),
        id: instance.id.clone(),
        restricted_to_allowlist: settings.restrictions.allowlist,
        progressive_sign_up: settings.sign_up.progressive,
        enhanced_email_deliverability: false,
    };
    cx.save_settings(&mut instance);
    cx.commit(shown).await
}

impl BackendCx {
    /// The instance as it is now: the one in memory is as old as the request.
    async fn fresh_instance(&self) -> Result<Instance, ApiError> {
        self.store.instance(&self.instance.id).await?.ok_or_else(errors::instance_not_found)
    }

    fn save_settings(&mut self, instance: &mut Instance) {
        instance.updated_at = self.now;
        self.work.save_instance(instance);
    }
}

fn set(setting: &mut bool, wanted: Option<bool>) {
    *setting = wanted.unwrap_or(*setting);
}

/// Test mode stays out of production: where it is on, anybody can prove to own a test address.
fn set_test_mode(instance: &mut Instance, wanted: Option<bool>) -> Result<(), ApiError> {
    if wanted == Some(true) && !instance.is_development() {
        return Err(errors::param_value_invalid("test_mode", "false in production"));
    }
    set(&mut instance.settings.test_mode, wanted);
    Ok(())
}

fn support_email(text: &str) -> Result<String, ApiError> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    let address: EmailAddress = text
        .parse()
        .map_err(|_| errors::param_format_invalid("support_email", "an e-mail address, or empty"))?;
    Ok(address.as_str().to_owned())
}

/// Origins in their canonical spelling, each once. Something with a path is no origin: whoever wrote it meant less than
/// it would allow.
fn canonical_origins(origins: &[String]) -> Result<Vec<String>, ApiError> {
    let invalid = || errors::param_format_invalid("allowed_origins", "origins like https://shop.example.com");
    if origins.len() > MOST_ORIGINS {
        return Err(errors::list_full("allowed_origins", MOST_ORIGINS as u64));
    }
    let mut canonical = Vec::new();
    for text in origins {
        let url = Some(text.as_str()).filter(|text| text.len() <= LONGEST_ORIGIN).map(Url::parse);
        let url = url.and_then(Result::ok).ok_or_else(invalid)?;
        let origin = url.origin().ascii_serialization();
        let is_origin = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.host_str().is_some_and(|host| !host.contains('*'));
        if !is_origin {
            return Err(invalid());
        }
        if !canonical.contains(&origin) {
            canonical.push(origin);
        }
    }
    Ok(canonical)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_kept_in_one_spelling_each_once() {
        let given = ["HTTPS://Shop.Example", "https://shop.example:443/", "http://192.168.1.5:3000"];
        let kept = canonical_origins(&given.map(str::to_owned)).unwrap();
        assert_eq!(kept, ["https://shop.example", "http://192.168.1.5:3000"]);
        for text in [
            "",
            "shop.example",
            "*",
            "https://*",
            "https://shop.example/path",
            "https://shop.example/?x",
            "https://user@shop.example",
            "null",
            "javascript:alert(1)",
            "file:///",
        ] {
            let refused = canonical_origins(&[text.to_owned()]);
            assert!(refused.is_err(), "{text}: {refused:?}");
        }
        assert!(canonical_origins(&vec!["https://a.example".to_owned(); MOST_ORIGINS + 1]).is_err());
    }
}
