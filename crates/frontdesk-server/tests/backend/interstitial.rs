//! The page for applications on the 4.x line.

use frontdesk_testkit::matrix::TestApp;

fn path(app: &TestApp, rest: &str) -> String {
    format!("/v1/public/interstitial?publishable_key={}{rest}", app.instance.publishable_key)
}

#[frontdesk_testkit::matrix::test]
async fn the_page_loads_clerk_js_for_the_instance(app: TestApp) {
    let backend = app.backend_with(None).version(None);
    let rest = "&clerk_js_version=4.73.8&proxy_url=https://app.example/__clerk&sign_in_url=/sign-in&is_satellite=true";
    let page = backend.get(&path(&app, rest)).await;
    assert_eq!(page.status(), 200, "{}", page.text());
    assert!(page.header("content-type").starts_with("text/html"));
    for expected in [
        "data-script=\"https://app.example/__clerk/npm/@clerk/clerk-js@4.73.8/dist/clerk.browser.js\"",
        &format!("data-publishable-key=\"{}\"", app.instance.publishable_key),
        "data-sign-in-url=\"/sign-in\"",
        "data-satellite=\"true\"",
    ] {
        assert!(page.text().contains(expected), "{expected} not in {}", page.text());
    }
    // The secret key does no harm, and the older names of the instance do as well.
    assert_eq!(app.backend().get(&path(&app, "")).await.status(), 200);
    for name in ["frontend_api", "frontendApi"] {
        let older = format!("/v1/public/interstitial?{name}=clerk.frontdesk.localhost");
        let page = backend.get(&older).await;
        assert!(page.text().contains(&app.instance.publishable_key), "{}", page.text());
    }
}

#[frontdesk_testkit::matrix::test]
async fn nothing_in_the_page_runs_at_this_server(app: TestApp) {
    let page = app.backend_with(None).get(&path(&app, "")).await;
    assert!(page.header("content-security-policy").starts_with("sandbox;"));
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("access-control-allow-origin"), "");
}

#[frontdesk_testkit::matrix::test]
async fn what_is_reflected_is_checked_and_escaped(app: TestApp) {
    let backend = app.backend_with(None);
    for rest in [
        "&proxy_url=javascript:alert(1)",
        "&proxy_url=//evil.example",
        "&proxy_url=data:text/html,x",
        "&sign_in_url=javascript:alert(1)",
        "&sign_in_url=/%5Cevil.example",
        "&domain=%22%3E%3Cscript%3E",
        "&domain=evil.example/x&use_domain_for_script=true",
        "&clerk_js_version=4/../../evil",
        "&clerk_js_version=%22onload=",
    ] {
        backend.get(&path(&app, rest)).await.refused(400, "bad_request");
    }
    let page = backend.get(&path(&app, "&sign_in_url=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E")).await;
    assert_eq!(page.status(), 200);
    assert!(!page.text().contains("<script>alert"), "{}", page.text());
    backend.get(&path(&app, "&is_satellite=perhaps")).await.refused(422, "form_param_type_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn an_instance_must_be_named(app: TestApp) {
    let backend = app.backend_with(None);
    let page = "/v1/public/interstitial";
    backend.get(page).await.refused(400, "missing_query_parameter");
    let broken = format!("{page}?publishable_key=%3Cscript%3E");
    backend.get(&broken).await.refused(400, "malformed_publishable_key");
    let unknown = format!("{page}?publishable_key=pk_test_Y2xlcmsuY2xlcmsuZGV2JA");
    backend.get(&unknown).await.refused(400, "instance_not_found");
}
