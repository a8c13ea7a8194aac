//! What every target stands on: a server in this process, somebody signed in, and the time standing still.

use std::sync::LazyLock;

use frontdesk_jwt::{Header, SigningKey};
use frontdesk_testkit::{Session, TestServer};
use http::Request;
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Stage {
    pub(crate) runtime: Runtime,
    pub(crate) server: TestServer,
    pub(crate) session: Session,
    pub(crate) key: SigningKey,
    cookies: String,
}

pub(crate) static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (server, session) = runtime.block_on(async {
        let server = TestServer::start().await;
        let ada = server.user().email("ada@example.com").create().await;
        let session = server.session_for(&ada).await;
        (server, session)
    });
    let cookies = session.cookies().to_str().unwrap().to_owned();
    Stage { runtime, server, session, key: frontdesk_testkit::published_signing_key(), cookies }
});

impl Stage {
    /// A JSON object signed as the server would.
    pub(crate) fn signed(&self, claims: &serde_json::Value) -> String {
        self.key.sign(&Header::for_key(&self.key), claims).unwrap()
    }

    /// A request written as text: a line with method and address, lines with headers, and after an empty line the body.
    /// `%TOKEN%` stands for a session token, `%COOKIES%` for the cookies of a browser that is signed in, `%KEY%` for
    /// the secret key. `None` where it is no request at all.
    pub(crate) fn request(&self, data: &[u8]) -> Option<Request<Vec<u8>>> {
        let (head, body) = match data.windows(2).position(|pair| pair == b"\n\n") {
            Some(end) => (&data[..end], &data[end + 2..]),
            None => (data, &[][..]),
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let first = self.filled(lines.next()?);
        let space = first.iter().position(|byte| *byte == b' ')?;
        let mut request = Request::builder().method(&first[..space]).uri(&first[space + 1..]);
        for line in lines {
            let colon = line.iter().position(|byte| *byte == b':')?;
            request = request.header(&line[..colon], self.filled(&line[colon + 1..]).trim_ascii());
        }
        request.body(body.to_vec()).ok()
    }

    fn filled(&self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        for (name, value) in [
            (&b"%TOKEN%"[..], self.session.token()),
            (b"%COOKIES%", self.cookies.as_str()),
            (b"%KEY%", self.server.secret_key()),
        ] {
            while let Some(at) = text.windows(name.len()).position(|window| window == name) {
                text.splice(at..at + name.len(), value.bytes());
            }
        }
        text
    }
}
