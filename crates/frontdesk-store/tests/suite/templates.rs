//! JWT templates.

use frontdesk_core::template::JwtTemplate;
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Constraint, Page};
use frontdesk_types::{JwtTemplateId, Span};
use serde_json::json;

use crate::support::{House, NOW};

fn template(house: &mut House, name: &str) -> JwtTemplate {
    let claims = json!({ "zeta": "{{user.id}}", "alpha": { "deep": [1, true, null] } });
    JwtTemplate {
        id: JwtTemplateId::mint(NOW, &mut house.chance),
        name: name.to_owned(),
        claims: claims.as_object().unwrap().clone(),
        lifetime: Span::seconds(60),
        allowed_clock_skew: Span::seconds(5),
        signing_algorithm: "RS256".to_owned(),
        sealed_signing_key: None,
        created_at: NOW,
        updated_at: NOW,
        version: 1,
    }
}

#[tokio::test]
async fn a_template_is_kept_saved_and_deleted() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut kept = template(&mut house, "supabase");
        let mut work = house.work();
        work.insert_jwt_template(&kept);
        house.store.commit(work).await.unwrap();
        let by_name = house.store.jwt_template_by_name(&house.here, "supabase").await.unwrap();
        assert_eq!(by_name.as_ref(), Some(&kept));
        assert_eq!(house.store.jwt_template_by_name(&house.elsewhere, "supabase").await.unwrap(), None);
        let keys: Vec<String> = by_name.unwrap().claims.keys().cloned().collect();
        assert_eq!(keys, ["zeta", "alpha"], "the order of claims is kept");

        kept.name = "hasura".to_owned();
        kept.claims.clear();
        kept.lifetime = Span::days(3650);
        kept.allowed_clock_skew = Span::millis(0);
        kept.signing_algorithm = "HS256".to_owned();
        kept.sealed_signing_key = Some(vec![1, 0, 255]);
        kept.updated_at = NOW + Span::seconds(1);
        let mut work = house.work();
        work.save_jwt_template(&kept);
        house.store.commit(work).await.unwrap();
        let mut work = house.work();
        work.save_jwt_template(&kept);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)));
        kept.version += 1;
        assert_eq!(house.store.jwt_template(&house.here, &kept.id).await.unwrap().as_ref(), Some(&kept));
        assert_eq!(house.store.jwt_template(&house.elsewhere, &kept.id).await.unwrap(), None);

        for there in [true, false] {
            let mut work = house.work();
            work.delete_jwt_template(&kept.id);
            assert_eq!(house.store.commit(work).await.is_ok(), there);
        }
    })
    .await;
}

#[tokio::test]
async fn names_are_unique_and_lists_are_newest_first() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut templates = Vec::new();
        for (number, name) in (0..).zip(["one", "two", "three"]) {
            let mut kept = template(&mut house, name);
            kept.created_at = NOW + Span::seconds(number);
            let mut work = house.work();
            work.insert_jwt_template(&kept);
            house.store.commit(work).await.unwrap();
            templates.insert(0, kept);
        }
        assert_eq!(house.store.jwt_templates(&house.here, Page::ALL).await.unwrap(), templates);
        let page = Page { limit: 1, offset: 1 };
        assert_eq!(house.store.jwt_templates(&house.here, page).await.unwrap(), templates[1..2]);
        assert_eq!(house.store.count_jwt_templates(&house.here).await.unwrap(), 3);
        assert_eq!(house.store.count_jwt_templates(&house.elsewhere).await.unwrap(), 0);
        assert!(house.store.jwt_templates(&house.elsewhere, Page::ALL).await.unwrap().is_empty());

        let again = template(&mut house, "two");
        let mut work = house.work();
        work.insert_jwt_template(&again);
        let outcome = house.store.commit(work).await;
        assert!(matches!(outcome, Err(CommitError::Conflict(Constraint::JwtTemplateName))), "{outcome:?}");
        let renamed = JwtTemplate { name: "one".to_owned(), ..templates[0].clone() };
        let mut work = house.work();
        work.save_jwt_template(&renamed);
        let outcome = house.store.commit(work).await;
        assert!(matches!(outcome, Err(CommitError::Conflict(Constraint::JwtTemplateName))), "{outcome:?}");
    })
    .await;
}
