//! Mails over a connection: encrypted, signed in, refused, put off, and after the mail server was away.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use frontdesk_notify::testing::{MailServer, Security};
use frontdesk_notify::{Delivery, Letter, Mail, Smtp, SmtpTls, Undeliverable};
use frontdesk_types::{Secret, Span, Timestamp};

const FROM: &str = "no-reply@shop.example";

fn letter() -> Letter {
    Letter {
        id: "ema_1".parse().unwrap(),
        instance: "ins_1".parse().unwrap(),
        sent_at: Timestamp::from_secs(1_767_225_600),
        handed_over: false,
        mail: Mail::verification_code("Shöp, the \"best\"", "ada@example.com", "424242", Span::minutes(10)),
    }
}

fn delivery(smtp: &Smtp) -> Delivery {
    Delivery::smtp(smtp).unwrap()
}

#[tokio::test]
async fn a_mail_arrives_whole_over_each_kind_of_connection() {
    for security in [Security::None, Security::Starttls, Security::Implicit] {
        let server = MailServer::start(security).await;
        delivery(&server.settings(FROM)).deliver(&letter()).await.unwrap();
        let [mail] = server.mails().try_into().unwrap();
        assert_eq!(mail.encrypted, security != Security::None, "{security:?}");
        assert_eq!(
            (mail.from.as_str(), mail.to, mail.hello.as_str()),
            (FROM, vec!["ada@example.com".to_owned()], "frontdesk.test")
        );
        let received = server.mails().remove(0);
        assert_eq!(received.header("to"), "ada@example.com");
        assert!(received.header("from").ends_with("<no-reply@shop.example>"), "{}", received.header("from"));
        assert!(received.header("from").len() > "<no-reply@shop.example>".len(), "the application's name");
        assert_eq!(received.header("message-id"), "<ema_1@shop.example>");
        assert_eq!(received.header("date"), "Thu, 01 Jan 2026 00:00:00 +0000");
        assert_eq!(received.header("auto-submitted"), "auto-generated");
        assert_eq!(received.header("reply-to"), "");
        assert!(received.header("content-type").starts_with("multipart/alternative"));
        let text = received.data.find("text/plain").unwrap();
        let html = received.data.find("text/html").unwrap();
        assert!(text < html, "readers take the last part they understand");
        assert!(received.data[text..html].contains("424242") && received.data[html..].contains("424242"));
    }
}

#[tokio::test]
async fn envelope_answers_and_names_are_as_they_were_set() {
    let server = MailServer::start(Security::None).await;
    let smtp = Smtp {
        from: "The Shop <no-reply@shop.example>".to_owned(),
        reply_to: Some("Help <help@shop.example>".to_owned()),
        envelope_from: Some("bounces@mail.shop.example".to_owned()),
        ..server.settings(FROM)
    };
    let delivery = delivery(&smtp);
    let mut letter = letter();
    delivery.deliver(&letter).await.unwrap();
    letter.mail.from_name = Some("codes".to_owned());
    letter.mail.reply_to_name = Some("people".to_owned());
    delivery.deliver(&letter).await.unwrap();
    let mails = server.mails();
    assert_eq!(mails[0].from, "bounces@mail.shop.example");
    assert_eq!(mails[0].header("from"), "\"The Shop\" <no-reply@shop.example>");
    assert_eq!(mails[0].header("reply-to"), "Help <help@shop.example>");
    assert_eq!(mails[1].header("from"), "\"The Shop\" <codes@shop.example>");
    assert_eq!(mails[1].header("reply-to"), "Help <people@shop.example>");
    assert_eq!((delivery.sender_name(), delivery.sender_domain()), ("no-reply", Some("shop.example")));
    // A connection goes back to the pool in the background; before long, mails share them.
    for _ in 0..10 {
        delivery.deliver(&letter).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(server.connections() < server.mails().len(), "{} connections", server.connections());
}

#[tokio::test]
async fn a_name_stays_one_name() {
    let server = MailServer::start(Security::None).await;
    let delivery = delivery(&server.settings(FROM));
    for name in ["Shop\r\nBcc: all@example.com\r\n\r\nHello", "\0\x07\u{7f}\u{85}Shop\t\"; <x@y.example>,"] {
        let mut letter = letter();
        letter.mail.application = name.to_owned();
        delivery.deliver(&letter).await.unwrap();
        let mail = server.mails().pop().unwrap();
        assert_eq!(
            (mail.to.as_slice(), mail.header("bcc")),
            (&["ada@example.com".to_owned()][..], String::new())
        );
        assert!(mail.header("from").ends_with("<no-reply@shop.example>"), "{}", mail.header("from"));
        assert!(
            mail.header("content-type").starts_with("multipart/alternative"),
            "nothing slid into the body"
        );
    }
}

#[tokio::test]
async fn only_the_right_credentials_open_a_server_that_wants_some() {
    let server = MailServer::start(Security::Starttls).await;
    server.want_credentials("shop", "correct horse");
    delivery(&server.settings_of(FROM, "shop", "correct horse")).deliver(&letter()).await.unwrap();
    // Wrong credentials are a matter of the settings: the mail itself is good, and is tried again.
    let Err(Undeliverable::Later(why)) =
        delivery(&server.settings_of(FROM, "shop", "battery staple")).deliver(&letter()).await
    else {
        panic!("it should be tried again");
    };
    assert!(why.contains("535") && !why.contains("battery staple"), "{why}");
    let Err(Undeliverable::Later(why)) = delivery(&server.settings(FROM)).deliver(&letter()).await else {
        panic!("it should be tried again");
    };
    assert!(why.contains("530"), "{why}");
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    for security in [Security::Starttls, Security::Implicit] {
        let server = MailServer::start(security).await;
        for smtp in [
            Smtp { ca_certificates: None, ..server.settings(FROM) },
            // The certificate is for localhost and 127.0.0.1, not for this address.
            Smtp { host: "127.0.0.2".to_owned(), ..server.settings(FROM) },
        ] {
            let smtp =
                Smtp { password: Some(Secret::new("secret")), username: Some("shop".to_owned()), ..smtp };
            assert!(matches!(delivery(&smtp).deliver(&letter()).await, Err(Undeliverable::Later(_))));
        }
        assert_eq!(server.mails(), []);
    }
}

#[tokio::test]
async fn a_server_without_encryption_gets_nothing_from_a_client_that_wants_it() {
    let server = MailServer::start(Security::None).await;
    let smtp = Smtp { tls: SmtpTls::Starttls, ..server.settings(FROM) };
    let refused = delivery(&smtp).deliver(&letter()).await.unwrap_err();
    assert!(matches!(refused, Undeliverable::Later(_)), "it is about the settings, not the mail: {refused}");
    assert_eq!(server.mails(), []);
}

#[tokio::test]
async fn a_refusal_for_good_is_told_from_one_for_now() {
    let server = MailServer::start(Security::None).await;
    let delivery = delivery(&server.settings(FROM));
    server.refuse_next("550 5.1.1 nobody 424242 here");
    let Err(Undeliverable::Refused(why)) = delivery.deliver(&letter()).await else {
        panic!("refused for good")
    };
    assert!(why.contains("550") || why.contains("nobody"), "{why}");
    assert!(!why.contains("424242"), "no code in what is written down: {why}");
    for answer in ["450 4.2.1 mailbox busy", "451 4.7.1 greylisted", "421 4.3.2 closing"] {
        server.refuse_next(answer);
        assert!(matches!(delivery.deliver(&letter()).await, Err(Undeliverable::Later(_))), "{answer}");
    }
    delivery.deliver(&letter()).await.unwrap();
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_server_that_was_away_is_found_again() {
    let server = MailServer::start(Security::None).await;
    let (address, delivery) = (server.address(), delivery(&server.settings(FROM)));
    delivery.deliver(&letter()).await.unwrap();
    drop(server);
    // The connection of the first mail is dead, and nobody answers a new one.
    assert!(matches!(delivery.deliver(&letter()).await, Err(Undeliverable::Later(_))));
    let server = MailServer::start_at(address, Security::None).await;
    delivery.deliver(&letter()).await.unwrap();
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_server_that_hangs_up_without_a_word_has_not_taken_it() {
    let server = MailServer::start(Security::None).await;
    server.fall_silent();
    let delivery = delivery(&server.settings(FROM));
    assert!(matches!(delivery.deliver(&letter()).await, Err(Undeliverable::Later(_))));
    assert!(matches!(delivery.deliver(&letter()).await, Err(Undeliverable::Later(_))));
    let ids: Vec<_> = server.mails().iter().map(|mail| mail.header("message-id")).collect();
    assert_eq!(ids, ["<ema_1@shop.example>", "<ema_1@shop.example>"], "at least once, and known by its id");
}

#[tokio::test]
async fn doctor_can_ask_whether_the_server_is_there() {
    let server = MailServer::start(Security::Starttls).await;
    let transport = frontdesk_notify::SmtpTransport::new(&server.settings(FROM)).unwrap();
    transport.test().await.unwrap();
    drop(server);
    assert!(matches!(transport.test().await, Err(Undeliverable::Later(_))));
}
