//! TLS to PostgreSQL, as its own clients do it: `sslmode` and `sslrootcert` in the address.
//!
//! | `sslmode` | encrypted | the server's certificate |
//! |---|---|---|
//! | `disable` | never | |
//! | `prefer` (default) | if the server can | is not looked at |
//! | `require` | always | is not looked at |
//! | `verify-ca` | always | leads to a root in `sslrootcert` |
//! | `verify-full` | always | leads to a root in `sslrootcert`, or of the system, and names the host |

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result};

/// A PostgreSQL server, and how to encrypt what is said to it.
pub(super) struct Target {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Target {
    /// Reads an address, as a URL or as `key=value` pairs.
    pub(super) fn parse(address: &str) -> Result<Self> {
        let Address { rest, mode, roots } = Address::split(address);
        let mut config: Config = rest.parse().map_err(|source| Error::DatabaseUrl(Arc::new(source)))?;
        let mode = mode.as_deref().unwrap_or("prefer");
        let certificate = match (mode, roots) {
            ("disable" | "prefer" | "require", _) => Certificate::Any,
            ("verify-ca", Some(path)) => Certificate::LeadsTo(read_roots(&path)?),
            ("verify-full", Some(path)) => Certificate::NamesHost(Some(read_roots(&path)?)),
            ("verify-full", None) => Certificate::NamesHost(None),
            ("verify-ca", None) => {
                return Err(Error::DatabaseTls("sslmode=verify-ca needs an sslrootcert".to_owned()));
            }
            (other, _) => {
                return Err(Error::DatabaseTls(format!(
                    "sslmode is disable, prefer, require, verify-ca or verify-full, not {other}"
                )));
            }
        };
        config.ssl_mode(match mode {
            "disable" => SslMode::Disable,
            "prefer" => SslMode::Prefer,
            _ => SslMode::Require,
        });
        Ok(Self { config, tls: MakeRustlsConnect::new(certificate.client_config()?) })
    }
}

/// An address, without what the driver does not know.
struct Address {
    rest: String,
    mode: Option<String>,
    roots: Option<String>,
}

impl Address {
    fn split(address: &str) -> Self {
        let mut split = Self { rest: String::new(), mode: None, roots: None };
        if address.contains("://") {
            let (base, query) = address.split_once('?').unwrap_or((address, ""));
            let others: Vec<&str> =
                query.split('&').filter(|pair| !pair.is_empty() && !split.take(pair, decoded)).collect();
            let mark = if others.is_empty() { "" } else { "?" };
            split.rest = format!("{base}{mark}{}", others.join("&"));
        } else {
            let plain = |text: &str| text.trim_matches('\'').to_owned();
            let others: Vec<&str> =
                address.split_whitespace().filter(|pair| !split.take(pair, plain)).collect();
            split.rest = others.join(" ");
        }
        split
    }

    /// Takes a pair if it is ours.
    fn take(&mut self, pair: &str, read: impl Fn(&str) -> String) -> bool {
        match pair.split_once('=') {
            Some(("sslmode", value)) => self.mode = Some(read(value)),
            Some(("sslrootcert", value)) => self.roots = Some(read(value)),
            _ => return false,
        }
        true
    }
}

/// A value of a query, percent-decoded.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn read_roots(path: &str) -> Result<RootCertStore> {
    let failed = |cause: String| Error::DatabaseTls(format!("the roots in {path} cannot be read: {cause}"));
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(Path::new(path)).map_err(|error| failed(error.to_string()))?;
    for certificate in found {
        let certificate = certificate.map_err(|error| failed(error.to_string()))?;
        roots.add(certificate).map_err(|error| failed(error.to_string()))?;
    }
    if roots.is_empty() { Err(failed("it holds no certificate in PEM".to_owned())) } else { Ok(roots) }
}

/// What the server's certificate has to be.
enum Certificate {
    Any,
    LeadsTo(RootCertStore),
    NamesHost(Option<RootCertStore>),
}

impl Certificate {
    fn client_config(self) -> Result<ClientConfig> {
        let failed = |error: &dyn std::fmt::Display| Error::DatabaseTls(error.to_string());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?;
        let builder = match self {
            Self::NamesHost(Some(roots)) => builder.with_root_certificates(roots),
            Self::NamesHost(None) => builder.with_platform_verifier().map_err(|error| failed(&error))?,
            Self::LeadsTo(roots) => {
                let chain =
                    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                        .build()
                        .map_err(|error| failed(&error))?;
                builder
                    .dangerous()
                    .with_custom_certificate_verifier(Arc::new(AnyHost { provider, chain: Some(chain) }))
            }
            Self::Any => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyHost { provider, chain: None })),
        };
        Ok(builder.with_no_client_auth())
    }
}

/// Takes certificates that name any host; with a chain, only those that lead to a root.
#[derive(Debug)]
struct AnyHost {
    provider: Arc<CryptoProvider>,
    chain: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for AnyHost {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        // The chain is looked at before the name.
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split_in_either_spelling() {
        let url = Address::split(
            "postgres://ada:p@db:5433/x?sslmode=verify-full&connect_timeout=3&sslrootcert=%2Fa%20b",
        );
        assert_eq!(url.rest, "postgres://ada:p@db:5433/x?connect_timeout=3");
        assert_eq!((url.mode.as_deref(), url.roots.as_deref()), (Some("verify-full"), Some("/a b")));
        let pairs = Address::split("host=db user=ada sslmode=require dbname=x");
        assert_eq!(
            (pairs.rest.as_str(), pairs.mode.as_deref()),
            ("host=db user=ada dbname=x", Some("require"))
        );
        assert_eq!(Address::split("postgres://db/x").rest, "postgres://db/x");
    }

    #[test]
    fn modes_are_those_of_postgresql() {
        let mode = |url: &str| Target::parse(url).map(|target| target.config.get_ssl_mode());
        assert_eq!(mode("postgres://db/x").unwrap(), SslMode::Prefer);
        assert_eq!(mode("postgres://db/x?sslmode=disable").unwrap(), SslMode::Disable);
        for encrypted in ["require", "verify-full"] {
            assert_eq!(mode(&format!("postgres://db/x?sslmode={encrypted}")).unwrap(), SslMode::Require);
        }
        for (wrong, says) in [
            ("postgres://db/x?sslmode=allow", "not allow"),
            ("postgres://db/x?sslmode=verify-ca", "needs an sslrootcert"),
            ("postgres://db/x?sslmode=verify-full&sslrootcert=/nowhere", "/nowhere"),
            ("mysql://db/x", "URL"),
        ] {
            assert!(mode(wrong).unwrap_err().to_string().contains(says), "{wrong}");
        }
    }
}
