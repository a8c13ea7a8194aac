//! The recipes of docs/deploy.md, taken from the document as they stand, with other people's programs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{Serving, eventually, frontdesk, make_user, succeed};
use crate::tls::make_certificate_for;

const DOCUMENT: &str = include_str!("../../../../docs/deploy.md");
/// The host of the recipes.
const HOST: &str = "clerk.example.com";
const PASSWORD: &str = "correct horse battery";

/// The first block of this language below a heading.
fn block(heading: &str, language: &str) -> String {
    let below = DOCUMENT.split_once(&format!("\n## {heading}\n")).expect("the heading is there").1;
    let begin = format!("```{language}\n");
    let block = below.split_once(&begin).expect("a block is there").1;
    block.split_once("\n```").expect("the block ends").0.to_owned()
}

/// Replaces what stands in the recipe for the machine it is written for. It must stand there.
fn with(text: &str, replacements: &[(&str, &str)]) -> String {
    replacements.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the recipe says {from}");
        text.replace(from, to)
    })
}

/// nginx, as the recipe has it, in front of a server. Killed when dropped.
struct Nginx {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Nginx {
    fn start(folder: &Path, upstream: u16) -> Self {
        make_certificate_for(folder, "proxy", HOST);
        // The port is free a moment ago.
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let path = |name: &str| folder.join(name).display().to_string();
        let server = with(
            &block("Behind a proxy", "nginx"),
            &[
                ("listen 443 ", &format!("listen {port} ")),
                ("/etc/ssl/clerk.example.com.crt", &path("proxy.crt")),
                ("/etc/ssl/clerk.example.com.key", &path("proxy.key")),
                ("http://127.0.0.1:4400", &format!("http://127.0.0.1:{upstream}")),
            ],
        );
        // What a machine's own configuration has around it; nothing of it is about the server.
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {};\n", path(name)))
            .concat();
        let whole = format!(
            "daemon off;\npid {};\nerror_log {};\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{server}\n}}\n",
            path("nginx.pid"),
            path("nginx.log")
        );
        std::fs::write(folder.join("nginx.conf"), whole).unwrap();
        // Where Debian puts it, which is not in everybody's path.
        let program = if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
        let child = Command::new(program)
            .args(["-p", folder.to_str().unwrap(), "-c", &path("nginx.conf"), "-e", &path("nginx.log")])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx runs");
        let mut nginx = Self { child, port, folder: folder.to_owned() };
        eventually(|| std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        assert!(nginx.child.try_wait().unwrap().is_none(), "{}", nginx.log());
        nginx
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("nginx.log")).unwrap_or_default()
    }

    /// What curl gets from it: the head, the body, and `version status` of the answer.
    fn curl(&self, path: &str, arguments: &[&str]) -> (String, String, String) {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--include", "--max-time", "20", "--noproxy", "*", "--cacert"])
            .arg(self.folder.join("proxy.crt"))
            .args(["--resolve", &format!("{HOST}:{}:127.0.0.1", self.port)])
            .args(["--write-out", "\n%{http_version} %{http_code}"])
            .args(arguments)
            .arg(format!("https://{HOST}:{}{path}", self.port))
            .output()
            .expect("curl runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        let (rest, outcome) = text.rsplit_once('\n').unwrap_or_else(|| panic!("no answer: {errors}"));
        // Whoever sends much is first told to go on.
        let rest = rest.rsplit_once("HTTP/2 100").map_or(rest, |(_, rest)| rest.trim_start());
        let (head, body) =
            rest.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {rest} {errors}"));
        (head.to_ascii_lowercase(), body.to_owned(), outcome.to_owned())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It has a child of its own, which it ends when it is asked to.
        drop(Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status());
        drop(self.child.wait());
    }
}

/// A server as the document has it behind a proxy.
fn behind_a_proxy(folder: &Path) -> Serving {
    std::fs::write(folder.join("frontdesk.toml"), block("Behind a proxy", "toml")).unwrap();
    let mut command = frontdesk();
    command.args(["serve", "--config", "frontdesk.toml", "--listen", "127.0.0.1:0"]);
    command.args(["--set", "admin.listen=127.0.0.1:0", "--set", "log.client_addresses=true"]);
    command.current_dir(folder);
    Serving::spawn(command, folder)
}

const ORIGIN: &str = "Origin: https://example.com";

#[test]
fn people_sign_in_through_nginx_as_the_recipe_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = behind_a_proxy(folder.path());
    let nginx = Nginx::start(folder.path(), server.port);
    let key = server.secret_key();
    let bearer = format!("Authorization: Bearer {key}");
    let json = "Content-Type: application/json";
    let ada = format!("{{\"email_address\":[\"ada@example.com\"],\"password\":\"{PASSWORD}\"}}");
    let (_, body, outcome) =
        nginx.curl("/v1/users", &["--header", &bearer, "--header", json, "--data", &ada]);
    assert_eq!(outcome, "2 200", "application servers get through, by HTTP/2: {body} {}", nginx.log());
    // A session token as large as they get: a handshake carries it in the head of its answer.
    let claims = format!("{{\"session_token_claims\":{{\"much\":\"{}\"}}}}", "x".repeat(900));
    succeed(&["instances", "settings", "--change", &claims], folder.path());

    let jar = folder.path().join("jar");
    let jar = jar.to_str().unwrap();
    let form = format!("identifier=ada%40example.com&password={}", PASSWORD.replace(' ', "+"));
    let (head, body, outcome) = nginx.curl(
        "/v1/client/sign_ins",
        &["--header", ORIGIN, "--data", &form, "--cookie-jar", jar, "--interface", "127.0.0.2"],
    );
    assert_eq!(outcome, "2 200", "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["response"]["status"], "complete");
    let cookies: Vec<&str> = head.lines().filter(|line| line.starts_with("set-cookie: ")).collect();
    assert!(cookies.iter().any(|line| line.starts_with("set-cookie: __client=")), "{cookies:?}");
    assert!(cookies.iter().all(|line| line.contains("; secure")), "the browser is on https: {cookies:?}");
    let line = server.wait_for_line(|line| line["operation"] == "createSignIn");
    assert_eq!(line["client"], "127.0.0.2", "the browser's address, not the proxy's");

    let (head, _, outcome) =
        nginx.curl("/v1/client/handshake?redirect_url=https%3A%2F%2Fexample.com%2Fhome", &["--cookie", jar]);
    assert_eq!(outcome, "2 307", "{head} {}", nginx.log());
    assert!(head.len() > 4_096, "it shows what it is to show: {} bytes", head.len());
    assert!(head.contains("location: https://example.com/home"), "{head}");

    // Pictures are larger than a megabyte.
    let picture = folder.path().join("picture.png");
    std::fs::write(&picture, vec![0; 2_000_000]).unwrap();
    let file = format!("file=@{}", picture.display());
    let (_, body, outcome) =
        nginx.curl("/v1/me/profile_image", &["--header", ORIGIN, "--cookie", jar, "--form", &file]);
    assert_eq!(outcome, "2 400", "the server itself says what is wrong with it: {body}");
    assert!(body.contains("\"clerk_trace_id\""), "{body}");
}

#[test]
fn nobody_chooses_the_address_that_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let server = behind_a_proxy(folder.path());
    let nginx = Nginx::start(folder.path(), server.port);
    make_user(server.port, &server.secret_key(), "ada@example.com").unwrap();
    let begin = |from: &str, told: &str| {
        let told = format!("X-Forwarded-For: {told}");
        let arguments = ["--header", ORIGIN, "--data", "identifier=ada%40example.com", "--interface", from];
        let more = ["--header", told.as_str(), "--header", "Forwarded: for=203.0.113.9;proto=http"];
        nginx.curl("/v1/client/sign_ins", &[&arguments[..], &more].concat()).2
    };
    let outcomes: Vec<_> = (0..7).map(|number| begin("127.0.0.2", &format!("203.0.113.{number}"))).collect();
    assert_eq!(outcomes[0], "2 200");
    assert!(outcomes.contains(&"2 429".to_owned()), "whatever it says, it is one: {outcomes:?}");
    assert_eq!(begin("127.0.0.3", "127.0.0.2"), "2 200", "and nobody else pays for it");
    let said = serde_json::to_string(&server.log()).unwrap();
    assert!(!said.contains("203.0.113."), "{said}");
}
