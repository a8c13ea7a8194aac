//! What is measured, in the order of the table.

mod creation;
mod flood;
mod start;
mod tokens;
mod users;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::client::{Load, Rate, Waiting};
use crate::frontdesk::Frontdesk;
use crate::report::{self, median};

/// The measures, by name.
pub(crate) const NAMES: [&str; 5] = ["tokens", "users", "creation", "flood", "start"];

/// Two things are measured in turns, this often, so that a change of the machine's mood meets both.
const TURNS: u64 = 7;
/// How long a turn of each takes.
const TURN: Duration = Duration::from_millis(1500);
/// Connections of an application server that reads.
const CONNECTIONS: usize = 16;

/// Runs the measures of these names, or all.
pub(crate) fn run(names: &[&str]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| !NAMES.contains(name)) {
        bail!("{unknown} is not one of {}", NAMES.join(", "));
    }
    // Beside the program, not in the system's temporary folder: that may be memory, where a flush costs nothing.
    let program = std::env::current_exe()?;
    let folder = tempfile::tempdir_in(program.parent().unwrap_or(Path::new(".")))?;
    let mut findings = Vec::new();
    for name in NAMES.into_iter().filter(|name| names.is_empty() || names.contains(name)) {
        let folder = folder.path().join(name);
        std::fs::create_dir(&folder)?;
        findings.extend(match name {
            "tokens" => tokens::measure(&folder)?,
            "users" => users::measure(&folder)?,
            "creation" => creation::measure(&folder)?,
            "flood" => flood::measure(&folder)?,
            _ => start::measure(&folder)?,
        });
    }
    report::print(&findings);
    Ok(())
}

/// Ours and a peer, measured in turns.
#[derive(Default)]
struct Pairs(Vec<(Rate, Rate)>);

impl Pairs {
    /// Runs both once without counting, then in turns. Each is told the number of its turn.
    fn measure(
        turns: u64,
        mut ours: impl FnMut(u64) -> Result<Rate>,
        mut peer: impl FnMut(u64) -> Result<Rate>,
    ) -> Result<Self> {
        let mut pairs = Self::default();
        for turn in 0..=turns {
            let pair = (ours(turn)?, peer(turn)?);
            if turn > 0 {
                pairs.0.push(pair);
            }
        }
        Ok(pairs)
    }

    /// The median over all turns.
    fn median(&self, figure: impl Fn(&(Rate, Rate)) -> f64) -> f64 {
        median(self.0.iter().map(figure).collect())
    }

    /// What we do in a second, in proportion to the peer.
    fn ratio(&self) -> f64 {
        self.median(|(ours, peer)| ours.per_second() / peer.per_second())
    }

    /// The same by processor time.
    fn processor_ratio(&self) -> f64 {
        self.median(|(ours, peer)| ours.per_processor_second() / peer.per_processor_second())
    }

    /// The absolute numbers, in words.
    fn details(&self, peer: &str) -> String {
        format!(
            "{:.0}/s beside {:.0}/s {peer}; by processor time {:.2} ({:.1} µs beside {:.1} µs); \
             the server had {:.0} % of its core, the client needed {:.0} % of its own",
            self.median(|(ours, _)| ours.per_second()),
            self.median(|(_, peer)| peer.per_second()),
            self.processor_ratio(),
            self.median(|(ours, _)| 1e6 / ours.per_processor_second()),
            self.median(|(_, peer)| 1e6 / peer.per_processor_second()),
            100.0 * self.median(|(ours, _)| ours.server_share()),
            100.0 * self.median(|(ours, _)| ours.client_share()),
        )
    }
}

/// A user as an application makes them, with a bit of everything but a password.
fn new_user(number: u64) -> Value {
    json!({
        "email_address": [format!("person{number}@example.com")],
        "external_id": format!("customer-{number}"),
        "first_name": "Ada",
        "last_name": "Byron",
        "public_metadata": { "plan": "pro", "seats": 12, "beta": ["editor", "export"] },
        "private_metadata": { "billing": { "customer": number, "currency": "EUR" } },
        "skip_password_requirement": true,
    })
}

/// Makes people, many at once.
fn make_users(server: &Frontdesk, connections: usize, time: Duration, first: u64) -> Result<Rate> {
    let load = Load {
        address: server.address,
        connections,
        time,
        waiting: Waiting::Asleep,
        status: 200,
        request: &|number, request| {
            request.extend(server.request("POST", "/v1/users", &new_user(number).to_string()));
        },
        check: &|number, body| {
            let user: Value = serde_json::from_slice(body)?;
            let wanted = &new_user(number)["email_address"][0];
            anyhow::ensure!(user["email_addresses"][0]["email_address"] == *wanted, "{user}");
            Ok(())
        },
    };
    load.run(&server.process, first)
}
