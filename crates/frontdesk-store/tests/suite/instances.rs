//! Instances, their keys, and what the server knows about itself.

use frontdesk_core::instance::{SecretKeyRecord, SigningKeyRecord};
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Constraint, InstanceKey, SealedKind, Work};
use frontdesk_types::{InstanceId, Span};

use crate::support::{House, NOW, instance};

#[tokio::test]
async fn an_instance_is_found_by_each_of_its_names() {
    each_engine(async |database| {
        let House { store, here, elsewhere, .. } = House::in_database(&database).await;
        let found = store.instance(&here).await.unwrap().unwrap();
        assert_eq!((found.slug.as_str(), found.version), ("here", 1));
        assert_eq!(store.instance_by_slug("here").await.unwrap().as_ref(), Some(&found));
        let by_host = store.instance_by_key_host("clerk.here.localhost").await.unwrap();
        assert_eq!(by_host.as_ref(), Some(&found));
        let key = InstanceKey { instance_id: here.clone(), version: 1 };
        assert_eq!(store.instance_version(&here).await.unwrap().as_ref(), Some(&key));
        assert_eq!(store.instance_version_by_slug("here").await.unwrap().as_ref(), Some(&key));
        let by_host = store.instance_version_by_key_host("clerk.here.localhost").await.unwrap();
        assert_eq!(by_host.as_ref(), Some(&key));
        assert_eq!(store.instance_version_by_slug("nowhere").await.unwrap(), None);
        assert_eq!(store.instance_version_by_key_host("here").await.unwrap(), None);
        let all: Vec<InstanceId> =
            store.instances().await.unwrap().into_iter().map(|instance| instance.id).collect();
        assert_eq!(all, [here, elsewhere]);
        assert_eq!(store.instance_by_slug("nowhere").await.unwrap(), None);
        assert_eq!(store.instance_by_key_host("here").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn slug_and_key_host_are_unique() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut same_slug = instance("here", &mut house.chance);
        same_slug.key_host = "other.example".to_owned();
        let mut same_host = instance("other", &mut house.chance);
        same_host.key_host = "clerk.here.localhost".to_owned();
        for (instance, rule) in [(same_slug, Constraint::InstanceSlug), (same_host, Constraint::KeyHost)] {
            let mut work = Work::new(&instance.id);
            work.insert_instance(&instance);
            match house.store.commit(work).await {
                Err(CommitError::Conflict(broken)) => assert_eq!(broken, rule),
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn saving_settings_moves_the_version_that_a_key_answers() {
    each_engine(async |database| {
        let House { store, here, elsewhere, .. } = House::in_database(&database).await;
        let hash = [7; 32];
        let key = SecretKeyRecord {
            hash: hash.to_vec(),
            instance_id: here.clone(),
            sealed: vec![1, 2, 3],
            created_at: NOW,
        };
        let mut work = Work::new(&here);
        work.insert_secret_key(&key);
        store.commit(work).await.unwrap();
        let opened = store.instance_key(&hash).await.unwrap();
        assert_eq!(opened, Some(InstanceKey { instance_id: here.clone(), version: 1 }));
        assert_eq!(store.instance_key(&[8; 32]).await.unwrap(), None);

        let mut changed = store.instance(&here).await.unwrap().unwrap();
        changed.settings.application_name = "Ada's".to_owned();
        changed.settings.limits.session_lifetime = Span::days(1);
        changed.updated_at = NOW + Span::seconds(1);
        let mut work = Work::new(&here);
        work.save_instance(&changed);
        store.commit(work).await.unwrap();
        assert_eq!(store.instance_key(&hash).await.unwrap().unwrap().version, 2);
        changed.version = 2;
        assert_eq!(store.instance(&here).await.unwrap(), Some(changed));

        assert_eq!(store.secret_keys(&here).await.unwrap(), [key]);
        assert_eq!(store.secret_keys(&elsewhere).await.unwrap(), []);
        let mut work = Work::new(&elsewhere);
        work.delete_secret_key(&hash);
        assert!(matches!(store.commit(work).await, Err(CommitError::Stale)), "not theirs");
        let mut work = Work::new(&here);
        work.delete_secret_key(&hash);
        store.commit(work).await.unwrap();
        assert_eq!(store.instance_key(&hash).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn signing_keys_are_listed_newest_first_and_retire() {
    each_engine(async |database| {
        let House { store, here, elsewhere, .. } = House::in_database(&database).await;
        let key = |kid: &str, age| SigningKeyRecord {
            kid: kid.to_owned(),
            instance_id: here.clone(),
            sealed: vec![9; 4],
            created_at: NOW - Span::days(age),
            retires_at: None,
            tokens_until: None,
        };
        let mut work = Work::new(&here);
        work.insert_signing_key(&key("old", 2));
        work.insert_signing_key(&key("new", 1));
        work.retire_signing_key("old", NOW + Span::days(1));
        store.commit(work).await.unwrap();
        let mut old = key("old", 2);
        old.retires_at = Some(NOW + Span::days(1));
        assert_eq!(store.signing_keys(&here).await.unwrap(), [key("new", 1), old]);
        assert_eq!(store.signing_keys(&elsewhere).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn the_server_remembers_values_by_name() {
    each_engine(async |database| {
        let house = House::in_database(&database).await;
        assert_eq!(house.store.meta("seed").await.unwrap(), None);
        for value in ["1", "2"] {
            let mut work = house.work();
            work.set_meta("seed", value);
            house.store.commit(work).await.unwrap();
        }
        assert_eq!(house.store.meta("seed").await.unwrap().as_deref(), Some("2"));
        house.store.ping().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    each_engine(async |database| {
        let house = House::in_database(&database).await;
        house.store.migrate().await.unwrap();
        assert!(house.store.instance(&house.here).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_touched_instance_has_another_version_and_a_key_remembers_its_longest_token() {
    each_engine(async |database| {
        let House { store, here, elsewhere, .. } = House::in_database(&database).await;
        let mut work = Work::new(&here);
        let mut key = SigningKeyRecord {
            kid: "kid_1".to_owned(),
            instance_id: here.clone(),
            sealed: vec![1],
            created_at: NOW,
            retires_at: None,
            tokens_until: None,
        };
        work.insert_signing_key(&key);
        work.touch_instance(NOW + Span::days(1));
        store.commit(work).await.unwrap();
        let touched = store.instance(&here).await.unwrap().unwrap();
        assert_eq!((touched.version, touched.updated_at), (2, NOW + Span::days(1)));
        assert_eq!(store.instance_version(&elsewhere).await.unwrap().unwrap().version, 1);
        for (days, noted) in [(30, 30), (20, 30), (40, 40)] {
            let mut work = Work::new(&here);
            work.note_tokens_until("kid_1", NOW + Span::days(days));
            store.commit(work).await.unwrap();
            key.tokens_until = Some(NOW + Span::days(noted));
            assert_eq!(store.signing_keys(&here).await.unwrap(), [key.clone()]);
        }
        // Retired, it stays for whatever it still signs; and goes when that is over, not before.
        let mut work = Work::new(&here);
        work.retire_signing_key("kid_1", NOW + Span::days(40));
        store.commit(work).await.unwrap();
        let mut work = Work::new(&here);
        work.note_tokens_until("kid_1", NOW + Span::days(50));
        store.commit(work).await.unwrap();
        assert_eq!(store.signing_keys(&here).await.unwrap()[0].retires_at, Some(NOW + Span::days(50)));
        for (days, is_over) in [(49, false), (50, true)] {
            let mut work = Work::new(&here);
            work.delete_retired_signing_key("kid_1", NOW + Span::days(days));
            assert_eq!(store.commit(work).await.is_ok(), is_over);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_sealed_is_listed_in_parts_and_replaced_unless_it_changed() {
    each_engine(async |database| {
        let House { store, here, elsewhere, .. } = House::in_database(&database).await;
        let mut work = Work::new(&here);
        for number in 0..5_u8 {
            work.insert_secret_key(&SecretKeyRecord {
                hash: vec![number],
                instance_id: here.clone(),
                sealed: vec![number, 0],
                created_at: NOW,
            });
        }
        store.commit(work).await.unwrap();
        let kind = SealedKind::SecretKey;
        let first = store.sealed_rows(&here, kind, None, 3).await.unwrap();
        let rest = store.sealed_rows(&here, kind, first.last(), 3).await.unwrap();
        let sealed: Vec<_> = first.iter().chain(&rest).map(|row| row.sealed.clone()).collect();
        assert_eq!(sealed, [[0, 0], [1, 0], [2, 0], [3, 0], [4, 0]]);
        assert!(store.sealed_rows(&elsewhere, kind, None, 3).await.unwrap().is_empty());
        for kind in SealedKind::ALL {
            assert!(
                kind == SealedKind::SecretKey
                    || store.sealed_rows(&here, kind, None, 3).await.unwrap().is_empty()
            );
        }
        for (by, kept) in [(7, 7), (8, 7)] {
            let mut work = Work::new(&here);
            work.reseal(kind, &first[1], &[1, by]);
            store.commit(work).await.unwrap();
            assert_eq!(store.sealed_rows(&here, kind, None, 9).await.unwrap()[1].sealed, [1, kept]);
        }
    })
    .await;
}
