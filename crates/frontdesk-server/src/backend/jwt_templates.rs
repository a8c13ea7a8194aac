//! JWT templates: kept by application servers, evaluated when a token is minted (wire protocol §9).

mod rules;

use frontdesk_api::Deleted;
use frontdesk_api::backend::jwt_templates::{
    self as wire, CreateJwtTemplate, DeleteJwtTemplate, GetJwtTemplate, JwtTemplateChanges, ListJwtTemplates,
    UpdateJwtTemplate,
};
use frontdesk_core::template::{
    ApprovedTemplate, JwtTemplate, SigningDraft, TEMPLATE_CLAIMS_BYTES, TemplateDraft, check_template,
};
use frontdesk_jwt::Algorithm;
use frontdesk_types::{Change, JwtTemplateId, Secret};

use super::page::{page, paginated};
use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::routes::Routes;
use crate::{present, template_key};

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new()
        .on(list_templates)
        .on(create_template)
        .on(get_template)
        .on(update_template)
        .on(delete_template)
}

async fn list_templates(cx: BackendCx, req: Req<ListJwtTemplates>) -> Answer<ListJwtTemplates> {
    let page = page(req.query.limit, req.query.offset)?;
    let templates = cx.store.jwt_templates(&cx.instance.id, page).await?;
    let total = match req.query.paginated {
        Some(true) => Some(cx.store.count_jwt_templates(&cx.instance.id).await?),
        _ => None,
    };
    let rows = templates.iter().map(present::jwt_template::for_backend).collect();
    Ok(Shown::new(paginated(rows, total)))
}

async fn get_template(cx: BackendCx, req: Req<GetJwtTemplate>) -> Answer<GetJwtTemplate> {
    let template = cx.template(&req.path.template_id).await?;
    Ok(Shown::new(present::jwt_template::for_backend(&template)))
}

async fn create_template(mut cx: BackendCx, req: Req<CreateJwtTemplate>) -> Answer<CreateJwtTemplate> {
    let asked = req.body;
    let name = asked.name.ok_or_else(|| errors::param_missing("name"))?;
    let claims = asked.claims.ok_or_else(|| errors::param_missing("claims"))?;
    let new_key = given(asked.signing_key);
    let approved = approved(&TemplateDraft {
        name: &name,
        claims: &claims,
        lifetime: asked.lifetime,
        allowed_clock_skew: asked.allowed_clock_skew,
        signing_algorithm: asked.signing_algorithm.as_deref(),
        signing: signing(asked.custom_signing_key.unwrap_or(false), new_key.as_ref(), None)?,
    })?;
    cx.refuse_taken(&name, None).await?;
    let template = JwtTemplate {
        id: JwtTemplateId::mint(cx.now, &mut cx.rng),
        name,
        claims,
        lifetime: approved.lifetime,
        allowed_clock_skew: approved.allowed_clock_skew,
        signing_algorithm: approved.signing_algorithm.as_str().to_owned(),
        sealed_signing_key: new_key.map(|key| template_key::seal(cx.server.master_key(), &key, &mut cx.rng)),
        created_at: cx.now,
        updated_at: cx.now,
        version: 1,
    };
    cx.work.insert_jwt_template(&template);
    cx.saved(&template, &approved).await
}

async fn update_template(mut cx: BackendCx, req: Req<UpdateJwtTemplate>) -> Answer<UpdateJwtTemplate> {
    let mut template = cx.template(&req.path.template_id).await?;
    let JwtTemplateChanges {
        name,
        claims,
        lifetime,
        allowed_clock_skew,
        custom_signing_key,
        signing_algorithm,
        signing_key,
    } = req.body;
    let (name, claims) = (wanted("name", name)?, wanted("claims", claims)?);
    let kept = kept_algorithm(&template)?;
    let custom = custom_signing_key.set().unwrap_or(kept.is_some());
    let new_key = given(signing_key.set());
    let algorithm = match signing_algorithm {
        Change::Set(name) => Some(name),
        // A template that keeps a key of its own keeps what it signs with.
        Change::Keep if custom => kept.map(|algorithm| algorithm.as_str().to_owned()),
        Change::Keep | Change::Clear => None,
    };
    let approved = approved(&TemplateDraft {
        name: name.as_deref().unwrap_or(&template.name),
        claims: claims.as_ref().unwrap_or(&template.claims),
        lifetime: or_default(&lifetime, template.lifetime.as_secs()),
        allowed_clock_skew: or_default(&allowed_clock_skew, template.allowed_clock_skew.as_secs()),
        signing_algorithm: algorithm.as_deref(),
        signing: signing(custom, new_key.as_ref(), kept)?,
    })?;
    if let Some(name) = name {
        cx.refuse_taken(&name, Some(&template.id)).await?;
        template.name = name;
    }
    template.claims = claims.unwrap_or(template.claims);
    template.lifetime = approved.lifetime;
    template.allowed_clock_skew = approved.allowed_clock_skew;
    approved.signing_algorithm.as_str().clone_into(&mut template.signing_algorithm);
    match new_key {
        Some(key) => {
            template.sealed_signing_key = Some(template_key::seal(cx.server.master_key(), &key, &mut cx.rng));
        }
        None if !custom => template.sealed_signing_key = None,
        None => {}
    }
    template.updated_at = cx.now;
    cx.work.save_jwt_template(&template);
    cx.saved(&template, &approved).await
}

async fn delete_template(mut cx: BackendCx, req: Req<DeleteJwtTemplate>) -> Answer<DeleteJwtTemplate> {
    let template = cx.template(&req.path.template_id).await?;
    cx.work.delete_jwt_template(&template.id);
    cx.commit(Deleted::new("jwt_template", template.id.as_str())).await
}

/// A field that can be left out, but not emptied.
fn wanted<T>(name: &str, change: Change<T>) -> Result<Option<T>, ApiError> {
    match change {
        Change::Keep => Ok(None),
        Change::Clear => Err(errors::param_nil(name)),
        Change::Set(value) => Ok(Some(value)),
    }
}

/// `None` stands for the default.
fn or_default(change: &Change<i64>, current: i64) -> Option<i64> {
    match change {
        Change::Keep => Some(current),
        Change::Clear => None,
        Change::Set(value) => Some(*value),
    }
}

/// Forms send an empty key where there is none.
fn given(key: Option<Secret>) -> Option<Secret> {
    key.filter(|key| !key.expose().is_empty())
}

/// The algorithm of the key that a template has of its own.
fn kept_algorithm(template: &JwtTemplate) -> Result<Option<Algorithm>, ApiError> {
    let Some(_) = template.sealed_signing_key else { return Ok(None) };
    template.signing_algorithm.parse().map(Some).map_err(errors::internal)
}

/// What the tokens shall be signed with. A key that would not be used is refused, so that nobody believes it is.
fn signing(
    custom: bool,
    new_key: Option<&Secret>,
    kept: Option<Algorithm>,
) -> Result<SigningDraft<'_>, ApiError> {
    match (custom, new_key, kept) {
        (true, Some(key), _) => Ok(SigningDraft::NewKey(key)),
        (true, None, Some(algorithm)) => Ok(SigningDraft::KeptKey(algorithm)),
        (true, None, None) => Err(errors::param_missing("signing_key")),
        (false, Some(_), _) => {
            Err(errors::param_value_invalid("custom_signing_key", "true where a signing_key is given"))
        }
        (false, None, _) => Ok(SigningDraft::InstanceKey),
    }
}

/// The draft, if it may be saved; a new key is read once, so that a token never fails for it.
fn approved(draft: &TemplateDraft<'_>) -> Result<ApprovedTemplate, ApiError> {
    let approved = check_template(draft).map_err(|refusal| rules::refused(&refusal))?;
    if let SigningDraft::NewKey(key) = draft.signing {
        let algorithm = approved.signing_algorithm;
        template_key::read("", algorithm, key.expose().as_bytes()).map_err(|_| {
            errors::param_format_invalid("signing_key", &format!("a key that {algorithm} can sign with"))
        })?;
    }
    Ok(approved)
}

impl BackendCx {
    async fn template(&self, id: &JwtTemplateId) -> Result<JwtTemplate, ApiError> {
        let template = self.store.jwt_template(&self.instance.id, id).await?;
        template.ok_or_else(|| errors::resource_not_found("JWT template", id.as_str()))
    }

    /// Looks for the name before it is written. A race is decided by the store, and the loser comes here again.
    async fn refuse_taken(&self, name: &str, own_id: Option<&JwtTemplateId>) -> Result<(), ApiError> {
        match self.store.jwt_template_by_name(&self.instance.id, name).await? {
            Some(other) if Some(&other.id) != own_id => Err(errors::identifier_taken("name")),
            _ => Ok(()),
        }
    }

    /// Commits a template, and warns where its claims can outgrow a cookie.
    async fn saved(
        self,
        template: &JwtTemplate,
        approved: &ApprovedTemplate,
    ) -> Result<Shown<wire::JwtTemplate>, ApiError> {
        let shown = self.commit(present::jwt_template::for_backend(template)).await?;
        match approved.template.size_warning(TEMPLATE_CLAIMS_BYTES) {
            None => Ok(shown),
            Some(warning) => {
                tracing::warn!(template = %template.id, %warning, "a JWT template can outgrow a cookie");
                Ok(shown.warn(&warning))
            }
        }
    }
}
