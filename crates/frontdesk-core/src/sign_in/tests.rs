use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_000);

fn ada() -> UserId {
    "user_1".parse().unwrap()
}

fn address() -> EmailAddress {
    "ada@example.com".parse().unwrap()
}

fn session() -> SessionId {
    "sess_1".parse().unwrap()
}

fn sign_in() -> SignIn {
    SignIn::begin("sia_1".parse().unwrap(), "client_1".parse().unwrap(), &Limits::default(), NOW)
}

fn code(strategy: &str, now: Timestamp) -> Challenge {
    Challenge::sent(strategy, None, "00".to_owned(), &Limits::default(), now)
}

#[test]
fn codes_come_thirty_seconds_apart() {
    let interval = Limits::default().code_interval;
    let mut sign_in = sign_in();
    assert_eq!(sign_in.send_code(code(EMAIL_CODE, NOW), interval, NOW), Err(Refusal::NoIdentifier));
    sign_in.identify(ada(), "ada@example.com".to_owned(), NOW).unwrap();
    sign_in.send_code(code(EMAIL_CODE, NOW), interval, NOW).unwrap();
    let soon = NOW + Span::seconds(29);
    assert_eq!(
        sign_in.send_code(code(RESET_PASSWORD_EMAIL_CODE, soon), interval, soon),
        Err(Refusal::TooSoon { retry_after: Span::seconds(1) })
    );
    let later = NOW + Span::seconds(30);
    sign_in.send_code(code(RESET_PASSWORD_EMAIL_CODE, later), interval, later).unwrap();
}

#[test]
fn a_code_for_a_new_password_never_signs_in_without_one() {
    let mut sign_in = sign_in();
    sign_in.identify(ada(), "ada@example.com".to_owned(), NOW).unwrap();
    sign_in.send_code(code(RESET_PASSWORD_EMAIL_CODE, NOW), Span::default(), NOW).unwrap();
    assert_eq!(sign_in.try_code(EMAIL_CODE, true, NOW), Err(Refusal::NotPrepared));
    assert_eq!(sign_in.try_code(RESET_PASSWORD_EMAIL_CODE, true, NOW), Ok(Verdict::Proven));
    assert_eq!(sign_in.prove_first(ada(), EMAIL_CODE, Demands::default(), NOW), Err(Refusal::NotPrepared));
    let next = sign_in.prove_first(ada(), RESET_PASSWORD_EMAIL_CODE, Demands::default(), NOW).unwrap();
    assert_eq!(next, Next::NewPassword);
    let demands = Demands { second_factor: true, ..Demands::default() };
    assert_eq!(sign_in.renew_password(demands, NOW), Ok(Next::SecondFactor));
    let ready = sign_in.prove_second("totp", NOW).unwrap();
    sign_in.complete(ready, session(), NOW).unwrap();
    assert_eq!(sign_in.identifier(), Some("ada@example.com"));
}

#[test]
fn an_address_of_nobody_is_handed_over_once_and_only_where_that_was_wanted() {
    for wanted in [false, true] {
        let mut sign_in = sign_in();
        sign_in.name_nobody("ada@example.com".to_owned(), wanted, NOW).unwrap();
        assert_eq!(sign_in.make_transferable(address(), NOW), Err(Refusal::NotPrepared));
        sign_in.send_code(code(EMAIL_CODE, NOW), Span::default(), NOW).unwrap();
        sign_in.try_code(EMAIL_CODE, true, NOW).unwrap();
        assert_eq!(sign_in.make_transferable(address(), NOW).is_ok(), wanted);
        assert_eq!(sign_in.transfer(NOW).is_ok(), wanted);
        assert!(sign_in.transfer(NOW).is_err());
        assert_eq!(sign_in.is_over(NOW), wanted);
    }
}

/// What may happen to a sign-in, in any order.
#[derive(Clone, Debug)]
enum Step {
    Identify,
    NameNobody(bool),
    Send(&'static str),
    Try(&'static str, bool),
    /// A factor that is judged outside: `password` or `ticket`.
    Prove(&'static str),
    ProveCode(&'static str),
    TakeOver,
    RenewPassword,
    ProveSecond,
    MakeTransferable,
    Transfer,
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let codes = || prop_oneof![Just(EMAIL_CODE), Just(RESET_PASSWORD_EMAIL_CODE)];
    let step = prop_oneof![
        2 => Just(Step::Identify),
        1 => any::<bool>().prop_map(Step::NameNobody),
        3 => codes().prop_map(Step::Send),
        4 => (codes(), any::<bool>()).prop_map(|(strategy, right)| Step::Try(strategy, right)),
        1 => prop_oneof![Just("password"), Just("ticket")].prop_map(Step::Prove),
        3 => codes().prop_map(Step::ProveCode),
        1 => Just(Step::TakeOver),
        3 => Just(Step::RenewPassword),
        3 => Just(Step::ProveSecond),
        2 => Just(Step::MakeTransferable),
        2 => Just(Step::Transfer),
        1 => (0_i64..700).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..60)
}

/// What a bystander knows to have been proven since somebody was last named.
#[derive(Default)]
struct Seen {
    /// The code that is out: its strategy, when it dies, whether it was found right in time.
    code: Option<(&'static str, Timestamp, bool)>,
    first: Option<&'static str>,
    new_password: bool,
    second: bool,
    transfers: u32,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Whatever happens in whatever order: nothing is ready without a first factor, the new password where one is
    /// demanded, and the second factor where there is one; a code that is late or of the other strategy proves
    /// nothing; an end is an end.
    #[test]
    fn nothing_completes_without_what_is_demanded(
        steps in steps(),
        compromised in any::<bool>(),
        second_factor in any::<bool>(),
    ) {
        let demands = Demands { new_password: compromised, second_factor };
        let mut sign_in = sign_in();
        let mut seen = Seen::default();
        let mut now = NOW;
        for step in steps {
            let was_over = sign_in.is_over(now);
            let (before, mut moved) = (sign_in.clone(), true);
            let mut ready = None;
            match step {
                Step::Wait(seconds) => {
                    now = now + Span::seconds(seconds);
                    continue;
                }
                Step::Identify => {
                    moved = sign_in.identify(ada(), "ada@example.com".to_owned(), now).is_ok();
                    if moved { seen = Seen { transfers: seen.transfers, ..Seen::default() } }
                }
                Step::NameNobody(wanted) => {
                    moved = sign_in.name_nobody("ada@example.com".to_owned(), wanted, now).is_ok();
                    if moved { seen = Seen { transfers: seen.transfers, ..Seen::default() } }
                }
                Step::Send(strategy) => {
                    moved = sign_in.send_code(code(strategy, now), Span::default(), now).is_ok();
                    if moved { seen.code = Some((strategy, now + Limits::default().code_lifetime, false)) }
                }
                Step::Try(strategy, right) => match sign_in.try_code(strategy, right, now) {
                    Ok(verdict) => {
                        let (of, dies, proven) = seen.code.unwrap();
                        prop_assert_eq!(of, strategy);
                        if verdict == Verdict::Proven {
                            prop_assert!(right && now < dies && !proven, "proven late, wrongly or twice");
                            seen.code = Some((of, dies, true));
                        }
                    }
                    Err(_) => moved = false,
                },
                Step::Prove(strategy) | Step::ProveCode(strategy) => {
                    match sign_in.prove_first(ada(), strategy, demands, now) {
                        Ok(next) => {
                            if matches!(step, Step::ProveCode(_)) {
                                prop_assert_eq!(seen.code.map(|(of, _, proven)| (of, proven)), Some((strategy, true)));
                            }
                            seen.first = Some(strategy);
                            if let Next::Session(it) = next { ready = Some(it) }
                        }
                        Err(_) => moved = false,
                    }
                }
                Step::TakeOver => match sign_in.take_over(ada(), &address(), demands, now) {
                    Ok(next) => {
                        prop_assert_eq!(&before.state, &SignInState::NeedsIdentifier);
                        seen.first = Some(EMAIL_CODE);
                        if let Next::Session(it) = next { ready = Some(it) }
                    }
                    Err(_) => moved = false,
                },
                Step::RenewPassword => match sign_in.renew_password(demands, now) {
                    Ok(next) => {
                        prop_assert!(seen.first.is_some(), "a new password for whom nothing was proven");
                        seen.new_password = true;
                        if let Next::Session(it) = next { ready = Some(it) }
                    }
                    Err(_) => moved = false,
                },
                Step::ProveSecond => match sign_in.prove_second("totp", now) {
                    Ok(it) => {
                        seen.second = true;
                        ready = Some(it);
                    }
                    Err(_) => moved = false,
                },
                Step::MakeTransferable => match sign_in.make_transferable(address(), now) {
                    Ok(()) => prop_assert_eq!(seen.code.map(|(of, _, proven)| (of, proven)), Some((EMAIL_CODE, true))),
                    Err(_) => moved = false,
                },
                Step::Transfer => match sign_in.transfer(now) {
                    Ok(_) => {
                        seen.transfers += 1;
                        prop_assert_eq!(seen.transfers, 1);
                    }
                    Err(_) => moved = false,
                },
            }
            if !moved {
                prop_assert_eq!(&sign_in, &before, "a refusal changes nothing");
            }
            if let Some(ready) = ready {
                let first = seen.first.expect("ready without a first factor");
                let wants_new = compromised || first == RESET_PASSWORD_EMAIL_CODE;
                prop_assert!(!wants_new || seen.new_password, "ready without the new password");
                prop_assert!(!second_factor || seen.second, "ready without the second factor");
                prop_assert_eq!(ready.strategy(), first);
                sign_in.complete(ready, session(), now).unwrap();
            }
            if matches!(before.state, SignInState::Complete { .. } | SignInState::Transferred { .. }) {
                prop_assert!(was_over && !moved, "moved on after the end");
            }
        }
    }
}
