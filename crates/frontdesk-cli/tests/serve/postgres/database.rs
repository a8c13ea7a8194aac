//! An empty database of the test's own.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, NoTls};

/// An empty database; gone when dropped.
pub(crate) struct Database {
    server: String,
    name: String,
    pub(crate) url: String,
    /// What must not stand in logs.
    pub(crate) password: String,
}

impl Database {
    /// Makes one, where there is a server.
    pub(crate) fn create() -> Option<Self> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("FRONTDESK_TEST_POSTGRES").ok().filter(|url| !url.is_empty())?;
        let name = format!("serve_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        on(&server, async |client| {
            client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database can be made");
        });
        let (rest, query) = server.split_once('?').unwrap_or((&server, "sslmode=disable"));
        let (authority, _) = rest.rsplit_once('/').expect("the URL names a database");
        let password = authority.split('@').next().and_then(|it| it.rsplit(':').next()).unwrap_or_default();
        let (url, password) = (format!("{authority}/{name}?{query}"), password.to_owned());
        Some(Self { server, name, url, password })
    }

    pub(crate) fn execute(&self, sql: &str) {
        on(&self.url, async |client| client.batch_execute(sql).await.expect("the SQL runs"));
    }

    /// The one number that a statement gives.
    pub(crate) fn ask_one(&self, sql: &str) -> i64 {
        on(&self.url, async |client| client.query_one(sql, &[]).await.expect("a row").get(0))
    }

    /// The server's certificate, if it has one.
    pub(crate) fn certificate(&self) -> Option<String> {
        on(&self.url, async |client| {
            let row = client
                .query_one("SELECT pg_read_file('server.crt', 0, 100000, true)", &[])
                .await
                .expect("a row");
            row.get(0)
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        on(&self.server, async |client| {
            drop(client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await);
        });
    }
}

fn on<T>(url: &str, work: impl AsyncFnOnce(Client) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server answers");
        tokio::spawn(connection);
        work(client).await
    })
}
