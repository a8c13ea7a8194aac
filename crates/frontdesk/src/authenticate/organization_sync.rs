//! Which organization a path belongs to (wire contract §4.11).

use crate::Organization;
use crate::authenticate::path_pattern::{InvalidPathPattern, PathPatterns, Value};

/// The paths of organizations and of personal accounts.
#[derive(Debug, Default)]
pub(crate) struct OrganizationSync {
    organizations: Option<PathPatterns>,
    personal_accounts: Option<PathPatterns>,
}

/// What a path says should be active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    OrganizationId(Value),
    OrganizationSlug(Value),
    /// No organization.
    PersonalAccount,
}

impl OrganizationSync {
    pub(crate) fn new(
        organizations: Option<&[String]>,
        personal_accounts: Option<&[String]>,
    ) -> Result<Self, InvalidPathPattern> {
        Ok(Self {
            organizations: organizations.map(PathPatterns::new).transpose()?,
            personal_accounts: personal_accounts.map(PathPatterns::new).transpose()?,
        })
    }

    /// Whether no path says so.
    pub(crate) fn is_empty(&self) -> bool {
        self.organizations.is_none() && self.personal_accounts.is_none()
    }

    /// What should be active on this path, if it says so.
    pub(crate) fn target(&self, path: &str) -> Option<Target> {
        let organization = || {
            let parameters = self.organizations.as_ref()?.parameters(path)?;
            // Of equally named parameters the last counts.
            let parameter = |wanted: &str| {
                let (_, value) = parameters.iter().rev().find(|(name, _)| *name == wanted)?;
                Some(value.clone()).filter(|value| !matches!(value, Value::One(text) if text.is_empty()))
            };
            let id = parameter("id").map(Target::OrganizationId);
            id.or_else(|| parameter("slug").map(Target::OrganizationSlug))
        };
        let personal = || {
            self.personal_accounts.as_ref()?.parameters(path)?;
            Some(Target::PersonalAccount)
        };
        organization().or_else(personal)
    }
}

impl Target {
    /// Whether it is what is active.
    pub(crate) fn is(&self, active: Option<&Organization>) -> bool {
        match self {
            Self::OrganizationId(Value::One(id)) => active.is_some_and(|active| active.id.as_str() == id),
            Self::OrganizationSlug(Value::One(slug)) => {
                active.is_some_and(|active| active.slug.as_ref() == Some(slug))
            }
            // Nothing is called by several names at once.
            Self::OrganizationId(Value::Many(_)) | Self::OrganizationSlug(Value::Many(_)) => false,
            Self::PersonalAccount => active.is_none(),
        }
    }

    /// The value of `organization_id` in the handshake's URL.
    pub(crate) fn written(&self) -> &str {
        match self {
            Self::OrganizationId(Value::One(text) | Value::Many(text))
            | Self::OrganizationSlug(Value::One(text) | Value::Many(text)) => text,
            Self::PersonalAccount => "",
        }
    }
}
