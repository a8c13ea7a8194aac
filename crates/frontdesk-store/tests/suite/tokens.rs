//! Attempts to sign in and up, and the tokens that are kept by hash.

use frontdesk_core::settings::Limits;
use frontdesk_core::sign_in::SignIn;
use frontdesk_core::sign_in_token::{SignInToken, SignInTokenStatus};
use frontdesk_core::sign_up::SignUp;
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Constraint};
use frontdesk_types::{ClientId, SignInId, SignInTokenId, SignUpId, Span};

use crate::support::{House, NOW};

#[tokio::test]
async fn a_sign_in_moves_on_once_from_each_state() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let client: ClientId = "client_1".parse().unwrap();
        let id = SignInId::mint(NOW, &mut house.chance);
        let mut sign_in = SignIn::begin(id, client, &Limits::default(), NOW);
        let mut work = house.work();
        work.insert_sign_in(&sign_in);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.sign_in(&house.here, &sign_in.id).await.unwrap().as_ref(), Some(&sign_in));
        assert_eq!(house.store.sign_in(&house.elsewhere, &sign_in.id).await.unwrap(), None);

        let later = NOW + Span::seconds(1);
        sign_in.identify("user_1".parse().unwrap(), "ada@example.com".to_owned(), later).unwrap();
        for first in [true, false] {
            let mut work = house.work();
            work.save_sign_in(&sign_in);
            let outcome = house.store.commit(work).await;
            assert_eq!(outcome.is_ok(), first);
            assert!(first || matches!(outcome, Err(CommitError::Stale)));
        }
        sign_in.version += 1;
        assert_eq!(house.store.sign_in(&house.here, &sign_in.id).await.unwrap(), Some(sign_in));
    })
    .await;
}

#[tokio::test]
async fn a_sign_up_keeps_what_it_collected() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let client: ClientId = "client_1".parse().unwrap();
        let id = SignUpId::mint(NOW, &mut house.chance);
        let mut sign_up = SignUp::begin(id, client, &Limits::default(), NOW);
        let mut work = house.work();
        work.insert_sign_up(&sign_up);
        house.store.commit(work).await.unwrap();
        sign_up.state.email_address = Some("ada@example.com".parse().unwrap());
        sign_up.state.first_name = Some("Ada".to_owned());
        sign_up.updated_at = NOW + Span::seconds(1);
        let mut work = house.work();
        work.save_sign_up(&sign_up);
        house.store.commit(work).await.unwrap();
        let mut work = house.work();
        work.save_sign_up(&sign_up);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)));
        sign_up.version += 1;
        assert_eq!(house.store.sign_up(&house.here, &sign_up.id).await.unwrap().as_ref(), Some(&sign_up));
        assert_eq!(house.store.sign_up(&house.elsewhere, &sign_up.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_token_is_redeemed_once() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let mut token = SignInToken {
            id: SignInTokenId::mint(NOW, &mut house.chance),
            user_id: user.id,
            status: SignInTokenStatus::Pending,
            expires_at: NOW + Span::days(1),
            created_at: NOW,
            updated_at: NOW,
            version: 1,
        };
        let mut work = house.work();
        work.insert_sign_in_token(&token, &[3; 32]);
        house.store.commit(work).await.unwrap();
        let found = house.store.sign_in_token_by_hash(&house.here, &[3; 32]).await.unwrap();
        assert_eq!(found.as_ref(), Some(&token));
        assert_eq!(house.store.sign_in_token_by_hash(&house.here, &[4; 32]).await.unwrap(), None);
        assert_eq!(house.store.sign_in_token_by_hash(&house.elsewhere, &[3; 32]).await.unwrap(), None);

        token.status = SignInTokenStatus::Accepted;
        token.updated_at = NOW + Span::seconds(1);
        for first in [true, false] {
            let mut work = house.work();
            work.save_sign_in_token(&token);
            assert_eq!(house.store.commit(work).await.is_ok(), first);
        }
        token.version += 1;
        let found = house.store.sign_in_token(&house.here, &token.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&token));
        assert_eq!(house.store.sign_in_token(&house.elsewhere, &token.id).await.unwrap(), None);

        let again = SignInToken { id: SignInTokenId::mint(NOW, &mut house.chance), ..token };
        let mut work = house.work();
        work.insert_sign_in_token(&again, &[3; 32]);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Conflict(Constraint::Id))));
    })
    .await;
}

#[tokio::test]
async fn testing_tokens_work_until_they_are_cleared() {
    each_engine(async |database| {
        let house = House::in_database(&database).await;
        let until = NOW + Span::hours(1);
        let mut work = house.work();
        work.insert_testing_token(&[1; 32], until, NOW);
        work.insert_testing_token(&[2; 32], NOW, NOW);
        work.delete_expired_testing_tokens(NOW);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.testing_token(&house.here, &[1; 32]).await.unwrap(), Some(until));
        assert_eq!(house.store.testing_token(&house.here, &[2; 32]).await.unwrap(), None);
        assert_eq!(house.store.testing_token(&house.elsewhere, &[1; 32]).await.unwrap(), None);
    })
    .await;
}
