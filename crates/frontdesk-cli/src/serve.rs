//! `frontdesk serve`: a server in production.

mod first_instance;
mod supervisor;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use frontdesk_notify::Delivery;
use frontdesk_server::keys::MasterKey;
use frontdesk_server::{
    Chance, Clock, Config, Mode, Network, Server, SystemClock, TrustedProxies, redirect_router,
};
use frontdesk_store::PostgresOptions;
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;

use crate::cli::Place;
use crate::cli::serve::{ConfigCommand, ConfigOptions};
use crate::config::{self, Configuration, Problem};
use crate::data::{self, Data};
use crate::listen::tls::Certificate;
use crate::listen::{self, Limits, Served, Sockets};
use crate::{control, output, remote, telemetry};

/// Starts the server and serves until it is asked to stop.
pub(crate) async fn run(options: ConfigOptions) -> Result<()> {
    let configuration = checked(options)?;
    telemetry::start_log(&configuration.log)?;
    let metrics = telemetry::start_metrics()?;
    let supervisor::Signals { stop, hang_up } = supervisor::listen()?;

    let data = data::take(&place(&configuration))?;
    // Sockets first: whoever cannot have them should not touch the data.
    let serving = &configuration.serving;
    let main = listen::bind_all(&serving.listen).await?;
    let redirect = bind_some(&serving.redirect_listen).await?;
    let admin = bind_some(&configuration.admin.listen).await?;
    let tls = tls(&configuration, hang_up)?;

    let server = start(&configuration, &data).await?;
    warn_of_mails_left_to_applications(&server).await?;
    remote::listen(&data::control_socket(data.folder()), server.clone())?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        engine = server.store().engine(),
        public_url = server.public_url(),
        listen = main.addresses().join(","),
        admin = admin.as_ref().map(|admin| admin.addresses().join(",")),
        "listening"
    );

    let limits = limits(&configuration);
    let (main_is_over, admin_stops) = watch::channel(false);
    let mut beside = tokio::task::JoinSet::new();
    if let Some(sockets) = redirect {
        let router = redirect_router(server.public_url());
        let stop = stop.clone();
        let answering = Served { router, limits, tls: None };
        beside.spawn(async move { listen::serve(sockets, answering, stop.requested()).await });
    }
    if let Some(sockets) = admin {
        let router = server.operators_router(move || metrics.render());
        let mut over = admin_stops.clone();
        let answering = Served { router, limits, tls: None };
        let stop = async move { drop(over.wait_for(|is_over| *is_over).await) };
        beside.spawn(async move { listen::serve(sockets, answering, stop).await });
    }
    server.resume_mails().await?;
    let jobs = tokio::spawn({
        let (server, mut over) = (server.clone(), main_is_over.subscribe());
        async move { server.run_jobs(async { drop(over.wait_for(|is_over| *is_over).await) }).await }
    });
    supervisor::tell("READY=1");

    let stopping = {
        let (server, delay, stop) = (server.clone(), serving.drain_delay, stop.clone());
        async move {
            stop.requested().await;
            supervisor::tell("STOPPING=1");
            server.begin_drain();
            tracing::info!("asked to stop");
            tokio::time::sleep(delay).await;
        }
    };
    let ended_in_time = listen::serve(main, Served { router: server.router(), limits, tls }, stopping).await;
    main_is_over.send_replace(true);
    jobs.await.context("the background jobs broke down")?;
    while beside.join_next().await.is_some() {}
    drop(std::fs::remove_file(data::control_socket(data.folder())));
    if ended_in_time {
        tracing::info!("stopped");
    } else {
        tracing::warn!("stopped; some requests did not end in time");
    }
    Ok(())
}

/// `frontdesk config …`.
pub(crate) fn config(command: ConfigCommand) -> Result<()> {
    match command {
        ConfigCommand::Check(options) => {
            checked(options)?;
            output::line("The configuration has no problems.");
        }
        ConfigCommand::Print(options) => {
            let configuration = config::load(&options.into_sources()).map_err(|it| told(&it))?;
            output::line(configuration.shown().trim_end());
        }
        ConfigCommand::Reference => output::line(config::page().trim_end()),
    }
    Ok(())
}

/// The configuration, if nothing is wrong with it.
fn checked(options: ConfigOptions) -> Result<Configuration> {
    let configuration = config::load(&options.into_sources()).map_err(|problems| told(&problems))?;
    let problems = config::problems_of(&configuration);
    if problems.is_empty() { Ok(configuration) } else { Err(told(&problems)) }
}

/// Tells all problems, and sums them up in an error.
fn told(problems: &[Problem]) -> anyhow::Error {
    for problem in problems {
        output::note(&problem.to_string());
    }
    let many = if problems.len() == 1 { "a problem" } else { "problems" };
    anyhow::anyhow!("the configuration has {many}; docs/configuration.md lists the settings")
}

/// The data folder and the database, as the other commands know them.
fn place(configuration: &Configuration) -> Place {
    Place {
        data_dir: configuration.data.dir.clone(),
        database_url: configuration.database.url.as_ref().map(|url| url.expose().to_owned()),
    }
}

async fn bind_some(addresses: &[std::net::SocketAddr]) -> Result<Option<Sockets>> {
    if addresses.is_empty() { Ok(None) } else { listen::bind_all(addresses).await.map(Some) }
}

/// What agrees on TLS, and a task that keeps the certificate fresh.
fn tls(configuration: &Configuration, hang_up: mpsc::Receiver<()>) -> Result<Option<TlsAcceptor>> {
    let settings = &configuration.tls;
    let (Some(certificate), Some(key)) = (&settings.certificate_file, &settings.key_file) else {
        return Ok(None);
    };
    let certificate = Certificate::open(certificate.clone(), key.clone())?;
    let acceptor = certificate.acceptor(settings.min_version)?;
    tokio::spawn(certificate.keep_fresh(hang_up));
    Ok(Some(acceptor))
}

fn limits(configuration: &Configuration) -> Limits {
    let serving = &configuration.serving;
    Limits {
        max_connections: serving.max_connections.0,
        max_streams: serving.max_streams.0,
        header_timeout: serving.header_timeout,
        idle_timeout: serving.idle_timeout.max(Duration::from_millis(1)),
        drain_timeout: serving.drain_timeout,
    }
}

/// Says which mails reach nobody: the application is to send them, and nothing tells it of them yet.
async fn warn_of_mails_left_to_applications(server: &Server) -> Result<()> {
    for instance in server.store().instances().await? {
        for slug in control::handed_over_mails(server, &instance).await? {
            tracing::warn!(
                instance = instance.slug,
                slug,
                "this mail is left to the application, which nothing tells of it yet (docs/mail.md)"
            );
        }
    }
    Ok(())
}

/// Opens the data and starts a server on it.
async fn start(configuration: &Configuration, data: &Data) -> Result<Server> {
    let mut chance = Chance::System;
    let clock = Arc::new(SystemClock::default());
    let database = &configuration.database;
    let options = PostgresOptions {
        pool_size: database.pool_size.0,
        prepared_statements: database.prepared_statements,
    };
    let store = data.store_with(options).await?;
    let master_key = match &configuration.master.key {
        Some(key) => MasterKey::parse(key.expose()).context("master.key")?,
        None => data.master_key(&store, &mut chance).await?,
    };
    first_instance::see_to(configuration, &store, &master_key, clock.now(), &mut chance).await?;
    let serving = &configuration.serving;
    let Some(public_url) = &serving.public_url else { bail!("public_url is missing") };
    let delivery = configuration.mail.delivery()?;
    if let Delivery::Unconfigured = delivery {
        tracing::warn!("no mail server is configured: whatever needs a mail is refused");
    }
    let trusted_proxies = TrustedProxies::new(serving.trusted_proxies.clone(), serving.forwarded_headers);
    let config = Config {
        store,
        master_key,
        clock,
        chance,
        mode: Mode::Production,
        delivery,
        breaches: configuration.passwords.breaches()?,
        public_url: public_url.as_str().to_owned(),
        network: Network { trusted_proxies, log_addresses: configuration.log.client_addresses },
    };
    Ok(Server::start(config).await?)
}
