//! Tokens minted while a flood of people sign in with passwords, beside tokens minted while nobody does.
//!
//! One connection asks for tokens at a steady pace, as applications do; its slowest hundredth is what a flood could hurt.
//! The server has one core, and the flood wants all of it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::{Value, json};

use super::new_user;
use crate::client::{Load, Probe, Waiting};
use crate::frontdesk::{Frontdesk, Settings};
use crate::report::{Aim, Finding, Unit, median};

/// People who can sign in.
const PEOPLE: u64 = 20;
/// Connections of the flood: more than there are threads to hash.
const CONNECTIONS: usize = 16;
/// Turns of each kind.
const TURNS: usize = 5;
/// How long a turn takes: enough tokens for a hundredth to mean something.
const TURN: Duration = Duration::from_secs(8);
/// The pause between two tokens.
const PACE: Duration = Duration::from_millis(20);
const PASSWORD: &str = "correct horse battery";

pub(super) fn measure(folder: &Path) -> Result<Vec<Finding>> {
    let server = Frontdesk::start(&folder.join("flood"), Settings::default())?;
    let mut session = String::new();
    for number in 0..PEOPLE {
        let mut user = new_user(number);
        user["password"] = json!(PASSWORD);
        let user = server.post("/v1/users", &user)?;
        let begun = server.post("/v1/sessions", &json!({ "user_id": user["id"] }))?;
        begun["id"].as_str().context("a session has an id")?.clone_into(&mut session);
    }
    let mint = server.request("POST", &format!("/v1/sessions/{session}/tokens"), "{}");
    let probe = Probe { request: &mint, every: PACE };
    let flood = Load {
        address: server.address,
        connections: CONNECTIONS,
        time: TURN,
        waiting: Waiting::Asleep,
        status: 200,
        request: &|number, request| request.extend_from_slice(&sign_in(&server, number)),
        check: &|_, body| {
            let answer: Value = serde_json::from_slice(body)?;
            ensure!(answer["response"]["status"] == "complete", "{answer}");
            Ok(())
        },
    };
    let nobody = Load { connections: 0, ..flood };
    let (mut ratios, mut idle, mut busy, mut shares) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for turn in 0..=TURNS {
        let hashing = hashes_per_second();
        let (_, calm) = nobody.run_beside(&server.process, 0, &probe)?;
        let (rate, flooded) = flood.run_beside(&server.process, 0, &probe)?;
        if turn > 0 {
            let (calm, flooded) = (slowest_hundredth(calm), slowest_hundredth(flooded));
            ratios.push(flooded / calm);
            idle.push(calm);
            busy.push(flooded);
            shares.push(rate.per_second() / hashing);
        }
    }
    server.process.stop()?;
    Ok(vec![
        Finding {
            what: "p99 of minting in a flood of sign-ins / the same while nobody signs in",
            figure: median(ratios),
            aim: Aim::Below(3.0),
            unit: Unit::Ratio,
            details: format!("{:.2} ms beside {:.2} ms", median(busy), median(idle)),
        },
        Finding {
            what: "sign-ins in that flood / argon2id hashes that one core can make",
            figure: median(shares),
            aim: Aim::AtLeast(0.8),
            unit: Unit::Ratio,
            details: format!("on {CONNECTIONS} connections; the server has one core for everything"),
        },
    ])
}

/// A sign-in of one of the people, as a browser without cookies sends it.
fn sign_in(server: &Frontdesk, number: u64) -> Vec<u8> {
    let person = number % PEOPLE;
    let body = format!(
        "identifier=person{person}%40example.com&password={}",
        PASSWORD.replace(' ', "+")
    );
    format!(
        "POST /v1/client/sign_ins?_clerk_js_version=6.29.3 HTTP/1.1\r\nhost: {}\r\norigin: http://localhost:3000\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    )
    .into_bytes()
}

/// What a core can hash if it does nothing else: on the clients' core, just before each turn.
fn hashes_per_second() -> f64 {
    let params = Params::new(19_456, 2, 1, None).expect("the server's own parameters");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (begun, mut count, mut digest) = (Instant::now(), 0_u32, [0; 32]);
    while begun.elapsed() < Duration::from_secs(1) {
        hasher.hash_password_into(PASSWORD.as_bytes(), &[7; 16], &mut digest).expect("a hash");
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

/// In milliseconds.
fn slowest_hundredth(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() * 99 / 100].as_secs_f64() * 1e3
}
