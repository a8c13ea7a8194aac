//! Puts facts into a template.

use std::borrow::Cow;
use std::cell::OnceCell;

use frontdesk_types::{IdentificationId, Timestamp};
use serde_json::{Map, Value};

use super::parse::{Node, Template};
use super::shortcode::{Expression, Fact, Operand, Path, Piece, Text};
use crate::identification::Identification;
use crate::metadata::Metadata;
use crate::organization::Membership;
use crate::session::Session;
use crate::user::Account;

/// What shortcodes can ask about: one person, their session, and the organization that is active in it.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The person.
    pub account: &'a Account,
    /// Their session.
    pub session: &'a Session,
    /// Their membership in the active organization; `None` makes every `org` shortcode `null`.
    pub membership: Option<&'a Membership>,
    /// All their memberships; read only where [`Template::reads_organizations`].
    pub memberships: &'a [Membership],
    /// Their picture.
    pub user_picture: Option<Picture<'a>>,
    /// The picture of the active organization.
    pub organization_picture: Option<Picture<'a>>,
    /// Whether signing in takes them a second factor.
    pub two_factor_enabled: bool,
    /// Names the latest reverification of the session.
    pub reverification_id: Option<&'a str>,
}

/// The picture of a user or an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture<'a> {
    /// Where it is served.
    pub url: &'a str,
    /// Whether somebody gave it, rather than being made up from the name.
    pub is_given: bool,
}

impl<'a> Facts<'a> {
    /// What is known of a person without organizations, pictures or second factors.
    pub fn new(account: &'a Account, session: &'a Session) -> Self {
        Self {
            account,
            session,
            membership: None,
            memberships: &[],
            user_picture: None,
            organization_picture: None,
            two_factor_enabled: false,
            reverification_id: None,
        }
    }
}

impl Template {
    /// The claims for these facts, in the order of the template.
    ///
    /// A string that is one shortcode takes the type of its value, `null` where nothing is known. Shortcodes among
    /// text make a string, in which unknown values read `null`. The time it takes grows with the size of the
    /// template and of the values put in.
    pub fn evaluate(&self, facts: &Facts<'_>) -> Map<String, Value> {
        let evaluation = Evaluation::new(*facts);
        self.claims.iter().map(|(name, node)| (name.clone(), evaluation.node(node))).collect()
    }
}

/// One evaluation. Metadata is parsed once, when the first shortcode asks for it.
struct Evaluation<'a> {
    facts: Facts<'a>,
    user_public: OnceCell<Value>,
    user_unsafe: OnceCell<Value>,
    organization_public: OnceCell<Value>,
    membership_public: OnceCell<Value>,
}

impl<'a> Evaluation<'a> {
    fn new(facts: Facts<'a>) -> Self {
        Self {
            facts,
            user_public: OnceCell::new(),
            user_unsafe: OnceCell::new(),
            organization_public: OnceCell::new(),
            membership_public: OnceCell::new(),
        }
    }

    fn node(&self, node: &Node) -> Value {
        match node {
            Node::Fixed(value) => value.clone(),
            Node::Text(Text::Plain(text)) => Value::from(text.as_str()),
            Node::Text(Text::Whole(expression)) => self.expression(expression).into_owned(),
            Node::Text(Text::Mixed(pieces)) => Value::String(self.mixed(pieces)),
            Node::Array(items) => items.iter().map(|item| self.node(item)).collect(),
            Node::Object(members) => {
                Value::Object(members.iter().map(|(key, node)| (key.clone(), self.node(node))).collect())
            }
        }
    }

    /// Text with values in it. White space at both ends goes, as in the documentation's complete example.
    fn mixed(&self, pieces: &[Piece]) -> String {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Shortcode(expression) => match &*self.expression(expression) {
                    Value::String(part) => text.push_str(part),
                    other => text.push_str(&other.to_string()),
                },
            }
        }
        text.trim().to_owned()
    }

    /// The first operand that is neither `null` nor `false`, else the last.
    fn expression<'e>(&'e self, expression: &'e Expression) -> Cow<'e, Value> {
        let mut last = Cow::Owned(Value::Null);
        for operand in &expression.operands {
            last = match operand {
                Operand::Literal(value) => Cow::Borrowed(value),
                Operand::Path(path) => self.path(path),
            };
            if !matches!(*last, Value::Null | Value::Bool(false)) {
                break;
            }
        }
        last
    }

    /// The value at a path; `null` where it leads nowhere.
    fn path(&self, path: &Path) -> Cow<'_, Value> {
        match self.fact(path.fact) {
            Cow::Borrowed(value) => walk(value, &path.inside).map_or(Cow::Owned(Value::Null), Cow::Borrowed),
            Cow::Owned(value) if path.inside.is_empty() => Cow::Owned(value),
            Cow::Owned(value) => Cow::Owned(walk(&value, &path.inside).cloned().unwrap_or_default()),
        }
    }

    fn fact(&self, fact: Fact) -> Cow<'_, Value> {
        let account = self.facts.account;
        let user = &account.user;
        let membership = self.facts.membership;
        let organization = membership.map(|membership| &membership.organization);
        let value = match fact {
            Fact::UserId => Value::from(user.id.as_str()),
            Fact::UserExternalId => text(user.external_id.as_deref()),
            Fact::UserFirstName => text(user.first_name.as_deref()),
            Fact::UserLastName => text(user.last_name.as_deref()),
            Fact::UserFullName => {
                text(full_name(user.first_name.as_deref(), user.last_name.as_deref()).as_deref())
            }
            Fact::UserUsername => text(account.username()),
            Fact::UserImageUrl => text(self.facts.user_picture.map(|picture| picture.url)),
            Fact::UserHasImage => {
                Value::Bool(self.facts.user_picture.is_some_and(|picture| picture.is_given))
            }
            Fact::UserPrimaryEmailAddress => value_of(self.primary(user.primary_email_address_id.as_ref())),
            Fact::UserPrimaryPhoneNumber => value_of(self.primary(user.primary_phone_number_id.as_ref())),
            Fact::UserPrimaryWeb3Wallet => value_of(self.primary(user.primary_web3_wallet_id.as_ref())),
            Fact::UserEmailVerified => is_verified(self.primary(user.primary_email_address_id.as_ref())),
            Fact::UserPhoneNumberVerified => is_verified(self.primary(user.primary_phone_number_id.as_ref())),
            Fact::UserTwoFactorEnabled => Value::Bool(self.facts.two_factor_enabled),
            Fact::UserCreatedAt => seconds(user.created_at),
            Fact::UserUpdatedAt => seconds(user.updated_at),
            Fact::UserPublicMetadata => return parsed(&self.user_public, Some(&user.public_metadata)),
            Fact::UserUnsafeMetadata => return parsed(&self.user_unsafe, Some(&user.unsafe_metadata)),
            Fact::UserOrganizations => Value::Object(
                self.facts
                    .memberships
                    .iter()
                    .map(|one| (one.organization.id.to_string(), Value::from(one.role.as_str())))
                    .collect(),
            ),
            Fact::OrganizationId => text(organization.map(|organization| organization.id.as_str())),
            Fact::OrganizationName => text(organization.map(|organization| organization.name.as_str())),
            Fact::OrganizationSlug => {
                text(organization.and_then(|organization| organization.slug.as_deref()))
            }
            Fact::OrganizationImageUrl => {
                let picture = organization.and(self.facts.organization_picture);
                text(picture.map(|picture| picture.url))
            }
            Fact::OrganizationHasImage => organization.map_or(Value::Null, |_| {
                Value::Bool(self.facts.organization_picture.is_some_and(|picture| picture.is_given))
            }),
            Fact::OrganizationPublicMetadata => {
                let metadata = organization.map(|organization| &organization.public_metadata);
                return parsed(&self.organization_public, metadata);
            }
            Fact::MembershipRole => text(membership.map(|membership| membership.role.as_str())),
            Fact::MembershipPermissions => {
                membership.map_or(Value::Null, |membership| Value::from(membership.permissions.clone()))
            }
            Fact::MembershipPublicMetadata => {
                let metadata = membership.map(|membership| &membership.public_metadata);
                return parsed(&self.membership_public, metadata);
            }
            Fact::SessionActor => {
                return self.facts.session.actor.as_ref().map_or(Cow::Owned(Value::Null), Cow::Borrowed);
            }
            Fact::SessionReverificationId => text(self.facts.reverification_id),
            Fact::Unknown => Value::Null,
        };
        Cow::Owned(value)
    }

    fn primary(&self, id: Option<&IdentificationId>) -> Option<&'a Identification> {
        self.facts.account.identification(id?)
    }
}

/// Follows names through objects. Arrays and plain values have nothing inside.
fn walk<'v>(value: &'v Value, names: &[String]) -> Option<&'v Value> {
    names.iter().try_fold(value, |value, name| value.as_object()?.get(name))
}

fn parsed<'c>(cell: &'c OnceCell<Value>, metadata: Option<&Metadata>) -> Cow<'c, Value> {
    match metadata {
        Some(metadata) => Cow::Borrowed(cell.get_or_init(|| Value::Object(metadata.to_map()))),
        None => Cow::Owned(Value::Null),
    }
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::from)
}

fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let names: Vec<&str> = [first, last].into_iter().flatten().filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

fn value_of(identification: Option<&Identification>) -> Value {
    text(identification.map(|identification| identification.value.as_str()))
}

fn is_verified(identification: Option<&Identification>) -> Value {
    Value::Bool(identification.is_some_and(Identification::is_verified))
}

/// Claims count seconds, as JWT's own do.
fn seconds(at: Timestamp) -> Value {
    Value::from(at.as_secs())
}

#[cfg(test)]
mod tests;
