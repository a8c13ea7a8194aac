//! Mails from the queue to a mail server: at least once, by one node, not after their time, and never in clear on disk.

use frontdesk_core::mail::{MailStatus, QueuedMail};
use frontdesk_notify::Delivery;
use frontdesk_notify::testing::{MailServer, Security};
use frontdesk_server::{JobsDone, Server, lifetimes};
use frontdesk_testkit::matrix::{Browser, TestApp};
use frontdesk_types::Span;

const FROM: &str = "no-reply@shop.example";

/// A mail server, and a node that sends over it.
async fn node(app: &TestApp) -> (MailServer, Server) {
    let mail_server = MailServer::start(Security::Starttls).await;
    let delivery = Delivery::smtp(&mail_server.settings(FROM)).unwrap();
    let node = app.node_sending(delivery, 7).await;
    (mail_server, node)
}

/// Has a code sent to an address by beginning a sign-up there; gives the path of the sign-up.
async fn ask_for_code(browser: &mut Browser, address: &str) -> String {
    let begun = browser.post("/v1/client/sign_ups", &[("email_address", address)]).await.ok();
    let path = format!("/v1/client/sign_ups/{}", begun["response"]["id"].as_str().unwrap());
    browser.post(&format!("{path}/prepare_verification"), &[("strategy", "email_code")]).await.ok();
    path
}

/// The mail of the only event that tells of one.
async fn kept(app: &TestApp) -> QueuedMail {
    let (store, instance) = (app.server.store(), &app.instance.instance.id);
    let events = store.events(instance, 0, 100).await.unwrap();
    let told: Vec<_> = events.iter().filter(|it| it.event.kind == "email.created").collect();
    assert_eq!(told.len(), 1);
    store.mail(instance, &told[0].event.subject.parse().unwrap()).await.unwrap().unwrap()
}

const NOTHING: JobsDone = JobsDone { delivered: 0, postponed: 0, failed: 0, cleared: 0 };

#[frontdesk_testkit::matrix::test]
async fn a_code_goes_over_the_mail_server_and_works(app: TestApp) {
    let (mail_server, node) = node(&app).await;
    let mut browser = app.browser_at(&node);
    let path = ask_for_code(&mut browser, "ada@example.com").await;
    let queued = kept(&app).await;
    assert_eq!((&queued.status, queued.attempts), (&MailStatus::Queued, 0));
    assert_eq!(queued.expires_at, app.now() + Span::minutes(10));
    assert!(queued.sealed.is_some());
    assert_eq!(mail_server.mails(), [], "nothing leaves before somebody delivers");

    assert_eq!(node.run_jobs_once().await.unwrap(), JobsDone { delivered: 1, ..NOTHING });
    let [mail] = mail_server.mails().try_into().unwrap();
    assert_eq!(mail.to, ["ada@example.com"]);
    assert!(mail.encrypted);
    assert_eq!(mail.header("message-id"), format!("<{}@shop.example>", queued.id));
    let subject = mail.header("subject");
    let code = subject.split(' ').next().unwrap();
    let sealed = queued.sealed.unwrap();
    assert!(!sealed.windows(6).any(|window| window == code.as_bytes()), "no code in clear on disk");

    let delivered = kept(&app).await;
    assert_eq!(
        (&delivered.status, &delivered.sealed, delivered.attempts),
        (&MailStatus::Delivered, &None, 1)
    );
    assert_eq!(node.run_jobs_once().await.unwrap(), NOTHING);
    assert_eq!(mail_server.mails().len(), 1, "once it is delivered it stays so");
    let form = [("strategy", "email_code"), ("code", code)];
    let proven = browser.post(&format!("{path}/attempt_verification"), &form).await.ok();
    assert_eq!(proven["response"]["unverified_fields"], serde_json::json!([]));
}

#[frontdesk_testkit::matrix::test]
async fn what_fails_for_now_is_tried_again_later_and_later(app: TestApp) {
    let (mail_server, node) = node(&app).await;
    ask_for_code(&mut app.browser_at(&node), "ada@example.com").await;
    let mut last = Span::millis(0);
    for attempt in 1..=3 {
        mail_server.refuse_next("451 4.7.1 come back later");
        assert_eq!(node.run_jobs_once().await.unwrap(), JobsDone { postponed: 1, ..NOTHING });
        let mail = kept(&app).await;
        assert_eq!((&mail.status, mail.attempts), (&MailStatus::Queued, attempt));
        assert!(mail.last_error.as_deref().unwrap().contains("451"), "{:?}", mail.last_error);
        let pause = mail.next_attempt_at.since(app.now());
        assert!(pause > Span::seconds(2) && pause <= Span::seconds(5 << (attempt - 1)), "{pause:?}");
        assert!(pause >= Span::millis(last.as_millis() / 2));
        last = pause;
        app.advance(Span::millis(pause.as_millis() - 1));
        assert_eq!(node.run_jobs_once().await.unwrap(), NOTHING, "not a moment earlier");
        app.advance(Span::millis(1));
    }
    assert_eq!(node.run_jobs_once().await.unwrap(), JobsDone { delivered: 1, ..NOTHING });
    assert_eq!((mail_server.mails().len(), kept(&app).await.attempts), (1, 4));
}

#[frontdesk_testkit::matrix::test]
async fn what_is_refused_for_good_is_given_up_and_its_words_erased(app: TestApp) {
    let (mail_server, node) = node(&app).await;
    ask_for_code(&mut app.browser_at(&node), "ada@example.com").await;
    mail_server.refuse_next("550 5.1.1 nobody here");
    assert_eq!(node.run_jobs_once().await.unwrap(), JobsDone { failed: 1, ..NOTHING });
    let mail = kept(&app).await;
    assert_eq!((&mail.status, &mail.sealed), (&MailStatus::Failed, &None));
    assert!(mail.last_error.unwrap().contains("nobody here"));
    app.advance(Span::hours(1));
    assert_eq!(node.run_jobs_once().await.unwrap(), NOTHING);
}

#[frontdesk_testkit::matrix::test]
async fn a_code_that_has_died_is_not_sent(app: TestApp) {
    let (mail_server, node) = node(&app).await;
    let address = mail_server.address();
    drop(mail_server);
    ask_for_code(&mut app.browser_at(&node), "ada@example.com").await;
    assert_eq!(node.run_jobs_once().await.unwrap(), JobsDone { postponed: 1, ..NOTHING });
    let mail_server = MailServer::start_at(address, Security::Starttls).await;
    app.advance(Span::minutes(10));
    assert_eq!(node.run_jobs_once().await.unwrap(), JobsDone { failed: 1, ..NOTHING });
    let mail = kept(&app).await;
    assert_eq!((&mail.status, &mail.sealed), (&MailStatus::Failed, &None));
    assert!(mail.last_error.unwrap().starts_with("its time was over: "));
    assert_eq!(mail_server.mails(), []);
}

#[frontdesk_testkit::matrix::test]
async fn a_mail_server_that_comes_back_gets_what_waited(app: TestApp) {
    let (mail_server, node) = node(&app).await;
    let address = mail_server.address();
    drop(mail_server);
    for name in ["ada", "grace", "joan"] {
        ask_for_code(&mut app.browser_at(&node), &format!("{name}@example.com")).await;
    }
    assert_eq!(node.run_jobs_once().await.unwrap(), JobsDone { postponed: 3, ..NOTHING });
    let mail_server = MailServer::start_at(address, Security::Starttls).await;
    app.advance(Span::seconds(5));
    assert_eq!(node.run_jobs_once().await.unwrap(), JobsDone { delivered: 3, ..NOTHING });
    let mut receivers: Vec<_> = mail_server.mails().into_iter().flat_map(|mail| mail.to).collect();
    receivers.sort();
    assert_eq!(receivers, ["ada@example.com", "grace@example.com", "joan@example.com"]);
}

/// The node that took the request is gone before it delivered anything; nothing of its memory is left.
#[frontdesk_testkit::matrix::test]
async fn a_crash_between_commit_and_delivery_loses_nothing(app: TestApp) {
    let (_gone, node) = node(&app).await;
    ask_for_code(&mut app.browser_at(&node), "ada@example.com").await;
    drop(node);
    let mail_server = MailServer::start(Security::Implicit).await;
    let next = app.node_sending(Delivery::smtp(&mail_server.settings(FROM)).unwrap(), 8).await;
    assert_eq!(next.run_jobs_once().await.unwrap(), JobsDone { delivered: 1, ..NOTHING });
    assert_eq!(mail_server.mails().len(), 1);
}

/// The same while a node delivers: it has claimed the mail, the mail server has it, and nobody could write that down.
#[frontdesk_testkit::matrix::test]
async fn a_crash_while_delivering_delivers_again_once_the_claim_is_over(app: TestApp) {
    let (mail_server, node) = node(&app).await;
    ask_for_code(&mut app.browser_at(&node), "ada@example.com").await;
    let mail = kept(&app).await;
    // What the node does before it dies.
    let mut work = frontdesk_store::Work::new(&mail.instance_id);
    let claimed = work.claim_mail(mail.clone(), app.now() + lifetimes::MAIL_CLAIM, app.now());
    app.server.store().commit(work).await.unwrap();
    assert_eq!(node.run_jobs_once().await.unwrap(), NOTHING, "somebody has it");
    app.advance(lifetimes::MAIL_CLAIM);
    assert_eq!(node.run_jobs_once().await.unwrap(), JobsDone { delivered: 1, ..NOTHING });
    assert_eq!(mail_server.mails().len(), 1);
    // The node was only slow: what it writes down now changes nothing.
    let mut work = frontdesk_store::Work::new(&mail.instance_id);
    work.postpone_mail(&claimed);
    assert!(matches!(app.server.store().commit(work).await, Err(frontdesk_store::CommitError::Stale)));
    assert_eq!(kept(&app).await.status, MailStatus::Delivered);
}

/// One mail that breaks what delivers it.
#[frontdesk_testkit::matrix::test]
async fn a_mail_that_breaks_its_messenger_is_given_up_and_the_others_go(app: TestApp) {
    let (_mail_server, node) = node(&app).await;
    for name in ["ada", "grace", "joan"] {
        ask_for_code(&mut app.browser_at(&node), &format!("{name}@example.com")).await;
    }
    let outbox = frontdesk_notify::Outbox::default();
    outbox.listen(|letter| assert_ne!(letter.mail.to, "grace@example.com", "as a defect of ours would"));
    let next = app.node_sending(Delivery::Outbox(outbox.clone()), 8).await;
    assert_eq!(next.run_jobs_once().await.unwrap(), JobsDone { delivered: 2, failed: 1, ..NOTHING });
    assert_eq!(outbox.letters(&app.instance.instance.id).len(), 2);
    assert_eq!(next.run_jobs_once().await.unwrap(), NOTHING, "it is not tried again");
}

/// Where one process alone has the data, a claim that it finds at its start is nobody's.
#[frontdesk_testkit::matrix::test]
async fn a_process_that_has_the_data_to_itself_need_not_wait_for_claims(app: TestApp) {
    let (mail_server, node) = node(&app).await;
    ask_for_code(&mut app.browser_at(&node), "ada@example.com").await;
    let mut work = frontdesk_store::Work::new(&app.instance.instance.id);
    drop(work.claim_mail(kept(&app).await, app.now() + lifetimes::MAIL_CLAIM, app.now()));
    app.server.store().commit(work).await.unwrap();
    node.resume_mails().await.unwrap();
    let is_alone = !app.server.store().is_shared();
    let done = if is_alone { JobsDone { delivered: 1, ..NOTHING } } else { NOTHING };
    assert_eq!(node.run_jobs_once().await.unwrap(), done);
    assert_eq!(mail_server.mails().len(), usize::from(is_alone));
}

#[frontdesk_testkit::matrix::test]
async fn several_nodes_deliver_each_mail_once(app: TestApp) {
    let mail_server = MailServer::start(Security::None).await;
    let mut nodes = Vec::new();
    for seed in 11..14 {
        let delivery = Delivery::smtp(&mail_server.settings(FROM)).unwrap();
        nodes.push(app.node_sending(delivery, seed).await);
    }
    for number in 0..12 {
        let node = &nodes[number % nodes.len()];
        ask_for_code(&mut app.browser_at(node), &format!("user{number}@example.com")).await;
    }
    let runs: Vec<_> = nodes
        .iter()
        .cloned()
        .map(|node| tokio::spawn(async move { node.run_jobs_once().await.unwrap() }))
        .collect();
    let mut delivered = 0;
    for run in runs {
        delivered += run.await.unwrap().delivered;
    }
    assert_eq!(delivered, 12);
    let mut ids: Vec<_> = mail_server.mails().iter().map(|mail| mail.header("message-id")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), mail_server.mails().len()), (12, 12));
}

#[frontdesk_testkit::matrix::test]
async fn a_refused_promise_sends_nothing(app: TestApp) {
    let (mail_server, node) = node(&app).await;
    let mut browser = app.browser_at(&node);
    let path = ask_for_code(&mut browser, "ada@example.com").await;
    // Thirty seconds lie between two codes.
    let again = browser.post(&format!("{path}/prepare_verification"), &[("strategy", "email_code")]).await;
    assert_eq!(again.status(), 429);
    assert_eq!(node.run_jobs_once().await.unwrap(), JobsDone { delivered: 1, ..NOTHING });
    assert_eq!(mail_server.mails().len(), 1);
}

#[frontdesk_testkit::matrix::test]
async fn a_running_job_is_woken_by_the_commit_and_ends_when_told(app: TestApp) {
    let (mail_server, node) = node(&app).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let jobs = tokio::spawn({
        let node = node.clone();
        async move { node.run_jobs(async { drop(stopped.await) }).await }
    });
    ask_for_code(&mut app.browser_at(&node), "ada@example.com").await;
    let arrived = async {
        while mail_server.mails().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), arrived).await.expect("it arrives by itself");
    drop(stop);
    tokio::time::timeout(std::time::Duration::from_secs(20), jobs).await.expect("it ends").unwrap();
    // What was on its way when it was told to end has been written down.
    assert_eq!(kept(&app).await.status, MailStatus::Delivered);
}

#[frontdesk_testkit::matrix::test]
async fn words_open_for_their_own_mail_alone(app: TestApp) {
    let (mail_server, node) = node(&app).await;
    for name in ["ada", "grace"] {
        ask_for_code(&mut app.browser_at(&node), &format!("{name}@example.com")).await;
    }
    // Somebody who can write to the database gives one person's words to another's mail.
    app.database().execute("UPDATE mails SET sealed = (SELECT sealed FROM mails ORDER BY id LIMIT 1)").await;
    let done = node.run_jobs_once().await.unwrap();
    assert_eq!((done.delivered, done.failed), (1, 1));
    assert_eq!(mail_server.mails().len(), 1);
}
