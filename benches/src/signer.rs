//! The peer of minting: nothing but RSA-2048 signatures, one after another, on the servers' core.

use std::io::{BufReader, Write};
use std::process::ChildStdout;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use crate::client::Rate;
use crate::process::{self, Process};

/// What starts this role.
pub(crate) const ROLE: &str = "signer";

/// As long as what is signed in a session token.
const MESSAGE: [u8; 500] = [b'x'; 500];

/// A process that signs when it is told to.
pub(crate) struct Signer {
    process: Process,
    output: BufReader<ChildStdout>,
}

impl Signer {
    /// Starts it; it generates its key now.
    pub(crate) fn start() -> Result<Self> {
        let (process, mut output) = Process::start_role(&[ROLE])?;
        process::line(&mut output)?;
        Ok(Self { process, output })
    }

    /// Signs for so long.
    pub(crate) fn sign(&mut self, time: Duration) -> Result<Rate> {
        let (count, elapsed, processor) = self.ask("sign", time.as_nanos())?;
        Ok(Rate { count, elapsed, processor, client: Duration::ZERO })
    }

    /// How long a new key takes.
    pub(crate) fn generate(&mut self) -> Result<Duration> {
        Ok(self.ask("generate", 0)?.1)
    }

    fn ask(&mut self, what: &str, number: u128) -> Result<(u64, Duration, Duration)> {
        writeln!(self.process.input()?, "{what} {number}")?;
        let answer = process::line(&mut self.output)?;
        let numbers: Vec<u64> = answer.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        match numbers[..] {
            [count, elapsed, processor] => {
                Ok((count, Duration::from_nanos(elapsed), Duration::from_nanos(processor)))
            }
            _ => bail!("the signer says {answer}"),
        }
    }
}

/// A key with what it needs to sign.
pub(crate) struct Signing {
    key: RsaKeyPair,
    random: SystemRandom,
}

impl Signing {
    /// A fresh key.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { key: generated()?, random: SystemRandom::new() })
    }

    /// One signature.
    pub(crate) fn sign(&self) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &self.random, &MESSAGE, &mut signature).context("a signature")?;
        Ok(signature)
    }
}

fn generated() -> Result<RsaKeyPair> {
    RsaKeyPair::generate(KeySize::Rsa2048).context("a key")
}

/// The role itself: reads what to do, and prints count, time and processor time in nanoseconds.
pub(crate) fn serve() -> Result<()> {
    let signing = Signing::new()?;
    println!("ready");
    for line in std::io::stdin().lines() {
        let line = line?;
        let (begun, had) = (Instant::now(), process::own_processor_time()?);
        let mut count = 0_u64;
        match line.split_once(' ').context("a word and a number")? {
            ("sign", nanoseconds) => {
                let time = Duration::from_nanos(nanoseconds.parse()?);
                while begun.elapsed() < time {
                    std::hint::black_box(signing.sign()?);
                    count += 1;
                }
            }
            ("generate", _) => {
                std::hint::black_box(generated()?);
                count = 1;
            }
            _ => bail!("told to {line}"),
        }
        let (elapsed, processor) = (begun.elapsed(), process::own_processor_time()?.saturating_sub(had));
        println!("{count} {} {}", elapsed.as_nanos(), processor.as_nanos());
    }
    Ok(())
}
