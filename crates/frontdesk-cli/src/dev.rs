//! `frontdesk dev`: a server on a developer's machine.

mod env_file;
mod welcome;

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use frontdesk_core::instance::{Instance, InstanceKind};
use frontdesk_core::settings::Settings;
use frontdesk_notify::{Delivery, Outbox};
use frontdesk_server::keys::MasterKey;
use frontdesk_server::{
    Breaches, Chance, Clock, Config, Mode, Network, NewInstance, Server, SystemClock, create_instance,
    test_keys,
};
use frontdesk_store::Store;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::DevOptions;
use crate::data;
use crate::listen::{Limits, Served};
use crate::{listen, output, remote};

/// The name of the instance that is made on the first start.
const DEFAULT_INSTANCE: &str = "frontdesk";
/// The host inside its publishable key: a name that is nobody's, without a port, so that a changed port changes no
/// key (ADR 3).
const DEFAULT_KEY_HOST: &str = "clerk.frontdesk.localhost";

/// Starts the server, says how to use it, and serves until it is asked to stop.
pub(crate) async fn run(mut options: DevOptions) -> Result<()> {
    // Removed when it goes out of scope, at the very end.
    let temporary =
        options.ephemeral.then(tempfile::tempdir).transpose().context("no temporary folder can be made")?;
    if let Some(folder) = &temporary {
        options.place.data_dir = folder.path().to_owned();
    }
    let stop = stop_signal()?;
    let data = data::take(&options.place)?;
    if options.seed.is_some() && options.place.database_url.is_some() {
        bail!("--seed goes with the embedded database only");
    }
    if options.seed.is_some() && !data.is_fresh() {
        bail!("--seed needs a fresh data folder: remove {}, or use --ephemeral", data.folder().display());
    }
    let sockets = listen::bind(options.host, options.port).await?;
    let public_url = public_url(&options, sockets.port);

    let mut chance = options.seed.map_or(Chance::System, Chance::seeded);
    let store = data.store().await?;
    let master_key = data.master_key(&store, &mut chance).await?;
    let clock = Arc::new(SystemClock::default());
    let instance = default_instance(&options, &store, &master_key, clock.as_ref(), &mut chance).await?;
    let outbox = Outbox::default();
    outbox.listen(|letter| output::note(&welcome::mail(letter)));
    let config = Config {
        store,
        master_key,
        clock,
        chance,
        mode: Mode::Development { default_instance: instance.id.clone() },
        public_url,
        delivery: Delivery::Outbox(outbox),
        breaches: Breaches::Unknown,
        network: Network::of_this_machine(),
    };
    let server = Server::start(config).await?;
    let keys = server.instance_keys(instance).await?;
    remote::listen(&data::control_socket(data.folder()), server.clone())?;

    let (end_jobs, jobs_ended) = tokio::sync::oneshot::channel::<()>();
    let jobs = tokio::spawn({
        let server = server.clone();
        async move { server.run_jobs(async { drop(jobs_ended.await) }).await }
    });
    let serving = {
        let answering = Served { router: server.router(), limits: Limits::default(), tls: None };
        tokio::spawn(listen::serve(sockets, answering, stop))
    };
    if let Some(path) = &options.env_file {
        data::write_private(path, &env_file::text(&server, &keys))?;
    }
    output::line(&welcome::text(&server, &keys, data.folder()));
    if !options.host.is_loopback() {
        // `/dev/*` looks at the name it is asked by, which a program can choose.
        output::note("Other machines can reach this server and read its mails: only in a network you trust.");
    }
    if !serving.await.context("the server broke down")? {
        tracing::warn!("some requests did not end in time");
    }
    drop(end_jobs);
    jobs.await.context("the background jobs broke down")?;
    drop(std::fs::remove_file(data::control_socket(data.folder())));
    Ok(())
}

/// Ready when the process is asked to stop, by the terminal or by a supervisor.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be received")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be received")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Where the server is reached. A server that listens on every address is still reached as localhost.
fn public_url(options: &DevOptions, port: u16) -> String {
    if options.host.is_loopback() || options.host.is_unspecified() {
        format!("http://localhost:{port}")
    } else {
        format!("http://{}", std::net::SocketAddr::new(options.host, port))
    }
}

/// The instance that answers by default: the first one, made on the first start.
async fn default_instance(
    options: &DevOptions,
    store: &Store,
    master_key: &MasterKey,
    clock: &dyn Clock,
    chance: &mut Chance,
) -> Result<Instance> {
    if let Some(instance) = store.instances().await?.into_iter().next() {
        refuse_other_settings(options, &instance)?;
        return Ok(instance);
    }
    let kind = if options.live { InstanceKind::Production } else { InstanceKind::Development };
    let new = NewInstance {
        slug: DEFAULT_INSTANCE.to_owned(),
        kind,
        key_host: options.frontend_api.clone().unwrap_or_else(|| DEFAULT_KEY_HOST.to_owned()),
        settings: Settings::for_kind(kind),
        keys: options.seed.map(|seed| test_keys(usize::try_from(seed % 4).unwrap_or(0))),
    };
    Ok(create_instance(store, master_key, new, clock.now(), chance).await?.instance)
}

/// Host and kind are in every key, cookie and token that is out there; they cannot change under them.
fn refuse_other_settings(options: &DevOptions, instance: &Instance) -> Result<()> {
    let name = &instance.slug;
    if let Some(host) = &options.frontend_api
        && *host != instance.key_host
    {
        bail!(
            "the instance {name} has the frontend API host {} for good; `frontdesk instances create NAME --frontend-api {host}` makes another",
            instance.key_host
        );
    }
    if options.live && instance.kind == InstanceKind::Development {
        bail!(
            "the instance {name} is for development for good; `frontdesk instances create NAME --live` makes another"
        );
    }
    Ok(())
}
