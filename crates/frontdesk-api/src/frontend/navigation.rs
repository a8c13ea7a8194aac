//! Places that browsers go to by themselves: they lead on, or do one thing to the browser.

use frontdesk_types::Secret;
use serde::{Deserialize, Serialize};

use crate::{Nothing, operations};

operations! { Frontend;
    /// Send the browser on to a page of the instance. The answer is a redirect.
    RedirectToUrl as "redirectToUrl" = GET "/v1/redirect" { ; query: RedirectQuery } -> Nothing;
    /// Take a ticket from a mail or a message to the sign-in page. The answer is a redirect.
    AcceptTicket as "acceptTicket" = GET "/v1/tickets/accept" { ; query: TicketQuery } -> Nothing;
    /// Have the browser forget everything it keeps for this server.
    ClearSiteData as "clearSiteData" = GET "/v1/clear-site-data" {} -> Nothing;
    /// The pages that this server has for the instance.
    GetAccountPortal as "getAccountPortal" = GET "/v1/account_portal" {} -> AccountPortal;
}

/// Where to (contract `redirectToUrl`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RedirectQuery {
    /// A page of the instance, or one of its redirect URLs. Wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
}

/// Which ticket (contract `acceptTicket`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TicketQuery {
    /// The ticket. Wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Secret>,
}

/// The pages of an instance (contract schema `Client.AccountPortal`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPortal {
    /// Always `account_portal`.
    pub object: String,
    /// Whether there may be such pages.
    pub allowed: bool,
    /// Whether there are.
    pub enabled: bool,
    /// Whether the application's own components link to them.
    pub internal_linking: bool,
    /// Where a sign-in leads; empty leaves it to the page.
    pub after_sign_in_url: String,
    /// Where a sign-up leads.
    pub after_sign_up_url: String,
    /// Where joining the waiting list leads.
    pub after_join_waitlist_url: String,
    /// Where a new organization leads.
    pub after_create_organization_url: String,
    /// Where leaving an organization leads.
    pub after_leave_organization_url: String,
    /// Where the logo leads.
    pub logo_link_url: String,
    /// How they look.
    pub customization: Customization,
}

/// How pages look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customization {
    /// `auto`: light or dark as the reader's system is.
    pub appearance: Option<String>,
    /// Background by dark; the page's own if none.
    pub background_color_dark: Option<String>,
    /// Background by light.
    pub background_color_light: Option<String>,
    /// The colour of buttons and links by dark.
    pub primary_color_dark: Option<String>,
    /// The same by light.
    pub primary_color_light: Option<String>,
}
