//! A user by id, beside a bare handler with one SQLite point read.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{CONNECTIONS, Pairs, TURN, TURNS, new_user};
use crate::bare::Bare;
use crate::client::{self, Load, Waiting};
use crate::frontdesk::{Frontdesk, Settings};
use crate::report::{Aim, Finding, Unit};

/// How many there are to read.
const USERS: u64 = 2000;
/// Leads from one to a far away one, and to all in the end: it has no divisor in common with their number.
const STRIDE: u64 = 1237;

pub(super) fn measure(folder: &Path) -> Result<Vec<Finding>> {
    let server = Frontdesk::start(&folder.join("users"), Settings::default())?;
    let mut users = Vec::new();
    for number in 0..USERS {
        let made = server.post("/v1/users", &new_user(number))?;
        let id = made["id"].as_str().context("a user has an id")?.to_owned();
        let (_, body) = client::once(server.address, &server.request("GET", &format!("/v1/users/{id}"), ""))?;
        users.push((id, body));
    }
    let bare = Bare::start(folder, &users)?;
    let of = |number: u64| usize::try_from(number * STRIDE % USERS).unwrap_or(0);
    let check = |number: u64, body: &[u8]| {
        let user: Value = serde_json::from_slice(body)?;
        ensure!(user["id"] == users[of(number)].0 && user["public_metadata"]["seats"] == 12, "{user}");
        ensure!(body == users[of(number)].1, "another body than before");
        Ok(())
    };
    let ask = |requests: &[Vec<u8>], address, process: &_| {
        let request = |number: u64, request: &mut Vec<u8>| request.extend_from_slice(&requests[of(number)]);
        Load {
            address,
            connections: CONNECTIONS,
            time: TURN,
            waiting: Waiting::Awake,
            status: 200,
            request: &request,
            check: &check,
        }
        .run(process, 0)
    };
    let requests = |prefix: &str| -> Vec<_> {
        users.iter().map(|(id, _)| server.request("GET", &format!("{prefix}/{id}"), "")).collect()
    };
    let (ours, theirs) = (requests("/v1/users"), requests("/users"));
    let pairs = Pairs::measure(
        TURNS,
        |_| ask(&ours, server.address, &server.process),
        |_| ask(&theirs, bare.address, &bare.process),
    )?;
    server.process.stop()?;
    Ok(vec![Finding {
        what: "`GET /v1/users/{id}` / bare handler with one SQLite point read",
        figure: pairs.ratio(),
        aim: Aim::AtLeast(0.6),
        unit: Unit::Ratio,
        details: format!(
            "{}; beside the bare handler it needed {:.0} %; {} bytes a body",
            pairs.details("bare"),
            100.0 * pairs.median(|(_, bare)| bare.client_share()),
            users[0].1.len()
        ),
    }])
}
