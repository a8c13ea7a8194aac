//! The peer of reading a user: a bare axum handler with one SQLite point read. Beside it another that signs, which tells
//! how much of minting is HTTP.
//!
//! It serves sockets as Frontdesk does (the same runtime, the same hyper settings, the same allocator, the same build
//! profile) and reads in the calling thread on a kept connection with a prepared statement. The row is the very JSON
//! that Frontdesk answers, so that both send the same bytes, and the peer has nothing to check, to put together or to
//! serialise.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{self, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rusqlite::{Connection, OptionalExtension};
use tokio::net::TcpListener;

use crate::process::{self, Process};
use crate::signer::Signing;

/// What starts this role.
pub(crate) const ROLE: &str = "bare";

/// The peer, running.
pub(crate) struct Bare {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

impl Bare {
    /// Starts it with these users: ids and what is answered for them.
    pub(crate) fn start(folder: &Path, users: &[(String, Vec<u8>)]) -> Result<Self> {
        let path = folder.join("bare.db");
        let mut connection = connect(&path)?;
        let transaction = connection.transaction()?;
        transaction.execute_batch("CREATE TABLE users (id TEXT NOT NULL PRIMARY KEY, body BLOB NOT NULL)")?;
        for (id, body) in users {
            transaction
                .prepare_cached("INSERT INTO users (id, body) VALUES (?1, ?2)")?
                .execute((id, body))?;
        }
        transaction.commit()?;
        let (process, mut output) = Process::start_role(&[ROLE.as_ref(), path.as_os_str()])?;
        let address = process::line(&mut output)?.parse().context("the peer says where it is")?;
        Ok(Self { process, address })
    }
}

#[derive(Debug)]
struct Database {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// The role itself.
pub(crate) fn serve(database: &Path) -> Result<()> {
    let database = Arc::new(Database { path: database.to_owned(), idle: Mutex::default() });
    let signing = Arc::new(Signing::new()?);
    let router = Router::new()
        .route("/users/{id}", get(user))
        .with_state(database)
        .merge(Router::new().route("/sign", post(sign)).with_state(signing));
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("{}", listener.local_addr()?);
        let mut http = Builder::new(TokioExecutor::new());
        http.http1().timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(15));
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let service = TowerToHyperService::new(router.clone());
            let connection = http.serve_connection(TokioIo::new(stream), service).into_owned();
            tokio::spawn(async move { drop(connection.await) });
        }
    })
}

async fn sign(State(signing): State<Arc<Signing>>) -> Response {
    match signing.sign() {
        Ok(signature) => signature.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn user(State(database): State<Arc<Database>>, extract::Path(id): extract::Path<String>) -> Response {
    match database.user(&id) {
        Ok(Some(body)) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Database {
    fn user(&self, id: &str) -> Result<Option<Vec<u8>>> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path)?,
        };
        let found = connection
            .prepare_cached("SELECT body FROM users WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(found)
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA journal_mode = WAL")?;
    Ok(connection)
}
