//! Web frameworks: for each a layer, extractors, and its own request type to ask [`get_auth`](crate::get_auth) about.
//!
//! Each framework is a feature of this crate and a module here. They share what a handler can demand by the type of
//! an argument: [`Auth`](crate::Auth) demands nothing, [`SignedIn`] somebody who is signed in, [`Authorized`] somebody
//! who may do a certain thing. There is no list of protected paths to keep in step with the routes.
//!
//! A module reads the same for every framework: [`RequestView`] for its request, its middleware trait for
//! [`FrontdeskLayer`], its extractor trait for the types above, and [`Denied`] as a response.
//!
//! # Settled
//! The API was tried on frameworks that differ in all that matters to it: two versions of `http`, handlers that move
//! between threads and handlers that do not, extractors and none, pages and calls. axum, actix-web, tonic and bare hyper
//! take the same [`FrontdeskLayer`], [`get_auth`](crate::get_auth), [`SignedIn`], [`Authorized`] and [`Denied`]. So it
//! freezes here: from now on it is added to, and nothing of it changes.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::question::Question;
use crate::{Denied, RequestView, Requirement, Session};

#[cfg(feature = "actix")]
pub mod actix;
#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "_layer")]
mod layer;
mod machine;
#[cfg(feature = "poem")]
pub mod poem;
#[cfg(feature = "rocket")]
pub mod rocket;
#[cfg(feature = "salvo")]
pub mod salvo;
#[cfg(test)]
#[cfg(any(feature = "actix", feature = "poem", feature = "rocket", feature = "salvo", feature = "warp"))]
mod story;
#[cfg(feature = "tonic")]
pub mod tonic;
#[cfg(feature = "tower")]
pub mod tower;
#[cfg(feature = "warp")]
pub mod warp;

#[cfg(feature = "_layer")]
pub use layer::FrontdeskLayer;

/// A session, or a refusal: the handler behind it is only reached by somebody who is signed in. Programs get a 401;
/// somebody opening a page is sent to sign in if [`Builder::sign_in_url`](crate::Builder::sign_in_url) says where.
///
/// ```
/// use frontdesk::SignedIn;
///
/// async fn my_profile(session: SignedIn) -> String {
///     format!("you are {}", session.user_id())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct SignedIn(pub Session);

impl Deref for SignedIn {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

/// What a handler demands of a session, as a type.
///
/// ```
/// use frontdesk::{Authorized, Policy, Requirement};
///
/// struct CreateInvoices;
///
/// impl Policy for CreateInvoices {
///     fn requirement() -> Requirement {
///         Requirement::permission("org:invoices:create")
///     }
/// }
///
/// async fn new_invoice(session: Authorized<CreateInvoices>) -> String {
///     format!("an invoice by {}", session.user_id())
/// }
/// ```
pub trait Policy: Send + Sync + 'static {
    /// What the session must have.
    ///
    /// ```
    /// use frontdesk::{Policy, Requirement, Reverification};
    ///
    /// struct DeleteEverything;
    ///
    /// impl Policy for DeleteEverything {
    ///     fn requirement() -> Requirement {
    ///         Requirement::role("org:admin").and_reverified(Reverification::STRICT)
    ///     }
    /// }
    ///
    /// assert!(DeleteEverything::requirement().reverification().is_some());
    /// ```
    fn requirement() -> Requirement;
}

/// A session that has what the policy demands, or a refusal: 401 or a redirect where nobody is signed in, 403 to
/// somebody who may not. See [`Policy`].
///
/// ```
/// use frontdesk::{Authorized, Policy, Requirement};
///
/// struct Admin;
///
/// impl Policy for Admin {
///     fn requirement() -> Requirement {
///         Requirement::role("org:admin")
///     }
/// }
///
/// async fn settings(admin: Authorized<Admin>) -> String {
///     format!("the settings, for {}", admin.session.user_id())
/// }
/// ```
pub struct Authorized<P> {
    /// The session.
    pub session: Session,
    policy: PhantomData<fn() -> P>,
}

impl<P> Deref for Authorized<P> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl<P> Clone for Authorized<P> {
    fn clone(&self) -> Self {
        Self { session: self.session.clone(), policy: PhantomData }
    }
}

impl<P> fmt::Debug for Authorized<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Authorized").field(&self.session).finish()
    }
}

impl SignedIn {
    /// Takes the session of a request; what the extractors do, for frameworks that have none here.
    ///
    /// ```
    /// use frontdesk::{Denied, SignedIn};
    ///
    /// async fn my_profile(request: http::Request<()>) -> Result<String, Denied> {
    ///     let session = SignedIn::of(&request).await?;
    ///     Ok(format!("you are {}", session.user_id()))
    /// }
    /// ```
    ///
    /// # Errors
    /// Nobody is signed in.
    pub fn of<R: RequestView + ?Sized>(request: &R) -> impl Future<Output = Result<Self, Denied>> + Send {
        let question = Question::of(request, None);
        async move { question.admit(None).await.map(Self) }
    }
}

impl<P: Policy> Authorized<P> {
    /// Takes the session of a request; what the extractors do, for frameworks that have none here.
    ///
    /// ```
    /// use frontdesk::{Authorized, Denied, Policy};
    ///
    /// async fn user_who_may<P: Policy>(request: http::Request<()>) -> Result<String, Denied> {
    ///     let session = Authorized::<P>::of(&request).await?;
    ///     Ok(session.user_id().to_string())
    /// }
    /// ```
    ///
    /// # Errors
    /// Nobody is signed in, or they may not.
    pub fn of<R: RequestView + ?Sized>(request: &R) -> impl Future<Output = Result<Self, Denied>> + Send {
        let question = Question::of(request, None);
        async move {
            let session = question.admit(Some(&P::requirement())).await?;
            Ok(Self { session, policy: PhantomData })
        }
    }
}
