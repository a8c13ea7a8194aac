//! The words of mails: [`Client::templates`].

use frontdesk_api::backend::templates as api;
pub use frontdesk_api::backend::templates::{
    Template, TemplateChanges, TemplateDelivery, TemplateDraft, TemplatePath, TemplatePreview,
    TemplateTypePath,
};
use frontdesk_api::{Nothing, Page, PageQuery};

use crate::{Client, Error, page};

/// The words of the mails that the instance sends, by slug: `verification_code`, `password_changed` ….
///
/// ```no_run
/// use frontdesk_client::Client;
/// use frontdesk_client::templates::TemplateChanges;
///
/// # async fn example(client: Client) -> Result<(), frontdesk_client::Error> {
/// let changes = TemplateChanges::default().subject("{{ otp_code }}: dein Code".to_owned());
/// let template = client.templates().update("verification_code", changes).await?;
/// println!("It knows {:?}", template.available_variables);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Templates<'a> {
    client: &'a Client,
}

impl<'a> Templates<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// The templates of all mails, in a fixed order, and how many there are. `paginated` need not be set.
    ///
    /// ```no_run
    /// # use frontdesk_client::PageQuery;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let templates = client.templates().list(PageQuery::default().limit(100)).await?.data;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(self, mut query: PageQuery) -> Result<Page<Template>, Error> {
        query.paginated = Some(true);
        let path = TemplateTypePath { template_type: EMAIL.to_owned() };
        page::whole::<api::GetTemplateList, _>(
            self.client.send(api::GetTemplateList, path, query, Nothing {}).await?,
        )
    }

    /// One template.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// println!("{:?}", client.templates().get("password_changed").await?.subject);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no mail with this slug.
    pub async fn get(self, slug: &str) -> Result<Template, Error> {
        self.client.send(api::GetTemplate, path(slug), Nothing {}, Nothing {}).await
    }

    /// Changes what is given; keeps the rest.
    ///
    /// ```no_run
    /// # use frontdesk_client::templates::TemplateChanges;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let changes = TemplateChanges::default().body("<p>Your code: {{ otp_code }}</p>".to_owned());
    /// client.templates().update("verification_code", changes).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::ParamFormatInvalid`](crate::ErrorCode::ParamFormatInvalid) if a template cannot be rendered; the
    /// message says where and why.
    pub async fn update(self, slug: &str, changes: TemplateChanges) -> Result<Template, Error> {
        self.client.send(api::UpsertTemplate, path(slug), Nothing {}, changes).await
    }

    /// Goes back to the built-in words.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// assert!(!client.templates().revert("verification_code").await?.can_revert);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn revert(self, slug: &str) -> Result<Template, Error> {
        self.client.send(api::RevertTemplate, path(slug), Nothing {}, Nothing {}).await
    }

    /// What a mail would look like, with sample values. Nothing is kept.
    ///
    /// ```no_run
    /// # use frontdesk_client::templates::TemplateDraft;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let draft = TemplateDraft::default().body("<p>{{ otp_code }}</p>".to_owned());
    /// println!("{}", client.templates().preview("verification_code", draft).await?.body);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn preview(self, slug: &str, draft: TemplateDraft) -> Result<TemplatePreview, Error> {
        self.client.send(api::PreviewTemplate, path(slug), Nothing {}, draft).await
    }

    /// Says who sends the mail: the server (`true`), or the application, from the event `email.created`.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// client.templates().set_delivery("verification_code", false).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn set_delivery(self, slug: &str, by_the_server: bool) -> Result<Template, Error> {
        let delivery = TemplateDelivery::default().delivered_by_clerk(by_the_server);
        self.client.send(api::ToggleTemplateDelivery, path(slug), Nothing {}, delivery).await
    }
}

const EMAIL: &str = "email";

fn path(slug: &str) -> TemplatePath {
    TemplatePath { template_type: EMAIL.to_owned(), slug: slug.to_owned() }
}
