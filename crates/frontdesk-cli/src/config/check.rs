//! What one setting says of another: problems that no single value shows.

use frontdesk_server::keys::MasterKey;

use super::{Configuration, Problem};
use crate::listen::tls;

/// Everything that would keep a server with this configuration from starting, as far as it can be told without the
/// database.
pub(crate) fn problems_of(configuration: &Configuration) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut wrong = |place: &str, what: String| {
        problems.push(Problem { place: place.to_owned(), what });
    };
    let Configuration { serving, tls, database, master, .. } = configuration;
    match &serving.public_url {
        None => wrong(
            "public_url",
            "is missing: the address that browsers reach the server at, such as https://clerk.example.com"
                .to_owned(),
        ),
        Some(url) if tls.certificate_file.is_some() && !url.is_https() => {
            wrong("public_url", format!("{} is not https, but there is a certificate", url.as_str()));
        }
        Some(_) => {}
    }
    if serving.listen.is_empty() {
        wrong("listen", "is empty: nobody could reach the server".to_owned());
    }
    for address in &serving.redirect_listen {
        if serving.listen.contains(address) && address.port() != 0 {
            wrong("redirect_listen", format!("{address} is in `listen`, too"));
        }
    }
    match (&tls.certificate_file, &tls.key_file) {
        (Some(_), None) => wrong("tls.key_file", "is missing beside tls.certificate_file".to_owned()),
        (None, Some(_)) => wrong("tls.certificate_file", "is missing beside tls.key_file".to_owned()),
        (Some(certificate), Some(key)) => {
            if let Err(error) = tls::read_certificate(certificate, key) {
                wrong("tls", format!("{error:#}"));
            }
        }
        (None, None) => {}
    }
    match &master.key {
        Some(key) => {
            if let Err(error) = MasterKey::parse(key.expose()) {
                wrong("master.key", error.to_string());
            }
        }
        None if database.url.is_some() => wrong(
            "master.key",
            "has to be set where the data is in PostgreSQL: FRONTDESK_MASTER_KEY, or master.key_file"
                .to_owned(),
        ),
        None => {}
    }
    if let Some(url) = &database.url
        && let Err(error) = frontdesk_store::check_postgres_url(url.expose())
    {
        wrong("database.url", error.to_string());
    }
    match configuration.mail.smtp() {
        Ok(Some(smtp)) => {
            if let Err(error) = smtp.check() {
                wrong("mail", error.to_string());
            }
        }
        Ok(None) => {}
        Err(error) => wrong("mail", format!("{error:#}")),
    }
    if let Err(error) = configuration.passwords.breaches() {
        wrong("passwords", format!("{error:#}"));
    }
    if configuration.passwords.breach_list.is_some() && configuration.passwords.breach_service.is_some() {
        wrong("passwords", "breach_list and breach_service are both set: leave one out".to_owned());
    }
    if tracing_subscriber::EnvFilter::try_new(&configuration.log.filter).is_err() {
        wrong("log.filter", format!("{:?} is not understood", configuration.log.filter));
    }
    problems
}
