//! Users created by many at once, beside the same server with a durable commit for each.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::{Pairs, TURN, make_users};
use crate::frontdesk::{Frontdesk, Settings};
use crate::report::{Aim, Finding, Unit};

/// Connections that create.
const CONNECTIONS: usize = 64;
/// Both fill their database as they go, so there are fewer turns than elsewhere.
const TURNS: u64 = 5;
/// Numbers of one turn: more than can be made in it.
const NUMBERS: u64 = 1_000_000;

pub(super) fn measure(folder: &Path) -> Result<Vec<Finding>> {
    let grouped = Frontdesk::start(&folder.join("grouped"), Settings::default())?;
    let alone = Settings { without_group_commit: true, ..Settings::default() };
    let alone = Frontdesk::start(&folder.join("alone"), alone)?;
    let (mut grouped_made, mut alone_made) = (0, 0);
    let pairs = Pairs::measure(
        TURNS,
        |turn| {
            let rate = make_users(&grouped, CONNECTIONS, TURN, turn * NUMBERS)?;
            grouped_made += rate.count;
            Ok(rate)
        },
        |turn| {
            let rate = make_users(&alone, CONNECTIONS, TURN, turn * NUMBERS)?;
            alone_made += rate.count;
            Ok(rate)
        },
    )?;
    for (server, made) in [(&grouped, grouped_made), (&alone, alone_made)] {
        let count = server.get("/v1/users/count")?["total_count"].as_u64().context("a count")?;
        ensure!(count == made, "{made} users were acknowledged, {count} are there");
    }
    grouped.process.stop()?;
    alone.process.stop()?;
    let flushes = flushes_per_second(folder)?;
    Ok(vec![Finding {
        what: "users created on 64 connections / the same without group commit",
        figure: pairs.ratio(),
        aim: Aim::AtLeast(3.0),
        unit: Unit::Ratio,
        details: format!("{}; the disk flushes {flushes:.0} times a second", pairs.details("without")),
    }])
}

/// How often this disk makes a page durable in a second.
fn flushes_per_second(folder: &Path) -> Result<f64> {
    let mut file = File::create(folder.join("flushes"))?;
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < TURN {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / begun.elapsed().as_secs_f64())
}
