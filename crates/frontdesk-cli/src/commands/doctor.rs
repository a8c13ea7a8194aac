//! `frontdesk doctor`: looks where things go wrong, and says what to do.

mod application;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Result, bail};
use frontdesk_server::{Clock, SystemClock};
use serde::Serialize;
use serde_json::Value;

use super::{print, text};
use crate::cli::{Common, Place};
use crate::control::Ask;
use crate::desk::Desk;

/// How far the clocks of a server and of this machine may differ before tokens are refused, in milliseconds.
const CLOCK_TOLERANCE: i64 = 5_000;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    outcome: Outcome,
    subject: &'static str,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Good,
    Warning,
    Wrong,
}

impl Finding {
    fn good(subject: &'static str, says: impl Into<String>) -> Self {
        Self { outcome: Outcome::Good, subject, says: says.into(), advice: None }
    }

    fn warning(subject: &'static str, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { outcome: Outcome::Warning, subject, says: says.into(), advice: Some(advice.into()) }
    }

    fn wrong(subject: &'static str, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { outcome: Outcome::Wrong, subject, says: says.into(), advice: Some(advice.into()) }
    }
}

/// Looks at everything and tells it. Fails if something is wrong.
pub(crate) async fn run(common: &Common) -> Result<()> {
    let mut findings = Vec::new();
    look_at_data(&common.place, &mut findings).await;
    application::look(Path::new("."), &mut findings).await;
    let wrong = findings.iter().filter(|finding| finding.outcome == Outcome::Wrong).count();
    print(common, &findings, in_words)?;
    if wrong > 0 {
        bail!("{wrong} of {} things are wrong", findings.len());
    }
    Ok(())
}

async fn look_at_data(place: &Place, findings: &mut Vec<Finding>) {
    let folder = &place.data_dir;
    if !folder.exists() && place.database_url.is_none() {
        findings.push(Finding::warning(
            "data",
            format!("there is no data folder {}", folder.display()),
            "`frontdesk dev` makes one; elsewhere, say --data-dir",
        ));
        return;
    }
    look_at_modes(folder, findings);
    let health = match Desk::open(place).await {
        Ok(desk) => {
            let says = if desk.is_running() { "a server is running" } else { "no server is running" };
            findings.push(Finding::good("server", says));
            desk.ask(Ask::Health).await.map(|health| (desk.is_running(), health))
        }
        Err(error) => Err(error),
    };
    match health {
        Ok((is_running, health)) => look_at_health(&health, is_running, findings),
        Err(error) => findings.push(Finding::wrong(
            "database",
            format!("{error:#}").replace('\n', " "),
            "the message tells what is missing; nothing was changed",
        )),
    }
}

/// Nobody but the owner may look into the data.
fn look_at_modes(folder: &Path, findings: &mut Vec<Finding>) {
    let mut open_to_others = Vec::new();
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    for path in std::iter::once(folder.to_owned()).chain(files) {
        let mode = std::fs::metadata(&path).map_or(0, |metadata| metadata.permissions().mode());
        if mode & 0o077 != 0 {
            open_to_others.push(path.display().to_string());
        }
    }
    match open_to_others.as_slice() {
        [] => findings.push(Finding::good("permissions", "the data is its owner's alone")),
        paths => findings.push(Finding::warning(
            "permissions",
            format!("others may look into {}", paths.join(", ")),
            format!("chmod -R go= {}", folder.display()),
        )),
    }
}

fn look_at_health(health: &Value, is_running: bool, findings: &mut Vec<Finding>) {
    findings.push(Finding::good("database", format!("{} answers", text(&health["engine"]))));
    let instances = health["instances"].as_array().map_or(0, Vec::len);
    findings.push(match instances {
        0 => Finding::warning("instances", "there is none", "`frontdesk instances create NAME`"),
        number => Finding::good("instances", number.to_string()),
    });
    for name in health["test_keys"].as_array().into_iter().flatten() {
        findings.push(Finding::warning(
            "keys",
            format!("the instance {} signs with a published test key", text(name)),
            "fine for tests; anybody can sign its tokens",
        ));
    }
    for mail in health["handed_over"].as_array().into_iter().flatten() {
        findings.push(Finding::warning(
            "mail",
            format!(
                "the instance {} leaves the mail {} to the application, and nothing tells the application of it yet",
                text(&mail["instance"]),
                text(&mail["slug"])
            ),
            "until there are webhooks, let the server send it: \
             POST /v1/templates/email/SLUG/toggle_delivery with {\"delivered_by_clerk\": true} (docs/mail.md)",
        ));
    }
    if !is_running {
        return;
    }
    if health["sends_mail"] != true {
        findings.push(Finding::warning(
            "mail",
            "the server has no way to send mail",
            "codes cannot reach anybody: configure SMTP (docs/mail.md)",
        ));
    }
    match health["mail_problem"].as_str() {
        Some(problem) => findings.push(Finding::wrong(
            "mail",
            format!("the mail server takes no mails: {problem}"),
            "mails wait, and codes die: see the section [mail] of the configuration (docs/mail.md)",
        )),
        None if health["has_mail_server"] == true => {
            findings.push(Finding::good("mail", "the mail server answers and takes mails"));
        }
        None => {}
    }
    let apart = health["now"].as_i64().unwrap_or_default() - SystemClock::default().now().as_millis();
    findings.push(if apart.abs() > CLOCK_TOLERANCE {
        Finding::warning(
            "clock",
            format!("the server's clock is {} seconds away from this machine's", apart / 1000),
            "official SDKs refuse tokens from the future: move their clock too, or start the server anew",
        )
    } else {
        Finding::good("clock", "the server's clock agrees with this machine's")
    });
}

fn in_words(findings: &Value) -> String {
    let line = |finding: &Value| {
        let mark = match finding["outcome"].as_str() {
            Some("good") => "ok     ",
            Some("warning") => "warning",
            _ => "WRONG  ",
        };
        let told = format!("{mark}  {:<12} {}", text(&finding["subject"]), text(&finding["says"]));
        match finding["advice"].as_str() {
            Some(advice) => format!("{told}\n{:23}{advice}", ""),
            None => told,
        }
    };
    findings.as_array().into_iter().flatten().map(line).collect::<Vec<_>>().join("\n")
}
