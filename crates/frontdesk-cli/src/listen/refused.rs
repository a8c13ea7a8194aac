//! Connections beyond the limit: told so at once, and not waited for.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// How many are told at once; the others are closed without a word.
const TOLD_AT_ONCE: usize = 64;
/// How long one of them may take to listen.
const PATIENCE: Duration = Duration::from_secs(1);

const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n\
connection: close\r\ncontent-length: 162\r\n\r\n{\"errors\":[{\"message\":\"too many connections\",\"long_message\":\
\"The server has no place for another connection. Try again.\",\"code\":\"service_unavailable\",\"meta\":{}}]}";

/// Sends connections away.
pub(super) struct Refusals {
    places: Arc<Semaphore>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(TOLD_AT_ONCE)) }
    }
}

impl Refusals {
    /// Says why, where that can be said in clear, and hangs up.
    pub(super) fn refuse(&self, mut stream: TcpStream, is_tls: bool) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return };
        if is_tls {
            return;
        }
        let tell = async move {
            stream.write_all(ANSWER).await?;
            stream.shutdown().await?;
            // Closing with something unread would take the answer back.
            let mut request = [0; 1024];
            while stream.read(&mut request).await? > 0 {}
            std::io::Result::Ok(())
        };
        tokio::spawn(async move {
            drop(tokio::time::timeout(PATIENCE, tell).await);
            drop(place);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_as_long_as_it_says() {
        let text = std::str::from_utf8(ANSWER).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{}", body.len());
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["errors"][0]["code"], "service_unavailable");
    }
}
