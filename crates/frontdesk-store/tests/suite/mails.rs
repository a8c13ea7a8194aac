//! Mails in their queue, and the words that instances have for them.

use frontdesk_core::mail::{MailStatus, MessageTemplate, QueuedMail, TemplateContent};
use frontdesk_store::testing::each_engine;
use frontdesk_store::{CommitError, Leftover, Work};
use frontdesk_types::{EmailId, Span, Timestamp};

use crate::support::{House, NOW};

fn mail(house: &mut House, due: Timestamp) -> QueuedMail {
    QueuedMail {
        instance_id: house.here.clone(),
        id: EmailId::mint(NOW, &mut house.chance),
        slug: "verification_code".to_owned(),
        sealed: Some(vec![0, 1, 255]),
        status: MailStatus::Queued,
        attempts: 0,
        next_attempt_at: due,
        expires_at: NOW + Span::minutes(10),
        forget_at: None,
        last_error: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

async fn queue(house: &House, mail: &QueuedMail) {
    let mut work = Work::new(&mail.instance_id);
    work.queue_mail(mail);
    house.store.commit(work).await.unwrap();
}

#[tokio::test]
async fn a_mail_is_queued_claimed_put_back_and_finished() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let queued = mail(&mut house, NOW);
        queue(&house, &queued).await;
        assert_eq!(house.store.mail(&house.here, &queued.id).await.unwrap().as_ref(), Some(&queued));
        assert_eq!(house.store.mail(&house.elsewhere, &queued.id).await.unwrap(), None);

        let (until, now) = (NOW + Span::minutes(5), NOW + Span::seconds(1));
        let mut work = house.work();
        let mut claimed = work.claim_mail(queued.clone(), until, now);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.mail(&house.here, &queued.id).await.unwrap().as_ref(), Some(&claimed));
        assert_eq!((claimed.attempts, claimed.next_attempt_at), (1, until));
        let mut work = house.work();
        let _ = work.claim_mail(queued.clone(), until, now);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)), "somebody has it");

        claimed.next_attempt_at = now + Span::seconds(5);
        claimed.last_error = Some("busy".to_owned());
        let mut work = house.work();
        work.postpone_mail(&claimed);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.mail(&house.here, &queued.id).await.unwrap().as_ref(), Some(&claimed));

        let finished = QueuedMail {
            status: MailStatus::Delivered,
            sealed: None,
            last_error: None,
            forget_at: Some(now + Span::days(7)),
            ..claimed.clone()
        };
        let mut work = house.work();
        work.finish_mail(&finished);
        house.store.commit(work).await.unwrap();
        assert_eq!(house.store.mail(&house.here, &queued.id).await.unwrap().as_ref(), Some(&finished));
        for late in [Work::postpone_mail, Work::finish_mail] {
            let mut work = house.work();
            late(&mut work, &claimed);
            assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)), "it is over");
        }
    })
    .await;
}

#[tokio::test]
async fn due_mails_of_all_instances_come_in_the_order_they_wait_in() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let mut due = Vec::new();
        for seconds in [3, 1, 2, 4] {
            let mut mail = mail(&mut house, NOW + Span::seconds(seconds));
            if seconds % 2 == 0 {
                mail.instance_id = house.elsewhere.clone();
            }
            queue(&house, &mail).await;
            due.push(mail);
        }
        due.sort_by_key(|mail| mail.next_attempt_at);
        let over = QueuedMail { status: MailStatus::Failed, ..mail(&mut house, NOW) };
        queue(&house, &over).await;
        let found = house.store.due_mails(NOW + Span::seconds(3), 10).await.unwrap();
        assert_eq!(found, due[..3]);
        assert_eq!(house.store.due_mails(NOW + Span::seconds(3), 2).await.unwrap(), due[..2]);
        assert_eq!(house.store.due_mails(NOW, 10).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn what_waits_can_be_made_due_at_once() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        let (later, over) = (mail(&mut house, NOW + Span::minutes(5)), mail(&mut house, NOW + Span::days(1)));
        let due = mail(&mut house, NOW);
        let over = QueuedMail { status: MailStatus::Failed, ..over };
        for mail in [&later, &over, &due] {
            queue(&house, mail).await;
        }
        let at = NOW + Span::seconds(1);
        let mut work = Work::of_the_server();
        work.resume_mails(at);
        house.store.commit(work).await.unwrap();
        let resumed = QueuedMail { next_attempt_at: at, updated_at: at, ..later };
        assert_eq!(house.store.due_mails(at, 10).await.unwrap(), [due, resumed]);
    })
    .await;
}

#[tokio::test]
async fn mails_are_forgotten_when_they_say_so() {
    each_engine(async |database| {
        let mut house = House::in_database(&database).await;
        for forget_at in [None, Some(NOW), Some(NOW + Span::days(1))] {
            let mail = QueuedMail { forget_at, ..mail(&mut house, NOW) };
            queue(&house, &mail).await;
        }
        let count = async |at| house.store.count_leftovers(Leftover::Mails, at, 10).await.unwrap();
        assert_eq!((count(NOW).await, count(NOW + Span::days(1)).await), (1, 2));
        let mut work = Work::of_the_server();
        work.delete_leftovers(Leftover::Mails, NOW, 10);
        house.store.commit(work).await.unwrap();
        assert_eq!((count(NOW).await, count(NOW + Span::days(1)).await), (0, 1));
        assert_eq!(house.store.due_mails(NOW, 10).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn words_are_kept_saved_and_taken_back() {
    each_engine(async |database| {
        let house = House::in_database(&database).await;
        let content = TemplateContent {
            subject: Some("{{ otp_code }} für dich".to_owned()),
            handed_over: true,
            ..TemplateContent::default()
        };
        let slug = "verification_code".to_owned();
        let mut kept = MessageTemplate { slug, content, created_at: NOW, updated_at: NOW, version: 1 };
        let mut work = house.work();
        work.insert_mail_template(&kept);
        house.store.commit(work).await.unwrap();
        let find = async |instance| house.store.mail_template(instance, "verification_code").await.unwrap();
        assert_eq!(find(&house.here).await.as_ref(), Some(&kept));
        assert_eq!(find(&house.elsewhere).await, None);
        let mut work = house.work();
        work.insert_mail_template(&kept);
        assert!(matches!(house.store.commit(work).await, Err(CommitError::Conflict(_))));

        kept.content.body = Some("<p>{{ otp_code }}</p>".to_owned());
        kept.updated_at = NOW + Span::seconds(1);
        let mut work = house.work();
        work.save_mail_template(&kept);
        house.store.commit(work).await.unwrap();
        for lost in [Work::save_mail_template, Work::delete_mail_template] {
            let mut work = house.work();
            lost(&mut work, &kept);
            assert!(matches!(house.store.commit(work).await, Err(CommitError::Stale)));
        }
        kept.version += 1;
        assert_eq!(house.store.mail_templates(&house.here).await.unwrap(), [kept.clone()]);
        let mut work = house.work();
        work.delete_mail_template(&kept);
        house.store.commit(work).await.unwrap();
        assert_eq!(find(&house.here).await, None);
    })
    .await;
}
