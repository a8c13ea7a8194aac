//! The instance that is made on the first start, and those that a server in production does not take.

use anyhow::{Result, bail};
use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_server::keys::MasterKey;
use frontdesk_server::{Chance, NewInstance, ProvisionError, create_instance};
use frontdesk_store::Store;
use frontdesk_types::Timestamp;

use crate::config::Configuration;

/// Makes the first instance where there is none, and refuses those that everybody can sign tokens for. Writes no key
/// anywhere: whoever may open the data asks for them with `frontdesk instances show`.
pub(super) async fn see_to(
    configuration: &Configuration,
    store: &Store,
    master_key: &MasterKey,
    now: Timestamp,
    chance: &mut Chance,
) -> Result<()> {
    if store.instances().await?.is_empty() && configuration.instance.create {
        make(configuration, store, master_key, now, chance).await?;
    }
    for instance in store.instances().await? {
        if instance.has_test_keys {
            bail!(
                "the instance {} signs with published test keys, because it was made with --seed: everybody can sign \
                 tokens for it. Use other data",
                instance.slug
            );
        }
    }
    Ok(())
}

async fn make(
    configuration: &Configuration,
    store: &Store,
    master_key: &MasterKey,
    now: Timestamp,
    chance: &mut Chance,
) -> Result<()> {
    let first = &configuration.instance;
    let host = configuration.serving.public_url.as_ref().map(|url| url.authority().to_ascii_lowercase());
    let Some(key_host) = first.key_host.clone().or(host) else { bail!("public_url is missing") };
    let new = NewInstance {
        slug: first.name.clone(),
        kind: InstanceKind::Production,
        key_host,
        settings: Settings::for_kind(InstanceKind::Production),
        keys: None,
    };
    match create_instance(store, master_key, new, now, chance).await {
        Ok(made) => {
            tracing::info!(
                instance = made.instance.slug,
                key_host = made.instance.key_host,
                "made the first instance; `frontdesk instances show {}` shows its keys",
                made.instance.slug
            );
            Ok(())
        }
        // Another node starts at the same moment, and was first.
        Err(ProvisionError::Taken) if !store.instances().await?.is_empty() => Ok(()),
        Err(error @ ProvisionError::InvalidKeyHost(_)) => {
            bail!("{error}: set instance.key_host, or another public_url")
        }
        Err(error) => Err(error.into()),
    }
}
