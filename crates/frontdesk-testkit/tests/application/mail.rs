//! What the outbox shows, and who signs up with it.

use frontdesk_testkit::{Refused, TestServer};

use crate::{app, text};

#[tokio::test]
async fn somebody_signs_up_with_the_code_from_their_mail() -> Result<(), Refused> {
    let server = TestServer::start().await;
    let app = app(server.frontdesk());
    let mut browser = server.browser();
    let form = [("email_address", "ada@example.com"), ("password", "correct horse battery")];
    let sign_up = browser.post("/v1/client/sign_ups", &form).await?;
    let path = format!("/v1/client/sign_ups/{}", sign_up["response"]["id"].as_str().unwrap());
    browser.post(&format!("{path}/prepare_verification"), &[("strategy", "email_code")]).await?;
    assert_eq!(text(browser.open(&app, "/").await).await, "welcome");

    assert_eq!(server.last_code("bob@example.com"), None);
    let code = server.last_code("ada@example.com").unwrap();
    let mails = server.mails();
    assert_eq!((mails.len(), mails[0].mail.to.as_str()), (1, "ada@example.com"));
    assert!(mails[0].mail.text.contains(&code), "{}", mails[0].mail.text);
    let wrong = if code == "000000" { "111111" } else { "000000" };
    let attempt = format!("{path}/attempt_verification");
    let refused = browser.post(&attempt, &[("strategy", "email_code"), ("code", wrong)]).await.unwrap_err();
    assert_eq!(refused.code(), "form_code_incorrect");
    browser.post(&attempt, &[("strategy", "email_code"), ("code", &code)]).await?;

    let ada = server.user_by_email("ada@example.com").await.unwrap();
    assert_eq!(text(browser.open(&app, "/me").await).await, ada.id.as_str());
    Ok(())
}

#[tokio::test]
async fn every_instance_has_its_own_mails() -> Result<(), Refused> {
    let server = TestServer::start().await;
    let shop = server.instance("shop").await;
    shop.user().email("ada@example.com").create().await;
    let form = [("strategy", "email_code"), ("identifier", "ada@example.com")];
    shop.browser().post("/v1/client/sign_ins", &form).await?;
    assert!(server.mails().is_empty());
    assert!(shop.last_code("ada@example.com").is_some());
    Ok(())
}
