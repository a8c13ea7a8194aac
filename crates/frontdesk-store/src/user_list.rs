//! Lists of people: the filters, orders and pages of `GET /v1/users` and `GET /v1/users/count`.

use frontdesk_core::identification::IdentificationKind;
use frontdesk_core::user::Account;
use frontdesk_types::{InstanceId, Timestamp, UserId};

use crate::composed::{Composed, anywhere, json_array};
use crate::store::Page;
use crate::users::{account_columns, collect_accounts, with_identifications};
use crate::value::Param;
use crate::{Result, Store};

/// Which people a list shows. An empty list of values, and `None`, do not narrow it; everything given must hold, and
/// of the values of one field any may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// `email_address`, in lower case.
    pub email_addresses: Vec<String>,
    /// `phone_number`, in E.164.
    pub phone_numbers: Vec<String>,
    /// `external_id`.
    pub external_ids: Vec<String>,
    /// `username`, in lower case.
    pub usernames: Vec<String>,
    /// `web3_wallet`, in canonical form.
    pub web3_wallets: Vec<String>,
    /// `user_id`: those to show.
    pub user_ids: Vec<String>,
    /// `user_id` with a `-` before it: those to leave out.
    pub without_user_ids: Vec<String>,
    /// `organization_id`: members of any of them.
    pub organization_ids: Vec<String>,
    /// `organization_id` with a `-` before it: members of none of them.
    pub without_organization_ids: Vec<String>,
    /// `query`: a part of an e-mail address, phone number, username, wallet, user id, first or last name.
    pub query: Option<String>,
    /// `email_address_query`: a part of an e-mail address.
    pub email_address_query: Option<String>,
    /// `phone_number_query`: a part of a phone number.
    pub phone_number_query: Option<String>,
    /// `username_query`: a part of a username.
    pub username_query: Option<String>,
    /// `name_query`: a part of the name, first and last with a space between them.
    pub name_query: Option<String>,
    /// `banned`.
    pub banned: Option<bool>,
    /// `last_active_at_before`: seen before this.
    pub last_active_at_before: Option<Timestamp>,
    /// `last_active_at_after`: seen after this.
    pub last_active_at_after: Option<Timestamp>,
    /// `last_active_at_since`: seen at this or later.
    pub last_active_at_since: Option<Timestamp>,
    /// `created_at_before`: made before this.
    pub created_at_before: Option<Timestamp>,
    /// `created_at_after`: made after this.
    pub created_at_after: Option<Timestamp>,
    /// `last_sign_in_at_before`: signed in before this.
    pub last_sign_in_at_before: Option<Timestamp>,
    /// `last_sign_in_at_after`: signed in after this.
    pub last_sign_in_at_after: Option<Timestamp>,
    /// `provider`: with an account at it.
    pub provider: Option<String>,
    /// `provider_user_id`: with one of these ids at the provider.
    pub provider_user_ids: Vec<String>,
}

/// By what a list is ordered; ties by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserOrder {
    /// By what.
    pub by: UserSort,
    /// Which way.
    pub direction: Direction,
}

/// The names that `order_by` takes. People without the value come first in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserSort {
    /// `created_at`.
    CreatedAt,
    /// `updated_at`.
    UpdatedAt,
    /// `last_active_at`.
    LastActiveAt,
    /// `last_sign_in_at`.
    LastSignInAt,
    /// `first_name`.
    FirstName,
    /// `last_name`.
    LastName,
    /// `email_address`: the primary one.
    EmailAddress,
    /// `phone_number`: the primary one.
    PhoneNumber,
    /// `web3wallet`: the primary one.
    Web3Wallet,
    /// `username`.
    Username,
}

/// Which way a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `+`: the smallest first.
    Ascending,
    /// `-`: the largest first.
    Descending,
}

impl Default for UserOrder {
    /// Newest first.
    fn default() -> Self {
        Self { by: UserSort::CreatedAt, direction: Direction::Descending }
    }
}

impl UserOrder {
    /// Reads the value of `order_by`: a name, with `+` or `-` before it or ascending without.
    pub fn parse(text: &str) -> Option<Self> {
        let (direction, name) = match text.split_at_checked(1)? {
            ("-", name) => (Direction::Descending, name),
            ("+", name) => (Direction::Ascending, name),
            _ => (Direction::Ascending, text),
        };
        UserSort::ALL.into_iter().find(|by| by.name() == name).map(|by| Self { by, direction })
    }
}

impl UserSort {
    /// Every order there is.
    pub const ALL: [Self; 10] = [
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::LastActiveAt,
        Self::LastSignInAt,
        Self::FirstName,
        Self::LastName,
        Self::EmailAddress,
        Self::PhoneNumber,
        Self::Web3Wallet,
        Self::Username,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::LastActiveAt => "last_active_at",
            Self::LastSignInAt => "last_sign_in_at",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::EmailAddress => "email_address",
            Self::PhoneNumber => "phone_number",
            Self::Web3Wallet => "web3wallet",
            Self::Username => "username",
        }
    }

    /// What is compared, of the user `u`. Never null: the engines disagree on where nulls go.
    const fn expression(self) -> &'static str {
        match self {
            Self::CreatedAt => "u.created_at",
            Self::UpdatedAt => "u.updated_at",
            Self::LastActiveAt => "COALESCE(u.last_active_at, 0)",
            Self::LastSignInAt => "COALESCE(u.last_sign_in_at, 0)",
            Self::FirstName => "COALESCE(u.first_name, '')",
            Self::LastName => "COALESCE(u.last_name, '')",
            Self::EmailAddress => {
                "COALESCE((SELECT p.value FROM identifications p
                            WHERE p.instance_id = u.instance_id AND p.id = u.primary_email_address_id), '')"
            }
            Self::PhoneNumber => {
                "COALESCE((SELECT p.value FROM identifications p
                            WHERE p.instance_id = u.instance_id AND p.id = u.primary_phone_number_id), '')"
            }
            Self::Web3Wallet => {
                "COALESCE((SELECT p.value FROM identifications p
                            WHERE p.instance_id = u.instance_id AND p.id = u.primary_web3_wallet_id), '')"
            }
            Self::Username => {
                "COALESCE((SELECT MIN(p.value) FROM identifications p
                            WHERE p.instance_id = u.instance_id AND p.user_id = u.id AND p.kind = 'username'), '')"
            }
        }
    }
}

impl Store {
    /// The people that a filter admits: one page of them, whole, in one statement.
    ///
    /// `starting_after` shows those that follow this user in the order; nobody, if there is no such user.
    pub async fn users(
        &self,
        instance: &InstanceId,
        filter: &UserFilter,
        order: UserOrder,
        starting_after: Option<&UserId>,
        page: Page,
    ) -> Result<Vec<Account>> {
        let bound = Bound::of(filter);
        let list = compose(instance, filter, &bound, order, starting_after, page);
        let mut accounts = Vec::new();
        self.for_each_composed(&list, &mut |row| collect_accounts(&mut accounts, row)).await?;
        Ok(accounts)
    }

    /// How many people a filter admits.
    pub async fn count_users(&self, instance: &InstanceId, filter: &UserFilter) -> Result<u64> {
        let bound = Bound::of(filter);
        let text = "SELECT COUNT(*) AS total FROM users u WHERE u.instance_id = ?1";
        let mut count = Composed::new("COUNT_USERS", text, &[Param::from(instance)]);
        filter.narrow(&bound, &mut count);
        self.fetch_composed_total(&count).await
    }
}

/// How the engine goes about a list, for tests: its plan, a line a step.
#[cfg(feature = "testing")]
impl Store {
    /// The plan of [`Store::users`].
    pub async fn plan_of_users(
        &self,
        instance: &InstanceId,
        filter: &UserFilter,
        order: UserOrder,
        page: Page,
    ) -> Result<String> {
        let bound = Bound::of(filter);
        let list = compose(instance, filter, &bound, order, None, page).explained();
        let column = self.plan_column();
        let mut plan = String::new();
        self.for_each_composed(&list, &mut |row| {
            plan.push_str(row.text(column)?);
            plan.push('\n');
            Ok(())
        })
        .await?;
        Ok(plan)
    }
}

/// The statement behind a list. The page is cut before the identifications are joined to it.
fn compose<'a>(
    instance: &'a InstanceId,
    filter: &'a UserFilter,
    bound: &'a Bound,
    order: UserOrder,
    starting_after: Option<&'a UserId>,
    page: Page,
) -> Composed<'a> {
    let expression = order.by.expression();
    let (way, beyond) = match order.direction {
        Direction::Ascending => ("ASC", ">"),
        Direction::Descending => ("DESC", "<"),
    };
    let text = format!(
        "WITH page AS (SELECT u.id AS page_id, {expression} AS page_order FROM users u WHERE u.instance_id = ?1"
    );
    let mut list = Composed::new("USERS", &text, &[Param::from(instance)]);
    filter.narrow(bound, &mut list);
    let cursor = format!(
        "AND ({expression}, u.id) {beyond} (SELECT cursor.place, cursor.id FROM
            (SELECT {expression} AS place, u.id AS id FROM users u
              WHERE u.instance_id = ?1 AND u.id = ?#) cursor)"
    );
    list.bind_some(&cursor, starting_after);
    list.push(&format!("ORDER BY {expression} {way}, u.id {way}"));
    list.bind("LIMIT ?#", page.limit);
    list.bind("OFFSET ?#)", page.offset);
    list.push(concat!(
        "SELECT ",
        account_columns!(),
        " FROM page JOIN users u ON u.instance_id = ?1 AND u.id = page.page_id",
        with_identifications!()
    ));
    list.push(&format!("ORDER BY page.page_order {way}, u.id {way}, i.created_at, i.id"));
    list
}

/// The values of a filter in the form in which they are bound.
#[derive(Debug)]
struct Bound {
    claims: Vec<(IdentificationKind, String)>,
    external_ids: Option<String>,
    user_ids: Option<String>,
    without_user_ids: Option<String>,
    organization_ids: Option<String>,
    without_organization_ids: Option<String>,
    provider_user_ids: Option<String>,
    query: Option<String>,
    name_query: Option<String>,
    parts: Vec<(IdentificationKind, String)>,
}

impl Bound {
    fn of(filter: &UserFilter) -> Self {
        let list = |values: &Vec<String>| (!values.is_empty()).then(|| json_array(values));
        let part = |query: &Option<String>| query.as_deref().map(anywhere);
        let of_kind = |kind, value: Option<String>| value.map(|value| (kind, value));
        Self {
            claims: [
                of_kind(IdentificationKind::EmailAddress, list(&filter.email_addresses)),
                of_kind(IdentificationKind::PhoneNumber, list(&filter.phone_numbers)),
                of_kind(IdentificationKind::Username, list(&filter.usernames)),
                of_kind(IdentificationKind::Web3Wallet, list(&filter.web3_wallets)),
            ]
            .into_iter()
            .flatten()
            .collect(),
            external_ids: list(&filter.external_ids),
            user_ids: list(&filter.user_ids),
            without_user_ids: list(&filter.without_user_ids),
            organization_ids: list(&filter.organization_ids),
            without_organization_ids: list(&filter.without_organization_ids),
            provider_user_ids: list(&filter.provider_user_ids),
            query: part(&filter.query),
            name_query: part(&filter.name_query),
            parts: [
                of_kind(IdentificationKind::EmailAddress, part(&filter.email_address_query)),
                of_kind(IdentificationKind::PhoneNumber, part(&filter.phone_number_query)),
                of_kind(IdentificationKind::Username, part(&filter.username_query)),
            ]
            .into_iter()
            .flatten()
            .collect(),
        }
    }
}

impl UserFilter {
    /// Adds the conditions of what is given to a text about the users `u` of the instance `?1`.
    fn narrow<'a>(&'a self, bound: &'a Bound, list: &mut Composed<'a>) {
        for (kind, values) in &bound.claims {
            list.bind("AND u.id IN (SELECT f.user_id FROM identifications f WHERE f.instance_id = ?1 AND f.kind = ?#", kind.as_str());
            list.bind("AND f.value IN EACH(?#) )", values);
        }
        list.bind_some("AND u.external_id IN EACH(?#)", bound.external_ids.as_ref());
        list.bind_some("AND u.id IN EACH(?#)", bound.user_ids.as_ref());
        list.bind_some("AND u.id NOT IN EACH(?#)", bound.without_user_ids.as_ref());
        list.bind_some(
            "AND u.id IN (SELECT f.user_id FROM memberships f
                           WHERE f.instance_id = ?1 AND f.organization_id IN EACH(?#) )",
            bound.organization_ids.as_ref(),
        );
        list.bind_some(
            "AND u.id NOT IN (SELECT f.user_id FROM memberships f
                               WHERE f.instance_id = ?1 AND f.organization_id IN EACH(?#) )",
            bound.without_organization_ids.as_ref(),
        );
        list.bind_some(
            r"AND (u.name_search LIKE ?# ESCAPE '\' OR u.id_search LIKE ?# ESCAPE '\' OR EXISTS
                   (SELECT 1 FROM identifications f WHERE f.instance_id = ?1 AND f.user_id = u.id
                       AND f.kind IN ('email_address', 'phone_number', 'username', 'web3_wallet')
                       AND f.value LIKE ?# ESCAPE '\'))",
            bound.query.as_ref(),
        );
        list.bind_some(r"AND u.name_search LIKE ?# ESCAPE '\'", bound.name_query.as_ref());
        for (kind, pattern) in &bound.parts {
            list.bind(
                "AND EXISTS (SELECT 1 FROM identifications f
                              WHERE f.instance_id = ?1 AND f.user_id = u.id AND f.kind = ?#",
                kind.as_str(),
            );
            list.bind(r"AND f.value LIKE ?# ESCAPE '\')", pattern);
        }
        list.bind_some("AND u.banned = ?#", self.banned);
        list.bind_some("AND u.last_active_at < ?#", self.last_active_at_before);
        list.bind_some("AND u.last_active_at > ?#", self.last_active_at_after);
        list.bind_some("AND u.last_active_at >= ?#", self.last_active_at_since);
        list.bind_some("AND u.created_at < ?#", self.created_at_before);
        list.bind_some("AND u.created_at > ?#", self.created_at_after);
        list.bind_some("AND u.last_sign_in_at < ?#", self.last_sign_in_at_before);
        list.bind_some("AND u.last_sign_in_at > ?#", self.last_sign_in_at_after);
        if self.provider.is_some() || bound.provider_user_ids.is_some() {
            // One account must have both: the id of one provider says nothing at another.
            list.push("AND u.id IN (SELECT f.user_id FROM external_accounts f WHERE f.instance_id = ?1");
            list.bind_some("AND f.provider = ?#", self.provider.as_ref());
            list.bind_some("AND f.provider_user_id IN EACH(?#)", bound.provider_user_ids.as_ref());
            list.push(")");
        }
    }
}
