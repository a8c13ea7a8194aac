//! The control socket: one JSON line asks, one JSON line answers.
//!
//! The socket lies in the data folder and only its owner can open it, so it needs no further key.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use frontdesk_server::Server;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::control::{self, Ask};

/// The longest line taken, in bytes.
const MAX_LINE: u64 = 1024 * 1024;
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Value),
    Failed(String),
}

/// Listens for the command line until the server ends. An old socket of a server that was killed is replaced.
pub(crate) fn listen(path: &Path, server: Server) -> Result<()> {
    let listener =
        bind(path).with_context(|| format!("the control socket {} cannot be made", path.display()))?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let server = server.clone();
            tokio::spawn(async move { tokio::time::timeout(PATIENCE, serve(stream, &server)).await });
        }
    });
    Ok(())
}

/// Makes the socket where nobody else can look, closes it to others, and only then puts it in its place: in a folder
/// that others may enter, there is no moment at which they could open it.
fn bind(path: &Path) -> std::io::Result<UnixListener> {
    let folder = tempfile::Builder::new().prefix(".").tempdir_in(path.parent().unwrap_or(Path::new(".")))?;
    // Short, as the whole path of a socket must be.
    let made = folder.path().join("s");
    let listener = UnixListener::bind(&made)?;
    std::fs::set_permissions(&made, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&made, path)?;
    Ok(listener)
}

async fn serve(mut stream: UnixStream, server: &Server) -> Result<()> {
    let (reader, mut writer) = stream.split();
    let mut line = String::new();
    BufReader::new(reader.take(MAX_LINE)).read_line(&mut line).await?;
    let outcome = match serde_json::from_str::<Ask>(&line) {
        Ok(ask) => control::answer(server, ask).await,
        Err(error) => Err(anyhow!("the request cannot be read: {error}")),
    };
    let answer = match outcome {
        Ok(value) => Answer::Done(value),
        Err(error) => Answer::Failed(format!("{error:#}")),
    };
    let mut text = serde_json::to_string(&answer)?;
    text.push('\n');
    writer.write_all(text.as_bytes()).await?;
    Ok(())
}

/// Asks the server that listens on this socket.
pub(crate) async fn ask(path: &Path, ask: &Ask) -> Result<Value> {
    let exchange = async {
        let mut stream = UnixStream::connect(path).await.context("the running server does not answer")?;
        let mut line = serde_json::to_string(ask)?;
        line.push('\n');
        stream.write_all(line.as_bytes()).await?;
        let mut reply = String::new();
        BufReader::new(stream.take(MAX_LINE)).read_line(&mut reply).await?;
        serde_json::from_str(&reply).context("the running server gave no answer that can be read")
    };
    match tokio::time::timeout(PATIENCE, exchange).await.context("the running server does not answer")?? {
        Answer::Done(value) => Ok(value),
        Answer::Failed(message) => Err(anyhow!(message)),
    }
}
