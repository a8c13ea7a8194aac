//! TLS by certificate files, asked with other people's programs.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{HOST, Serving, ask, eventually};

/// Makes a self-signed certificate.
pub(crate) fn make_certificate(folder: &Path, name: &str) {
    make_certificate_for(folder, name, HOST);
}

/// The same for another host.
pub(crate) fn make_certificate_for(folder: &Path, name: &str, host: &str) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", &format!("/CN={host}"), "-addext", &format!("subjectAltName=DNS:{host}")])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(folder.join(format!("{name}.key")))
        .arg("-out")
        .arg(folder.join(format!("{name}.crt")))
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn start(folder: &Path, more: &[&str]) -> Serving {
    make_certificate(folder, "own");
    let settings = ["--set", "tls.certificate_file=own.crt", "--set", "tls.key_file=own.key"];
    Serving::start(folder, &[&settings, more].concat())
}

fn curl(server: &Serving, arguments: &[&str]) -> Output {
    Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "20", "--noproxy", "*", "--cacert"])
        .arg(server.folder.join("own.crt"))
        .args(["--resolve", &format!("{HOST}:{}:127.0.0.1", server.port)])
        .args(["--header", &format!("Host: {HOST}")])
        .args(arguments)
        .arg(format!("https://{HOST}:{}/v1/environment", server.port))
        .output()
        .expect("curl runs")
}

/// What `openssl s_client` says of a handshake.
fn handshake(server: &Serving, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(["s_client", "-connect", &format!("127.0.0.1:{}", server.port), "-servername", HOST])
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("openssl runs");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn browsers_speak_tls_1_2_and_1_3_and_http_2() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &[]);
    let output = curl(&server, &["--http2", "--write-out", "\n%{http_version} %{http_code}"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.ends_with("\n2 200"), "{text} {}", String::from_utf8_lossy(&output.stderr));
    let output = curl(&server, &["--http1.1", "--write-out", "\n%{http_version} %{http_code}"]);
    assert!(String::from_utf8_lossy(&output.stdout).ends_with("\n1.1 200"));
    assert!(handshake(&server, &["-tls1_3"]).contains("TLSv1.3, Cipher is TLS_"));
    assert!(handshake(&server, &["-tls1_2"]).contains("TLSv1.2, Cipher is ECDHE-"));
    let old = handshake(&server, &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
    assert!(old.contains("Cipher is (NONE)"), "{old}");
    // Cookies know that the connection is encrypted.
    let output = curl(
        &server,
        &["--request", "PUT", "--include", "--url", &format!("https://{HOST}:{}/v1/client", server.port)],
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("Secure"), "{output:?}");
    assert_eq!(server.stop(), 0);
    let strict = start(folder.path(), &["--set", "tls.min_version=1.3"]);
    assert!(handshake(&strict, &["-tls1_2"]).contains("Cipher is (NONE)"));
}

#[test]
fn a_new_certificate_is_read_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &[]);
    let serial = |text: &str| {
        let inside = text.split("-----BEGIN CERTIFICATE-----").nth(1).unwrap_or_default();
        inside.split("-----END").next().unwrap_or_default().to_owned()
    };
    let before = serial(&handshake(&server, &[]));
    assert!(!before.is_empty());
    // What cannot be used changes nothing.
    std::fs::write(folder.path().join("own.key"), "half").unwrap();
    server.signal("-HUP");
    server.wait_for_line(|line| line["level"] == "ERROR");
    assert_eq!(serial(&handshake(&server, &[])), before);
    make_certificate(folder.path(), "own");
    server.signal("-HUP");
    let after = eventually(|| Some(serial(&handshake(&server, &[]))).filter(|now| *now != before));
    assert!(!after.is_empty());
    assert!(curl(&server, &[]).status.success(), "the new certificate is the one in the file");
}

/// What an ACME client does that knows of no signal.
#[test]
fn a_new_certificate_is_noticed_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &[]);
    let before = handshake(&server, &[]);
    make_certificate(folder.path(), "fresh");
    for name in ["crt", "key"] {
        // As a renewal does it: written beside, then moved.
        let [fresh, own] = ["fresh", "own"].map(|stem| folder.path().join(format!("{stem}.{name}")));
        std::fs::rename(fresh, own).unwrap();
    }
    let certificate = |text: &str| {
        text.split("-----BEGIN CERTIFICATE-----")
            .nth(1)
            .unwrap_or_default()
            .split("-----END")
            .next()
            .map(str::to_owned)
    };
    eventually(|| Some(handshake(&server, &[])).filter(|now| certificate(now) != certificate(&before)));
    assert!(curl(&server, &[]).status.success(), "the new certificate is the one in the file");
}

#[test]
fn plain_http_is_led_to_https() {
    let folder = tempfile::tempdir().unwrap();
    // The port is not told in the log: take one that was free a moment ago.
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let _server = start(folder.path(), &["--set", &format!("redirect_listen=127.0.0.1:{port}")]);
    let reply = ask(port, "GET", "/v1/client?a=b", &[("host", "evil.example")], "");
    assert_eq!(reply.status, 308);
    assert!(reply.head.contains("location: https://clerk.shop.example/v1/client?a=b"), "{}", reply.head);
}
