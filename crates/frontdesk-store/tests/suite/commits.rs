//! The unit of work: all or nothing, one winner, nothing lost.

use frontdesk_core::event::{Event, EventType};
use frontdesk_core::identification::IdentificationKind;
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Constraint, Work};
use frontdesk_types::EventId;

use crate::support::{House, NOW};

const WRITERS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_writers_who_want_one_address_one_wins() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..WRITERS {
            let user = house.user();
            let email = house.identification(&user, IdentificationKind::EmailAddress, "ada@example.com");
            let mut work = house.work();
            work.insert_user(&user);
            work.insert_identification(&email);
            let store = house.store.clone();
            writers.spawn(async move { (user.id, store.commit(work).await) });
        }
        let mut winners = Vec::new();
        while let Some(outcome) = writers.join_next().await {
            match outcome.unwrap() {
                (id, Ok(())) => winners.push(id),
                (
                    id,
                    Err(CommitError::Conflict(Constraint::Identification(IdentificationKind::EmailAddress))),
                ) => assert!(house.store.user(&house.here, &id).await.unwrap().is_none(), "no half user"),
                (_, Err(other)) => panic!("{other:?}"),
            }
        }
        assert_eq!(winners.len(), 1);
        let email = (IdentificationKind::EmailAddress, "ada@example.com");
        let owner = house.store.identification_owner(&house.here, email.0, email.1).await.unwrap();
        assert_eq!(owner, winners.pop());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_change_one_record_one_does() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..WRITERS {
            let mut user = user.clone();
            user.first_name = Some(format!("Ada {number}"));
            let mut work = house.work();
            work.save_user(&user);
            let store = house.store.clone();
            writers.spawn(async move { store.commit(work).await });
        }
        let mut saved = 0;
        while let Some(outcome) = writers.join_next().await {
            match outcome.unwrap() {
                Ok(()) => saved += 1,
                Err(error) => assert!(matches!(error, CommitError::Stale), "{error:?}"),
            }
        }
        assert_eq!(saved, 1);
        let after = house.store.user(&house.here, &user.id).await.unwrap().unwrap();
        assert_eq!(after.version, user.version + 1);
        assert!(after.first_name.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn works_that_fail_take_nothing_from_those_that_share_their_commit() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let taken = house.person("taken@example.com").await;
        let mut gone = house.user();
        gone.external_id = Some("gone".to_owned());
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..WRITERS {
            let user = house.user();
            let address = if number % 4 == 0 {
                "taken@example.com".to_owned()
            } else {
                format!("user{number}@example.com")
            };
            let email = house.identification(&user, IdentificationKind::EmailAddress, &address);
            let mut work = house.work();
            work.insert_user(&user);
            work.insert_identification(&email);
            if number % 4 == 1 {
                work.save_user(&gone);
            }
            let store = house.store.clone();
            writers.spawn(async move { (number, user.id, store.commit(work).await) });
        }
        while let Some(outcome) = writers.join_next().await {
            let (number, id, outcome) = outcome.unwrap();
            let kept = house.store.account(&house.here, &id).await.unwrap();
            match number % 4 {
                0 => assert!(matches!(outcome, Err(CommitError::Conflict(_))), "{outcome:?}"),
                1 => assert!(matches!(outcome, Err(CommitError::Stale)), "{outcome:?}"),
                _ => assert!(outcome.is_ok(), "{outcome:?}"),
            }
            assert_eq!(kept.map(|account| account.identifications.len()), outcome.is_ok().then_some(1));
        }
        let filter = frontdesk_store::UserFilter::default();
        assert_eq!(house.store.count_users(&house.here, &filter).await.unwrap(), 1 + WRITERS as u64 / 2);
        assert!(house.store.user(&house.here, &taken.id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn what_refers_to_something_gone_is_stale() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let nobody = house.user();
        let email = house.identification(&nobody, IdentificationKind::EmailAddress, "nobody@example.com");
        let mut work = house.work();
        work.insert_identification(&email);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)));
    })
    .await;
}

#[tokio::test]
async fn deleting_what_is_gone_is_stale_and_undoes_the_rest() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let (kept, gone) = (house.user(), house.user());
        let mut work = house.work();
        work.insert_user(&kept);
        work.delete_user(&gone.id);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)));
        assert!(house.store.user(&house.here, &kept.id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_second_record_with_the_same_id_is_a_conflict() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let mut work = house.work();
        work.insert_user(&user);
        let refused = house.store.commit(work).await;
        assert!(matches!(refused, Err(CommitError::Conflict(Constraint::Id))), "{refused:?}");
        let mut work = Work::new(&house.elsewhere);
        work.insert_user(&user);
        house.store.commit(work).await.expect("instances do not share ids");
    })
    .await;
}

#[tokio::test]
async fn an_empty_work_is_done_at_once_and_works_can_be_joined() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        house.store.commit(house.work()).await.unwrap();
        let (user, other) = (house.user(), house.user());
        let mut work = house.work();
        work.insert_user(&user);
        let mut second = Work::new(&house.elsewhere);
        second.insert_user(&other);
        work.append(second);
        house.store.commit(work).await.unwrap();
        assert!(house.store.user(&house.here, &user.id).await.unwrap().is_some());
        assert!(house.store.user(&house.elsewhere, &other.id).await.unwrap().is_some());
        assert!(house.store.user(&house.here, &other.id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn another_process_sees_what_was_committed_and_its_writes_count_too() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let other_process = database.open().await;
        let mut seen = other_process.user(&house.here, &user.id).await.unwrap().unwrap();
        seen.banned = true;
        let mut work = house.work();
        work.save_user(&seen);
        other_process.commit(work).await.unwrap();
        assert!(house.store.user(&house.here, &user.id).await.unwrap().unwrap().banned);
        let mut work = house.work();
        work.save_user(&user);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)));
    })
    .await;
}

#[tokio::test]
async fn a_commit_goes_on_when_nobody_waits_for_it() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.user();
        let mut work = house.work();
        work.insert_user(&user);
        let store = house.store.clone();
        let commit = tokio::spawn(async move { store.commit(work).await });
        tokio::task::yield_now().await;
        commit.abort();
        let mut found = false;
        for _ in 0..200 {
            found = house.store.user(&house.here, &user.id).await.unwrap().is_some();
            if found {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert!(found);
        // The connection that carried it serves the next work.
        house.person("next@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn events_are_kept_with_the_change_in_the_order_of_writing() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut written = Vec::new();
        for kind in [EventType::UserCreated, EventType::UserUpdated, EventType::UserDeleted] {
            let event = Event {
                id: EventId::mint(NOW, &mut house.chance),
                kind,
                subject: "user_1".to_owned(),
                payload: br#"{"id":"user_1"}"#.to_vec(),
                created_at: NOW,
            };
            let mut work = house.work();
            work.emit(&event);
            house.store.commit(work).await.unwrap();
            written.push(event);
        }
        let mut work = house.work();
        work.emit(&written[0]);
        work.delete_user(&house.user().id);
        assert!(house.store.commit(work).await.is_err(), "no event without its change");

        let read = house.store.events(&house.here, 0, 10).await.unwrap();
        assert_eq!(read.iter().map(|recorded| &recorded.event).collect::<Vec<_>>(), Vec::from_iter(&written));
        let rest = house.store.events(&house.here, read[0].sequence, 1).await.unwrap();
        assert_eq!(rest, read[1..2]);
        assert!(house.store.events(&house.elsewhere, 0, 10).await.unwrap().is_empty());
    })
    .await;
}
