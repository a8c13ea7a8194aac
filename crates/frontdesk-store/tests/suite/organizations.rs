//! Memberships, as tokens and lists read them.

use frontdesk_core::metadata::Metadata;
use frontdesk_core::organization::{Membership, Organization};
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Constraint, Page};
use frontdesk_types::{MembershipId, OrganizationId, Span, UserId};

use crate::support::{House, NOW};

pub(crate) fn organization(house: &mut House, slug: &str) -> Organization {
    Organization {
        id: OrganizationId::mint(NOW, &mut house.chance),
        name: slug.to_uppercase(),
        slug: Some(slug.to_owned()),
        public_metadata: Metadata::from_stored(r#"{"tier":1}"#),
        private_metadata: Metadata::default(),
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn membership(house: &mut House, organization: &Organization, user: &UserId) -> Membership {
    Membership {
        id: MembershipId::mint(NOW, &mut house.chance),
        organization: organization.clone(),
        user_id: user.clone(),
        role: "org:admin".to_owned(),
        permissions: vec!["org:dashboard:read".to_owned(), "org:teams:manage".to_owned()],
        public_metadata: Metadata::default(),
        created_at: NOW,
        updated_at: NOW,
    }
}

#[tokio::test]
async fn a_membership_brings_organization_and_permissions_to_lists_and_tokens() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let (first, second) = (organization(&mut house, "first"), organization(&mut house, "second"));
        let mut old = membership(&mut house, &first, &user.id);
        old.created_at = NOW - Span::days(1);
        let mut new = membership(&mut house, &second, &user.id);
        new.role = "org:member".to_owned();
        new.permissions = Vec::new();
        let mut session = house.session(&user.id, &"client_1".parse().unwrap());
        session.last_active_organization_id = Some(first.id.clone());
        let mut work = house.work();
        work.insert_organization(&first);
        work.insert_organization(&second);
        work.set_role("org:admin", "Admin", &[]);
        work.set_role("org:admin", "Admin", &old.permissions);
        work.insert_membership(&old);
        work.insert_membership(&new);
        work.insert_session(&session);
        house.store.commit(work).await.unwrap();

        let listed = house.store.user_memberships(&house.here, &user.id, Page::ALL).await.unwrap();
        assert_eq!(listed, [new, old.clone()]);
        assert_eq!(house.store.count_user_memberships(&house.here, &user.id).await.unwrap(), 2);
        assert_eq!(house.store.count_user_memberships(&house.elsewhere, &user.id).await.unwrap(), 0);
        let page = Page { limit: 1, offset: 1 };
        let page = house.store.user_memberships(&house.here, &user.id, page).await.unwrap();
        assert_eq!(page, [old.clone()]);
        assert!(
            house.store.user_memberships(&house.elsewhere, &user.id, Page::ALL).await.unwrap().is_empty()
        );

        let found = house.store.session_for_mint(&house.here, &session.id).await.unwrap().unwrap();
        assert_eq!(found.membership, Some(old));
    })
    .await;
}

#[tokio::test]
async fn slugs_and_members_are_unique() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let user = house.person("ada@example.com").await;
        let kept = organization(&mut house, "same");
        let member = membership(&mut house, &kept, &user.id);
        let mut work = house.work();
        work.insert_organization(&kept);
        work.insert_membership(&member);
        house.store.commit(work).await.unwrap();

        let again = organization(&mut house, "same");
        let mut work = house.work();
        work.insert_organization(&again);
        let outcome = house.store.commit(work).await;
        assert!(matches!(outcome, Err(CommitError::Conflict(Constraint::OrganizationSlug))), "{outcome:?}");

        let again = membership(&mut house, &kept, &user.id);
        let mut work = house.work();
        work.insert_membership(&again);
        let outcome = house.store.commit(work).await;
        assert!(matches!(outcome, Err(CommitError::Conflict(Constraint::Membership))), "{outcome:?}");
    })
    .await;
}
