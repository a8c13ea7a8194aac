//! Domains, and what browsers hold on satellites.

use frontdesk_core::client::Client;
use frontdesk_core::domain::{ClientLink, Domain, SyncToken};
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Constraint, Work};
use frontdesk_types::{ClientId, DomainId, Span};

use crate::support::{House, NOW};

fn satellite(house: &mut House, name: &str, age: i64) -> Domain {
    Domain {
        id: DomainId::mint(NOW, &mut house.chance),
        name: name.to_owned(),
        is_satellite: true,
        key_host: Some(format!("clerk.{name}")),
        proxy_url: None,
        created_at: NOW - Span::days(age),
        updated_at: NOW,
        version: 1,
    }
}

#[tokio::test]
async fn every_instance_has_its_primary_domain_and_satellites_have_hosts_of_their_own() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let primary = house.store.domains(&house.here).await.unwrap().remove(0);
        assert_eq!((primary.name.as_str(), primary.is_satellite), ("here.localhost", false));
        let (mut old, new) =
            (satellite(&mut house, "old.example", 2), satellite(&mut house, "new.example", 1));
        let mut work = house.work();
        work.insert_domain(&old);
        work.insert_domain(&new);
        house.store.commit(work).await.unwrap();
        let listed = house.store.domains(&house.here).await.unwrap();
        assert_eq!(listed, [new.clone(), old.clone(), primary.clone()]);
        let found = house.store.instance_version_by_key_host("clerk.old.example").await.unwrap();
        assert_eq!(found.unwrap().instance_id, house.here);

        // Nobody has the name twice, or the host of anybody else.
        let again = Domain { key_host: None, ..satellite(&mut house, "old.example", 0) };
        let mut work = house.work();
        work.insert_domain(&again);
        let taken = house.store.commit(work).await;
        assert!(matches!(taken, Err(CommitError::Conflict(Constraint::DomainName))), "{taken:?}");
        for name in ["old.example", "here.localhost"] {
            let theirs = satellite(&mut house, name, 0);
            let mut work = Work::new(&house.elsewhere);
            work.insert_domain(&theirs);
            let taken = house.store.commit(work).await;
            assert!(matches!(taken, Err(CommitError::Conflict(Constraint::KeyHost))), "{taken:?}");
        }

        let stale = old.clone();
        (old.name, old.key_host) = ("newer.example".to_owned(), None);
        for (domain, is_fresh) in [(&old, true), (&stale, false)] {
            let mut work = house.work();
            work.save_domain(domain);
            assert_eq!(house.store.commit(work).await.is_ok(), is_fresh);
        }
        assert_eq!(house.store.instance_version_by_key_host("clerk.old.example").await.unwrap(), None);
        for (id, is_deleted) in [(&primary.id, false), (&old.id, true), (&old.id, false)] {
            let mut work = house.work();
            work.delete_satellite(id);
            assert_eq!(house.store.commit(work).await.is_ok(), is_deleted, "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn links_go_with_their_client_and_with_their_satellite() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let here = house.here.clone();
        let (one, two) = (satellite(&mut house, "one.example", 1), satellite(&mut house, "two.example", 1));
        let client = Client::new(ClientId::mint(NOW, &mut house.chance), vec![1], NOW);
        let link = |domain: &Domain, token: u8| ClientLink {
            client_id: client.id.clone(),
            domain_id: domain.id.clone(),
            token_hash: vec![token],
            previous_token_hash: vec![token - 1],
            client_token_hash: vec![1],
            linked_at: NOW,
        };
        let mut work = house.work();
        work.insert_domain(&one);
        work.insert_domain(&two);
        work.insert_client(&client);
        work.save_client_link(&link(&one, 2));
        work.save_client_link(&link(&two, 3));
        house.store.commit(work).await.unwrap();
        let mut work = house.work();
        work.save_client_link(&link(&one, 4));
        house.store.commit(work).await.unwrap();
        let found =
            async |domain: &Domain| house.store.client_link(&here, &client.id, &domain.id).await.unwrap();
        assert_eq!((found(&one).await, found(&two).await), (Some(link(&one, 4)), Some(link(&two, 3))));
        let elsewhere = house.store.client_link(&house.elsewhere, &client.id, &one.id).await.unwrap();
        assert_eq!(elsewhere, None);

        let mut work = house.work();
        work.delete_satellite(&one.id);
        house.store.commit(work).await.unwrap();
        assert_eq!((found(&one).await, found(&two).await.is_some()), (None, true));
        let mut work = house.work();
        work.delete_client(&client);
        house.store.commit(work).await.unwrap();
        assert_eq!(found(&two).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_sync_token_is_used_once() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let domain = satellite(&mut house, "one.example", 1);
        let token = SyncToken {
            token_hash: vec![7],
            domain_id: domain.id.clone(),
            client_id: None,
            client_token_hash: None,
            nonce_hash: vec![8],
            redirect_url: "https://one.example/".to_owned(),
            expires_at: NOW + Span::minutes(1),
        };
        let mut work = house.work();
        work.insert_domain(&domain);
        work.insert_sync_token(&token);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.sync_token(&house.here, &[7]).await.unwrap(), Some(token));
        assert_eq!(house.store.sync_token(&house.elsewhere, &[7]).await.unwrap(), None);
        for (instance, is_there) in [(&house.elsewhere, false), (&house.here, true), (&house.here, false)] {
            let mut work = Work::new(instance);
            work.delete_sync_token(&[7]);
            assert_eq!(house.store.commit(work).await.is_ok(), is_there);
        }
    })
    .await;
}
