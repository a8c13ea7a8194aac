//! TLS by certificate files, which may change while the server runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use crate::config::TlsVersion;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// A certificate in files, and the one that was read last.
#[derive(Debug)]
pub(crate) struct Certificate {
    chain_file: PathBuf,
    key_file: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

/// Reads a certificate chain and its key, and sees that they belong together.
pub(crate) fn read_certificate(certificate: &Path, key: &Path) -> Result<CertifiedKey> {
    let unreadable = |path: &Path| format!("the file {} cannot be read", path.display());
    let chain = CertificateDer::pem_file_iter(certificate).with_context(|| unreadable(certificate))?;
    let chain = chain.collect::<Result<Vec<_>, _>>().with_context(|| unreadable(certificate))?;
    if chain.is_empty() {
        bail!("the file {} holds no certificate in PEM", certificate.display());
    }
    let private = PrivateKeyDer::from_pem_file(key).with_context(|| unreadable(key))?;
    CertifiedKey::from_der(chain, private, &provider()).with_context(|| {
        format!("the key {} cannot be used with the certificate {}", key.display(), certificate.display())
    })
}

impl Certificate {
    /// Reads the files for the first time.
    pub(crate) fn open(chain_file: PathBuf, key_file: PathBuf) -> Result<Arc<Self>> {
        let current = RwLock::new(Arc::new(read_certificate(&chain_file, &key_file)?));
        Ok(Arc::new(Self { chain_file, key_file, current }))
    }

    /// What agrees on TLS with clients: HTTP/2 or HTTP/1.1, whatever certificate is current.
    pub(crate) fn acceptor(self: &Arc<Self>, oldest: TlsVersion) -> Result<TlsAcceptor> {
        let versions: &[&rustls::SupportedProtocolVersion] = match oldest {
            TlsVersion::Tls12 => &[&rustls::version::TLS13, &rustls::version::TLS12],
            TlsVersion::Tls13 => &[&rustls::version::TLS13],
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_protocol_versions(versions)
            .context("TLS cannot be set up")?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Reads the files again when they change, and whenever it is asked to. What cannot be read leaves the certificate
    /// as it is.
    pub(crate) async fn keep_fresh(self: Arc<Self>, mut asked: mpsc::Receiver<()>) {
        let mut seen = self.changed_at();
        loop {
            let is_asked = tokio::select! {
                asked = asked.recv() => asked.is_some(),
                () = tokio::time::sleep(LOOK) => false,
            };
            let now = self.changed_at();
            if !is_asked && now == seen {
                continue;
            }
            match read_certificate(&self.chain_file, &self.key_file) {
                Ok(fresh) => {
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
                    tracing::info!("the certificate was read again");
                }
                Err(error) => tracing::error!(
                    cause = format!("{error:#}"),
                    "the certificate cannot be read again; the old one stays"
                ),
            }
            // Files that were only half written have changed once more by the next look.
            seen = now;
        }
    }

    fn changed_at(&self) -> [Option<SystemTime>; 2] {
        [&self.chain_file, &self.key_file]
            .map(|path| std::fs::metadata(path).and_then(|it| it.modified()).ok())
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}
