//! A handler for programs: [`Machine`] as an argument.

use std::future::Future;
use std::sync::OnceLock;

use crate::frontdesk::of_the_environment;
use crate::question::Question;
use crate::{Denied, Frontdesk, Machine, RequestView, TokenType};

impl Machine {
    /// Takes the token of the program that sends a request: what a layer in front has found out (it must accept
    /// programs, see [`Frontdesk::accepting`]), or else what the environment's settings tell of it. It is what the
    /// extractors do, for frameworks that have none here.
    ///
    /// ```
    /// use frontdesk::{Denied, Machine};
    ///
    /// async fn export(request: http::Request<()>) -> Result<String, Denied> {
    ///     let machine = Machine::of(&request).await?;
    ///     machine.require_scope("orders:read")?;
    ///     Ok(format!("the orders of {}", machine.subject()))
    /// }
    /// ```
    ///
    /// # Errors
    /// No program with a verified token is asking: see
    /// [`RequestState::signed_in_machine`](crate::RequestState::signed_in_machine).
    pub fn of<R: RequestView + ?Sized>(request: &R) -> impl Future<Output = Result<Self, Denied>> + Send {
        let known = request.known_state().is_some();
        let question = Question::of(request, if known { None } else { programs_of_the_environment() });
        async move {
            match question.ask().await {
                Ok(state) => state.signed_in_machine(),
                Err(_) => Err(Denied::no_machine(false)),
            }
        }
    }
}

fn programs_of_the_environment<'f>() -> Option<&'f Frontdesk> {
    static PROGRAMS: OnceLock<Option<Frontdesk>> = OnceLock::new();
    let accepting = |frontdesk: &Frontdesk| frontdesk.accepting(TokenType::PROGRAMS);
    PROGRAMS.get_or_init(|| of_the_environment().map(accepting)).as_ref()
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::test_support::{Request, World, token};

    /// A request with the answer of a layer that accepts these.
    async fn answered(frontdesk: &Frontdesk, request: Request) -> http::Request<()> {
        let state = frontdesk.authenticate_request(&request.0).await.unwrap();
        let mut request = request.0;
        request.extensions_mut().insert(state);
        request
    }

    #[tokio::test]
    async fn the_layer_knows_the_program() {
        let world = World::production();
        let programs = world.frontdesk.accepting(TokenType::PROGRAMS);
        let jwt = token().claim("sub", "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr").sign();
        let request = answered(&programs, Request::fetch("/").bearer(&jwt)).await;
        assert_eq!(Machine::of(&request).await.unwrap().token(), jwt);

        // A layer for people alone has not looked at it.
        let request = answered(&world.frontdesk, Request::fetch("/").bearer(&jwt)).await;
        assert_eq!(Machine::of(&request).await.unwrap_err().status(), StatusCode::UNAUTHORIZED);

        let both = world.frontdesk.accepting(crate::Accepts::ANY);
        let person = answered(&both, Request::fetch("/").bearer(&token().sign())).await;
        assert_eq!(Machine::of(&person).await.unwrap_err().status(), StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn nobody_is_told_to_bring_a_token() {
        let world = World::production();
        let programs = world.frontdesk.accepting(TokenType::PROGRAMS);
        let request = answered(&programs, Request::page("/")).await;
        let denied = Machine::of(&request).await.unwrap_err();
        assert_eq!((denied.status(), denied.location()), (StatusCode::UNAUTHORIZED, None));
        assert_eq!(denied.headers()["www-authenticate"], "Bearer");
    }

    #[cfg(feature = "axum")]
    #[tokio::test]
    async fn a_handler_for_programs() {
        use axum::{Router, body::Body, routing::get};
        use tower::ServiceExt;

        async fn export(machine: Machine) -> Result<String, Denied> {
            machine.require_scope("mch_orders")?;
            Ok(machine.subject().to_owned())
        }
        let world = World::production();
        let layer = crate::FrontdeskLayer::new(world.frontdesk.accepting(TokenType::M2m));
        let app: Router = Router::new().route("/", get(export)).layer(layer);
        let answer =
            async |request: Request| app.clone().oneshot(request.0.map(|()| Body::empty())).await.unwrap();
        let draft = token().claim("sub", "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr");
        let allowed = draft.clone().claim("scopes", "mch_other mch_orders").sign();
        assert_eq!(answer(Request::fetch("/").bearer(&allowed)).await.status(), StatusCode::OK);
        let elsewhere = answer(Request::fetch("/").bearer(&draft.claim("scopes", "mch_other").sign())).await;
        assert_eq!(elsewhere.status(), StatusCode::FORBIDDEN);
        let challenge = r#"Bearer error="insufficient_scope", scope="mch_orders""#;
        assert_eq!(elsewhere.headers()["www-authenticate"], challenge);
        let person = answer(Request::page("/").bearer(&token().sign())).await;
        assert_eq!(person.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(person.headers()["x-clerk-auth-reason"], "token-type-mismatch");
        let nobody = answer(Request::page("/")).await;
        assert_eq!(nobody.headers()["x-clerk-auth-reason"], "No token in header");
    }
}
