//! People, whole.

use frontdesk_core::identification::{IdentificationKind, Verification, VerificationStatus};
use frontdesk_core::image::Image;
use frontdesk_core::metadata::Metadata;
use frontdesk_core::settings::Limits;
use frontdesk_core::user::{PasswordDigest, User};
use frontdesk_core::verification::Challenge;
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Constraint};
use frontdesk_types::{ClientId, ImageId, Span, UserId};

use crate::support::{House, NOW};

/// Every field filled with a value of its own.
fn everything(mut user: User) -> User {
    let metadata = |text: &str| Metadata::from_stored(text);
    user.external_id = Some("ext-1".to_owned());
    user.first_name = Some("Ada 'Æ' \u{1f3f3}".to_owned());
    user.last_name = Some("Byron".to_owned());
    user.locale = Some("en-GB".to_owned());
    user.primary_email_address_id = Some("idn_email".parse().unwrap());
    user.primary_phone_number_id = Some("idn_phone".parse().unwrap());
    user.primary_web3_wallet_id = Some("idn_wallet".parse().unwrap());
    user.password_digest = Some(PasswordDigest::new("$argon2id$…"));
    user.password_updated_at = Some(NOW - Span::days(1));
    user.public_metadata = metadata(r#"{"plan":"free"}"#);
    user.private_metadata = metadata(r#"{"note":"?1 '$1'"}"#);
    user.unsafe_metadata = metadata(r#"{"theme":"dark"}"#);
    user.banned = true;
    user.locked_until = Some(NOW + Span::hours(1));
    user.failed_attempts = 3;
    user.last_sign_in_at = Some(NOW - Span::hours(2));
    user.last_active_at = Some(NOW - Span::hours(1));
    user.legal_accepted_at = Some(NOW - Span::days(2));
    user.delete_self_enabled = false;
    user.create_organization_enabled = false;
    user.create_organizations_limit = Some(4);
    user
}

#[tokio::test]
async fn every_field_comes_back_as_it_was_inserted_and_as_it_was_saved() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let inserted = everything(house.user());
        let mut work = house.work();
        work.insert_user(&inserted);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.user(&house.here, &inserted.id).await.unwrap(), Some(inserted.clone()));

        let plain = house.person("plain@example.com").await;
        let mut saved = User { version: plain.version, ..everything(plain.clone()) };
        saved.external_id = Some("ext-2".to_owned());
        saved.updated_at = NOW + Span::seconds(1);
        let mut work = house.work();
        work.save_user(&saved);
        house.store.commit(work).await.unwrap();
        saved.version += 1;
        assert_eq!(house.store.user(&house.here, &plain.id).await.unwrap(), Some(saved.clone()));

        let emptied = User { version: saved.version, updated_at: NOW, ..plain };
        let mut work = house.work();
        work.save_user(&emptied);
        house.store.commit(work).await.unwrap();
        let expected = User { version: emptied.version + 1, ..emptied.clone() };
        assert_eq!(house.store.user(&house.here, &emptied.id).await.unwrap(), Some(expected));
    })
    .await;
}

#[tokio::test]
async fn an_account_brings_everything_that_identifies_it_oldest_first() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        house.person("other@example.com").await;
        let mut second = house.identification(&user, IdentificationKind::EmailAddress, "second@example.com");
        second.created_at = NOW + Span::seconds(1);
        second.verification = Some(Verification {
            status: VerificationStatus::Unverified,
            strategy: "email_code".to_owned(),
            attempts: Some(2),
            expire_at: Some(NOW + Span::minutes(10)),
        });
        let limits = Limits::default();
        second.challenge = Some(Challenge::sent("email_code", None, "00".to_owned(), &limits, NOW));
        let mut username = house.identification(&user, IdentificationKind::Username, "ada");
        username.created_at = NOW + Span::seconds(2);
        let mut work = house.work();
        work.insert_identification(&username);
        work.insert_identification(&second);
        house.store.commit(work).await.unwrap();

        let account = house.store.account(&house.here, &user.id).await.unwrap().unwrap();
        assert_eq!(account.user, user);
        assert_eq!(account.identifications[1..], [second, username]);
        assert_eq!(account.identifier(), Some("ada@example.com"));
        assert_eq!(account.username(), Some("ada"));

        for (kind, value) in
            [(IdentificationKind::EmailAddress, "ada@example.com"), (IdentificationKind::Username, "ada")]
        {
            let found = house.store.account_by_identification(&house.here, kind, value).await.unwrap();
            assert_eq!(found.as_ref(), Some(&account), "{value}");
            let elsewhere =
                house.store.account_by_identification(&house.elsewhere, kind, value).await.unwrap();
            assert_eq!(elsewhere, None);
        }
        let unproven = (IdentificationKind::EmailAddress, "second@example.com");
        let found = house.store.account_by_identification(&house.here, unproven.0, unproven.1).await.unwrap();
        assert_eq!(found, None, "an address that is not proven names nobody");
        assert_eq!(house.store.account(&house.elsewhere, &user.id).await.unwrap(), None);
        assert_eq!(house.store.user(&house.elsewhere, &user.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_user_without_identifications_is_whole_too() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut user = house.user();
        user.external_id = Some("ext".to_owned());
        let mut work = house.work();
        work.insert_user(&user);
        house.store.commit(work).await.unwrap();
        let account = house.store.account_by_external_id(&house.here, "ext").await.unwrap().unwrap();
        assert_eq!((account.user, account.identifications), (user, vec![]));
        assert_eq!(house.store.account_by_external_id(&house.elsewhere, "ext").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn many_accounts_come_at_once() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut ids = Vec::new();
        for name in ["ada", "bob", "cleo"] {
            ids.push(house.person(&format!("{name}@example.com")).await.id);
        }
        let asked = [ids[2].clone(), "user_unknown".parse().unwrap(), ids[0].clone()];
        let accounts = house.store.accounts(&house.here, &asked).await.unwrap();
        let found: Vec<&UserId> = accounts.iter().map(|account| &account.user.id).collect();
        assert_eq!(found, [&ids[0], &ids[2]]);
        assert!(accounts.iter().all(|account| account.identifications.len() == 1));
        assert!(house.store.accounts(&house.here, &[]).await.unwrap().is_empty());
        assert!(house.store.accounts(&house.elsewhere, &ids).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_address_is_claimed_once_it_is_proven() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let (first, second) =
            (house.person("first@example.com").await, house.person("second@example.com").await);
        let unproven = Verification {
            status: VerificationStatus::Unverified,
            strategy: "email_code".to_owned(),
            attempts: None,
            expire_at: None,
        };
        let mut addresses = Vec::new();
        for user in [&first, &second] {
            let mut address =
                house.identification(user, IdentificationKind::EmailAddress, "shared@example.com");
            address.verification = Some(unproven.clone());
            let mut work = house.work();
            work.insert_identification(&address);
            house.store.commit(work).await.expect("both may try to prove it");
            addresses.push(address);
        }
        for (address, proven) in addresses.iter_mut().zip([true, false]) {
            address.verification =
                Some(Verification { status: VerificationStatus::Verified, ..unproven.clone() });
            let mut work = house.work();
            work.save_identification(address);
            let outcome = house.store.commit(work).await;
            assert_eq!(outcome.is_ok(), proven, "{outcome:?}");
        }
        let taken = Constraint::Identification(IdentificationKind::EmailAddress);
        let mut work = house.work();
        work.save_identification(&addresses[1]);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Conflict(rule)) if rule == taken));

        let mut work = house.work();
        work.delete_identification(&first.id, &addresses[0].id);
        work.save_identification(&addresses[1]);
        house.store.commit(work).await.expect("the address is free again");
        let kind = IdentificationKind::EmailAddress;
        let owner = house.store.identification_owner(&house.here, kind, "shared@example.com").await.unwrap();
        assert_eq!(owner, Some(second.id));
    })
    .await;
}

#[tokio::test]
async fn the_same_value_can_be_of_two_kinds_and_of_two_instances() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let username = house.identification(&user, IdentificationKind::Username, "ada@example.com");
        let mut work = house.work();
        work.insert_identification(&username);
        house.store.commit(work).await.unwrap();
        std::mem::swap(&mut house.here, &mut house.elsewhere);
        house.person("ada@example.com").await;

        let other = house.user();
        let again = house.identification(&other, IdentificationKind::Username, "ada@example.com");
        std::mem::swap(&mut house.here, &mut house.elsewhere);
        let mut work = house.work();
        work.insert_user(&other);
        work.insert_identification(&again);
        let taken = Constraint::Identification(IdentificationKind::Username);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Conflict(rule)) if rule == taken));
    })
    .await;
}

#[tokio::test]
async fn external_ids_are_unique() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut first = house.user();
        first.external_id = Some("ext".to_owned());
        let second = house.person("second@example.com").await;
        let mut work = house.work();
        work.insert_user(&first);
        house.store.commit(work).await.unwrap();
        let second = User { external_id: Some("ext".to_owned()), ..second };
        let mut work = house.work();
        work.save_user(&second);
        let outcome = house.store.commit(work).await;
        assert!(matches!(outcome, Err(CommitError::Conflict(Constraint::ExternalId))), "{outcome:?}");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_user_leaves_nothing_behind() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let session = house.session(&user.id, &ClientId::mint(NOW, &mut crate::support::Chance::default()));
        house.keep(&session).await;
        let mut work = house.work();
        work.delete_user(&user.id);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.account(&house.here, &user.id).await.unwrap(), None);
        assert_eq!(house.store.session(&house.here, &session.id).await.unwrap(), None);
        house.person("ada@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn a_picture_goes_with_its_user() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut user = house.person("ada@example.com").await;
        let image = Image {
            id: ImageId::mint(NOW, &mut house.chance),
            content_type: "image/png".to_owned(),
            bytes: vec![0, 1, 255],
            created_at: NOW,
        };
        user.profile_image_id = Some(image.id.clone());
        let mut work = house.work();
        work.insert_image(&image);
        work.save_user(&user);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.image(&house.here, &image.id).await.unwrap().as_ref(), Some(&image));
        assert_eq!(house.store.image(&house.elsewhere, &image.id).await.unwrap(), None);

        let second = Image { id: ImageId::mint(NOW, &mut house.chance), ..image.clone() };
        let mut work = house.work();
        work.insert_image(&second);
        work.delete_image(&second.id);
        work.delete_image(&second.id);
        work.delete_user(&user.id);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.image(&house.here, &image.id).await.unwrap(), None);
        assert_eq!(house.store.image(&house.here, &second.id).await.unwrap(), None);
    })
    .await;
}
