//! What the tests make their records from.

use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_core::instance::{Instance, InstanceKind};
use frontdesk_core::session::{Session, SessionStatus};
use frontdesk_core::settings::Settings;
use frontdesk_core::user::User;
use frontdesk_store::testing::TestDatabase;
use frontdesk_store::{Store, Work};
use frontdesk_types::{
    ClientId, IdentificationId, InstanceId, Randomness, SessionId, Span, Timestamp, UserId,
};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_795_417_200);

/// Numbers in a row: chance enough for ids that must only differ.
#[derive(Debug, Default)]
pub(crate) struct Chance(u64);

impl Randomness for Chance {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0 += 1;
        bytes.fill(0);
        for (place, byte) in bytes.iter_mut().rev().zip(self.0.to_le_bytes()) {
            *place = byte;
        }
    }
}

/// A database with two instances, of which the tests use the first and expect nothing of the second to show.
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) here: InstanceId,
    pub(crate) elsewhere: InstanceId,
    pub(crate) chance: Chance,
}

impl House {
    pub(crate) async fn in_database(database: &TestDatabase) -> Self {
        let store = database.open().await;
        let mut chance = Chance::default();
        let here = instance("here", &mut chance);
        let elsewhere = instance("elsewhere", &mut chance);
        for instance in [&here, &elsewhere] {
            let mut work = Work::new(&instance.id);
            work.insert_instance(instance);
            store.commit(work).await.unwrap();
        }
        Self { store, here: here.id, elsewhere: elsewhere.id, chance }
    }

    pub(crate) fn work(&self) -> Work {
        Work::new(&self.here)
    }

    pub(crate) fn user(&mut self) -> User {
        User::new(UserId::mint(NOW, &mut self.chance), NOW)
    }

    pub(crate) fn identification(
        &mut self,
        user: &User,
        kind: IdentificationKind,
        value: &str,
    ) -> Identification {
        Identification {
            id: IdentificationId::mint(NOW, &mut self.chance),
            user_id: user.id.clone(),
            kind,
            value: value.to_owned(),
            verification: None,
            challenge: None,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    /// A user who is called by this address, already kept.
    pub(crate) async fn person(&mut self, address: &str) -> User {
        let mut user = self.user();
        let email = self.identification(&user, IdentificationKind::EmailAddress, address);
        user.primary_email_address_id = Some(email.id.clone());
        let mut work = self.work();
        work.insert_user(&user);
        work.insert_identification(&email);
        self.store.commit(work).await.unwrap();
        user
    }

    pub(crate) fn session(&mut self, user: &UserId, client: &ClientId) -> Session {
        Session {
            id: SessionId::mint(NOW, &mut self.chance),
            client_id: client.clone(),
            user_id: user.clone(),
            status: SessionStatus::Active,
            expire_at: NOW + Span::days(7),
            abandon_at: NOW + Span::days(30),
            last_active_at: NOW,
            latest_activity: None,
            last_active_organization_id: None,
            actor: None,
            first_factor_at: Some(NOW),
            second_factor_at: None,
            created_at: NOW,
            updated_at: NOW,
            version: 1,
        }
    }

    /// Keeps a session.
    pub(crate) async fn keep(&self, session: &Session) {
        let mut work = self.work();
        work.insert_session(session);
        self.store.commit(work).await.unwrap();
    }
}

pub(crate) fn instance(slug: &str, chance: &mut Chance) -> Instance {
    Instance {
        id: InstanceId::mint(NOW, chance),
        slug: slug.to_owned(),
        kind: InstanceKind::Development,
        key_host: format!("clerk.{slug}.localhost"),
        settings: Settings::default(),
        has_test_keys: false,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}
