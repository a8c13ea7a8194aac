//! Sessions.

use frontdesk_core::refresh_token::RefreshToken;
use frontdesk_core::session::{SessionActivity, SessionStatus};
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Page, SessionFilter, Work};
use frontdesk_types::{ClientId, SessionId, Span};
use serde_json::json;

use crate::support::{House, NOW};

#[tokio::test]
async fn every_field_comes_back() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let mut session = house.session(&user.id, &"client_1".parse().unwrap());
        session.actor = Some(json!({ "sub": "user_actor" }));
        house.keep(&session).await;
        assert_eq!(house.store.session(&house.here, &session.id).await.unwrap().as_ref(), Some(&session));
        assert_eq!(house.store.session(&house.elsewhere, &session.id).await.unwrap(), None);

        session.end(SessionStatus::Revoked, NOW + Span::minutes(1));
        session.client_id = "client_2".parse().unwrap();
        session.actor = None;
        session.last_active_organization_id = Some("org_1".parse().unwrap());
        session.first_factor_at = None;
        session.second_factor_at = Some(NOW);
        session.expire_at = NOW + Span::days(1);
        session.abandon_at = NOW + Span::days(2);
        session.last_active_at = NOW + Span::minutes(1);
        let mut work = house.work();
        work.save_session(&session);
        house.store.commit(work).await.unwrap();
        let mut work = house.work();
        work.save_session(&session);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)));
        session.version += 1;
        assert_eq!(house.store.session(&house.here, &session.id).await.unwrap(), Some(session));
    })
    .await;
}

#[tokio::test]
async fn minting_sees_a_ban_at_once() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut user = house.person("ada@example.com").await;
        let session = house.session(&user.id, &"client_1".parse().unwrap());
        house.keep(&session).await;
        let found = house.store.session_for_mint(&house.here, &session.id).await.unwrap().unwrap();
        assert_eq!((&found.session, found.user_banned, found.membership), (&session, false, None));
        assert_eq!(house.store.session_for_mint(&house.elsewhere, &session.id).await.unwrap(), None);

        user.banned = true;
        let mut work = house.work();
        work.save_user(&user);
        house.store.commit(work).await.unwrap();
        assert!(house.store.session_for_mint(&house.here, &session.id).await.unwrap().unwrap().user_banned);
    })
    .await;
}

#[tokio::test]
async fn only_living_sessions_count_for_clients_and_users() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let other = house.person("bob@example.com").await;
        let (client, other_client): (ClientId, ClientId) =
            ("client_1".parse().unwrap(), "client_2".parse().unwrap());
        let alive = house.session(&user.id, &client);
        let mut pending = house.session(&user.id, &client);
        pending.status = SessionStatus::Pending;
        pending.created_at = NOW - Span::seconds(1);
        let mut expired = house.session(&user.id, &client);
        expired.expire_at = NOW;
        let mut abandoned = house.session(&user.id, &client);
        abandoned.abandon_at = NOW;
        let mut ended = house.session(&user.id, &client);
        ended.status = SessionStatus::Ended;
        let of_other_user = house.session(&other.id, &client);
        let on_other_client = house.session(&user.id, &other_client);
        for session in [&alive, &pending, &expired, &abandoned, &ended, &of_other_user, &on_other_client] {
            house.keep(session).await;
        }
        let on_client = house.store.client_sessions(&house.here, &client, NOW).await.unwrap();
        assert_eq!(on_client, [pending.clone(), alive.clone(), of_other_user.clone()]);
        let of_user = house.store.user_sessions(&house.here, &user.id, NOW).await.unwrap();
        assert_eq!(of_user, [pending.clone(), alive.clone(), on_other_client.clone()]);
        assert!(house.store.client_sessions(&house.elsewhere, &client, NOW).await.unwrap().is_empty());
        assert!(house.store.user_sessions(&house.elsewhere, &user.id, NOW).await.unwrap().is_empty());

        // Each filter admits what `status_at` says.
        let all = [&alive, &pending, &expired, &abandoned, &ended, &of_other_user, &on_other_client];
        for status in ["active", "pending", "expired", "abandoned", "ended", "revoked", "removed", "replaced"]
        {
            let status = SessionStatus::from(status);
            let filter = SessionFilter { status: Some(status.clone()), ..SessionFilter::default() };
            let mut wanted: Vec<&SessionId> = all
                .iter()
                .filter(|session| session.status_at(NOW) == status)
                .map(|session| &session.id)
                .collect();
            let found = house.store.sessions(&house.here, &filter, Page::ALL, NOW).await.unwrap();
            let mut ids: Vec<&SessionId> = found.iter().map(|session| &session.id).collect();
            wanted.sort();
            ids.sort();
            assert_eq!(ids, wanted, "{status}");
            let count = house.store.count_sessions(&house.here, &filter, NOW).await.unwrap();
            assert_eq!(count, wanted.len() as u64, "{status}");
        }
        let filter = SessionFilter {
            client_id: Some(client.clone()),
            user_id: Some(user.id.clone()),
            status: Some(SessionStatus::Active),
        };
        let found = house.store.sessions(&house.here, &filter, Page::ALL, NOW).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&alive));
        let everything = SessionFilter::default();
        let newest_first = house.store.sessions(&house.here, &everything, Page::ALL, NOW).await.unwrap();
        assert_eq!(newest_first.first(), Some(&on_other_client));
        assert_eq!(newest_first.last(), Some(&pending));
        let page = Page { limit: 2, offset: 1 };
        let page = house.store.sessions(&house.here, &everything, page, NOW).await.unwrap();
        assert_eq!(page, newest_first[1..3]);
        assert_eq!(house.store.count_sessions(&house.elsewhere, &everything, NOW).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn touching_notes_the_latest_activity_and_changes_nothing_else() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let mut session = house.session(&user.id, &"client_1".parse().unwrap());
        let phone = SessionActivity { is_mobile: true, ..SessionActivity::default() };
        session.latest_activity = Some(phone.clone());
        house.keep(&session).await;
        let later = NOW + Span::minutes(1);
        let desk =
            SessionActivity { ip_address: Some("203.0.113.7".to_owned()), ..SessionActivity::default() };
        for (activity, at) in [(None, NOW + Span::seconds(1)), (Some(&desk), later), (Some(&phone), NOW)] {
            let mut work = house.work();
            work.touch_session(&session.id, &user.id, activity, at);
            work.touch_session(&"sess_gone".parse().unwrap(), &user.id, None, NOW);
            house.store.commit(work).await.unwrap();
        }
        let mut work = Work::new(&house.elsewhere);
        work.touch_session(&session.id, &user.id, None, later + Span::minutes(1));
        house.store.commit(work).await.unwrap();

        let touched = house.store.session(&house.here, &session.id).await.unwrap().unwrap();
        assert_eq!((touched.last_active_at, touched.version), (later, session.version));
        assert_eq!(touched.latest_activity, Some(desk));
        let seen = house.store.user(&house.here, &user.id).await.unwrap().unwrap();
        assert_eq!((seen.last_active_at, seen.version), (Some(later), user.version));
    })
    .await;
}

#[tokio::test]
async fn a_session_needs_its_user() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let nobody = house.user();
        let session = house.session(&nobody.id, &"client_1".parse().unwrap());
        let mut work = house.work();
        work.insert_session(&session);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)));
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_is_taken_once_and_goes_with_its_session() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let other = house.person("bob@example.com").await;
        let session = house.session(&user.id, &"client_1".parse().unwrap());
        house.keep(&session).await;
        let token = |number: u8, expires_at| RefreshToken {
            token_hash: vec![number; 32],
            session_id: session.id.clone(),
            expires_at,
            created_at: NOW,
            replaced_at: None,
        };
        let (taken, over, left) =
            (token(1, NOW + Span::days(1)), token(2, NOW), token(3, NOW + Span::millis(1)));
        let mut work = house.work();
        for token in [&taken, &over, &left] {
            work.insert_refresh_token(token);
        }
        house.store.commit(work).await.unwrap();
        let read = async |token: &RefreshToken| {
            house.store.refresh_token(&house.here, &token.token_hash).await.unwrap()
        };
        assert_eq!(read(&taken).await.as_ref(), Some(&taken));
        assert_eq!(house.store.refresh_token(&house.elsewhere, &taken.token_hash).await.unwrap(), None);
        for first in [true, false] {
            let mut work = house.work();
            work.take_refresh_token(&taken.token_hash);
            assert_eq!(house.store.commit(work).await.is_ok(), first);
        }
        let mut work = house.work();
        work.delete_expired_refresh_tokens(NOW);
        house.store.commit(work).await.unwrap();
        assert_eq!((read(&over).await, read(&left).await), (None, Some(left.clone())));
        let many: Vec<_> = (10..30).map(|number| token(number, NOW + Span::days(1))).collect();
        let mut work = house.work();
        for (token, second) in many.iter().zip(1..) {
            let created_at = NOW + Span::seconds(second);
            work.insert_refresh_token(&RefreshToken { created_at, ..token.clone() });
        }
        work.delete_surplus_refresh_tokens(&session.id, NOW);
        house.store.commit(work).await.unwrap();
        assert_eq!((read(&left).await, read(&many[0]).await), (None, None));
        assert!(read(&many[1]).await.is_some() && read(&many[19]).await.is_some());
        let left = many[19].clone();
        // A token is replaced once; then it is the first to go, but for those that are in flight.
        let mut work = house.work();
        work.replace_refresh_token(&left.token_hash, NOW + Span::seconds(30));
        work.replace_refresh_token(&left.token_hash, NOW + Span::seconds(60));
        house.store.commit(work).await.unwrap();
        assert_eq!(read(&left).await.unwrap().replaced_at, Some(NOW + Span::seconds(30)));
        for (replaced_by, gone) in [(29, &many[1]), (30, &left)] {
            let mut work = house.work();
            let newest = token(if gone == &left { 41 } else { 40 }, NOW + Span::days(1));
            work.insert_refresh_token(&RefreshToken { created_at: NOW + Span::minutes(1), ..newest });
            house.store.commit(work).await.unwrap();
            let mut work = house.work();
            work.delete_surplus_refresh_tokens(&session.id, NOW + Span::seconds(replaced_by));
            house.store.commit(work).await.unwrap();
            assert_eq!(read(gone).await, None, "{replaced_by}");
        }
        let last = many[18].clone();
        assert!(read(&last).await.is_some());
        let mut work = house.work();
        work.delete_refresh_tokens(&session.id);
        house.store.commit(work).await.unwrap();
        assert_eq!(read(&last).await, None);

        let mut work = house.work();
        work.insert_refresh_token(&last);
        house.store.commit(work).await.unwrap();
        for (whose, is_left) in [(&other.id, true), (&user.id, false)] {
            let mut work = house.work();
            work.delete_user_refresh_tokens(whose);
            house.store.commit(work).await.unwrap();
            assert_eq!(read(&last).await.is_some(), is_left);
        }

        let mut work = house.work();
        work.insert_refresh_token(&RefreshToken { session_id: "sess_gone".parse().unwrap(), ..left });
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)));
    })
    .await;
}
