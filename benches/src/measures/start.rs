//! How long a start takes and how much the server occupies.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::{make_users, new_user};
use crate::client::{Load, Waiting};
use crate::frontdesk::{self, Frontdesk, Settings};
use crate::report::{Aim, Finding, Unit, median};
use crate::signer::Signer;

const STARTS: usize = 15;
/// Requests after which a server is no longer fresh.
const REQUESTS: u64 = 1000;

pub(super) fn measure(folder: &Path) -> Result<Vec<Finding>> {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let data = folder.join("restarted");
    let server = Frontdesk::start(&data, Settings::default())?;
    make_users(&server, 16, Duration::from_secs(1), 0)?;
    let secret_key = server.secret_key().to_owned();
    server.process.stop()?;

    let (mut restarts, mut seeded, mut unseeded, mut keys) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut signer = Signer::start()?;
    let (mut fresh, mut used) = (Vec::new(), Vec::new());
    for number in 0..STARTS {
        let server = Frontdesk::restart(&data, &secret_key)?;
        restarts.push(milliseconds(server.first_answer));
        fresh.push(server.process.memory()?);
        read_often(&server)?;
        used.push(server.process.memory()?);
        server.process.stop()?;

        let seed = Settings { seed: true, ..Settings::default() };
        let server = Frontdesk::start(&folder.join(format!("seeded{number}")), seed)?;
        seeded.push(milliseconds(server.first_answer));
        server.process.stop()?;

        let server = Frontdesk::start(&folder.join(format!("unseeded{number}")), Settings::default())?;
        unseeded.push(milliseconds(server.first_answer));
        server.process.stop()?;
        keys.push(milliseconds(signer.generate()?));
    }

    let worst = |figures: &[f64]| figures.iter().copied().fold(0.0, f64::max);
    let resident = |memory: &[crate::process::Memory]| median(memory.iter().map(|it| it.resident).collect());
    let own = |memory: &[crate::process::Memory]| median(memory.iter().map(|it| it.own).collect());
    let size = std::fs::metadata(frontdesk::program()?)?.len() as f64 / 1e6;
    Ok(vec![
        Finding {
            what: "restart to the first answer",
            figure: median(restarts.clone()),
            aim: Aim::Below(15.0),
            unit: Unit::Milliseconds,
            details: format!("of {STARTS}; the slowest {:.1} ms", worst(&restarts)),
        },
        Finding {
            what: "first start to the first answer, with published keys",
            figure: median(seeded.clone()),
            aim: Aim::Below(150.0),
            unit: Unit::Milliseconds,
            details: format!("of {STARTS}; the slowest {:.1} ms", worst(&seeded)),
        },
        Finding {
            what: "first start to the first answer, generating a key",
            figure: median(unseeded),
            aim: Aim::None,
            unit: Unit::Milliseconds,
            details: format!(
                "generating a key alone: {:.1} ms, the slowest {:.1} ms",
                median(keys.clone()),
                worst(&keys)
            ),
        },
        Finding {
            what: "resident after the start",
            figure: resident(&fresh),
            aim: Aim::Below(15.0),
            unit: Unit::Megabytes,
            details: format!(
                "`VmRSS`, {:.1} MB of it the process's own, the rest pages of its file",
                own(&fresh)
            ),
        },
        Finding {
            what: "resident after 1,000 requests",
            figure: resident(&used),
            aim: Aim::Below(15.0),
            unit: Unit::Megabytes,
            details: format!("`VmRSS`, {:.1} MB of it the process's own", own(&used)),
        },
        Finding {
            what: "the released program, stripped",
            figure: size,
            aim: Aim::Below(20.0),
            unit: Unit::Megabytes,
            details: String::new(),
        },
    ])
}

/// Asks for users until the server has answered often enough.
fn read_often(server: &Frontdesk) -> Result<()> {
    let first = &new_user(0)["email_address"][0];
    let path = format!("/v1/users?limit=10&email_address={}", first.as_str().unwrap_or_default());
    let request = server.request("GET", &path, "");
    let mut answered = 0;
    while answered < REQUESTS {
        let load = Load {
            address: server.address,
            connections: 4,
            time: Duration::from_millis(50),
            waiting: Waiting::Asleep,
            status: 200,
            request: &|_, into| into.extend_from_slice(&request),
            check: &|_, body| {
                let users: serde_json::Value = serde_json::from_slice(body)?;
                ensure!(users.as_array().is_some_and(|users| users.len() == 1), "{users}");
                Ok(())
            },
        };
        answered += load.run(&server.process, 0)?.count;
    }
    Ok(())
}
