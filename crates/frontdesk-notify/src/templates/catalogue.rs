//! The built-in mails: what each is called, what it says, and which values it knows.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::layout::{self, Block};
use super::{Brand, Words};
use crate::MailTemplate;

/// A mail as the house words it.
#[derive(Clone, Debug)]
pub struct BuiltIn {
    /// Which mail it is.
    pub slug: MailTemplate,
    /// What people call it.
    pub name: &'static str,
    /// Its words.
    pub words: Words,
    /// The values it can name, beside `app`, `theme` and `support_email`, each with a sample.
    values: Map<String, Value>,
    /// The values without which it is of no use.
    pub required: &'static [&'static str],
    /// Whether this version of the server sends it.
    pub is_sent: bool,
}

struct Draft {
    slug: MailTemplate,
    name: &'static str,
    subject: &'static str,
    title: &'static str,
    blocks: &'static [Block],
    /// The values as a JSON object, with samples.
    values: fn() -> Value,
    required: &'static [&'static str],
    is_sent: bool,
}

/// The built-in mails, in the order in which they are listed.
pub fn all() -> &'static [BuiltIn] {
    static ALL: LazyLock<Vec<BuiltIn>> = LazyLock::new(|| DRAFTS.iter().map(BuiltIn::from_draft).collect());
    &ALL
}

/// The built-in mail with this slug.
pub fn built_in(slug: &MailTemplate) -> Option<&'static BuiltIn> {
    all().iter().find(|built_in| built_in.slug == *slug)
}

impl BuiltIn {
    fn from_draft(draft: &Draft) -> Self {
        let values = match (draft.values)() {
            Value::Object(values) => values,
            _ => Map::new(),
        };
        Self {
            slug: draft.slug.clone(),
            name: draft.name,
            words: Words {
                subject: draft.subject.to_owned(),
                body: layout::page(draft.title, draft.blocks),
                text: Some(layout::text(draft.title, draft.blocks)),
            },
            values,
            required: draft.required,
            is_sent: draft.is_sent,
        }
    }

    /// The names of the values it can name, with their parts: `otp_code`, `app.name`.
    pub fn available_variables(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (name, value) in &self.sample(&Brand::default()) {
            match value {
                Value::Object(parts) if !parts.is_empty() => {
                    names.extend(parts.keys().map(|part| format!("{name}.{part}")));
                }
                _ => names.push(name.clone()),
            }
        }
        names
    }

    /// Sample values for everything it can name, as an instance of this look has them.
    pub fn sample(&self, brand: &Brand) -> Map<String, Value> {
        let mut context = brand.context();
        context.extend(self.values.clone());
        context
    }

    /// The values of a mail: these facts, and nothing for what they leave out.
    pub fn context(&self, brand: &Brand, facts: Map<String, Value>) -> Map<String, Value> {
        let mut context = brand.context();
        for (name, sample) in &self.values {
            context.insert(name.clone(), emptied(sample));
        }
        for (name, fact) in facts {
            match (context.get_mut(&name), fact) {
                (Some(Value::Object(known)), Value::Object(given)) => known.extend(given),
                (_, fact) => drop(context.insert(name, fact)),
            }
        }
        context
    }
}

/// The same shape with nothing in it.
fn emptied(sample: &Value) -> Value {
    match sample {
        Value::Object(parts) => parts.iter().map(|(name, part)| (name.clone(), emptied(part))).collect(),
        Value::Array(_) => json!([]),
        Value::Number(_) => json!(0),
        Value::Bool(_) => json!(false),
        Value::String(_) | Value::Null => json!(""),
    }
}

const NOT_YOU: Block = Block::Small(
    "If this was not you, somebody else may know your password. Set a new one and end the sessions you do not know.",
);
const NOT_ASKED: Block = Block::Small(
    "If you did not ask for it, somebody may have typed your address by mistake. Do nothing, and tell the code to nobody.",
);
const LINK_NOT_ASKED: Block = Block::Small(
    "If you did not ask for it, somebody may have typed your address by mistake. Do nothing, and give the link to nobody.",
);
const LIFETIME: Block =
    Block::Text("It works for {{ ttl_minutes }} minute{% if ttl_minutes != 1 %}s{% endif %}, and only once.");
const INVITED_FOR: Block = Block::Small(
    "{% if invitation.expires_in_days %}The invitation works for {{ invitation.expires_in_days }} day{% if invitation.expires_in_days != 1 %}s{% endif %}. {% endif %}If you do not know what this is about, do nothing.",
);

fn code() -> Value {
    json!({ "otp_code": "424242", "ttl_minutes": 10, "requested_at": "2026-01-01 00:00 UTC", "user": user() })
}

fn link() -> Value {
    json!({ "magic_link": "https://clerk.example.com/v1/verify?token=sample", "ttl_minutes": 10,
            "requested_at": "2026-01-01 00:00 UTC", "user": user() })
}

fn user() -> Value {
    json!({ "first_name": "Ada", "last_name": "Byron" })
}

fn account() -> Value {
    json!({ "greeting_name": "Ada", "primary_email_address": "ada@example.com", "user": user() })
}

fn passkey() -> Value {
    json!({ "greeting_name": "Ada", "primary_email_address": "ada@example.com", "user": user(),
            "passkey_name": "Ada's telephone" })
}

fn organization() -> Value {
    json!({ "action_url": "https://app.example.com/accept?ticket=sample", "org": { "name": "Analytical Engines" },
            "inviter_name": "Charles Babbage", "invitation": { "expires_in_days": 30 } })
}

const DRAFTS: &[Draft] = &[
    Draft {
        slug: MailTemplate::VerificationCode,
        name: "Verification code",
        subject: "{{ otp_code }} is your code for {{ app.name }}",
        title: "Your code for {{ app.name }}",
        blocks: &[Block::Code("{{ otp_code }}"), LIFETIME, NOT_ASKED],
        values: code,
        required: &["otp_code"],
        is_sent: true,
    },
    Draft {
        slug: MailTemplate::ResetPasswordCode,
        name: "Reset password code",
        subject: "{{ otp_code }} is your code for a new {{ app.name }} password",
        title: "Set a new password for {{ app.name }}",
        blocks: &[
            Block::Text("Type this code to set a new password."),
            Block::Code("{{ otp_code }}"),
            LIFETIME,
            NOT_ASKED,
        ],
        values: code,
        required: &["otp_code"],
        is_sent: true,
    },
    Draft {
        slug: MailTemplate::MagicLinkSignIn,
        name: "Sign-in link",
        subject: "Your sign-in link for {{ app.name }}",
        title: "Sign in to {{ app.name }}",
        blocks: &[Block::Button("Sign in", "{{ magic_link }}"), LIFETIME, LINK_NOT_ASKED],
        values: link,
        required: &["magic_link"],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::MagicLinkSignUp,
        name: "Sign-up link",
        subject: "Finish signing up for {{ app.name }}",
        title: "Finish signing up for {{ app.name }}",
        blocks: &[Block::Button("Finish signing up", "{{ magic_link }}"), LIFETIME, LINK_NOT_ASKED],
        values: link,
        required: &["magic_link"],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::MagicLinkUserProfile,
        name: "Address verification link",
        subject: "Confirm your address for {{ app.name }}",
        title: "Confirm your address for {{ app.name }}",
        blocks: &[Block::Button("Confirm this address", "{{ magic_link }}"), LIFETIME, LINK_NOT_ASKED],
        values: link,
        required: &["magic_link"],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::PasswordChanged,
        name: "Password changed",
        subject: "Your {{ app.name }} password was changed",
        title: "Your password was changed",
        blocks: &[
            Block::Text(
                "{% if greeting_name %}Hello {{ greeting_name }}, t{% else %}T{% endif %}he password of {{ primary_email_address }} at {{ app.name }} was changed.",
            ),
            NOT_YOU,
        ],
        values: account,
        required: &["primary_email_address"],
        is_sent: true,
    },
    Draft {
        slug: MailTemplate::PasswordRemoved,
        name: "Password removed",
        subject: "Your {{ app.name }} password was removed",
        title: "Your password was removed",
        blocks: &[
            Block::Text(
                "{% if greeting_name %}Hello {{ greeting_name }}, t{% else %}T{% endif %}he password of {{ primary_email_address }} at {{ app.name }} was removed. From now on you sign in without one.",
            ),
            NOT_YOU,
        ],
        values: account,
        required: &["primary_email_address"],
        is_sent: true,
    },
    Draft {
        slug: MailTemplate::PrimaryEmailAddressChanged,
        name: "Primary e-mail address changed",
        subject: "Your {{ app.name }} address was changed",
        title: "Your e-mail address was changed",
        blocks: &[
            Block::Text(
                "From now on, {{ app.name }} writes to {{ new_email_address }} instead of {{ old_email_address }}.",
            ),
            NOT_YOU,
        ],
        values: || {
            json!({ "greeting_name": "Ada", "user": user(), "primary_email_address": "augusta@example.com",
                           "new_email_address": "augusta@example.com", "old_email_address": "ada@example.com" })
        },
        required: &["new_email_address"],
        is_sent: true,
    },
    Draft {
        slug: MailTemplate::NewDeviceSignIn,
        name: "Sign-in from a new device",
        subject: "New sign-in to {{ app.name }}",
        title: "New sign-in to your account",
        blocks: &[
            Block::Text(
                "Somebody signed in to {{ app.name }} as {{ primary_email_address }}, on a device that we have not seen before.",
            ),
            Block::Facts(&[
                ("Device", "device_type"),
                ("System", "operating_system"),
                ("Browser", "browser_name"),
                ("Place", "location"),
                ("IP address", "ip_address"),
                ("How", "sign_in_method"),
                ("When", "session_created_at"),
            ]),
            Block::Small("If this was you, there is nothing to do."),
            NOT_YOU,
        ],
        values: || {
            json!({ "greeting_name": "Ada", "user": user(), "primary_email_address": "ada@example.com",
                           "device_type": "Desktop", "operating_system": "Linux", "browser_name": "Firefox 140",
                           "location": "London, GB", "ip_address": "203.0.113.7", "sign_in_method": "password",
                           "session_created_at": "2026-01-01 00:00 UTC" })
        },
        required: &[],
        is_sent: true,
    },
    Draft {
        slug: MailTemplate::AccountLocked,
        name: "Account locked",
        subject: "Your {{ app.name }} account is locked",
        title: "Your account is locked",
        blocks: &[
            Block::Text(
                "Somebody tried to sign in to {{ app.name }} as {{ primary_email_address }}, and failed {{ failed_attempts }} times.",
            ),
            Block::Text(
                "{% if lockout_minutes %}Nobody can sign in for {{ lockout_minutes }} minute{% if lockout_minutes != 1 %}s{% endif %}; then it works again as before.{% else %}Nobody can sign in until {{ app.name }} unlocks the account.{% endif %}",
            ),
            Block::Small("If these tries were not yours, there is nothing to do: they have failed."),
        ],
        values: || {
            json!({ "greeting_name": "Ada", "user": user(), "primary_email_address": "ada@example.com",
                           "failed_attempts": 10, "lockout_minutes": 60 })
        },
        required: &[],
        is_sent: true,
    },
    Draft {
        slug: MailTemplate::PasskeyAdded,
        name: "Passkey added",
        subject: "A passkey was added to your {{ app.name }} account",
        title: "A passkey was added",
        blocks: &[
            Block::Text(
                "The passkey {{ passkey_name }} was added to the account of {{ primary_email_address }}. It can sign in from now on.",
            ),
            NOT_YOU,
        ],
        values: passkey,
        required: &["passkey_name"],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::PasskeyRemoved,
        name: "Passkey removed",
        subject: "A passkey was removed from your {{ app.name }} account",
        title: "A passkey was removed",
        blocks: &[
            Block::Text(
                "The passkey {{ passkey_name }} was removed from the account of {{ primary_email_address }}.",
            ),
            NOT_YOU,
        ],
        values: passkey,
        required: &["passkey_name"],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::MfaEnabled,
        name: "Second factor switched on",
        subject: "Two-step sign-in is on for {{ app.name }}",
        title: "Two-step sign-in is on",
        blocks: &[
            Block::Text(
                "A second step was switched on for the account of {{ primary_email_address }}. {{ app.name }} asks for it from the next sign-in on.",
            ),
            NOT_YOU,
        ],
        values: account,
        required: &[],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::Invitation,
        name: "Invitation",
        subject: "You are invited to {{ app.name }}",
        title: "You are invited to {{ app.name }}",
        blocks: &[
            Block::Text(
                "{% if inviter_name %}{{ inviter_name }} invites you{% else %}You are invited{% endif %} to {{ app.name }}.",
            ),
            Block::Button("Accept the invitation", "{{ action_url }}"),
            INVITED_FOR,
        ],
        values: || {
            json!({ "action_url": "https://app.example.com/accept?ticket=sample", "inviter_name": "Charles Babbage",
                           "invitation": { "expires_in_days": 30 } })
        },
        required: &["action_url"],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::OrganizationInvitation,
        name: "Organization invitation",
        subject: "You are invited to {{ org.name }} on {{ app.name }}",
        title: "You are invited to {{ org.name }}",
        blocks: &[
            Block::Text(
                "{% if inviter_name %}{{ inviter_name }} invites you{% else %}You are invited{% endif %} to {{ org.name }} on {{ app.name }}.",
            ),
            Block::Button("Accept the invitation", "{{ action_url }}"),
            INVITED_FOR,
        ],
        values: organization,
        required: &["action_url"],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::OrganizationInvitationAccepted,
        name: "Organization invitation accepted",
        subject: "{{ email_address }} has joined {{ org.name }}",
        title: "{{ email_address }} has joined {{ org.name }}",
        blocks: &[Block::Text(
            "Your invitation to {{ org.name }} on {{ app.name }} was accepted by {{ email_address }}.",
        )],
        values: || json!({ "org": { "name": "Analytical Engines" }, "email_address": "ada@example.com" }),
        required: &["email_address"],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::OrganizationMembershipRequested,
        name: "Organization membership requested",
        subject: "{{ email_address }} asks to join {{ org.name }}",
        title: "{{ email_address }} asks to join {{ org.name }}",
        blocks: &[Block::Text(
            "Whoever may manage the members of {{ org.name }} on {{ app.name }} can accept or turn down the request.",
        )],
        values: || json!({ "org": { "name": "Analytical Engines" }, "email_address": "ada@example.com" }),
        required: &["email_address"],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::AffiliationCode,
        name: "Affiliation code",
        subject: "{{ otp_code }} is your code for {{ org.name }} on {{ app.name }}",
        title: "Your code for {{ org.name }}",
        blocks: &[
            Block::Text("Type this code to prove that you belong to the domain of {{ org.name }}."),
            Block::Code("{{ otp_code }}"),
            LIFETIME,
            NOT_ASKED,
        ],
        values: || json!({ "otp_code": "424242", "ttl_minutes": 10, "org": { "name": "Analytical Engines" } }),
        required: &["otp_code"],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::WaitlistConfirmation,
        name: "Waiting list: confirmation",
        subject: "You are on the waiting list of {{ app.name }}",
        title: "You are on the waiting list",
        blocks: &[Block::Text(
            "Thank you for your interest in {{ app.name }}. We write to you as soon as there is a place.",
        )],
        values: || json!({ "email_address": "ada@example.com" }),
        required: &[],
        is_sent: false,
    },
    Draft {
        slug: MailTemplate::WaitlistInvitation,
        name: "Waiting list: invitation",
        subject: "There is a place for you at {{ app.name }}",
        title: "There is a place for you at {{ app.name }}",
        blocks: &[
            Block::Text("You stood on the waiting list of {{ app.name }}, and now you can come in."),
            Block::Button("Sign up", "{{ action_url }}"),
            INVITED_FOR,
        ],
        values: || json!({ "action_url": "https://app.example.com/accept?ticket=sample", "invitation": { "expires_in_days": 30 } }),
        required: &["action_url"],
        is_sent: false,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn brand() -> Brand {
        Brand {
            application: "Shop & <Sons>".to_owned(),
            logo_url: "https://shop.example/logo.png".to_owned(),
            primary_color: "#ffd400".to_owned(),
            home_url: "https://shop.example".to_owned(),
            domain: "shop.example".to_owned(),
            support_email: "help@shop.example".to_owned(),
        }
    }

    #[test]
    fn every_mail_is_whole_with_samples_and_names_nothing_unknown() {
        for mail in all() {
            let slug = mail.slug.as_str();
            let rendered = mail
                .words
                .render_strictly(&mail.sample(&brand()))
                .unwrap_or_else(|error| panic!("{slug}: {error}"));
            assert!(!rendered.subject.is_empty() && !rendered.subject.contains("{{"), "{slug}");
            for words in [&rendered.html, &rendered.text] {
                assert!(!words.contains("{{") && !words.contains("{%"), "{slug}: {words}");
                assert!(words.contains("help@shop.example"), "{slug}: {words}");
            }
            assert!(rendered.html.contains("Shop &amp; &lt;Sons&gt;"), "{slug}");
            assert!(rendered.text.contains("Shop & <Sons>"), "{slug}: {}", rendered.text);
            assert!(rendered.html.contains("prefers-color-scheme: dark"), "{slug}");
            assert!(!rendered.html.contains("<Sons>"), "{slug}");
        }
    }

    #[test]
    fn every_mail_is_readable_where_only_the_required_is_known() {
        for mail in all() {
            let facts = mail.required.iter().map(|name| ((*name).to_owned(), json!("REQUIRED"))).collect();
            let context = mail.context(&Brand::default(), facts);
            let rendered = mail.words.render_strictly(&context).unwrap();
            assert_eq!(
                rendered.text.contains("REQUIRED"),
                !mail.required.is_empty(),
                "{}",
                mail.slug.as_str()
            );
            assert!(!rendered.text.contains("none"), "{}", rendered.text);
        }
    }

    #[test]
    fn the_text_says_what_the_page_says() {
        for mail in all() {
            let rendered = mail.words.render(&mail.sample(&brand())).unwrap();
            let from_page = super::super::plain_text(&rendered.html);
            for paragraph in
                rendered.text.split("\n\n").filter(|it| !it.contains("--") && !it.contains(":\n"))
            {
                for line in paragraph.lines().map(str::trim) {
                    assert!(
                        from_page.contains(line),
                        "{}: {line:?} is not in {from_page}",
                        mail.slug.as_str()
                    );
                }
            }
        }
    }

    #[test]
    fn each_slug_is_there_once_and_known() {
        let mut slugs: Vec<_> = all().iter().map(|mail| mail.slug.as_str()).collect();
        assert!(all().iter().all(|mail| !matches!(mail.slug, MailTemplate::Other(_))));
        let count = slugs.len();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!((slugs.len(), count), (20, 20));
    }
}
