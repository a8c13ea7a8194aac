use super::*;
use crate::fake::{Fake, Held, response};
use crate::sessions::NewToken;
use crate::users::NewUser;
use crate::{Client, Error};

const KEYS: &str = r#"{"keys":[]}"#;

#[expect(clippy::unnecessary_wraps, reason = "as the transport answers, like its neighbour")]
fn refused(status: u16, retry_after: Option<&'static str>) -> Result<Response, TransportError> {
    let headers: Vec<_> = retry_after.map(|seconds| ("retry-after", seconds)).into_iter().collect();
    Ok(response(status, &headers, "{}"))
}

fn failed(failure: Failure) -> Result<Response, TransportError> {
    Err(TransportError::new(failure, "because"))
}

/// What a client does with these answers: how it ends, and the pauses in ms.
async fn run<T>(
    retries: Retries,
    answers: Vec<Result<Response, TransportError>>,
    ask: impl AsyncFnOnce(Client) -> Result<T, Error>,
) -> (Result<T, Error>, Vec<u128>, usize) {
    let fake = answers.into_iter().fold(Fake::default(), Fake::with);
    let held = Held::default();
    let client =
        Client::builder("sk_test_hush").retries(retries).pace(held.clone()).build(fake.clone()).unwrap();
    let end = ask(client).await;
    (end, held.pauses(), fake.asked().len())
}

async fn jwks(client: Client) -> Result<(), Error> {
    client.jwks().await.map(|_| ())
}

async fn create(client: Client) -> Result<(), Error> {
    client.users().create(NewUser::with_email("ada@example.com")).await.map(|_| ())
}

#[tokio::test]
async fn what_may_pass_is_asked_again_with_growing_pauses() {
    let answers = vec![refused(503, None), failed(Failure::Broken), Ok(response(200, &[], KEYS))];
    let (end, pauses, asked) = run(Retries::default(), answers, jwks).await;
    end.unwrap();
    assert_eq!((pauses, asked), (vec![100, 200], 3), "without chance a pause is half of 200, then of 400");
}

#[tokio::test]
async fn the_attempts_are_counted() {
    for attempts in [0, 1, 2, 3, 6] {
        let answers = (0..attempts.max(1)).map(|_| refused(500, None)).collect();
        let (end, pauses, asked) = run(Retries::default().attempts(attempts), answers, jwks).await;
        assert_eq!(end.unwrap_err().status().unwrap().as_u16(), 500);
        let sent = usize::try_from(attempts.max(1)).unwrap();
        assert_eq!((asked, pauses.len()), (sent, sent - 1), "{attempts}");
    }
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    for answer in [
        failed(Failure::Timeout),
        failed(Failure::Broken),
        failed(Failure::TooLarge),
        refused(500, None),
        refused(502, Some("1")),
        refused(503, None),
        refused(429, None),
    ] {
        let name = format!("{answer:?}");
        let (end, pauses, asked) = run(Retries::default(), vec![answer], create).await;
        end.unwrap_err();
        assert_eq!((pauses, asked), (vec![], 1), "{name}");
    }
    let delete = async |client: Client| client.users().delete(&"user_1".parse().unwrap()).await;
    let (end, _, asked) = run(Retries::default(), vec![failed(Failure::Broken)], delete).await;
    assert!(end.unwrap_err().is_unavailable() && asked == 1);
}

#[tokio::test]
async fn what_was_not_done_is_done_again_whatever_it_is() {
    let token =
        async |client: Client| client.sessions().token(&"sess_1".parse().unwrap(), NewToken::default()).await;
    for (answer, pause) in
        [(failed(Failure::Unreachable), 100), (refused(429, Some("2")), 2000), (refused(503, Some(" 0 ")), 0)]
    {
        let minted = Ok(response(200, &[], r#"{"object":"token","jwt":"a.b.c"}"#));
        let (end, pauses, asked) = run(Retries::default(), vec![answer, minted], token).await;
        assert_eq!((end.unwrap().jwt.as_str(), pauses, asked), ("a.b.c", vec![pause], 2));
    }
}

#[tokio::test]
async fn what_will_not_pass_is_not_asked_again() {
    for answer in [refused(401, Some("1")), refused(404, None), refused(501, None), refused(307, None)] {
        let (end, _, asked) = run(Retries::default(), vec![answer], jwks).await;
        end.unwrap_err();
        assert_eq!(asked, 1);
    }
    let unreadable = Ok(response(200, &[], "["));
    assert_eq!(run(Retries::default(), vec![unreadable], jwks).await.2, 1);
}

#[tokio::test]
async fn nobody_waits_longer_than_was_allowed() {
    let (end, pauses, asked) = run(Retries::default(), vec![refused(429, Some("11"))], jwks).await;
    assert_eq!(end.unwrap_err().retry_after(), Some(Duration::from_secs(11)), "the caller decides");
    assert_eq!((pauses, asked), (vec![], 1));

    let patient = Retries::default().attempts(9).within(Duration::from_secs(25));
    let answers = (0..9).map(|_| refused(429, Some("9"))).collect();
    let (end, pauses, asked) = run(patient, answers, jwks).await;
    assert!(end.unwrap_err().is_rate_limited());
    assert_eq!((pauses, asked), (vec![9000, 9000], 3), "a third pause would end after 27 seconds");
}

#[test]
fn chance_only_lengthens_and_the_longest_pause_is_the_longest() {
    let outcome = failed(Failure::Unreachable);
    let pause = |attempts, random| {
        let tried = Tried { method: &Method::POST, attempts, elapsed: Duration::ZERO, outcome: &outcome };
        Retries::default().attempts(u32::MAX).pause(&tried, random).unwrap().as_millis()
    };
    assert_eq!((pause(1, 0), pause(1, u64::MAX)), (100, 200));
    assert_eq!((pause(2, 0), pause(2, u64::MAX)), (200, 400));
    for attempts in [7, 17, 1_000_000] {
        assert_eq!((pause(attempts, 0), pause(attempts, u64::MAX)), (5000, 10_000));
    }
}

#[tokio::test]
async fn numbers_of_any_size_are_borne() {
    let endless =
        Retries::default().longest_pause(Duration::MAX).first_pause(Duration::MAX).within(Duration::MAX);
    let answers =
        vec![refused(429, Some("18446744073709551615")), failed(Failure::Unreachable), refused(404, None)];
    let (end, pauses, asked) = run(endless, answers, jwks).await;
    assert!(end.unwrap_err().is_not_found());
    assert_eq!((pauses.len(), asked), (2, 3));
    let (end, _, asked) = run(
        Retries::default(),
        vec![refused(503, Some("99999999999999999999999")), refused(404, None)],
        jwks,
    )
    .await;
    assert!(end.unwrap_err().is_not_found() && asked == 2, "what is no number of seconds is not said");
}

#[tokio::test]
async fn without_a_pace_nothing_is_sent_again() {
    let fake = Fake::default().with(failed(Failure::Unreachable));
    jwks(fake.client()).await.unwrap_err();
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test]
async fn a_client_can_be_told_to_ask_once() {
    let fake = Fake::default().with(failed(Failure::Unreachable));
    let client = Client::builder("sk_test_1").pace(Held::default()).build(fake.clone()).unwrap();
    jwks(client.with_retries(Retries::never())).await.unwrap_err();
    assert_eq!(fake.asked().len(), 1);
}
