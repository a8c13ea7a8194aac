//! Redirect URLs, and identifiers that may or may not sign up.

use frontdesk_core::redirect_url::RedirectUrl;
use frontdesk_core::restriction::{IdentifierPattern, RestrictedIdentifier, RestrictionList};
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Constraint, Listed, Page, Work};
use frontdesk_types::{EmailAddress, RedirectUrlId, Span};

use crate::support::{House, NOW};

#[tokio::test]
async fn redirect_urls_are_listed_once_newest_first_for_one_instance() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut listed = |url: &str, age| RedirectUrl {
            id: RedirectUrlId::mint(NOW - Span::days(age), &mut house.chance),
            url: url.to_owned(),
            created_at: NOW - Span::days(age),
            updated_at: NOW - Span::days(age),
        };
        let (old, new, again) =
            (listed("myapp://done", 2), listed("https://a.example/", 1), listed("myapp://done", 0));
        let mut work = house.work();
        work.insert_redirect_url(&old);
        work.insert_redirect_url(&new);
        house.store.commit(work).await.unwrap();
        let mut work = house.work();
        work.insert_redirect_url(&again);
        let taken = house.store.commit(work).await;
        assert!(matches!(taken, Err(CommitError::Conflict(Constraint::RedirectUrl))), "{taken:?}");
        let (here, elsewhere) = (&house.here, &house.elsewhere);
        assert_eq!(house.store.redirect_urls(here, Page::ALL).await.unwrap(), [new.clone(), old.clone()]);
        assert_eq!(house.store.count_redirect_urls(here).await.unwrap(), 2);
        assert_eq!(house.store.redirect_url(here, &old.id).await.unwrap(), Some(old.clone()));
        assert_eq!(house.store.redirect_url(elsewhere, &old.id).await.unwrap(), None);
        assert!(house.store.redirect_urls(elsewhere, Page::ALL).await.unwrap().is_empty());
        for (instance, is_there) in [(elsewhere, false), (here, true), (here, false)] {
            let mut work = Work::new(instance);
            work.delete_redirect_url(&old.id);
            assert_eq!(house.store.commit(work).await.is_ok(), is_there);
        }
        assert_eq!(house.store.count_redirect_urls(here).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_list_names_addresses_and_whole_domains() {
    each_engine(async |database| {
        let house = House::in_database(&database).await;
        let entry = |id: &str, list, text: &str| RestrictedIdentifier {
            id: id.to_owned(),
            list,
            pattern: IdentifierPattern::parse(text).unwrap(),
            created_at: NOW,
            updated_at: NOW,
        };
        let (allow, block) = (RestrictionList::Allowlist, RestrictionList::Blocklist);
        let all = [
            entry("alid_1", allow, "ada@shop.example"),
            entry("blid_1", block, "*@shop.example"),
            entry("blid_2", block, "eve@other.example"),
        ];
        let mut work = house.work();
        for entry in &all {
            work.insert_restricted_identifier(entry);
        }
        house.store.commit(work).await.unwrap();
        let mut work = house.work();
        work.insert_restricted_identifier(&entry("blid_3", block, "EVE@other.example"));
        let taken = house.store.commit(work).await;
        assert!(matches!(taken, Err(CommitError::Conflict(Constraint::RestrictedIdentifier))), "{taken:?}");
        for (address, allowed, blocked) in [
            ("ada@shop.example", true, true),
            ("bob@shop.example", false, true),
            ("eve@other.example", false, true),
            ("ada@other.example", false, false),
            ("bob@sub.shop.example", false, false),
        ] {
            let address: EmailAddress = address.parse().unwrap();
            let found = house.store.lists_naming(&house.here, &address).await.unwrap();
            assert_eq!(found, Listed { allowed, blocked }, "{address}");
            let elsewhere = house.store.lists_naming(&house.elsewhere, &address).await.unwrap();
            assert_eq!(elsewhere, Listed::default());
        }
        let blocked = house.store.restricted_identifiers(&house.here, block, Page::ALL).await.unwrap();
        assert_eq!(blocked, [all[2].clone(), all[1].clone()]);
        assert_eq!(house.store.count_restricted_identifiers(&house.here, block).await.unwrap(), 2);
        let found = house.store.restricted_identifier(&house.here, block, "blid_2").await.unwrap();
        assert_eq!(found, Some(all[2].clone()));
        assert_eq!(house.store.restricted_identifier(&house.here, allow, "blid_2").await.unwrap(), None);
        for (list, is_there) in [(allow, false), (block, true), (block, false)] {
            let mut work = house.work();
            work.delete_restricted_identifier(list, "blid_2");
            assert_eq!(house.store.commit(work).await.is_ok(), is_there);
        }
    })
    .await;
}
