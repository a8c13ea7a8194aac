use proptest::prelude::*;

use super::*;
use crate::settings::{Attributes, SignUpRules};

const NOW: Timestamp = Timestamp::from_secs(1_000);

fn sign_up() -> SignUp {
    SignUp::begin("sua_1".parse().unwrap(), "client_1".parse().unwrap(), &Limits::default(), NOW)
}

fn code(now: Timestamp) -> Challenge {
    Challenge::sent("email_code", None, "00".to_owned(), &Limits::default(), now)
}

fn finish(
    sign_up: &mut SignUp,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<PasswordDigest>, Refusal> {
    sign_up.complete(settings, "user_1".parse().unwrap(), "sess_1".parse().unwrap(), now)
}

#[test]
fn a_sign_up_is_ready_when_nothing_is_missing_or_unproven() {
    let settings = Settings::default();
    let mut sign_up = sign_up();
    assert_eq!(sign_up.missing_fields(&settings), ["email_address", "password"]);
    sign_up.set_email_address(Some("ada@example.com".parse().unwrap()));
    sign_up.state.password_digest = Some("digest".to_owned());
    assert_eq!(sign_up.unverified_fields(), ["email_address"]);
    assert!(!sign_up.is_ready(&settings));
    sign_up.send_code(code(NOW), Span::seconds(30), NOW).unwrap();
    assert_eq!(sign_up.try_code(true, NOW), Ok(Verdict::Proven));
    assert!(sign_up.is_ready(&settings));
    sign_up.set_email_address(Some("augusta@example.com".parse().unwrap()));
    assert!(!sign_up.is_ready(&settings), "a proof does not carry over to another address");
    assert_eq!(sign_up.try_code(true, NOW), Err(Refusal::NotPrepared));
}

#[test]
fn a_sign_up_completes_once_and_gives_its_password_away() {
    let settings = Settings {
        attributes: Attributes {
            email_address: Wanted::Off,
            username: Wanted::Required,
            ..Attributes::default()
        },
        ..Settings::default()
    };
    let mut sign_up = sign_up();
    sign_up.state.password_digest = Some("digest".to_owned());
    assert_eq!(finish(&mut sign_up, &settings, NOW), Err(Refusal::Incomplete));
    sign_up.state.username = Some("ada1".parse().unwrap());
    let digest = finish(&mut sign_up, &settings, NOW);
    assert_eq!(digest.unwrap().unwrap().as_str(), "digest");
    assert!(sign_up.state.password_digest.is_none() && sign_up.state.has_password());
    assert_eq!(sign_up.status(NOW), SignUpStatus::Complete);
    assert_eq!(sign_up.send_code(code(NOW), Span::default(), NOW), Err(Refusal::Over));
    assert_eq!(sign_up.try_code(true, NOW), Err(Refusal::Over));
    assert_eq!(finish(&mut sign_up, &settings, NOW), Err(Refusal::Over));
}

#[test]
fn a_sign_up_that_nobody_comes_back_to_is_over() {
    let mut sign_up = sign_up();
    sign_up.set_email_address(Some("ada@example.com".parse().unwrap()));
    let late = sign_up.abandon_at;
    assert_eq!(sign_up.status(late - Span::millis(1)), SignUpStatus::MissingRequirements);
    assert_eq!(sign_up.send_code(code(late), Span::default(), late), Err(Refusal::Over));
}

#[test]
fn another_address_in_between_does_not_shorten_the_wait() {
    let interval = Span::seconds(30);
    let mut sign_up = sign_up();
    for number in 0..5_i64 {
        let now = NOW + Span::seconds(number);
        sign_up.set_email_address(Some(format!("ada{number}@example.com").parse().unwrap()));
        sign_up.send_code(code(now), interval, now).unwrap();
    }
    let now = NOW + Span::seconds(10);
    sign_up.set_email_address(Some("ada2@example.com".parse().unwrap()));
    let wait = Refusal::TooSoon { retry_after: Span::seconds(22) };
    assert_eq!(sign_up.send_code(code(now), interval, now), Err(wait));
    // To a sixth address only when the first one no longer counts.
    sign_up.set_email_address(Some("eve@example.com".parse().unwrap()));
    let wait = Refusal::TooSoon { retry_after: Span::seconds(20) };
    assert_eq!(sign_up.send_code(code(now), interval, now), Err(wait));
    let later = NOW + interval;
    sign_up.send_code(code(later), interval, later).unwrap();
    assert_eq!(sign_up.state.codes_sent.len(), 5);
}

#[test]
fn an_address_that_is_somebodys_is_handed_over_once() {
    let mut sign_up = sign_up();
    let ada: EmailAddress = "ada@example.com".parse().unwrap();
    sign_up.set_email_address(Some(ada.clone()));
    sign_up.send_code(code(NOW), Span::default(), NOW).unwrap();
    sign_up.state.email_taken = true;
    assert_eq!(sign_up.transfer(NOW), Err(Refusal::Incomplete), "only when it is proven");
    sign_up.try_code(true, NOW).unwrap();
    assert_eq!(sign_up.transfer(NOW), Ok(ada));
    assert_eq!(sign_up.transfer(NOW), Err(Refusal::Over));
    assert_eq!(sign_up.status(NOW), SignUpStatus::Abandoned);
}

/// What may happen to a sign-up, in any order.
#[derive(Clone, Copy, Debug)]
enum Step {
    Address(Option<bool>),
    Username(bool),
    Password,
    FirstName(bool),
    LastName(bool),
    Legal(bool),
    Send,
    Try(bool),
    Taken,
    Transfer,
    TakeOver,
    Complete,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::option::weighted(0.9, any::<bool>()).prop_map(Step::Address),
        2 => prop::bool::weighted(0.9).prop_map(Step::Username),
        2 => Just(Step::Password),
        2 => prop::bool::weighted(0.8).prop_map(Step::FirstName),
        2 => prop::bool::weighted(0.8).prop_map(Step::LastName),
        2 => prop::bool::weighted(0.8).prop_map(Step::Legal),
        4 => Just(Step::Send),
        4 => prop::bool::weighted(0.7).prop_map(Step::Try),
        1 => Just(Step::Taken),
        1 => Just(Step::Transfer),
        1 => Just(Step::TakeOver),
        5 => Just(Step::Complete),
        1 => (0_i64..700).prop_map(Step::Wait),
    ]
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![Just(Wanted::Off), Just(Wanted::Optional), Just(Wanted::Required)]
}

prop_compose! {
    fn settings()(
        email_address in wanted(), username in wanted(), password in wanted(), first_name in wanted(),
        last_name in wanted(), legal_consent in any::<bool>(),
    ) -> Settings {
        Settings {
            attributes: Attributes { email_address, username, password, first_name, last_name },
            sign_up: SignUpRules { legal_consent, ..SignUpRules::default() },
            ..Settings::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is given in whatever order, under whatever settings: a sign-up completes only with every required
    /// field, consent, and a proven address; what it makes can sign in again; it completes once; only a right try at a
    /// code, in time, proves an address.
    #[test]
    fn nothing_completes_without_what_the_settings_demand(
        settings in settings(),
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut sign_up = sign_up();
        let mut now = NOW;
        let mut completions = 0;
        // When the code dies that was sent to the address given last.
        let mut code_dies = None;
        for step in steps {
            let before = sign_up.state.clone();
            let is_open = sign_up.open(now).is_ok();
            match step {
                Step::Wait(seconds) => now = now + Span::seconds(seconds),
                // Fields are given to open sign-ups only: the handler asks first.
                Step::Address(_) | Step::Username(_) | Step::Password | Step::FirstName(_) | Step::LastName(_)
                | Step::Legal(_) | Step::Taken | Step::TakeOver if !is_open => {}
                Step::Address(which) => {
                    let address = which.map(|first| if first { "ada@example.com" } else { "augusta@example.com" });
                    sign_up.set_email_address(address.map(|address| address.parse().unwrap()));
                    if sign_up.state.email_address != before.email_address {
                        code_dies = None;
                    }
                }
                Step::Username(given) => sign_up.state.username = given.then(|| "ada1".parse().unwrap()),
                Step::Password => sign_up.state.password_digest = Some("digest".to_owned()),
                Step::FirstName(given) => sign_up.state.first_name = given.then(|| "Ada".to_owned()),
                Step::LastName(given) => sign_up.state.last_name = given.then(|| "Byron".to_owned()),
                Step::Legal(given) => sign_up.state.legal_accepted_at = given.then_some(now),
                Step::Taken => sign_up.state.email_taken = true,
                Step::Send => if sign_up.send_code(code(now), Span::default(), now).is_ok() {
                    code_dies = Some(now + Limits::default().code_lifetime);
                },
                Step::Try(right) => if sign_up.try_code(right, now) == Ok(Verdict::Proven) {
                    prop_assert!(right && !before.email_verified);
                    prop_assert!(code_dies.is_some_and(|dies| now < dies), "proven by no code, or too late");
                },
                Step::Transfer => if sign_up.transfer(now).is_ok() {
                    prop_assert!(before.email_verified && before.email_taken && !before.transferred);
                },
                Step::TakeOver => {
                    let proof = Challenge { proven: true, ..code(now) };
                    sign_up.take_over("ada@example.com".parse().unwrap(), proof);
                }
                Step::Complete => if finish(&mut sign_up, &settings, now).is_ok() {
                    completions += 1;
                    let (attributes, state) = (settings.attributes, &before);
                    for (wanted, given) in [
                        (attributes.email_address, state.email_address.is_some()),
                        (attributes.username, state.username.is_some()),
                        (attributes.password, state.password_digest.is_some()),
                        (attributes.first_name, state.first_name.is_some()),
                        (attributes.last_name, state.last_name.is_some()),
                    ] {
                        prop_assert!(wanted != Wanted::Required || given);
                    }
                    prop_assert!(!settings.sign_up.legal_consent || state.legal_accepted_at.is_some());
                    prop_assert!(state.email_address.is_none() || state.email_verified && !state.email_taken);
                    prop_assert!(
                        state.email_address.is_some() || state.username.is_some() && state.password_digest.is_some(),
                        "somebody who cannot come back"
                    );
                    prop_assert!(is_open && !state.transferred);
                },
            }
            if sign_up.state.email_verified && !before.email_verified {
                prop_assert!(matches!(step, Step::Try(true) | Step::TakeOver), "proven by {step:?}");
            }
            let is_stuck = sign_up.missing_fields(&settings).is_empty()
                && sign_up.unverified_fields().is_empty()
                && !sign_up.state.email_taken
                && sign_up.open(now).is_ok()
                && !sign_up.is_ready(&settings);
            let can_come_back = settings.attributes.email_address != Wanted::Off
                || settings.attributes.username != Wanted::Off && settings.attributes.password != Wanted::Off;
            prop_assert!(!is_stuck || !can_come_back, "nothing is missing, and yet it is not ready");
        }
        prop_assert!(completions <= 1);
    }
}
