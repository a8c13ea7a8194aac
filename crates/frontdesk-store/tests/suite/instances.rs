//! Instances, their keys, and what the server knows about itself.

use frontdesk_core::instance::{SecretKeyRecord, SigningKeyRecord};
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Constraint, InstanceKey, Work};
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
