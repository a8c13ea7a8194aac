//! What an instance's mails look like, and the words it has for them.

use frontdesk_core::mail::TemplateContent;
use frontdesk_notify::templates::{Brand, BuiltIn, Words};
use url::Url;

use frontdesk_core::instance::Instance;

/// The look of an instance's mails.
pub(crate) fn brand(instance: &Instance) -> Brand {
    let settings = &instance.settings;
    let home = Url::parse(&settings.urls.home).ok();
    let from_home = home.as_ref().and_then(Url::host_str).map(str::to_owned);
    let domain = if instance.is_development() {
        from_home
    } else {
        let host = instance.key_host.split(':').next().unwrap_or_default();
        from_home.or_else(|| host.strip_prefix("clerk.").map(str::to_owned))
    };
    Brand {
        application: settings.application_name.clone(),
        logo_url: settings.appearance.logo_url.clone(),
        primary_color: settings.appearance.primary_color.clone(),
        home_url: settings.urls.home.clone(),
        domain: domain.unwrap_or_default(),
        support_email: settings.support_email.clone(),
    }
}

/// The words of a mail with what an instance has changed. A changed page brings its text with it.
pub(crate) fn words(built_in: &BuiltIn, content: &TemplateContent) -> Words {
    Words {
        subject: content.subject.clone().unwrap_or_else(|| built_in.words.subject.clone()),
        body: content.body.clone().unwrap_or_else(|| built_in.words.body.clone()),
        text: if content.body.is_some() { None } else { built_in.words.text.clone() },
    }
}
