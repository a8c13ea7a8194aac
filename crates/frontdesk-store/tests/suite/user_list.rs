//! Lists of people: every filter, every order, pages and cursors.

use frontdesk_core::identification::IdentificationKind;
use frontdesk_core::user::User;
use frontdesk_store::testing::{TestDatabase, each_engine};
use frontdesk_store::{Direction, Page, Store, UserFilter, UserOrder, UserSort, Work};
use frontdesk_types::{InstanceId, Span, Timestamp};

use crate::organizations::{membership, organization};
use crate::support::{House, NOW};

/// Three people who differ in everything, and the same three in another instance.
struct Town {
    store: Store,
    here: InstanceId,
    people: Vec<User>,
    organization: String,
}

const NAMES: [&str; 3] = ["ada", "Bob", "cleo"];

impl Town {
    async fn in_database(database: &TestDatabase) -> Self {
        let mut house = House::in_database(database).await;
        Self::settle(&mut house, database).await;
        std::mem::swap(&mut house.here, &mut house.elsewhere);
        let (people, organization) = Self::settle(&mut house, database).await;
        Self { store: house.store, here: house.here, people, organization }
    }

    async fn settle(house: &mut House, database: &TestDatabase) -> (Vec<User>, String) {
        let mut people = Vec::new();
        let club = organization(house, "club");
        let mut work = house.work();
        work.insert_organization(&club);
        for (number, name) in (0..).zip(NAMES) {
            let lower = name.to_lowercase();
            let mut user = house.user();
            user.first_name = (number != 1).then(|| name.to_owned());
            user.last_name = Some(format!("Last_{}", 3 - number));
            user.external_id = Some(format!("ext-{number}"));
            user.banned = number == 2;
            user.created_at = NOW + Span::seconds(number);
            user.updated_at = NOW - Span::seconds(number);
            user.last_active_at = (number != 0).then(|| NOW + Span::minutes(number));
            user.last_sign_in_at = (number != 2).then(|| NOW + Span::hours(number));
            let values = [
                (IdentificationKind::EmailAddress, format!("{lower}@example.com")),
                (IdentificationKind::PhoneNumber, format!("+1555555010{number}")),
                (IdentificationKind::Web3Wallet, format!("0x{number}aa")),
                (IdentificationKind::Username, format!("{lower}_1")),
                (IdentificationKind::ExternalAccount, format!("oauth_github:{number}")),
            ];
            let mut identifications = Vec::new();
            for (kind, value) in &values {
                identifications.push(house.identification(&user, *kind, value));
            }
            user.primary_email_address_id = Some(identifications[0].id.clone());
            user.primary_phone_number_id = (number == 0).then(|| identifications[1].id.clone());
            user.primary_web3_wallet_id = (number == 1).then(|| identifications[2].id.clone());
            work.insert_user(&user);
            for identification in &identifications {
                work.insert_identification(identification);
            }
            if number == 0 {
                work.insert_membership(&membership(house, &club, &user.id));
            }
            people.push(user);
        }
        house.store.commit(work).await.unwrap();
        // No operation fills this table yet; the filter over it is real all the same.
        for (number, user) in people.iter().enumerate() {
            let instance = house.here.as_str();
            database
                .execute(&format!(
                    "INSERT INTO external_accounts (instance_id, id, identification_id, user_id, provider,
                         provider_user_id, approved_scopes, public_metadata, created_at, updated_at)
                     SELECT '{instance}', 'eac_{number}', i.id, i.user_id, 'oauth_{provider}', 'remote-{number}',
                            '', '{{}}', 0, 0
                       FROM identifications i
                      WHERE i.instance_id = '{instance}' AND i.user_id = '{user}' AND i.kind = 'external_account'",
                    provider = if number == 2 { "google" } else { "github" },
                    user = user.id,
                ))
                .await;
        }
        (people, club.id.as_str().to_owned())
    }

    /// The numbers of the people that a filter admits, oldest first; the count must agree.
    async fn admitted(&self, filter: &UserFilter) -> Vec<usize> {
        let order = UserOrder { by: UserSort::CreatedAt, direction: Direction::Ascending };
        let accounts = self.store.users(&self.here, filter, order, None, Page::ALL).await.unwrap();
        assert_eq!(self.store.count_users(&self.here, filter).await.unwrap(), accounts.len() as u64);
        assert!(accounts.iter().all(|account| account.identifications.len() == 5), "whole people");
        accounts.iter().map(|account| self.number(&account.user)).collect()
    }

    fn number(&self, user: &User) -> usize {
        self.people.iter().position(|person| person == user).expect("one of this instance")
    }

    async fn ordered(&self, by: UserSort, direction: Direction) -> Vec<usize> {
        let order = UserOrder { by, direction };
        let filter = UserFilter::default();
        let accounts = self.store.users(&self.here, &filter, order, None, Page::ALL).await.unwrap();
        accounts.iter().map(|account| self.number(&account.user)).collect()
    }
}

fn list(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn text(value: &str) -> String {
    value.to_owned()
}

#[tokio::test]
async fn every_filter_admits_those_it_names() {
    each_engine(async |database| {
        let town = Town::in_database(&database).await;
        let none = UserFilter::default;
        let at = |span| Some(NOW + span);
        let id = |number: usize| town.people[number].id.as_str().to_owned();
        let filters: Vec<(UserFilter, &[usize])> = vec![
            (none(), &[0, 1, 2]),
            (
                UserFilter { email_addresses: list(&["ada@example.com", "cleo@example.com", "x"]), ..none() },
                &[0, 2],
            ),
            (UserFilter { phone_numbers: list(&["+15555550101"]), ..none() }, &[1]),
            (UserFilter { external_ids: list(&["ext-1", "ext-2"]), ..none() }, &[1, 2]),
            (UserFilter { usernames: list(&["ada_1"]), ..none() }, &[0]),
            (UserFilter { web3_wallets: list(&["0x2aa"]), ..none() }, &[2]),
            (UserFilter { user_ids: vec![id(0), id(1)], ..none() }, &[0, 1]),
            (UserFilter { without_user_ids: vec![id(0), id(1)], ..none() }, &[2]),
            (UserFilter { organization_ids: vec![town.organization.clone()], ..none() }, &[0]),
            (UserFilter { without_organization_ids: vec![town.organization.clone()], ..none() }, &[1, 2]),
            (UserFilter { query: Some(text("CLEO@ex")), ..none() }, &[2]),
            (UserFilter { query: Some(text("555550100")), ..none() }, &[0]),
            (UserFilter { query: Some(text("bob_")), ..none() }, &[1]),
            (UserFilter { query: Some(text("0x1A")), ..none() }, &[1]),
            (UserFilter { query: Some(text("last_2")), ..none() }, &[1]),
            (UserFilter { query: Some(id(2)), ..none() }, &[2]),
            (UserFilter { query: Some(text("%")), ..none() }, &[]),
            (UserFilter { query: Some(text("lastx2")), ..none() }, &[]),
            (UserFilter { query: Some(text("github:1")), ..none() }, &[]),
            (UserFilter { email_address_query: Some(text("BOB@")), ..none() }, &[1]),
            (UserFilter { phone_number_query: Some(text("0102")), ..none() }, &[2]),
            (UserFilter { username_query: Some(text("O_")), ..none() }, &[2]),
            (UserFilter { name_query: Some(text("ADA last")), ..none() }, &[0]),
            (UserFilter { banned: Some(true), ..none() }, &[2]),
            (UserFilter { banned: Some(false), ..none() }, &[0, 1]),
            (UserFilter { last_active_at_before: at(Span::minutes(2)), ..none() }, &[1]),
            (UserFilter { last_active_at_after: at(Span::minutes(1)), ..none() }, &[2]),
            (UserFilter { last_active_at_since: at(Span::minutes(1)), ..none() }, &[1, 2]),
            (UserFilter { created_at_before: at(Span::seconds(1)), ..none() }, &[0]),
            (UserFilter { created_at_after: at(Span::seconds(1)), ..none() }, &[2]),
            (UserFilter { last_sign_in_at_before: at(Span::hours(1)), ..none() }, &[0]),
            (UserFilter { last_sign_in_at_after: at(Span::minutes(59)), ..none() }, &[1]),
            (UserFilter { provider: Some(text("oauth_github")), ..none() }, &[0, 1]),
            (UserFilter { provider_user_ids: list(&["remote-1", "remote-2"]), ..none() }, &[1, 2]),
            (
                UserFilter {
                    provider: Some(text("oauth_google")),
                    provider_user_ids: list(&["remote-1"]),
                    ..none()
                },
                &[],
            ),
        ];
        for (filter, wanted) in filters {
            assert_eq!(town.admitted(&filter).await, wanted, "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn all_filters_hold_together() {
    each_engine(async |database| {
        let town = Town::in_database(&database).await;
        let early = Some(Timestamp::from_millis(0));
        let late = Some(NOW + Span::days(1));
        let filter = UserFilter {
            email_addresses: list(&["bob@example.com", "ada@example.com"]),
            phone_numbers: list(&["+15555550101"]),
            external_ids: list(&["ext-1"]),
            usernames: list(&["bob_1"]),
            web3_wallets: list(&["0x1aa"]),
            user_ids: vec![town.people[1].id.as_str().to_owned()],
            without_user_ids: vec![town.people[0].id.as_str().to_owned()],
            organization_ids: Vec::new(),
            without_organization_ids: vec![town.organization.clone()],
            query: Some(text("bob")),
            email_address_query: Some(text("bob")),
            phone_number_query: Some(text("555")),
            username_query: Some(text("bob")),
            name_query: Some(text("last")),
            banned: Some(false),
            last_active_at_before: late,
            last_active_at_after: early,
            last_active_at_since: early,
            created_at_before: late,
            created_at_after: early,
            last_sign_in_at_before: late,
            last_sign_in_at_after: early,
            provider: Some(text("oauth_github")),
            provider_user_ids: list(&["remote-1"]),
        };
        assert_eq!(town.admitted(&filter).await, [1]);
        let member = UserFilter { organization_ids: vec![town.organization.clone()], ..filter };
        assert_eq!(town.admitted(&member).await, [0; 0]);
    })
    .await;
}

#[tokio::test]
async fn every_order_goes_both_ways() {
    each_engine(async |database| {
        let town = Town::in_database(&database).await;
        for by in UserSort::ALL {
            let ascending: &[usize] = match by {
                UserSort::CreatedAt
                | UserSort::LastActiveAt
                | UserSort::EmailAddress
                | UserSort::Username => &[0, 1, 2],
                UserSort::UpdatedAt | UserSort::LastName => &[2, 1, 0],
                UserSort::LastSignInAt => &[2, 0, 1],
                UserSort::FirstName | UserSort::PhoneNumber => match by {
                    UserSort::FirstName => &[1, 0, 2],
                    _ => &[1, 2, 0],
                },
                UserSort::Web3Wallet => &[0, 2, 1],
            };
            let mut descending = ascending.to_vec();
            descending.reverse();
            assert_eq!(town.ordered(by, Direction::Ascending).await, ascending, "{by:?}");
            assert_eq!(town.ordered(by, Direction::Descending).await, descending, "{by:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_and_cursors_visit_everybody_once() {
    each_engine(async |database| {
        let town = Town::in_database(&database).await;
        let filter = UserFilter::default();
        for by in UserSort::ALL {
            for direction in [Direction::Ascending, Direction::Descending] {
                let order = UserOrder { by, direction };
                let whole = town.ordered(by, direction).await;
                let mut by_offset = Vec::new();
                let mut by_cursor = Vec::new();
                let mut cursor = None;
                for offset in 0..4 {
                    let page = Page { limit: 1, offset };
                    let found = town.store.users(&town.here, &filter, order, None, page).await.unwrap();
                    by_offset.extend(found.iter().map(|account| town.number(&account.user)));
                    let page = Page { limit: 1, offset: 0 };
                    let found =
                        town.store.users(&town.here, &filter, order, cursor.as_ref(), page).await.unwrap();
                    by_cursor.extend(found.iter().map(|account| town.number(&account.user)));
                    cursor = found.last().map(|account| account.user.id.clone()).or(cursor);
                }
                assert_eq!(by_offset, whole, "{order:?}");
                assert_eq!(by_cursor, whole, "{order:?}");
            }
        }
        let nobody = "user_unknown".parse().unwrap();
        let order = UserOrder::default();
        let found = town.store.users(&town.here, &filter, order, Some(&nobody), Page::ALL).await.unwrap();
        assert!(found.is_empty());
    })
    .await;
}

#[tokio::test]
async fn text_is_ordered_bytewise() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut work = Work::new(&house.here);
        for name in ["b", "a", "B", "é", "_", "Z", "a b", "ab"] {
            let mut user = house.user();
            user.first_name = Some(name.to_owned());
            work.insert_user(&user);
        }
        house.store.commit(work).await.unwrap();
        let order = UserOrder { by: UserSort::FirstName, direction: Direction::Ascending };
        let filter = UserFilter::default();
        let accounts = house.store.users(&house.here, &filter, order, None, Page::ALL).await.unwrap();
        let names: Vec<_> =
            accounts.iter().filter_map(|account| account.user.first_name.as_deref()).collect();
        assert_eq!(names, ["B", "Z", "_", "a", "a b", "ab", "b", "é"]);
    })
    .await;
}

#[test]
fn orders_are_read_as_they_are_written() {
    let order = |by, direction| Some(UserOrder { by, direction });
    assert_eq!(UserOrder::parse("-created_at"), order(UserSort::CreatedAt, Direction::Descending));
    assert_eq!(UserOrder::parse("+username"), order(UserSort::Username, Direction::Ascending));
    assert_eq!(UserOrder::parse("web3wallet"), order(UserSort::Web3Wallet, Direction::Ascending));
    for unknown in ["", "-", "+-created_at", "password", "é", "created_at; DROP TABLE users"] {
        assert_eq!(UserOrder::parse(unknown), None, "{unknown}");
    }
}

/// Lists that applications ask for all day must not read everybody: twenty thousand people, and the plan names an index.
#[tokio::test]
async fn hot_lists_use_their_indexes() {
    each_engine(async |database| {
        let town = Town::in_database(&database).await;
        let numbers = match database.path() {
            Some(_) => "WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 20000) SELECT n FROM g",
            None => "SELECT n FROM generate_series(1, 20000) AS g (n)",
        };
        let here = town.here.as_str();
        database
            .execute(&format!(
                "INSERT INTO users (instance_id, id, external_id, public_metadata, private_metadata, unsafe_metadata,
                     banned, failed_attempts, delete_self_enabled, create_organization_enabled, created_at,
                     updated_at, version, name_search, id_search)
                 SELECT '{here}', 'user_fill' || n, 'fill-' || n, '{{}}', '{{}}', '{{}}', FALSE, 0, TRUE, TRUE, n, n, 1,
                     '', '' FROM ({numbers}) AS numbers;
                 INSERT INTO identifications (instance_id, id, user_id, kind, value, claimed, created_at, updated_at)
                 SELECT '{here}', 'idn_fill' || n, 'user_fill' || n, 'email_address', 'fill' || n || '@example.com', TRUE,
                     n, n FROM ({numbers}) AS numbers;
                 INSERT INTO organizations
                     (instance_id, id, name, public_metadata, private_metadata, created_at, updated_at, version)
                 SELECT '{here}', 'org_fill' || n, 'Fill', '{{}}', '{{}}', 1, 1, 1 FROM ({numbers}) AS numbers WHERE n <= 1000;
                 INSERT INTO memberships (instance_id, id, organization_id, user_id, role, public_metadata,
                     private_metadata, created_at, updated_at, version)
                 SELECT '{here}', 'orgmem_fill' || n, 'org_fill' || (n % 1000 + 1), 'user_fill' || n, 'org:member', '{{}}', '{{}}', n, n, 1
                 FROM ({numbers}) AS numbers;
                 ANALYZE;"
            ))
            .await;
        let store = database.open().await;
        let none = UserFilter::default;
        // By which of its indexes memberships are read, PostgreSQL may judge by their number.
        for (filter, index) in [
            (none(), "users_created_at"),
            (UserFilter { email_addresses: list(&["ada@example.com"]), ..none() }, "identifications_value"),
            (UserFilter { usernames: list(&["ada_1"]), ..none() }, "identifications_value"),
            (UserFilter { external_ids: list(&["ext-1"]), ..none() }, "users_external_id"),
            (UserFilter { user_ids: list(&["user_fill7"]), ..none() }, "users_pkey"),
            (UserFilter { organization_ids: vec![town.organization.clone()], ..none() }, "memberships_"),
        ] {
            let page = Page { limit: 10, offset: 0 };
            let plan = store.plan_of_users(&town.here, &filter, UserOrder::default(), page).await.unwrap();
            // SQLite calls the index of a primary key by another name.
            let index = match database.path() {
                Some(_) => index.replace("users_pkey", "sqlite_autoindex_users_1"),
                None => index.to_owned(),
            };
            assert!(plan.contains(&index), "{filter:?}\n{plan}");
            let reads_everybody = plan.contains("SCAN u") || plan.contains("Seq Scan on users");
            assert!(!reads_everybody || filter == none(), "{filter:?}\n{plan}");
        }
    })
    .await;
}
