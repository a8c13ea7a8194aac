//! Who answers a command: the server that runs in the data folder, or else this process, with the data under its lock.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use frontdesk_client::{BoxFuture, Client, Failure, Request, Response, Transport, TransportError};
use frontdesk_notify::Delivery;
use frontdesk_server::{Breaches, Chance, Config, Mode, Network, Server, SystemClock};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use crate::cli::Place;
use crate::control::{self, Ask, BackendAnswer};
use crate::data::{self, Data, Opened};
use crate::remote;

/// Answers what the command line asks. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Desk(Arc<Attendant>);

#[derive(Debug)]
enum Attendant {
    /// A server behind its control socket.
    Running(PathBuf),
    /// This process. The data stays locked as long as the desk is used.
    Here { server: Box<Server>, _data: Data },
}

impl Desk {
    /// Finds the server that runs in the data folder, or opens the data.
    pub(crate) async fn open(place: &Place) -> Result<Self> {
        let attendant = match Data::open(place)? {
            Opened::InUse => Attendant::Running(data::control_socket(&place.data_dir)),
            Opened::Ours(data) => Attendant::Here { server: Box::new(offline(&data).await?), _data: data },
        };
        Ok(Self(Arc::new(attendant)))
    }

    /// Whether a server is running.
    pub(crate) fn is_running(&self) -> bool {
        matches!(*self.0, Attendant::Running(_))
    }

    /// Has a request answered.
    pub(crate) async fn ask(&self, ask: Ask) -> Result<Value> {
        match &*self.0 {
            Attendant::Running(socket) => remote::ask(socket, &ask).await,
            Attendant::Here { server, .. } => control::answer(server, ask).await,
        }
    }

    /// The Backend API of an instance, the first one if none is named. It wants no key: whoever may use the data folder
    /// may do anything.
    pub(crate) async fn backend(&self, instance: Option<String>) -> Result<Client> {
        // Said here, for a refusal on the way would look like a broken server.
        self.ask(Ask::InstanceExists { name: instance.clone() }).await?;
        let through = Through { desk: self.clone(), instance };
        // The desk puts the real key in its place.
        Ok(Client::builder("sk_test_held_by_the_desk").build(through)?)
    }
}

/// A server that is asked without listening anywhere.
async fn offline(data: &Data) -> Result<Server> {
    let mut chance = Chance::System;
    let store = data.store().await?;
    let master_key = data.master_key(&store, &mut chance).await?;
    let mode = match store.instances().await?.into_iter().next() {
        Some(instance) => Mode::Development { default_instance: instance.id },
        None => Mode::Production,
    };
    let config = Config {
        store,
        master_key,
        clock: Arc::new(SystemClock::default()),
        chance,
        mode,
        public_url: String::new(),
        delivery: Delivery::Unconfigured,
        breaches: Breaches::Unknown,
        network: Network::default(),
    };
    Ok(Server::start(config).await?)
}

/// Carries requests to the Backend API through the desk.
#[derive(Debug)]
struct Through {
    desk: Desk,
    instance: Option<String>,
}

impl Transport for Through {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let ask = Ask::Backend {
                instance: self.instance.clone(),
                method: request.method.as_str().to_owned(),
                path: request.path_and_query.as_str().to_owned(),
                body: String::from_utf8_lossy(&request.body).into_owned(),
            };
            let answered = self.desk.ask(ask).await.and_then(|value| {
                let answer: BackendAnswer = serde_json::from_value(value).context("the server's answer")?;
                Ok((StatusCode::from_u16(answer.status)?, answer.body))
            });
            let (status, body) = answered
                .map_err(|error| TransportError::new(Failure::Broken, error.into_boxed_dyn_error()))?;
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
            Ok(Response::new(status, headers, Bytes::from(body)))
        })
    }
}
