//! Session tokens minted over HTTP, beside nothing but the signatures in them.

use std::cell::RefCell;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{CONNECTIONS, Pairs, TURN, TURNS, new_user};
use crate::bare::Bare;
use crate::client::{Load, Waiting};
use crate::frontdesk::{Frontdesk, Settings};
use crate::report::{Aim, Finding, Unit};
use crate::signer::Signer;

/// Sessions that tokens are asked for in turn.
const SESSIONS: u64 = 200;

pub(super) fn measure(folder: &Path) -> Result<Vec<Finding>> {
    let server = Frontdesk::start(&folder.join("tokens"), Settings::default())?;
    let mut sessions = Vec::new();
    for number in 0..SESSIONS {
        let user = server.post("/v1/users", &new_user(number))?;
        let session = server.post("/v1/sessions", &json!({ "user_id": user["id"] }))?;
        sessions.push(session["id"].as_str().context("a session has an id")?.to_owned());
    }
    let of = |number: u64| usize::try_from(number % SESSIONS).unwrap_or(0);
    let requests: Vec<_> = sessions
        .iter()
        .map(|session| server.request("POST", &format!("/v1/sessions/{session}/tokens"), "{}"))
        .collect();
    let jwks = server.get("/v1/jwks")?;

    let load = Load {
        address: server.address,
        connections: CONNECTIONS,
        time: TURN,
        waiting: Waiting::Awake,
        status: 200,
        request: &|number, request| request.extend_from_slice(&requests[of(number)]),
        check: &|number, body| {
            let answer: Value = serde_json::from_slice(body)?;
            let claims = verified(answer["jwt"].as_str().context("no token")?, &jwks)?;
            ensure!(claims["sid"] == sessions[of(number)], "a token of another session: {claims}");
            Ok(())
        },
    };
    let signer = RefCell::new(Signer::start()?);
    let raw = |_| signer.borrow_mut().sign(TURN);
    let pairs = Pairs::measure(TURNS, |_| load.run(&server.process, 0), raw)?;
    server.process.stop()?;
    let bare = Bare::start(folder, &[])?;
    let request = b"POST /sign HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}";
    let load = Load {
        address: bare.address,
        request: &|_, into| into.extend_from_slice(request),
        check: &|_, signature| {
            ensure!(signature.len() == 256, "no signature");
            Ok(())
        },
        ..load
    };
    let bare_pairs = Pairs::measure(TURNS, |_| load.run(&bare.process, 0), raw)?;
    Ok(vec![
        Finding {
            what: "session tokens over HTTP / raw RSA-2048 signatures",
            figure: pairs.ratio(),
            aim: Aim::AtLeast(0.9),
            unit: Unit::Ratio,
            details: pairs.details("raw"),
        },
        Finding {
            what: "the same, a bare handler that signs / raw RSA-2048 signatures",
            figure: bare_pairs.ratio(),
            aim: Aim::None,
            unit: Unit::Ratio,
            details: bare_pairs.details("raw"),
        },
    ])
}

/// The claims of a token whose signature holds.
fn verified(token: &str, jwks: &Value) -> Result<Value> {
    let (message, signature) = token.rsplit_once('.').context("no signature")?;
    let (_, claims) = message.split_once('.').context("no claims")?;
    let bytes =
        |value: &Value| Ok::<_, anyhow::Error>(URL_SAFE_NO_PAD.decode(value.as_str().context("no text")?)?);
    let key = &jwks["keys"][0];
    PublicKeyComponents { n: bytes(&key["n"])?, e: bytes(&key["e"])? }
        .verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature)?)
        .context("the signature does not hold")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?)
}
