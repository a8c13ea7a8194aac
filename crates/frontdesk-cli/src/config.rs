//! The configuration of `frontdesk serve`: config file < environment < flags.
//!
//! One struct for each section ([`sections`]), with every default beside its setting. From the same declarations come
//! the names of the environment variables, the check of unknown keys, and the reference page.

mod check;
mod forms;
mod layers;
mod nearest;
mod reference;
mod schema;
pub(crate) mod sections;

use std::fmt;
use std::path::PathBuf;

use self::layers::Layers;
use self::schema::Section;
use self::sections::{
    Admin, DataSettings, Database, FirstInstance, Log, MailSettings, Master, Passwords, Serving, Tls,
};

pub(crate) use self::check::problems_of;
pub(crate) use self::forms::{LogFormat, TlsVersion};
pub(crate) use self::reference::page;

/// Everything that can be set.
#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) serving: Serving,
    pub(crate) tls: Tls,
    pub(crate) admin: Admin,
    pub(crate) data: DataSettings,
    pub(crate) database: Database,
    pub(crate) master: Master,
    pub(crate) instance: FirstInstance,
    pub(crate) mail: MailSettings,
    pub(crate) passwords: Passwords,
    pub(crate) log: Log,
}

/// Where settings are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    /// The config file, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// The environment variables that begin with `FRONTDESK_`.
    pub(crate) environment: Vec<(String, String)>,
    /// What flags say: the flag as it is written, the key and the value.
    pub(crate) flags: Vec<(String, String, String)>,
}

/// Something that is wrong with the configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// `frontdesk.toml:12`, `FRONTDESK_LISTEN`, `--listen`; the key where something is missing.
    pub(crate) place: String,
    /// What is wrong.
    pub(crate) what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.what)
    }
}

impl Sources {
    /// The process's own environment, beside this file and these flags.
    pub(crate) fn of_process(file: Option<PathBuf>, flags: Vec<(String, String, String)>) -> Self {
        let own = std::env::vars().filter(|(name, _)| name.starts_with("FRONTDESK_"));
        Self { file, environment: own.collect(), flags }
    }
}

/// Reads all sources. Tells every problem at once, not the first one alone.
pub(crate) fn load(sources: &Sources) -> Result<Configuration, Vec<Problem>> {
    let mut layers = Layers::read(&known(), sources);
    let configuration = Configuration {
        serving: Serving::take(&mut layers),
        tls: Tls::take(&mut layers),
        admin: Admin::take(&mut layers),
        data: DataSettings::take(&mut layers),
        database: Database::take(&mut layers),
        master: Master::take(&mut layers),
        instance: FirstInstance::take(&mut layers),
        mail: MailSettings::take(&mut layers),
        passwords: Passwords::take(&mut layers),
        log: Log::take(&mut layers),
    };
    let problems = layers.into_problems();
    if problems.is_empty() { Ok(configuration) } else { Err(problems) }
}

impl Configuration {
    /// All settings as a config file, with what is secret hidden.
    pub(crate) fn shown(&self) -> String {
        let mut text = String::new();
        self.serving.show(&mut text);
        self.tls.show(&mut text);
        self.admin.show(&mut text);
        self.data.show(&mut text);
        self.database.show(&mut text);
        self.master.show(&mut text);
        self.instance.show(&mut text);
        self.mail.show(&mut text);
        self.passwords.show(&mut text);
        self.log.show(&mut text);
        text
    }
}

/// Every section there is, in the order of the reference.
fn known() -> Vec<schema::Described> {
    vec![
        Serving::describe(),
        Tls::describe(),
        Admin::describe(),
        DataSettings::describe(),
        Database::describe(),
        Master::describe(),
        FirstInstance::describe(),
        MailSettings::describe(),
        Passwords::describe(),
        Log::describe(),
    ]
}

#[cfg(test)]
mod tests;
