//! Lists as streams: one row after the other, page by page behind the scenes.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::Error;
use crate::transport::BoxFuture;

/// Rows that are asked for at once, unless the query says otherwise.
const PAGE: i64 = 100;

/// The largest page that the contract knows (wire contract §11.3).
const LARGEST_PAGE: i64 = 500;

/// The size of the pages behind a stream: what the query says, within the contract.
pub(crate) fn page_size(limit: Option<i64>) -> i64 {
    limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE)
}

/// The rows of a list, one after the other. Pages are asked for when they are needed; nothing is asked before the first
/// row is wanted. After an error there are no more rows.
///
/// It is a [`Stream`], and it needs none: [`next`](Self::next) does.
///
/// ```no_run
/// use frontdesk_client::users::UserListQuery;
///
/// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
/// let mut everybody = client.users().stream(UserListQuery::default());
/// while let Some(user) = everybody.next().await {
///     println!("{}", user?.profile.id);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "rows are asked for when they are wanted"]
pub struct Rows<T> {
    fetch: Fetch<T>,
    state: State<T>,
    /// Rows to give.
    ready: VecDeque<T>,
    /// Rows that wait until the page behind them is here.
    held: Vec<T>,
    /// To give when there are no more rows.
    failure: Option<Error>,
}

/// Asks for the page at a place.
pub(crate) type Fetch<T> = Box<dyn Fn(Place) -> BoxFuture<'static, Result<Batch<T>, Error>> + Send + Sync>;

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where the query says.
    Beginning,
    /// Behind this many rows.
    Offset(i64),
    /// Behind the row with this id.
    After(String),
}

/// One page.
pub(crate) struct Batch<T> {
    pub(crate) rows: Vec<T>,
    /// Where the next one begins, if there is one.
    pub(crate) next: Option<Place>,
}

enum State<T> {
    Wanted(Place),
    Asked(BoxFuture<'static, Result<Batch<T>, Error>>),
    Complete,
}

impl<T> Rows<T> {
    pub(crate) fn new(fetch: Fetch<T>) -> Self {
        Self {
            fetch,
            state: State::Wanted(Place::Beginning),
            ready: VecDeque::new(),
            held: Vec::new(),
            failure: None,
        }
    }

    /// The next row; `None` after the last one.
    ///
    /// ```no_run
    /// # use frontdesk_client::sessions::SessionListQuery;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let newest = client.sessions().stream(SessionListQuery::default().limit(1)).next().await.transpose()?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|context| self.poll(context)).await
    }

    /// All rows that are left, in memory.
    ///
    /// ```no_run
    /// # use frontdesk_client::jwt_templates::JwtTemplate;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let templates: Vec<JwtTemplate> = client.jwt_templates().stream(Default::default()).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Of the first page that could not be had.
    pub async fn all(mut self) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        while let Some(row) = self.next().await {
            rows.push(row?);
        }
        Ok(rows)
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(row)));
            }
            match &mut self.state {
                State::Wanted(place) => self.state = State::Asked((self.fetch)(place.clone())),
                State::Asked(asked) => {
                    let answer = ready!(asked.as_mut().poll(context));
                    self.take(answer);
                }
                State::Complete => return Poll::Ready(self.failure.take().map(Err)),
            }
        }
    }

    /// Takes a page in, or its failure. The page before it is given in either case.
    fn take(&mut self, answer: Result<Batch<T>, Error>) {
        self.ready.extend(self.held.drain(..));
        match answer {
            Ok(Batch { rows, next: Some(place) }) => {
                // Whoever deletes what they are given must not delete the row that the next page is asked for by.
                match &place {
                    Place::After(_) => self.held = rows,
                    Place::Beginning | Place::Offset(_) => self.ready.extend(rows),
                }
                self.state = State::Wanted(place);
            }
            Ok(Batch { rows, next: None }) => {
                self.ready.extend(rows);
                self.state = State::Complete;
            }
            Err(error) => {
                self.failure = Some(error);
                self.state = State::Complete;
            }
        }
    }
}

/// Rows are moved out one by one and never pinned.
impl<T> Unpin for Rows<T> {}

impl<T> Stream for Rows<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rows").field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
