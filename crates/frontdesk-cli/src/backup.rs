//! `frontdesk backup` and `frontdesk restore`: the embedded database in one file.
//!
//! A backup is a database of its own, made in one snapshot while the server goes on. It holds everything but the master
//! key, without which its secrets stay sealed; with `--with-master-key` it holds that, too.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use frontdesk_server::keys::MasterKey;
use frontdesk_server::{Clock, SystemClock, opens};
use frontdesk_store::{Backup, SqliteOptions, Store};

use crate::cli::Place;
use crate::cli::serve::{BackupOptions, RestoreOptions};
use crate::data::{self, Data, MASTER_KEY_FILE};
use crate::output;

/// The files of a database. All of them move together, or what was written last is lost.
const DATABASE_FILES: [&str; 3] = ["frontdesk.db", "frontdesk.db-wal", "frontdesk.db-shm"];

/// Makes a backup, whether a server runs or not.
pub(crate) async fn backup(options: BackupOptions) -> Result<()> {
    let BackupOptions { file, with_master_key, place } = options;
    refuse_postgres(&place, "pg_dump makes backups of PostgreSQL")?;
    let database = place.data_dir.join(DATABASE_FILES[0]);
    if !database.exists() {
        bail!("there is no database in {}", place.data_dir.display());
    }
    let master_key = if with_master_key { Some(known_master_key(&place)?) } else { None };
    if file.exists() {
        bail!("the file {} exists already: choose another name", file.display());
    }
    // Finished under another name, so that a half-made backup is never taken for one.
    let unfinished = beside(&file, ".unfinished")?;
    drop(fs::remove_file(&unfinished));
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&unfinished)
        .with_context(|| format!("the file {} cannot be written", unfinished.display()))?;
    let made = make(database, unfinished.clone(), master_key).await;
    let kept = made.and_then(|()| {
        fs::File::open(&unfinished)?.sync_all()?;
        // Fails if somebody else has made the file meanwhile, where a rename would overwrite it.
        fs::hard_link(&unfinished, &file)
            .with_context(|| format!("the file {} cannot be written", file.display()))
    });
    drop(fs::remove_file(&unfinished));
    kept?;
    sync_folder(&file)?;
    let size = fs::metadata(&file).map(|it| it.len()).unwrap_or_default();
    output::line(&format!("{} ({} kB, checked)", file.display(), size.div_ceil(1024)));
    if !with_master_key {
        output::note(
            "The master key is not in it: keep that where you keep other secrets, or nothing opens the backup.",
        );
    }
    Ok(())
}

/// Brings a backup back, where no server runs. What was there before is put aside.
pub(crate) async fn restore(options: RestoreOptions) -> Result<()> {
    let RestoreOptions { file, place } = options;
    refuse_postgres(&place, "pg_restore brings backups of PostgreSQL back")?;
    let data = data::take(&place).context("nothing was restored")?;
    let folder = data.folder();
    // A copy in the folder itself, so that putting it in its place is one step.
    let fresh = folder.join(".restored.db");
    for name in ["", "-wal", "-shm"] {
        drop(fs::remove_file(suffixed(&fresh, name)));
    }
    copy_private(&file, &fresh)?;
    let checked = check(fresh.clone()).await.with_context(|| format!("{} is not restored", file.display()));
    let outcome = match checked {
        Ok(backup) => put_in_place(&data, &fresh, backup).await,
        Err(error) => Err(error),
    };
    for name in ["", "-wal", "-shm"] {
        drop(fs::remove_file(suffixed(&fresh, name)));
    }
    outcome
}

async fn make(database: PathBuf, file: PathBuf, master_key: Option<String>) -> Result<()> {
    let work = move || Backup::make(&database, &file, master_key.as_deref());
    tokio::task::spawn_blocking(work).await.context("the backup broke down")?.context("no backup was made")
}

async fn check(file: PathBuf) -> Result<Backup> {
    tokio::task::spawn_blocking(move || Ok(Backup::open(&file)?)).await.context("the check broke down")?
}

async fn put_in_place(data: &Data, fresh: &Path, backup: Backup) -> Result<()> {
    let folder = data.folder();
    let master_key = backup.master_key.clone();
    let text = master_key.map_or_else(|| known_key_of(folder), |key| Ok(Some(key)))?;
    let Some(text) = text else {
        bail!(
            "the backup holds no master key, and there is none in {} or FRONTDESK_MASTER_KEY",
            folder.display()
        );
    };
    let key = MasterKey::parse(&text).context("the master key cannot be read")?;
    let store = Store::open_sqlite(fresh, SqliteOptions::default())?;
    let is_right = opens(&store, &key).await?;
    drop(store);
    if !is_right {
        bail!("the master key is not the one that the backup was made with; nothing was restored");
    }
    let aside = put_aside(folder, backup.master_key.is_some())?;
    fs::rename(fresh, folder.join(DATABASE_FILES[0])).context("the database cannot be put in its place")?;
    if let Some(key) = &backup.master_key {
        data::write_private(&folder.join(MASTER_KEY_FILE), key)?;
    }
    sync_folder(&folder.join(DATABASE_FILES[0]))?;
    output::line(&format!("restored into {}", folder.display()));
    if let Some(aside) = aside {
        output::note(&format!("What was there before is in {}.", aside.display()));
    }
    Ok(())
}

/// Moves what is there into a folder of its own; `None` if there is nothing.
fn put_aside(folder: &Path, with_master_key: bool) -> Result<Option<PathBuf>> {
    let key = with_master_key.then_some(MASTER_KEY_FILE);
    let present: Vec<_> =
        DATABASE_FILES.into_iter().chain(key).filter(|name| folder.join(name).exists()).collect();
    if present.is_empty() {
        return Ok(None);
    }
    let aside = folder.join(format!("before-restore-{}", SystemClock::default().now().as_millis()));
    std::os::unix::fs::DirBuilderExt::mode(&mut fs::DirBuilder::new(), 0o700)
        .create(&aside)
        .with_context(|| format!("the folder {} cannot be made", aside.display()))?;
    // The log goes before the database: at no moment does an old log lie beside a new database.
    for name in present.iter().rev() {
        fs::rename(folder.join(name), aside.join(name))
            .with_context(|| format!("{name} cannot be put aside"))?;
    }
    Ok(Some(aside))
}

fn refuse_postgres(place: &Place, instead: &str) -> Result<()> {
    if place.database_url.is_some() {
        bail!("the data is in PostgreSQL: {instead}")
    }
    Ok(())
}

/// The master key that commands use: the environment's, else the folder's.
fn known_master_key(place: &Place) -> Result<String> {
    known_key_of(&place.data_dir)?.context("there is no master key to put into the backup")
}

fn known_key_of(folder: &Path) -> Result<Option<String>> {
    if let Ok(text) = std::env::var(data::MASTER_KEY_VARIABLE) {
        return Ok(Some(text));
    }
    match fs::read_to_string(folder.join(MASTER_KEY_FILE)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("the master key cannot be read"),
    }
}

fn copy_private(from: &Path, to: &Path) -> Result<()> {
    let mut source =
        fs::File::open(from).with_context(|| format!("the file {} cannot be read", from.display()))?;
    let mut target = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(to)
        .with_context(|| format!("the file {} cannot be written", to.display()))?;
    std::io::copy(&mut source, &mut target).context("the backup cannot be copied")?;
    target.sync_all().context("the backup cannot be copied")
}

fn sync_folder(file: &Path) -> Result<()> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(parent).and_then(|folder| folder.sync_all()).context("the disk does not confirm")
}

fn beside(file: &Path, suffix: &str) -> Result<PathBuf> {
    file.file_name().context("the backup needs a file name")?;
    Ok(suffixed(file, suffix))
}

fn suffixed(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
