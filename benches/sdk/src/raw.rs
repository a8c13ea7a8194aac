//! The yardstick: nothing but the RSA check of a signature, with the library that we use, too.

use std::hint::black_box;

use anyhow::{Context, Result};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::measure::Subject;
use crate::world::World;

/// Verifies the signatures of a thousand tokens in turn, each already decoded.
pub(crate) fn subject(world: &World) -> Result<Subject<'static>> {
    let pem = world.public_pem()?;
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, STANDARD.decode(body)?)?;
    let signed = world.people[..crate::FEW].iter().map(|token| {
        let (text, signature) = token.rsplit_once('.').context("a token")?;
        Ok((text.to_owned(), URL_SAFE_NO_PAD.decode(signature)?))
    });
    let signed = signed.collect::<Result<Vec<_>>>()?;
    let mut next = 0;
    Ok(Subject::new("RSA-2048 verification alone (aws-lc-rs)", signed.len(), move |count, notes| {
        for _ in 0..count {
            let (text, signature): &(String, Vec<u8>) = &signed[next];
            notes.time(1, || assert!(black_box(key.verify_sig(text.as_bytes(), signature)).is_ok()));
            next = (next + 1) % signed.len();
        }
        Ok(())
    }))
}
