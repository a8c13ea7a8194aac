//! The allowlist and the blocklist: who may sign up, and who may not.

use frontdesk_api::backend::allowlist_identifiers::{
    AllowlistIdentifier, CreateAllowlistIdentifier, DeleteAllowlistIdentifier, IdentifierType,
    ListAllowlistIdentifiers,
};
use frontdesk_api::backend::blocklist_identifiers::{
    BlocklistIdentifier, CreateBlocklistIdentifier, DeleteBlocklistIdentifier, ListBlocklistIdentifiers,
};
use frontdesk_api::{Deleted, Page};
use frontdesk_core::restriction::{IdentifierPattern, RestrictedIdentifier, RestrictionList};
use frontdesk_types::{AllowlistIdentifierId, BlocklistIdentifierId};

use super::page::{MAX_LIMIT, page, paginated};
use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::routes::Routes;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(list_allowed).on(allow).on(delete_allowed).on(list_blocked).on(block).on(delete_blocked)
}

async fn list_allowed(cx: BackendCx, req: Req<ListAllowlistIdentifiers>) -> Answer<ListAllowlistIdentifiers> {
    let (list, page) = (RestrictionList::Allowlist, page(req.query.limit, req.query.offset)?);
    let entries = cx.store.restricted_identifiers(&cx.instance.id, list, page).await?;
    let total = match req.query.paginated {
        Some(true) => Some(cx.store.count_restricted_identifiers(&cx.instance.id, list).await?),
        _ => None,
    };
    let shown = entries.iter().map(|entry| cx.allowed(entry)).collect::<Result<_, _>>()?;
    Ok(Shown::new(paginated(shown, total)))
}

async fn allow(mut cx: BackendCx, req: Req<CreateAllowlistIdentifier>) -> Answer<CreateAllowlistIdentifier> {
    // There are no invitations to send.
    if req.body.notify == Some(true) {
        return Err(errors::param_not_available("notify"));
    }
    let id = AllowlistIdentifierId::mint(cx.now, &mut cx.rng);
    let identifier = req.body.identifier.as_deref();
    let entry = cx.add_entry(RestrictionList::Allowlist, id.as_str(), identifier).await?;
    let shown = cx.allowed(&entry)?;
    cx.commit(shown).await
}

async fn delete_allowed(
    mut cx: BackendCx,
    req: Req<DeleteAllowlistIdentifier>,
) -> Answer<DeleteAllowlistIdentifier> {
    let id = req.path.identifier_id.as_str();
    cx.drop_entry(RestrictionList::Allowlist, id).await?;
    cx.commit(Deleted::new("allowlist_identifier", id)).await
}

/// Always with the size of the whole, and 500 rows unless the query wants fewer: the contract has no parameters here.
async fn list_blocked(cx: BackendCx, req: Req<ListBlocklistIdentifiers>) -> Answer<ListBlocklistIdentifiers> {
    let list = RestrictionList::Blocklist;
    let page = page(req.query.limit.or(Some(MAX_LIMIT.into())), req.query.offset)?;
    let entries = cx.store.restricted_identifiers(&cx.instance.id, list, page).await?;
    let data = entries.iter().map(|entry| cx.blocked(entry)).collect::<Result<_, _>>()?;
    let total_count = cx.store.count_restricted_identifiers(&cx.instance.id, list).await?;
    Ok(Shown::new(Page { data, total_count }))
}

async fn block(mut cx: BackendCx, req: Req<CreateBlocklistIdentifier>) -> Answer<CreateBlocklistIdentifier> {
    let id = BlocklistIdentifierId::mint(cx.now, &mut cx.rng);
    let identifier = req.body.identifier.as_deref();
    let entry = cx.add_entry(RestrictionList::Blocklist, id.as_str(), identifier).await?;
    let shown = cx.blocked(&entry)?;
    cx.commit(shown).await
}

async fn delete_blocked(
    mut cx: BackendCx,
    req: Req<DeleteBlocklistIdentifier>,
) -> Answer<DeleteBlocklistIdentifier> {
    let id = req.path.identifier_id.as_str();
    cx.drop_entry(RestrictionList::Blocklist, id).await?;
    cx.commit(Deleted::new("blocklist_identifier", id)).await
}

impl BackendCx {
    async fn add_entry(
        &mut self,
        list: RestrictionList,
        id: &str,
        identifier: Option<&str>,
    ) -> Result<RestrictedIdentifier, ApiError> {
        let identifier = identifier.ok_or_else(|| errors::param_missing("identifier"))?;
        let pattern = IdentifierPattern::parse(identifier).map_err(|_| {
            errors::param_format_invalid("identifier", "an e-mail address, or *@ and the domain of many")
        })?;
        if self.store.has_restricted_identifier(&self.instance.id, list, &pattern).await? {
            return Err(errors::already_listed("identifier"));
        }
        let (created_at, updated_at) = (self.now, self.now);
        let entry = RestrictedIdentifier { id: id.to_owned(), list, pattern, created_at, updated_at };
        self.work.insert_restricted_identifier(&entry);
        Ok(entry)
    }

    async fn drop_entry(&mut self, list: RestrictionList, id: &str) -> Result<(), ApiError> {
        let entry = self.store.restricted_identifier(&self.instance.id, list, id).await?;
        let entry = entry.ok_or_else(|| errors::resource_not_found("identifier", id))?;
        self.work.delete_restricted_identifier(list, &entry.id);
        Ok(())
    }

    fn allowed(&self, entry: &RestrictedIdentifier) -> Result<AllowlistIdentifier, ApiError> {
        Ok(AllowlistIdentifier {
            object: "allowlist_identifier".to_owned(),
            id: entry.id.parse().map_err(errors::internal)?,
            invitation_id: None,
            identifier: entry.pattern.as_str().to_owned(),
            identifier_type: IdentifierType::EmailAddress,
            instance_id: self.instance.id.clone(),
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        })
    }

    fn blocked(&self, entry: &RestrictedIdentifier) -> Result<BlocklistIdentifier, ApiError> {
        Ok(BlocklistIdentifier {
            object: "blocklist_identifier".to_owned(),
            id: entry.id.parse().map_err(errors::internal)?,
            identifier: entry.pattern.as_str().to_owned(),
            identifier_type: IdentifierType::EmailAddress,
            instance_id: self.instance.id.clone(),
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        })
    }
}
