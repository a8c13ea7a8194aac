//! What somebody must be allowed to do: roles, permissions, features, plans, and how lately they proved who they are.
//!
//! Each dimension that is asked for passes or fails; all of them must pass, and asking for nothing is never enough
//! (wire contract §5.2).

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::Session;

/// What a session must have. Everything that is asked for must be there; data that is missing or malformed fails.
///
/// ```
/// use frontdesk::{Requirement, Reverification, Session};
///
/// fn may_delete_everything(session: &Session) -> bool {
///     let admin = Requirement::role("org:admin").and_reverified(Reverification::STRICT);
///     session.has(&admin)
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requirement {
    role: Option<String>,
    permission: Option<String>,
    feature: Option<String>,
    plan: Option<String>,
    reverification: Option<Reverification>,
    /// Something was asked for that nobody can have.
    impossible: bool,
}

impl Requirement {
    /// This role in the active organization; `admin` and `org:admin` are the same.
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// let admin = Requirement::role("org:admin");
    /// assert_eq!(admin, Requirement::from_json(&serde_json::json!({ "role": "org:admin" })));
    /// ```
    pub fn role(role: impl Into<String>) -> Self {
        Self::default().and_role(role)
    }

    /// This custom permission in the active organization, such as `org:invoices:create`.
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// let invoices = Requirement::permission("org:invoices:create");
    /// assert_eq!(invoices, Requirement::default().and_permission("org:invoices:create"));
    /// ```
    pub fn permission(permission: impl Into<String>) -> Self {
        Self::default().and_permission(permission)
    }

    /// This feature, of the user or of the active organization; `user:…` or `org:…` asks for one of them.
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// let reports_of_the_organization = Requirement::feature("org:reports");
    /// assert_ne!(reports_of_the_organization, Requirement::feature("reports"));
    /// ```
    pub fn feature(feature: impl Into<String>) -> Self {
        Self::default().and_feature(feature)
    }

    /// This plan, of the user or of the active organization; `user:…` or `org:…` asks for one of them.
    ///
    /// ```
    /// use frontdesk::{Requirement, Session};
    ///
    /// fn may_export(session: &Session) -> bool {
    ///     session.has(&Requirement::plan("org:pro"))
    /// }
    /// ```
    pub fn plan(plan: impl Into<String>) -> Self {
        Self::default().and_plan(plan)
    }

    /// That the factors were verified lately.
    ///
    /// ```
    /// use frontdesk::{Requirement, Reverification};
    ///
    /// let lately = Requirement::reverified(Reverification::MODERATE);
    /// assert_eq!(lately.reverification(), Some(Reverification::MODERATE));
    /// ```
    pub fn reverified(reverification: Reverification) -> Self {
        Self::default().and_reverified(reverification)
    }

    /// Besides, this role. See [`role`](Self::role).
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// let admin_of_a_customer = Requirement::plan("org:pro").and_role("org:admin");
    /// ```
    #[must_use]
    pub fn and_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Besides, this permission. See [`permission`](Self::permission).
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// let both = Requirement::role("org:admin").and_permission("org:invoices:create");
    /// let parameters = serde_json::json!({ "role": "org:admin", "permission": "org:invoices:create" });
    /// assert_eq!(both, Requirement::from_json(&parameters));
    /// ```
    #[must_use]
    pub fn and_permission(mut self, permission: impl Into<String>) -> Self {
        self.permission = Some(permission.into());
        self
    }

    /// Besides, this feature. See [`feature`](Self::feature).
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// let reports = Requirement::permission("org:reports:read").and_feature("org:reports");
    /// ```
    #[must_use]
    pub fn and_feature(mut self, feature: impl Into<String>) -> Self {
        self.feature = Some(feature.into());
        self
    }

    /// Besides, this plan. See [`plan`](Self::plan).
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// let export = Requirement::permission("org:data:export").and_plan("org:pro");
    /// ```
    #[must_use]
    pub fn and_plan(mut self, plan: impl Into<String>) -> Self {
        self.plan = Some(plan.into());
        self
    }

    /// Besides, that the factors were verified lately.
    ///
    /// ```
    /// use frontdesk::{Requirement, Reverification};
    ///
    /// let delete = Requirement::role("org:admin").and_reverified(Reverification::STRICT);
    /// assert_eq!(delete.reverification(), Some(Reverification::STRICT));
    /// ```
    #[must_use]
    pub fn and_reverified(mut self, reverification: Reverification) -> Self {
        self.reverification = Some(reverification);
        self
    }

    /// Reads the parameters that other SDKs take: an object with any of `role`, `permission`, `feature`, `plan` and
    /// `reverification`. A value that makes no sense is a requirement that nobody meets.
    ///
    /// ```
    /// use frontdesk::{Requirement, Reverification};
    ///
    /// let read = Requirement::from_json(&serde_json::json!({ "reverification": "strict" }));
    /// assert_eq!(read, Requirement::reverified(Reverification::STRICT));
    /// ```
    pub fn from_json(parameters: &Value) -> Self {
        let mut requirement = Self::default();
        let mut text = |name: &str| match parameters.get(name) {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => {
                requirement.impossible = true;
                None
            }
        };
        let (role, permission) = (text("role"), text("permission"));
        let (feature, plan) = (text("feature"), text("plan"));
        let reverification = parameters.get("reverification").map(Reverification::from_json);
        requirement.impossible |= matches!(reverification, Some(None));
        Self { role, permission, feature, plan, reverification: reverification.flatten(), ..requirement }
    }

    /// What is asked about how lately the factors were verified.
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// assert_eq!(Requirement::role("org:admin").reverification(), None);
    /// ```
    pub fn reverification(&self) -> Option<Reverification> {
        self.reverification
    }

    /// Whether a session has all of it.
    pub(crate) fn is_met_by(&self, session: &Session) -> bool {
        self.is_met_but_for_freshness(session)
            && self.reverification.is_none_or(|wanted| wanted.is_met_by(session.claims().get("fva")))
            && *self != Self::default()
    }

    /// Whether a session has everything but, perhaps, a fresh verification.
    pub(crate) fn is_met_but_for_freshness(&self, session: &Session) -> bool {
        let scoped = |claim: &str, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| {
                session.claims().get(claim).and_then(Value::as_str).is_some_and(|list| lists(list, wanted))
            })
        };
        !self.impossible
            && self.organization_allows(session)
            && scoped("fea", &self.feature)
            && scoped("pla", &self.plan)
    }

    fn organization_allows(&self, session: &Session) -> bool {
        if self.role.is_none() && self.permission.is_none() {
            return true;
        }
        let Some(organization) = session.organization() else { return false };
        let has_role = |wanted: &String| {
            organization
                .role
                .as_deref()
                .is_some_and(|role| !role.is_empty() && without_prefix(role) == without_prefix(wanted))
        };
        let has_permission = |wanted: &String| {
            let wanted = without_prefix(wanted);
            organization.permissions.iter().any(|permission| permission.strip_prefix("org:") == Some(wanted))
        };
        self.role.as_ref().is_none_or(has_role) && self.permission.as_ref().is_none_or(has_permission)
    }
}

/// `admin`, `org:admin` and `org:org:admin` are one role.
fn without_prefix(mut name: &str) -> &str {
    while let Some(rest) = name.strip_prefix("org:") {
        name = rest;
    }
    name
}

/// Whether a claim such as `o:reports,u:themes,ou:search` lists what is wanted.
fn lists(claim: &str, wanted: &str) -> bool {
    let mut parts = wanted.split(':');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let (for_organization, for_user) = match (first, second) {
        (_, None) => (true, true),
        ("o" | "org" | "organization", _) => (true, false),
        ("u" | "user", _) => (false, true),
        _ => return false,
    };
    let name = second.filter(|name| !name.is_empty()).unwrap_or(first);
    let mut found = false;
    for element in claim.split(',') {
        // A claim that is malformed anywhere says nothing.
        let Some((scope, value)) = element.trim().split_once(':') else { return false };
        let counts = match scope {
            "o" => for_organization,
            "u" => for_user,
            "ou" | "uo" => true,
            _ => false,
        };
        found |= counts && value == name;
    }
    found
}

/// How lately, and by which factor, somebody must have proved who they are.
///
/// ```
/// use frontdesk::{Reverification, ReverificationLevel};
///
/// let five_minutes = Reverification::within_minutes(ReverificationLevel::SecondFactor, 5);
/// assert_ne!(five_minutes, Reverification::STRICT);
/// assert_eq!(serde_json::to_value(Reverification::STRICT)?, "strict");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reverification {
    level: ReverificationLevel,
    after_minutes: f64,
    preset: Option<&'static str>,
}

/// Which factor must be fresh.
///
/// ```
/// use frontdesk::{Requirement, Reverification, ReverificationLevel};
///
/// let password = Reverification::within_minutes(ReverificationLevel::FirstFactor, 15);
/// let change_address = Requirement::reverified(password);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReverificationLevel {
    /// The first.
    FirstFactor,
    /// The second; the first, where there is no second.
    SecondFactor,
    /// Both; the first, where there is no second.
    MultiFactor,
}

impl ReverificationLevel {
    /// The level as it is written on the wire.
    ///
    /// ```
    /// use frontdesk::ReverificationLevel;
    ///
    /// assert_eq!(ReverificationLevel::MultiFactor.as_str(), "multi_factor");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstFactor => "first_factor",
            Self::SecondFactor => "second_factor",
            Self::MultiFactor => "multi_factor",
        }
    }
}

impl Reverification {
    /// Both factors within ten minutes.
    pub const STRICT_MFA: Self = Self::preset("strict_mfa", ReverificationLevel::MultiFactor, 10.0);
    /// The second factor within ten minutes.
    pub const STRICT: Self = Self::preset("strict", ReverificationLevel::SecondFactor, 10.0);
    /// The second factor within an hour.
    pub const MODERATE: Self = Self::preset("moderate", ReverificationLevel::SecondFactor, 60.0);
    /// The second factor within a day.
    pub const LAX: Self = Self::preset("lax", ReverificationLevel::SecondFactor, 1440.0);

    const fn preset(name: &'static str, level: ReverificationLevel, after_minutes: f64) -> Self {
        Self { level, after_minutes, preset: Some(name) }
    }

    /// This level within so many minutes. With zero minutes nothing is ever fresh.
    ///
    /// ```
    /// use frontdesk::{Reverification, ReverificationLevel};
    ///
    /// let lately = Reverification::within_minutes(ReverificationLevel::FirstFactor, 15);
    /// let written = serde_json::json!({ "level": "first_factor", "afterMinutes": 15 });
    /// assert_eq!(serde_json::to_value(lately)?, written);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn within_minutes(level: ReverificationLevel, minutes: u32) -> Self {
        Self { level, after_minutes: f64::from(minutes), preset: None }
    }

    /// The name of a preset, or an object with `level` and `afterMinutes`.
    fn from_json(value: &Value) -> Option<Self> {
        const PRESETS: [Reverification; 4] = [
            Reverification::STRICT_MFA,
            Reverification::STRICT,
            Reverification::MODERATE,
            Reverification::LAX,
        ];
        const LEVELS: [ReverificationLevel; 3] = [
            ReverificationLevel::FirstFactor,
            ReverificationLevel::SecondFactor,
            ReverificationLevel::MultiFactor,
        ];
        if let Some(name) = value.as_str() {
            return PRESETS.into_iter().find(|preset| preset.preset == Some(name));
        }
        let level = value.get("level")?.as_str()?;
        let level = LEVELS.into_iter().find(|known| known.as_str() == level)?;
        let after_minutes = value.get("afterMinutes")?.as_f64().filter(|minutes| *minutes > 0.0)?;
        Some(Self { level, after_minutes, preset: None })
    }

    /// Whether the claim `fva`, minutes since each factor was verified or -1 for never, is fresh enough.
    fn is_met_by(self, ages: Option<&Value>) -> bool {
        let Some([first, second]) = ages.and_then(Value::as_array).map(Vec::as_slice) else { return false };
        let (Some(first), Some(second)) = (Age::read(first), Age::read(second)) else { return false };
        let is_fresh = |age: Age| matches!(age, Age::Minutes(minutes) if self.after_minutes > minutes);
        match (self.level, second) {
            (ReverificationLevel::FirstFactor, _)
            | (ReverificationLevel::SecondFactor | ReverificationLevel::MultiFactor, Age::Never) => {
                is_fresh(first)
            }
            (ReverificationLevel::SecondFactor, _) => is_fresh(second),
            (ReverificationLevel::MultiFactor, _) => is_fresh(first) && is_fresh(second),
        }
    }
}

/// As applications send it to the browser, which then knows what to ask for.
impl Serialize for Reverification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(preset) = self.preset {
            return serializer.serialize_str(preset);
        }
        let mut object = serializer.serialize_map(Some(2))?;
        object.serialize_entry("level", self.level.as_str())?;
        if self.after_minutes.fract() == 0.0 && self.after_minutes <= f64::from(u32::MAX) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be a whole number in range"
            )]
            object.serialize_entry("afterMinutes", &(self.after_minutes as u32))?;
        } else {
            object.serialize_entry("afterMinutes", &self.after_minutes)?;
        }
        object.end()
    }
}

#[derive(Clone, Copy)]
enum Age {
    Never,
    Minutes(f64),
}

impl Age {
    fn read(value: &Value) -> Option<Self> {
        match value.as_f64()? {
            -1.0 => Some(Self::Never),
            minutes if minutes.is_finite() && minutes >= 0.0 => Some(Self::Minutes(minutes)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
