//! `frontdesk authenticate --jsonl`: recorded requests in, one a line, and who is asking out.
//!
//! The SDK answers, as it would inside an application with the options of the line and with the line's time on its
//! clock. It is for looking into what an application did, and for comparing this SDK with others.

mod line;
mod recorded;

use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use frontdesk::client::{
    BoxFuture, Client, Failure, HttpTransport, Request, Response, Retries, Transport, TransportError,
};
use frontdesk::{
    Accepts, Auth, Clock, Explanation, Frontdesk, RequestState, Requirement, Status, Timestamp, TokenType,
};
use serde_json::{Map, Value, json};

use self::line::{Line, Options};
use self::recorded::Recorded;
use crate::cli::AuthenticateOptions;

/// The longest line; a request has seldom more than 16 KiB of headers.
const LONGEST_LINE: u64 = 1024 * 1024;
/// How many sets of options are remembered with the keys that were fetched for them.
const MOST_OPTIONS: usize = 1024;
/// How long the Backend API may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Answers line by line until the input ends.
pub(crate) async fn run(options: AuthenticateOptions) -> Result<()> {
    let mut desk = Desk::new(options)?;
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    while let Some(line) = next_line(&mut input).context("standard input cannot be read")? {
        let answer = match line {
            Ok(line) if line.trim_ascii().is_empty() => continue,
            Ok(line) => desk.answer(&line).await,
            Err(TooLong) => failed(&Value::Null, "the line is too long"),
        };
        // Whoever reads may have had enough; that is no failure.
        if writeln!(output, "{answer}").and_then(|()| output.flush()).is_err() {
            break;
        }
    }
    Ok(())
}

struct TooLong;

/// The next line, or `None` at the end. The rest of a line that is too long is passed over.
fn next_line(input: &mut impl BufRead) -> std::io::Result<Option<Result<Vec<u8>, TooLong>>> {
    let mut line = Vec::new();
    let read = Read::take(&mut *input, LONGEST_LINE).read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") || u64::try_from(read).is_ok_and(|read| read < LONGEST_LINE) {
        return Ok(Some(Ok(line)));
    }
    loop {
        let (skipped, ended) = {
            let chunk = input.fill_buf()?;
            match chunk.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (chunk.len(), chunk.is_empty()),
            }
        };
        input.consume(skipped);
        if ended {
            return Ok(Some(Err(TooLong)));
        }
    }
}

fn failed(id: &Value, error: impl fmt::Display) -> Value {
    json!({ "id": id, "error": error.to_string() })
}

/// The Backend API that secret keys are shown to. There is none by default: recorded keys are nobody else's business.
#[derive(Clone, Debug)]
enum Api {
    Named(HttpTransport),
    Unnamed,
}

impl Transport for Api {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        match self {
            Self::Named(transport) => transport.send(request),
            Self::Unnamed => {
                let error = TransportError::new(Failure::Unreachable, "set FRONTDESK_URL or CLERK_API_URL");
                Box::pin(std::future::ready(Err(error)))
            }
        }
    }
}

/// The SDK, set up once for each set of options.
struct Desk {
    explain: bool,
    auth: bool,
    transport: Api,
    clock: LineClock,
    known: HashMap<String, Result<Frontdesk, String>>,
}

impl Desk {
    fn new(options: AuthenticateOptions) -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let transport = match variable("FRONTDESK_URL").or_else(|| variable("CLERK_API_URL")) {
            None => Api::Unnamed,
            Some(url) => Api::Named(
                HttpTransport::new(&url)
                    .context("the Backend API cannot be asked (FRONTDESK_URL, CLERK_API_URL)")?
                    .timeout(PATIENCE),
            ),
        };
        Ok(Self {
            explain: options.explain,
            auth: options.auth,
            transport,
            clock: LineClock::default(),
            known: HashMap::new(),
        })
    }

    async fn answer(&mut self, line: &[u8]) -> Value {
        let line = match Line::read(line) {
            Ok(line) => line,
            Err((id, error)) => return failed(&id, error),
        };
        let id = line.id.clone();
        match self.decide(line).await {
            Ok(mut answer) => {
                answer.shift_insert(0, "id".to_owned(), id);
                Value::Object(answer)
            }
            Err(error) => failed(&id, error),
        }
    }

    async fn decide(&mut self, line: Line) -> Result<Map<String, Value>, String> {
        let request = Recorded::new(&line.method, &line.url, &line.headers)?;
        self.clock.set(line.now);
        let frontdesk = self.set_up(line.options)?;
        let state = frontdesk.authenticate_request(&request).await.map_err(|error| error.to_string())?;
        Ok(self.tell(&state, line.has.as_deref()))
    }

    fn set_up(&mut self, options: Options) -> Result<Frontdesk, String> {
        let key = options.to_string();
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        if self.known.len() == MOST_OPTIONS {
            self.known.clear();
        }
        let made = self.make(options);
        self.known.insert(key, made.clone());
        made
    }

    fn make(&self, options: Options) -> Result<Frontdesk, String> {
        let accepts = options.accepts()?;
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let machine_secret = filled(&options.machine_secret_key);
        let secret = match filled(&options.secret_key) {
            None if accepts == Accepts::from(TokenType::M2m) => machine_secret.clone(),
            known => known,
        };
        let secret = secret.ok_or("no secret key")?;
        let mut client = Client::builder(&*secret).retries(Retries::never());
        if let Some(machine_secret) = machine_secret {
            client = client.machine_secret_key(machine_secret);
        }
        let client = client.build(self.transport.clone()).map_err(|error| error.to_string())?;

        let mut builder = Frontdesk::builder()
            .client(client)
            .secret_key(secret)
            .publishable_key(options.publishable_key.unwrap_or_default())
            .jwt_key(options.jwt_key.unwrap_or_default())
            .is_satellite(options.is_satellite.unwrap_or_default())
            .domain(options.domain.unwrap_or_default())
            .proxy_url(options.proxy_url.unwrap_or_default())
            .sign_in_url(options.sign_in_url.unwrap_or_default())
            .sign_up_url(options.sign_up_url.unwrap_or_default())
            .satellite_auto_sync(options.satellite_auto_sync.unwrap_or_default())
            .accepting(accepts)
            .clock(self.clock.clone());
        for party in options.authorized_parties.unwrap_or_default() {
            builder = builder.authorized_party(party);
        }
        for audience in options.audience.map(Vec::from).unwrap_or_default() {
            builder = builder.audience(audience);
        }
        let sync = options.organization_sync.unwrap_or_default();
        if let Some(patterns) = sync.organization_patterns {
            builder = builder.organization_patterns(patterns);
        }
        if let Some(patterns) = sync.personal_account_patterns {
            builder = builder.personal_account_patterns(patterns);
        }
        builder.build().map_err(|error| error.to_string())
    }

    fn tell(&self, state: &RequestState, has: Option<&[Value]>) -> Map<String, Value> {
        let auth = state.auth();
        // Until the handshake is done, nobody knows.
        let shown = match state.status() {
            Status::Handshake => Value::Null,
            _ => serde_json::to_value(&auth).unwrap_or_default(),
        };
        let text = |name: &str| shown.get(name).cloned().unwrap_or_default();
        let set_cookie = state.headers().get_all("set-cookie").iter();
        let mut answer = Map::from_iter([
            ("status".to_owned(), json!(state.status().as_str())),
            ("reason".to_owned(), json!(state.reason().map(frontdesk::Reason::as_str))),
            ("location".to_owned(), json!(state.location())),
            ("set_cookie".to_owned(), set_cookie.map(|value| json!(latin_1(value.as_bytes()))).collect()),
            ("user_id".to_owned(), text("userId")),
            ("session_id".to_owned(), text("sessionId")),
            ("org_id".to_owned(), text("orgId")),
        ]);
        if let Some(has) = has {
            let allowed = |parameters| auth.has(&Requirement::from_json(parameters));
            answer
                .insert("has".to_owned(), has.iter().map(|parameters| json!(allowed(parameters))).collect());
        }
        if self.auth {
            answer.insert("auth".to_owned(), shown);
        }
        if self.explain {
            answer.insert("explanation".to_owned(), explained(&auth));
        }
        answer
    }
}

fn explained(auth: &Auth) -> Value {
    let Some(Explanation { summary, carrier, kid_wanted, kids_known, skew, .. }) =
        auth.refusal().and_then(|why| why.explanation())
    else {
        return Value::Null;
    };
    json!({
        "summary": summary,
        "carrier": carrier,
        "kid_wanted": kid_wanted,
        "kids_known": kids_known,
        "skew": skew.map(frontdesk::Span::as_millis),
    })
}

/// Bytes as other SDKs see them.
fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Shows the time of the line that is being answered.
#[derive(Clone, Debug, Default)]
struct LineClock(Arc<AtomicI64>);

impl LineClock {
    fn set(&self, now: Option<i64>) {
        let now = now.unwrap_or_else(|| frontdesk::SystemClock.now().as_millis());
        self.0.store(now, Ordering::Relaxed);
    }
}

impl Clock for LineClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests;
