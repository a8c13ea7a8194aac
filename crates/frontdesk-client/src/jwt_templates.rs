//! JWT templates: [`Client::jwt_templates`].

use frontdesk_api::backend::jwt_templates as api;
pub use frontdesk_api::backend::jwt_templates::{
    JwtTemplate, JwtTemplateChanges, JwtTemplatePath, NewJwtTemplate,
};
use frontdesk_api::{Deleted, Nothing, Page, PageQuery};
use frontdesk_types::JwtTemplateId;

use crate::rows::{Rows, page_size};
use crate::{Client, Error, page};

/// The JWT templates of the instance.
///
/// ```no_run
/// use frontdesk_client::Client;
/// use frontdesk_client::jwt_templates::NewJwtTemplate;
/// use serde_json::{Map, json};
///
/// # async fn example(client: Client) -> Result<(), frontdesk_client::Error> {
/// let claims = Map::from_iter([
///     ("aud".to_owned(), json!("authenticated")),
///     ("email".to_owned(), json!("{{user.primary_email_address}}")),
/// ]);
/// let template = client.jwt_templates().create(NewJwtTemplate::new("supabase", claims)).await?;
/// println!("{} lives {} seconds", template.name, template.lifetime);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct JwtTemplates<'a> {
    client: &'a Client,
}

impl<'a> JwtTemplates<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// The templates, newest first, and how many there are in all. `paginated` need not be set.
    ///
    /// ```no_run
    /// # use frontdesk_client::PageQuery;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let templates = client.jwt_templates().list(PageQuery::default()).await?.data;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(self, mut query: PageQuery) -> Result<Page<JwtTemplate>, Error> {
        query.paginated = Some(true);
        page::whole::<api::ListJwtTemplates, _>(
            self.client.send(api::ListJwtTemplates, Nothing {}, query, Nothing {}).await?,
        )
    }

    /// All templates, one after the other. `limit` is the size of the pages behind it: 1 to 500, 100 unless said
    /// otherwise. Pages are asked for by offset: what is made or deleted meanwhile shifts the rows.
    ///
    /// ```no_run
    /// # use frontdesk_client::PageQuery;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let mut templates = client.jwt_templates().stream(PageQuery::default());
    /// while let Some(template) = templates.next().await {
    ///     println!("{}", template?.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self, query: PageQuery) -> Rows<JwtTemplate> {
        let client = self.client.clone();
        let limit = page_size(query.limit);
        page::by_offset(query.offset, move |offset| {
            let (client, query) = (client.clone(), query.limit(limit).offset(offset));
            Box::pin(async move { client.jwt_templates().list(query).await })
        })
    }

    /// One template.
    ///
    /// ```no_run
    /// # use frontdesk_client::JwtTemplateId;
    /// # async fn example(client: frontdesk_client::Client, id: JwtTemplateId) -> Result<(), frontdesk_client::Error> {
    /// println!("{}", client.jwt_templates().get(&id).await?.name);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has no such template.
    pub async fn get(self, template_id: &JwtTemplateId) -> Result<JwtTemplate, Error> {
        self.client.send(api::GetJwtTemplate, path(template_id), Nothing {}, Nothing {}).await
    }

    /// Makes a template.
    ///
    /// ```no_run
    /// # use frontdesk_client::{Secret, jwt_templates::NewJwtTemplate};
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let with_a_key_of_its_own = NewJwtTemplate::new("supabase", serde_json::Map::new())
    ///     .custom_signing_key(true)
    ///     .signing_algorithm("HS256")
    ///     .signing_key(Secret::new("shared with the other service"));
    /// client.jwt_templates().create(with_a_key_of_its_own).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::ReservedClaim`](crate::ErrorCode::ReservedClaim) if a claim has a name the server sets itself, among
    /// others.
    pub async fn create(self, new: NewJwtTemplate) -> Result<JwtTemplate, Error> {
        self.client.send(api::CreateJwtTemplate, Nothing {}, Nothing {}, new).await
    }

    /// Changes what is given; keeps the rest.
    ///
    /// ```no_run
    /// # use frontdesk_client::{JwtTemplateId, jwt_templates::JwtTemplateChanges};
    /// # async fn example(client: frontdesk_client::Client, id: JwtTemplateId) -> Result<(), frontdesk_client::Error> {
    /// client.jwt_templates().update(&id, JwtTemplateChanges::default().lifetime(600)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(
        self,
        template_id: &JwtTemplateId,
        changes: JwtTemplateChanges,
    ) -> Result<JwtTemplate, Error> {
        self.client.send(api::UpdateJwtTemplate, path(template_id), Nothing {}, changes).await
    }

    /// Deletes a template.
    ///
    /// ```no_run
    /// # use frontdesk_client::JwtTemplateId;
    /// # async fn example(client: frontdesk_client::Client, id: JwtTemplateId) -> Result<(), frontdesk_client::Error> {
    /// assert!(client.jwt_templates().delete(&id).await?.deleted);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(self, template_id: &JwtTemplateId) -> Result<Deleted, Error> {
        self.client.send(api::DeleteJwtTemplate, path(template_id), Nothing {}, Nothing {}).await
    }
}

fn path(template_id: &JwtTemplateId) -> JwtTemplatePath {
    JwtTemplatePath { template_id: template_id.clone() }
}
