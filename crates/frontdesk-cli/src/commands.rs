//! What each group of commands does; how they are spelt is told in [`crate::cli`].

pub(crate) mod doctor;
pub(crate) mod instances;
pub(crate) mod jwt_templates;
pub(crate) mod keys;
pub(crate) mod sessions;
pub(crate) mod token;
pub(crate) mod users;

use std::io::Read;

use anyhow::{Context, Result, anyhow, bail};
use frontdesk_client::users::{User, UserListQuery};
use frontdesk_client::{Client, Error};
use serde::Serialize;
use serde_json::Value;

use crate::cli::Common;
use crate::output;

/// The most bytes that are read from a file or from standard input.
const MOST_INPUT: u64 = 1024 * 1024;

/// Prints a result: as JSON where that was asked for, else in words.
fn print(common: &Common, value: &impl Serialize, words: impl FnOnce(&Value) -> String) -> Result<()> {
    let value = serde_json::to_value(value)?;
    output::line(&if common.json { value.to_string() } else { words(&value) });
    Ok(())
}

/// A value as text, without quotes.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An instant in milliseconds, as people write it.
fn instant(value: &Value) -> String {
    let time = value.as_i64().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    time.map_or_else(|| "–".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}

/// Names and values, one a line.
fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    pairs.into_iter().map(|(name, value)| format!("{name:<20} {value}")).collect::<Vec<_>>().join("\n")
}

/// Rows below their headings, in columns as wide as what stands in them.
fn table<const COLUMNS: usize>(headings: [&str; COLUMNS], rows: Vec<[String; COLUMNS]>) -> String {
    let widths: Vec<usize> = (0..COLUMNS)
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([headings[column].chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let heading = headings.map(str::to_uppercase);
    let lines = std::iter::once(heading).chain(rows).map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A refusal as the command line says it: the sentence, and the code to look up.
fn words(error: &Error) -> anyhow::Error {
    match error.errors().first() {
        Some(item) => anyhow!("{} ({})", item.long_message, item.code),
        None => anyhow!("{}", output::with_causes(error)),
    }
}

/// Somebody by id, e-mail address or username.
async fn find_user(client: &Client, name: &str) -> Result<User> {
    if name.starts_with("user_") {
        return client.users().get_user(&name.parse()?).await.map_err(|error| words(&error));
    }
    let (query, kind) = if name.contains('@') {
        (UserListQuery { email_address: vec![name.to_owned()], ..UserListQuery::default() }, "e-mail address")
    } else {
        (UserListQuery { username: vec![name.to_owned()], ..UserListQuery::default() }, "username")
    };
    let found = client.users().list(query).await.map_err(|error| words(&error))?;
    found.into_iter().next().ok_or_else(|| anyhow!("there is no user with the {kind} {name}"))
}

/// Text that was given, or that stands where `-` (standard input) or `@FILE` points.
fn given(text: &str) -> Result<String> {
    let read = |mut source: Box<dyn Read>, what: &str| {
        let mut read = String::new();
        source.by_ref().take(MOST_INPUT + 1).read_to_string(&mut read).with_context(|| what.to_owned())?;
        if read.len() as u64 > MOST_INPUT {
            bail!("{what} has more than a mebibyte");
        }
        Ok(read)
    };
    match text.strip_prefix('@') {
        _ if text == "-" => read(Box::new(std::io::stdin()), "standard input"),
        Some(path) => {
            let file =
                std::fs::File::open(path).with_context(|| format!("the file {path} cannot be read"))?;
            read(Box::new(file), path)
        }
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let rows = vec![["a".to_owned(), "long text".to_owned()], ["é".to_owned(), "b".to_owned()]];
        assert_eq!(table(["id", "name"], rows), "ID  NAME\na   long text\né   b");
    }

    #[test]
    fn instants_are_written_for_people() {
        assert_eq!(instant(&Value::from(1_767_225_600_000_i64)), "2026-01-01 00:00:00Z");
        assert_eq!(instant(&Value::Null), "–");
    }
}
