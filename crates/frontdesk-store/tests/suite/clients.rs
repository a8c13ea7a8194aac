//! Clients, development browsers, handshakes.

use frontdesk_core::client::{Client, DevBrowser, HandshakePayload};
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Page, Work};
use frontdesk_types::{ClientId, Span};

use crate::support::{House, NOW};

#[tokio::test]
async fn a_client_is_kept_saved_and_deleted() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut client = Client::new(ClientId::mint(NOW, &mut house.chance), vec![1; 32], NOW);
        let mut work = house.work();
        work.insert_client(&client);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.client(&house.here, &client.id).await.unwrap().as_ref(), Some(&client));
        assert_eq!(house.store.client(&house.elsewhere, &client.id).await.unwrap(), None);

        client.rotate(vec![2; 32], NOW + Span::seconds(1));
        client.sign_in_id = Some("sia_1".parse().unwrap());
        client.sign_up_id = Some("sua_1".parse().unwrap());
        client.last_active_session_id = Some("sess_1".parse().unwrap());
        client.last_authentication_strategy = Some("password".to_owned());
        client.updated_at = NOW + Span::seconds(1);
        let mut work = house.work();
        work.save_client(&client);
        house.store.commit(work).await.unwrap();
        let stale = client.clone();
        client.version += 1;
        assert_eq!(house.store.client(&house.here, &client.id).await.unwrap().as_ref(), Some(&client));

        for (client, gone) in [(&stale, false), (&client, true)] {
            let mut work = house.work();
            work.delete_client(client);
            assert_eq!(house.store.commit(work).await.is_ok(), gone);
        }
        assert_eq!(house.store.client(&house.here, &client.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn clients_are_listed_newest_first() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut work = house.work();
        let mut ids = Vec::new();
        for second in [3, 1, 2, 2] {
            let at = NOW + Span::seconds(second);
            let client = Client::new(ClientId::mint(at, &mut house.chance), Vec::new(), at);
            work.insert_client(&client);
            ids.push(client.id);
        }
        house.store.commit(work).await.unwrap();
        let page = Page { limit: 2, offset: 1 };
        let found: Vec<ClientId> = house
            .store
            .clients(&house.here, page)
            .await
            .unwrap()
            .into_iter()
            .map(|client| client.id)
            .collect();
        assert_eq!(found, [ids[3].clone(), ids[2].clone()]);
        assert_eq!(house.store.clients(&house.here, Page::ALL).await.unwrap().len(), 4);
        assert_eq!(house.store.count_clients(&house.here).await.unwrap(), 4);
        assert_eq!(house.store.count_clients(&house.elsewhere).await.unwrap(), 0);
        assert!(house.store.clients(&house.elsewhere, Page::ALL).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_development_browser_learns_its_client() {
    each_engine(async |database| {
        let house = House::in_database(&database).await;
        let mut browser = DevBrowser { token_hash: vec![5; 32], client_id: None, created_at: NOW };
        let mut work = house.work();
        work.insert_dev_browser(&browser);
        house.store.commit(work).await.unwrap();
        browser.client_id = Some("client_1".parse().unwrap());
        let mut work = house.work();
        work.set_dev_browser_client(&browser.token_hash, browser.client_id.as_ref());
        house.store.commit(work).await.unwrap();
        let found = house.store.dev_browser(&house.here, &[5; 32]).await.unwrap();
        assert_eq!(found, Some(browser));
        assert_eq!(house.store.dev_browser(&house.elsewhere, &[5; 32]).await.unwrap(), None);
        let mut work = Work::new(&house.elsewhere);
        work.set_dev_browser_client(&[5; 32], None);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)));
    })
    .await;
}

#[tokio::test]
async fn development_browsers_that_stand_for_nobody_are_counted_and_cleared() {
    each_engine(async |database| {
        let house = House::in_database(&database).await;
        let mut work = house.work();
        for (number, client_id) in [(1, None), (2, None), (3, Some("client_1".parse().unwrap()))] {
            let created_at = NOW + Span::minutes(i64::from(number));
            work.insert_dev_browser(&DevBrowser { token_hash: vec![number; 32], client_id, created_at });
        }
        house.store.commit(work).await.unwrap();
        let count = async |minutes| {
            house.store.count_idle_dev_browsers(&house.here, NOW + Span::minutes(minutes)).await.unwrap()
        };
        assert_eq!([count(1).await, count(2).await, count(3).await], [2, 1, 0]);
        assert_eq!(house.store.count_idle_dev_browsers(&house.elsewhere, NOW).await.unwrap(), 0);
        let mut work = Work::new(&house.elsewhere);
        work.delete_idle_dev_browsers(NOW + Span::days(1));
        house.store.commit(work).await.unwrap();
        assert_eq!(count(0).await, 2);
        let mut work = house.work();
        work.delete_idle_dev_browsers(NOW + Span::minutes(2));
        house.store.commit(work).await.unwrap();
        assert_eq!(count(0).await, 1);
        assert!(house.store.dev_browser(&house.here, &[3; 32]).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_handshake_payload_is_marked_once_and_cleared_in_time() {
    each_engine(async |database| {
        let house = House::in_database(&database).await;
        let payload = |nonce, expires_at| HandshakePayload {
            nonce_hash: vec![nonce; 32],
            sealed: vec![0, 1, 255],
            expires_at,
            fetched_at: None,
        };
        let (early, late) = (payload(1, NOW), payload(2, NOW + Span::minutes(1)));
        let mut work = house.work();
        work.insert_handshake_payload(&early);
        work.insert_handshake_payload(&late);
        house.store.commit(work).await.unwrap();
        for first in [true, false] {
            let mut work = house.work();
            work.mark_handshake_fetched(&late.nonce_hash, NOW);
            assert_eq!(house.store.commit(work).await.is_ok(), first);
        }
        let found = house.store.handshake_payload(&house.here, &late.nonce_hash).await.unwrap();
        assert_eq!(found, Some(HandshakePayload { fetched_at: Some(NOW), ..late.clone() }));
        assert_eq!(house.store.handshake_payload(&house.elsewhere, &late.nonce_hash).await.unwrap(), None);

        let mut work = house.work();
        work.delete_expired_handshakes(NOW);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.handshake_payload(&house.here, &early.nonce_hash).await.unwrap(), None);
        assert!(house.store.handshake_payload(&house.here, &late.nonce_hash).await.unwrap().is_some());
        let mut work = house.work();
        work.delete_expired_handshakes(NOW);
        house.store.commit(work).await.expect("clearing nothing is fine");
    })
    .await;
}
