//! The data folder: who may use it, what lies in it, and the store it leads to.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, lchown};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use frontdesk_server::keys::MasterKey;
use frontdesk_server::{Chance, is_sealed};
use frontdesk_store::{PostgresOptions, SqliteOptions, Store, Synchronous};

use crate::cli::Place;

/// The environment variable that holds the master key where the data is in PostgreSQL.
pub(crate) const MASTER_KEY_VARIABLE: &str = "FRONTDESK_MASTER_KEY";

/// The file in the data folder that holds the master key where the environment does not.
pub(crate) const MASTER_KEY_FILE: &str = "master.key";

/// A data folder that this process alone may use.
#[derive(Debug)]
pub(crate) struct Data {
    folder: PathBuf,
    database_url: Option<String>,
    /// Held as long as the folder is used.
    _lock: File,
}

/// What becomes of a folder that somebody else uses.
pub(crate) enum Opened {
    /// It is ours.
    Ours(Data),
    /// Another process uses it.
    InUse,
}

impl Data {
    /// Takes the folder, making it if there is none: for its owner alone.
    pub(crate) fn open(place: &Place) -> Result<Opened> {
        let folder = place.data_dir.clone();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(folder.join("lock"))
            .with_context(|| format!("the data folder {} cannot be used", folder.display()))?;
        match lock.try_lock() {
            Ok(()) => {
                Ok(Opened::Ours(Self { folder, database_url: place.database_url.clone(), _lock: lock }))
            }
            Err(TryLockError::WouldBlock) => Ok(Opened::InUse),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("the data folder {} cannot be locked", folder.display()))
            }
        }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether nothing was ever kept here.
    pub(crate) fn is_fresh(&self) -> bool {
        self.database_url.is_none() && !self.database_file().exists()
    }

    fn database_file(&self) -> PathBuf {
        self.folder.join("frontdesk.db")
    }

    /// Opens the database and brings its schema up to date.
    pub(crate) async fn store(&self) -> Result<Store> {
        self.store_with(PostgresOptions::default()).await
    }

    /// Like [`Data::store`], with other options where the data is in PostgreSQL.
    pub(crate) async fn store_with(&self, options: PostgresOptions) -> Result<Store> {
        let store = if let Some(url) = &self.database_url {
            Store::connect_postgres(url, options).await?
        } else {
            let file = self.database_file();
            Store::open_sqlite(file, sqlite_options()?)?
        };
        store.migrate().await?;
        Ok(store)
    }

    /// The master key: from the environment where it is set, else from the folder, where it is made the first time.
    /// With PostgreSQL set it in the environment, so that other machines can use the same database.
    pub(crate) async fn master_key(&self, store: &Store, chance: &mut Chance) -> Result<MasterKey> {
        if let Ok(text) = std::env::var(MASTER_KEY_VARIABLE) {
            return MasterKey::parse(&text).context(MASTER_KEY_VARIABLE);
        }
        let path = self.folder.join(MASTER_KEY_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => MasterKey::parse(&text).with_context(|| format!("the file {}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if is_sealed(store).await? {
                    bail!(
                        "the master key of this data is missing: set {MASTER_KEY_VARIABLE} to the one it was made with"
                    );
                }
                let key = MasterKey::generate(chance);
                write_private(&path, &key.text())?;
                Ok(key)
            }
            Err(error) => Err(error).with_context(|| format!("the file {} cannot be read", path.display())),
        }
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        give_to_owner(&self.folder);
    }
}

/// Gives what lies in a folder to whom the folder belongs. An operator who is root restores a backup, or replaces the
/// master key, for a service with a user of its own: that one must be able to read it afterwards. Whoever is not root owns
/// what they made already.
fn give_to_owner(folder: &Path) {
    let Ok(owner) = std::fs::metadata(folder) else { return };
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let Ok(found) = std::fs::symlink_metadata(&path) else { continue };
        // Whoever owns the folder may have put a link there, to something that is not theirs.
        let is_plain = found.is_dir() || (found.is_file() && found.nlink() == 1);
        if is_plain && found.uid() != owner.uid() {
            drop(lchown(&path, Some(owner.uid()), Some(owner.gid())));
            if found.is_dir() {
                give_to_owner(&path);
            }
        }
    }
}

/// How the embedded database is run. For measuring and for testing the tests, two things can be switched off that
/// nobody should be without: waiting for the disk, and sharing that wait among requests.
fn sqlite_options() -> Result<SqliteOptions> {
    let mut options = SqliteOptions::default();
    match std::env::var("FRONTDESK_SQLITE_SYNCHRONOUS").as_deref() {
        Err(_) | Ok("full") => {}
        Ok("off") => options.synchronous = Synchronous::Off,
        Ok(other) => bail!("FRONTDESK_SQLITE_SYNCHRONOUS is full or off, not {other}"),
    }
    match std::env::var("FRONTDESK_GROUP_COMMIT").as_deref() {
        Err(_) | Ok("on") => {}
        Ok("off") => options.group_commit = false,
        Ok(other) => bail!("FRONTDESK_GROUP_COMMIT is on or off, not {other}"),
    }
    Ok(options)
}

/// The socket that a running server listens on for the command line.
pub(crate) fn control_socket(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}

/// Takes the folder or fails because somebody else has it.
pub(crate) fn take(place: &Place) -> Result<Data> {
    match Data::open(place)? {
        Opened::Ours(data) => Ok(data),
        Opened::InUse => {
            bail!(
                "another frontdesk uses the data folder {}: stop it, or choose another with --data-dir",
                place.data_dir.display()
            )
        }
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    let name = path.file_name().context("the path names no file")?;
    let mut temporary_name = std::ffi::OsString::from(".");
    temporary_name.push(name);
    temporary_name.push(".new");
    let temporary = path.with_file_name(temporary_name);
    let write = || -> std::io::Result<()> {
        let mut file =
            OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    write().with_context(|| format!("the file {} cannot be written", path.display()))
}

/// Puts a new master key in the place of the old one, where that lies in the data folder; whether it does.
pub(crate) fn replace_master_key(place: &Place, master_key: &str) -> Result<bool> {
    let path = place.data_dir.join(MASTER_KEY_FILE);
    let is_here = path.exists() && std::env::var_os(MASTER_KEY_VARIABLE).is_none();
    if is_here {
        write_private(&path, master_key)?;
        give_to_owner(&place.data_dir);
    }
    Ok(is_here)
}
