//! A PostgreSQL cluster for one run: in a temporary folder, on a free port, as an unprivileged user.
//!
//! A small shell script (postgres.sh) makes the cluster and waits on its standard input. Closing that pipe ends
//! the cluster and removes the folder; the pipe also closes when this process is interrupted or killed, and the
//! script stands in a process group of its own, so a Ctrl-C in the terminal does not reach it first.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{command, debian};

/// The variable that tells tests where the cluster is, as a `postgres://` URL of a superuser.
pub(crate) const VARIABLE: &str = "FRONTDESK_TEST_POSTGRES";

/// The first version whose `initdb` takes an ICU locale.
const OLDEST: u32 = 15;

/// A running cluster; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Postgres {
    url: String,
    keeper: Child,
}

impl Postgres {
    /// Makes and starts a cluster. Takes about a second.
    pub(crate) fn start() -> Result<Self> {
        let programs = find()?;
        let owner = if debian::is_root()? { Some(unprivileged_user()?) } else { None };
        let folder = private_folder(owner.as_ref())?;
        let port = free_port()?;
        let password = random_password()?;

        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", include_str!("postgres.sh")])
            .env_clear()
            .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LC_ALL", "C")])
            .env("HOME", &folder)
            .env("BIN", &programs)
            .env("FOLDER", &folder)
            .env("PORT", port.to_string())
            .env("PASSWORD", &password)
            .current_dir(&folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(User { user, group }) = owner {
            keeper.uid(user).gid(group);
        }
        let mut keeper = keeper.spawn().context("starting the keeper of the PostgreSQL cluster")?;

        let output = keeper.stdout.take().context("the keeper has no standard output")?;
        let mut answer = String::new();
        BufReader::new(output).read_line(&mut answer).context("waiting for PostgreSQL")?;
        if answer.trim() != "ready" {
            keeper.wait().context("waiting for the keeper")?;
            bail!("PostgreSQL did not start (programs in {}); its log is above", programs.display());
        }
        let url = format!("postgres://frontdesk:{password}@127.0.0.1:{port}/postgres?sslmode=disable");
        println!("PostgreSQL from {} answers on port {port}", programs.display());
        Ok(Self { url, keeper })
    }

    /// Where it is: a superuser on the loopback interface.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

/// Runs a command with the address of a fresh cluster in its environment.
pub(crate) fn run_beside(words: &[OsString]) -> Result<bool> {
    let (program, arguments) = words.split_first().context("no command")?;
    let postgres = Postgres::start()?;
    let mut command = Command::new(program);
    command::run(command.args(arguments).env(VARIABLE, postgres.url()))?;
    Ok(true)
}

/// The folder with `initdb` and `pg_ctl`: that of the `PATH`, else the newest in the usual places.
pub(crate) fn find() -> Result<PathBuf> {
    let in_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let of_path = in_path.unwrap_or_default().into_iter().filter_map(|folder| {
        // Follow links: Debian's programs look for their siblings beside themselves.
        fs::canonicalize(folder.join("initdb")).ok()?.parent().map(Path::to_owned)
    });
    of_path
        .chain(usual_places())
        .find(|folder| {
            folder.join("pg_ctl").is_file() && version(folder).is_some_and(|major| major >= OLDEST)
        })
        .with_context(|| format!("no PostgreSQL server {OLDEST} or newer was found"))
}

fn usual_places() -> Vec<PathBuf> {
    let mut versions: Vec<PathBuf> = ["/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt", "/usr"]
        .iter()
        .filter_map(|place| fs::read_dir(place).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").is_file())
        .collect();
    versions.push(PathBuf::from("/usr/local/pgsql/bin"));
    versions.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    versions
}

/// The major version, from `initdb (PostgreSQL) 15.18 (Debian …)`.
fn version(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("initdb")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}

#[derive(Clone, Copy, Debug)]
struct User {
    user: u32,
    group: u32,
}

/// PostgreSQL refuses to run as root.
fn unprivileged_user() -> Result<User> {
    let users = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| {
            let fields: Vec<&str> = users
                .lines()
                .map(|line| line.split(':').collect())
                .find(|fields: &Vec<&str>| fields.first() == Some(name))?;
            Some(User { user: fields.get(2)?.parse().ok()?, group: fields.get(3)?.parse().ok()? })
        })
        .context("neither `postgres` nor `nobody` is a user here; PostgreSQL refuses to run as root")
}

fn private_folder(owner: Option<&User>) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("frontdesk-postgres-{}", std::process::id()));
    DirBuilder::new().mode(0o700).create(&folder).with_context(|| format!("making {}", folder.display()))?;
    if let Some(User { user, group }) = owner {
        std::os::unix::fs::chown(&folder, Some(*user), Some(*group))
            .with_context(|| format!("giving {} away", folder.display()))?;
    }
    Ok(folder)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
    Ok(listener.local_addr().context("looking for a free port")?.port())
}

/// The cluster's superuser can run programs, so other users of the machine must not get in.
fn random_password() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("reading chance")?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}
