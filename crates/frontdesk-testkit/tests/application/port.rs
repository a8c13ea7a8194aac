//! The same answers with a port and without one.

use frontdesk::Frontdesk;
use frontdesk_testkit::TestServer;

use crate::{app, send, text};

/// The SDK as an application in another process has it: by its environment, over the port.
fn over_the_port(server: &TestServer) -> Frontdesk {
    let variables = server.variables();
    let lookup =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    Frontdesk::builder().variables(lookup).clock(server.clock()).build().unwrap()
}

#[tokio::test]
async fn port_and_no_port_give_the_same_answers() {
    let server = TestServer::builder().listen().start().await;
    let shop = server.instance("shop").await;
    for server in [server, shop] {
        let session = server.session_for(&server.user().create().await).await;
        let mut answers = Vec::new();
        for frontdesk in [server.frontdesk(), over_the_port(&server)] {
            let app = app(frontdesk);
            for request in [
                session.fetch("/me"),
                session.page("/me"),
                server.browser().fetch("/me"),
                server.browser().page("/me"),
            ] {
                let response = send(&app, request).await;
                let location = response.headers().get("location").cloned();
                answers.push((response.status().as_u16(), location, text(response).await));
            }
        }
        let (in_process, over_the_port) = answers.split_at(4);
        assert_eq!(in_process, over_the_port);
        let statuses: Vec<_> = in_process.iter().map(|(status, ..)| *status).collect();
        assert_eq!(statuses, [200, 200, 401, 307]);
    }
}

#[tokio::test]
async fn the_port_is_closed_at_the_end() {
    let server = TestServer::builder().listen().start().await;
    let address = server.url().trim_start_matches("http://").to_owned();
    tokio::net::TcpStream::connect(&address).await.unwrap();
    drop(server);
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(&address).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{address} still answers");
}

#[tokio::test]
async fn real_time_goes_on() {
    let server = TestServer::builder().real_time().listen().start().await;
    let session = server.session_for(&server.user().create().await).await;
    let variables = server.variables();
    let lookup =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let with_its_own_clock = Frontdesk::builder().variables(lookup).build().unwrap();
    assert_eq!(send(&app(with_its_own_clock), session.fetch("/me")).await.status(), 200);
}
