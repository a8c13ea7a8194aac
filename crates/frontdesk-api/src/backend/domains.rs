//! Domains: the primary one of an instance, and satellites that share its people (wire protocol §4.10).

use frontdesk_types::{Change, DomainId};
use serde::{Deserialize, Serialize};

use crate::request::request;
use crate::{Deleted, Page, operations};

operations! { Backend;
    /// All domains of the instance: satellites, the newest first, then the primary one.
    ListDomains = GET "/v1/domains" {} -> Page<Domain>;
    /// Add a satellite.
    AddDomain = POST "/v1/domains" { ; body: NewDomain } -> Domain;
    /// Change what is given; keep the rest.
    UpdateDomain = PATCH "/v1/domains/{domain_id}" { path: DomainPath, body: DomainChanges } -> Domain;
    /// Take a satellite away.
    DeleteDomain = DELETE "/v1/domains/{domain_id}" { path: DomainPath } -> Deleted;
}

/// Which domain.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DomainPath {
    /// Its id.
    pub domain_id: DomainId,
}

/// A domain of an instance (contract schema `Domain`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Domain {
    /// Always `domain`.
    pub object: String,
    /// Its id.
    pub id: DomainId,
    /// The domain itself, such as `shop.example`; in development with a port if there is one.
    pub name: String,
    /// Whether it shares the people of the primary domain.
    pub is_satellite: bool,
    /// Where browsers of this domain reach the Frontend API.
    pub frontend_api_url: String,
    /// Where the pages of this server are; none for satellites, whose visitors sign in at the primary domain.
    pub accounts_portal_url: Option<String>,
    /// The proxy before the Frontend API, where there is one.
    pub proxy_url: Option<String>,
    /// Where the pages of this domain are in development; empty in production.
    pub development_origin: String,
    /// What the owner of the domain must enter in the DNS.
    pub cname_targets: Option<Vec<CnameTarget>>,
}

/// An alias in the DNS (contract schema `CNameTarget`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct CnameTarget {
    /// The name that is asked for.
    pub host: String,
    /// The name that it stands for.
    pub value: String,
    /// Whether the domain does not work without it.
    pub required: bool,
}

request! {
    /// A satellite to be added (contract `AddDomain`).
    pub struct NewDomain {
        /// The domain, such as `shop.example`, without a scheme. In development it may have a port. Wanted.
        pub name: Option<String>,
        /// Must be `true`: every instance has its primary domain already. Wanted.
        pub is_satellite: Option<bool>,
        /// The proxy before the Frontend API on this domain, such as `https://shop.example/__clerk`. For production
        /// instances.
        pub proxy_url: Option<String>,
    }
}

impl NewDomain {
    /// This satellite.
    pub fn satellite(name: impl Into<String>) -> Self {
        Self::default().name(name).is_satellite(true)
    }
}

request! {
    /// What changes about a domain (contract `UpdateDomain`).
    pub struct DomainChanges {
        /// Another name, for satellites. `null` keeps the one it has.
        pub name: Option<String>,
        /// The proxy before the Frontend API on this domain; `null` takes it away. For production instances.
        pub proxy_url: Change<String>,
    }
}
