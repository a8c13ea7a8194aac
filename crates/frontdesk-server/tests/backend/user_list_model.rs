//! Every parameter of the list of people, compared with a filter that this test does itself.
//!
//! Somebody has each thing that can be asked for and somebody has not, so that a parameter that is forgotten, or that looks
//! at another column, shows.

use frontdesk_api::Audience;
use frontdesk_api::contract::declared;
use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_core::metadata::Metadata;
use frontdesk_core::organization::{Membership, Organization};
use frontdesk_core::settings::Wanted;
use frontdesk_store::{Page, Work};
use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::{IdentificationId, MembershipId, OrganizationId, Span, Timestamp, UserId};
use serde_json::{Value, json};

use crate::contract::newest;

/// What this test knows of one person.
#[derive(Clone, Debug)]
struct Person {
    id: UserId,
    emails: Vec<String>,
    phone: Option<String>,
    wallet: Option<String>,
    username: Option<String>,
    external_id: Option<String>,
    first: Option<String>,
    last: Option<String>,
    banned: bool,
    created: i64,
    updated: i64,
    active: Option<i64>,
    signed_in: Option<i64>,
    club: Option<&'static str>,
    /// A provider, and their id there.
    provider: Option<(&'static str, &'static str)>,
}

/// Six people who differ in everything, in no order that two columns share.
async fn people(app: &TestApp) -> Vec<Person> {
    let base = app.now().as_millis();
    let at = |minutes: i64| base + minutes * 60_000;
    type Row = (
        &'static [&'static str],
        Option<&'static str>,
        Option<&'static str>,
        Option<&'static str>,
        (Option<&'static str>, Option<&'static str>),
        [Option<i64>; 3],
    );
    // Addresses, username, phone, wallet, names; then minutes: updated, active, signed in.
    let rows: [Row; 6] = [
        (
            &["m@list.example", "first@other.example"],
            Some("zoe_1"),
            Some("+15555550103"),
            None,
            (Some("Nell"), Some("Able")),
            [Some(130), Some(103), None],
        ),
        (
            &["c@list.example"],
            None,
            Some("+15555550101"),
            Some("0xcc"),
            (Some("Abe"), None),
            [Some(110), None, Some(204)],
        ),
        (
            &["x@other.example"],
            Some("mia_2"),
            None,
            Some("0xaa"),
            (None, Some("Zed")),
            [Some(150), Some(101), Some(201)],
        ),
        (
            &["b@list.example"],
            Some("abe_3"),
            Some("+15555550199"),
            Some("0xdd"),
            (Some("Zia"), Some("Moore")),
            [Some(100), Some(105), Some(203)],
        ),
        (&[], Some("kim_4"), None, None, (Some("Kim"), Some("Nell")), [Some(140), Some(102), None]),
        (
            &["q@list.example"],
            None,
            Some("+15555550102"),
            Some("0xbb"),
            (Some("Oz"), Some("Carr")),
            [Some(120), None, Some(202)],
        ),
    ];
    let instance = app.instance.instance.id.clone();
    let mut chance = frontdesk_server::Chance::seeded(77);
    let organization = |slug: &'static str, chance: &mut frontdesk_server::Chance| Organization {
        id: OrganizationId::mint(app.now(), chance),
        name: slug.to_owned(),
        slug: Some(slug.to_owned()),
        public_metadata: Metadata::default(),
        private_metadata: Metadata::default(),
        created_at: app.now(),
        updated_at: app.now(),
    };
    let clubs = [organization("chess", &mut chance), organization("rowing", &mut chance)];
    let mut work = Work::new(&instance);
    for club in &clubs {
        work.insert_organization(club);
    }
    app.server.store().commit(work).await.unwrap();

    let mut people = Vec::new();
    for (number, (emails, username, phone, wallet, (first, last), minutes)) in rows.into_iter().enumerate() {
        let mut body = json!({
            "email_address": emails, "username": username, "first_name": first, "last_name": last,
            "banned": number == 2 || number == 3,
            "external_id": (number % 2 == 0).then(|| format!("ext-{number}")),
            "skip_user_requirement": true, "skip_password_requirement": true,
        });
        body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let made = app.backend().post("/v1/users", body).await.ok();
        let id: UserId = made["id"].as_str().unwrap().parse().unwrap();
        let mut user = app.server.store().user(&instance, &id).await.unwrap().unwrap();
        let [updated, active, signed_in] = minutes.map(|minutes| minutes.map(at));
        let time = |millis: Option<i64>| millis.map(Timestamp::from_millis);
        user.updated_at = time(updated).unwrap();
        (user.last_active_at, user.last_sign_in_at) = (time(active), time(signed_in));
        let mut work = Work::new(&instance);
        let mut claim = |kind, value: Option<&str>| {
            let value = value?;
            let id = IdentificationId::mint(app.now(), &mut chance);
            let address = "nobody@example.com".parse().unwrap();
            let email = Identification::email(id.clone(), user.id.clone(), &address, app.now());
            work.insert_identification(&Identification { kind, value: value.to_owned(), ..email });
            Some(id)
        };
        user.primary_phone_number_id = claim(IdentificationKind::PhoneNumber, phone);
        user.primary_web3_wallet_id = claim(IdentificationKind::Web3Wallet, wallet);
        let provider = [
            None,
            Some(("oauth_google", "7")),
            Some(("oauth_github", "7")),
            None,
            Some(("oauth_google", "8")),
            None,
        ][number];
        if let Some((provider, remote)) = provider {
            claim(IdentificationKind::ExternalAccount, Some(&format!("{provider}:{remote}")));
        }
        let club = [Some(0), None, Some(1), Some(0), None, Some(1)][number];
        if let Some(club) = club {
            work.insert_membership(&Membership {
                id: MembershipId::mint(app.now(), &mut chance),
                organization: clubs[club].clone(),
                user_id: id.clone(),
                role: "org:member".to_owned(),
                permissions: Vec::new(),
                public_metadata: Metadata::default(),
                created_at: app.now(),
                updated_at: app.now(),
            });
        }
        work.save_user(&user);
        app.server.store().commit(work).await.unwrap();
        if let Some((provider, remote)) = provider {
            // No operation fills this table yet; the filter over it is real all the same.
            let sql = format!(
                "INSERT INTO external_accounts (instance_id, id, identification_id, user_id, provider,
                     provider_user_id, approved_scopes, public_metadata, created_at, updated_at)
                 SELECT '{instance}', 'eac_{number}', i.id, i.user_id, '{provider}', '{remote}', '', '{{}}', 0, 0
                   FROM identifications i
                  WHERE i.instance_id = '{instance}' AND i.user_id = '{id}' AND i.kind = 'external_account'"
            );
            app.database().execute(&sql).await;
        }
        people.push(Person {
            id,
            emails: emails.iter().map(|&email| email.to_owned()).collect(),
            phone: phone.map(str::to_owned),
            wallet: wallet.map(str::to_owned),
            username: username.map(str::to_owned),
            external_id: (number % 2 == 0).then(|| format!("ext-{number}")),
            first: first.map(str::to_owned),
            last: last.map(str::to_owned),
            banned: number == 2 || number == 3,
            created: made["created_at"].as_i64().unwrap(),
            updated: updated.unwrap(),
            active,
            signed_in,
            club: club.map(|club| ["chess", "rowing"][club]),
            provider,
        });
        app.advance(Span::minutes(1));
    }
    people
}

type Fits = Box<dyn Fn(&Person) -> bool>;

fn has(value: Option<&String>, part: &str) -> bool {
    value.is_some_and(|value| value.contains(part))
}

/// One value for each parameter that narrows, and who fits it.
fn filters(people: &[Person], clubs: [&str; 2]) -> Vec<(&'static str, String, Fits)> {
    let case = |name, value: &str, fits: Fits| (name, format!("{name}={value}"), fits);
    let (created, active, signed_in) =
        (people[3].created, people[0].active.unwrap(), people[5].signed_in.unwrap());
    let (third, fourth) = (people[2].id.clone(), people[3].id.clone());
    let more = third.clone();
    vec![
        case(
            "email_address",
            "M@List.example",
            Box::new(|it| it.emails.iter().any(|email| email == "m@list.example")),
        ),
        case("phone_number", "%2B15555550101", Box::new(|it| has(it.phone.as_ref(), "+15555550101"))),
        case("external_id", "ext-2", Box::new(|it| has(it.external_id.as_ref(), "ext-2"))),
        case("username", "Mia_2", Box::new(|it| has(it.username.as_ref(), "mia_2"))),
        case("web3_wallet", "0xCC", Box::new(|it| has(it.wallet.as_ref(), "0xcc"))),
        case("user_id", people[2].id.as_str(), Box::new(move |it| it.id == third)),
        (
            "user_id",
            format!("user_id=-{fourth}&user_id=-{more}"),
            Box::new(move |it| it.id != fourth && it.id != more),
        ),
        case("organization_id", clubs[0], Box::new(|it| it.club == Some("chess"))),
        case("organization_id", &format!("-{}", clubs[0]), Box::new(|it| it.club != Some("chess"))),
        case("query", "nell", Box::new(|it| has(it.first.as_ref(), "Nell") || has(it.last.as_ref(), "Nell"))),
        ("query", "query=%2B155555501".to_owned(), Box::new(|it| it.phone.is_some())),
        ("query", "query=0x".to_owned(), Box::new(|it| it.wallet.is_some())),
        ("query", "query=abe_3".to_owned(), Box::new(|it| has(it.username.as_ref(), "_3"))),
        case(
            "email_address_query",
            "List.",
            Box::new(|it| it.emails.iter().any(|email| email.contains("list."))),
        ),
        case("phone_number_query", "5550199", Box::new(|it| has(it.phone.as_ref(), "5550199"))),
        case("username_query", "ABE", Box::new(|it| has(it.username.as_ref(), "abe"))),
        case("name_query", "abe", Box::new(|it| has(it.first.as_ref(), "Abe"))),
        case("banned", "true", Box::new(|it| it.banned)),
        ("banned", "banned=false".to_owned(), Box::new(|it| !it.banned)),
        case(
            "last_active_at_before",
            &active.to_string(),
            Box::new(move |it| it.active.is_some_and(|at| at < active)),
        ),
        case(
            "last_active_at_after",
            &active.to_string(),
            Box::new(move |it| it.active.is_some_and(|at| at > active)),
        ),
        case(
            "last_active_at_since",
            &active.to_string(),
            Box::new(move |it| it.active.is_some_and(|at| at >= active)),
        ),
        case("created_at_before", &created.to_string(), Box::new(move |it| it.created < created)),
        case("created_at_after", &created.to_string(), Box::new(move |it| it.created > created)),
        case(
            "last_sign_in_at_before",
            &signed_in.to_string(),
            Box::new(move |it| it.signed_in.is_some_and(|at| at < signed_in)),
        ),
        case(
            "last_sign_in_at_after",
            &signed_in.to_string(),
            Box::new(move |it| it.signed_in.is_some_and(|at| at > signed_in)),
        ),
        case(
            "provider",
            "oauth_google",
            Box::new(|it| it.provider.is_some_and(|(name, _)| name == "oauth_google")),
        ),
        (
            "provider_user_id",
            "provider=oauth_google&provider_user_id=7".to_owned(),
            Box::new(|it| it.provider == Some(("oauth_google", "7"))),
        ),
    ]
}

#[frontdesk_testkit::matrix::test]
async fn a_session_begins_in_an_organization_and_moves_to_another(app: TestApp) {
    let app = with_usernames(app).await;
    let people = people(&app).await;
    let [chess, rowing] = club_ids(&app, &people).await;
    let member = &people[0].id;
    let body = json!({ "user_id": member, "active_organization_id": chess });
    let session = app.backend().post("/v1/sessions", body).await.ok();
    assert_eq!(session["last_active_organization_id"], json!(chess));
    // Where they do not belong they are not active.
    let body = json!({ "user_id": member, "active_organization_id": rowing });
    assert!(app.backend().post("/v1/sessions", body).await.status() >= 400);

    let ticket = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": member })).await.ok();
    let mut browser = app.browser();
    let form = [("strategy", "ticket"), ("ticket", ticket["token"].as_str().unwrap())];
    let done = browser.post("/v1/client/sign_ins", &form).await.ok();
    let path =
        format!("/v1/client/sessions/{}/touch", done["response"]["created_session_id"].as_str().unwrap());
    for (wish, active) in [(chess.as_str(), json!(chess)), ("", json!(null)), ("chess", json!(chess))] {
        let touched = browser.post(&path, &[("active_organization_id", wish)]).await.ok();
        assert_eq!(touched["response"]["last_active_organization_id"], active, "{wish}");
    }
    // A token speaks for the active one, for none, or for another one of theirs.
    let tokens = path.replace("/touch", "/tokens");
    for (form, speaks) in [(&[][..], json!(chess)), (&[("organization_id", "")][..], json!(null))] {
        let minted = browser.post(&tokens, form).await.ok();
        let claims: Value =
            frontdesk_jwt::Token::decode(minted["jwt"].as_str().unwrap()).unwrap().claims().unwrap();
        assert_eq!(claims.pointer("/o/id").cloned().unwrap_or_default(), speaks, "{form:?}");
    }
    let refused = browser.post(&path, &[("active_organization_id", &rowing)]).await;
    assert_eq!(refused.status(), 404, "{}", refused.text());
    let seen = browser.get("/v1/client").await.ok();
    assert_eq!(seen["response"]["sessions"][0]["last_active_organization_id"], json!(chess));
}

async fn listed(app: &TestApp, query: &str) -> Vec<Value> {
    let list = app.backend().get(&format!("/v1/users?limit=100&{query}")).await.ok();
    list.as_array().unwrap().iter().map(|user| user["id"].clone()).collect()
}

async fn with_usernames(app: TestApp) -> TestApp {
    let mut settings = app.instance.instance.settings.clone();
    settings.attributes.username = Wanted::Optional;
    let kind = app.instance.instance.kind;
    app.remade(kind, settings).await
}

async fn club_ids(app: &TestApp, people: &[Person]) -> [String; 2] {
    let mut ids = Vec::new();
    for (person, club) in [(0, "chess"), (2, "rowing")] {
        assert_eq!(people[person].club, Some(club));
        let store = app.server.store();
        let memberships =
            store.user_memberships(&app.instance.instance.id, &people[person].id, Page::ALL).await.unwrap();
        ids.push(memberships[0].organization.id.to_string());
    }
    ids.try_into().unwrap()
}

#[frontdesk_testkit::matrix::test]
async fn every_filter_admits_whom_it_names(app: TestApp) {
    let app = with_usernames(app).await;
    let people = people(&app).await;
    let clubs = club_ids(&app, &people).await;
    let filters = filters(&people, [&clubs[0], &clubs[1]]);
    for (_, query, fits) in &filters {
        let expected: Vec<Value> = people.iter().rev().filter(|it| fits(it)).map(|it| json!(it.id)).collect();
        assert!(!expected.is_empty() && expected.len() < people.len(), "{query} divides nobody");
        assert_eq!(listed(&app, query).await, expected, "{query}");
        let count = app.backend().get(&format!("/v1/users/count?{query}")).await.ok();
        assert_eq!(count["total_count"], expected.len(), "{query}");
        // With another filter beside it, both must hold.
        let both: Vec<Value> =
            people.iter().rev().filter(|it| fits(it) && !it.banned).map(|it| json!(it.id)).collect();
        if !query.contains("banned") {
            assert_eq!(listed(&app, &format!("{query}&banned=false")).await, both, "{query}, not banned");
        }
    }
    // The contract's other parameters are about pages and order.
    for id in ["GetUserList", "GetUsersCount"] {
        let operation = declared().find(|it| it.audience == Audience::Backend && it.id == id).unwrap();
        let published = newest()["operations"].as_array().unwrap();
        let published =
            published.iter().find(|it| it["path"] == operation.path && it["method"] == "GET").unwrap();
        for parameter in published["parameters"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            let is_known = filters.iter().any(|(known, ..)| *known == name)
                || ["limit", "offset", "order_by", "starting_after", "paginated"].contains(&name);
            assert!(is_known, "{id} {name} has no case here");
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn every_order_is_kept_both_ways(app: TestApp) {
    let app = with_usernames(app).await;
    let people = people(&app).await;
    type Key = fn(&Person) -> (i64, String);
    let orders: [(&str, Key); 10] = [
        ("created_at", |it| (it.created, String::new())),
        ("updated_at", |it| (it.updated, String::new())),
        ("last_active_at", |it| (it.active.unwrap_or(0), String::new())),
        ("last_sign_in_at", |it| (it.signed_in.unwrap_or(0), String::new())),
        ("first_name", |it| (0, it.first.clone().unwrap_or_default())),
        ("last_name", |it| (0, it.last.clone().unwrap_or_default())),
        ("email_address", |it| (0, it.emails.first().cloned().unwrap_or_default())),
        ("phone_number", |it| (0, it.phone.clone().unwrap_or_default())),
        ("web3wallet", |it| (0, it.wallet.clone().unwrap_or_default())),
        ("username", |it| (0, it.username.clone().unwrap_or_default())),
    ];
    let mut seen = Vec::new();
    for (name, key) in orders {
        let mut sorted = people.clone();
        sorted.sort_by_key(|it| (key(it), it.id.to_string()));
        let mut expected: Vec<Value> = sorted.iter().map(|it| json!(it.id)).collect();
        assert!(!seen.contains(&expected), "{name} is ordered like another column");
        seen.push(expected.clone());
        for sign in ["", "%2B"] {
            assert_eq!(listed(&app, &format!("order_by={sign}{name}")).await, expected, "{sign}{name}");
        }
        // Pages of two, and the rest after the second.
        for (offset, page) in expected.chunks(2).enumerate() {
            let query = format!("/v1/users?order_by={name}&limit=2&offset={}", 2 * offset);
            let ids: Vec<Value> = app
                .backend()
                .get(&query)
                .await
                .ok()
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["id"].clone())
                .collect();
            assert_eq!(ids, page, "{name}");
        }
        let after = expected[1].as_str().unwrap();
        assert_eq!(
            listed(&app, &format!("order_by={name}&starting_after={after}")).await,
            expected[2..],
            "{name}"
        );
        expected.reverse();
        assert_eq!(listed(&app, &format!("order_by=-{name}")).await, expected, "-{name}");
    }
}
