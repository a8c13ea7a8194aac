//! People: [`Client::users`].

use frontdesk_api::backend::profile_images::{DeleteUserProfileImage, SetUserProfileImage};
use frontdesk_api::backend::users as api;
pub use frontdesk_api::backend::users::{
    CodeProof, CodeType, CodeVerified, EmailAddress, EmailAddressReplacement, MetadataChanges, NewUser,
    PasswordCompromise, PasswordProof, PasswordRemoval, PasswordVerified, User, UserChanges, UserIds,
    UserListQuery, UserPath, UserProfile, Verification, VerificationStatus, VerificationStrategy, WhichUser,
};
use frontdesk_api::{Deleted, File, Nothing};
use frontdesk_types::{Secret, UserId};

use crate::rows::{Batch, Place, Rows, page_size};
use crate::{Client, Error, page};

/// The people of the instance.
///
/// ```no_run
/// use frontdesk_client::users::{MetadataChanges, UserListQuery};
/// use frontdesk_client::Client;
/// use serde_json::{Map, json};
///
/// # async fn example(client: Client) -> Result<(), frontdesk_client::Error> {
/// let users = client.users();
/// let named_ada = UserListQuery::default().name_query("ada");
/// for user in users.list(named_ada).await? {
///     let plan = Map::from_iter([("plan".to_owned(), json!("gold"))]);
///     let changes = MetadataChanges::default().public_metadata(plan);
///     users.merge_metadata(&user.profile.id, changes).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Users<'a> {
    client: &'a Client,
}

impl<'a> Users<'a> {
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client }
    }

    /// People who fit the query, newest first unless it says otherwise; ten of them unless it says otherwise.
    ///
    /// ```no_run
    /// # use frontdesk_client::users::UserListQuery;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let users = client.users().list(UserListQuery::default().limit(100).offset(200)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(self, query: UserListQuery) -> Result<Vec<User>, Error> {
        self.client.send(api::GetUserList, Nothing {}, query, Nothing {}).await
    }

    /// Everybody who fits the query, one after the other. `limit` is the size of the pages behind it: 1 to 500, 100
    /// unless said otherwise.
    ///
    /// Pages are asked for by the last id of the one before (`starting_after`), and one page ahead: people who sign up
    /// meanwhile shift nothing, and whoever is given may be deleted.
    ///
    /// ```no_run
    /// # use frontdesk_client::users::UserListQuery;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let mut banned = client.users().stream(UserListQuery::default().banned(true));
    /// while let Some(user) = banned.next().await {
    ///     client.users().delete(&user?.profile.id).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self, query: UserListQuery) -> Rows<User> {
        let client = self.client.clone();
        let limit = page_size(query.limit);
        Rows::new(Box::new(move |place| {
            let (client, mut query) = (client.clone(), query.clone().limit(limit));
            if let Place::After(id) = &place {
                query = query.starting_after(id).offset(None);
            }
            Box::pin(async move {
                let rows = client.users().list(query).await?;
                if let Place::After(id) = place
                    && rows.iter().any(|user| user.profile.id.as_str() == id)
                {
                    return Err(page::unfollowed::<api::GetUserList>("starting_after"));
                }
                let is_full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
                let last = rows.last().filter(|_| is_full);
                let next = last.map(|user| Place::After(user.profile.id.to_string()));
                Ok(Batch { rows, next })
            })
        }))
    }

    /// How many people fit the query, whatever page it asks for.
    ///
    /// ```no_run
    /// # use frontdesk_client::users::UserListQuery;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let everybody: u64 = client.users().count(UserListQuery::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn count(self, query: UserListQuery) -> Result<u64, Error> {
        Ok(self.client.send(api::GetUsersCount, Nothing {}, query, Nothing {}).await?.total_count)
    }

    /// Makes a person, without mail and without questions.
    ///
    /// ```no_run
    /// # use frontdesk_client::{Secret, users::NewUser};
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let password = Secret::new("correct horse battery staple");
    /// let ada = client.users().create(NewUser::with_email("ada@example.com").password(password)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::IdentifierExists`](crate::ErrorCode::IdentifierExists) if somebody has the address already, among
    /// others.
    pub async fn create(self, new: NewUser) -> Result<User, Error> {
        self.client.send(api::CreateUser, Nothing {}, Nothing {}, new).await
    }

    /// One person.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let user = client.users().get_user(&"user_2nZ".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if the instance has no such user.
    pub async fn get_user(self, user_id: &UserId) -> Result<User, Error> {
        self.client.send(api::GetUser, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Changes what is given; keeps the rest. Metadata has operations of its own.
    ///
    /// ```no_run
    /// # use frontdesk_client::{Change, UserId, users::UserChanges};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// let changes = UserChanges::default().first_name("Augusta").last_name(Change::Clear);
    /// let ada = client.users().update(&ada, changes).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(self, user_id: &UserId, changes: UserChanges) -> Result<User, Error> {
        self.client.send(api::UpdateUser, path(user_id), Nothing {}, changes).await
    }

    /// Deletes a person and everything that is theirs.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// client.users().delete(&ada).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(self, user_id: &UserId) -> Result<Deleted, Error> {
        self.client.send(api::DeleteUser, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Keeps a person out: no sign-in, and every session revoked.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, eve: UserId) -> Result<(), frontdesk_client::Error> {
    /// assert!(client.users().ban(&eve).await?.profile.banned);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ban(self, user_id: &UserId) -> Result<User, Error> {
        self.client.send(api::BanUser, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Keeps several people out, all or none of them: 1 to 50.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, eve: UserId, mallory: UserId) -> Result<(), frontdesk_client::Error> {
    /// let banned = client.users().ban_all([&eve, &mallory]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if one of them is unknown: then nobody is banned.
    pub async fn ban_all(self, user_ids: impl IntoIterator<Item = &UserId>) -> Result<Vec<User>, Error> {
        let body = UserIds::default().user_ids(user_ids);
        self.client.send(api::BanUsers, Nothing {}, Nothing {}, body).await
    }

    /// Lets several people in again, all or none of them: 1 to 50.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, eve: UserId) -> Result<(), frontdesk_client::Error> {
    /// let users = client.users().unban_all([&eve]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As of [`ban_all`](Self::ban_all).
    pub async fn unban_all(self, user_ids: impl IntoIterator<Item = &UserId>) -> Result<Vec<User>, Error> {
        let body = UserIds::default().user_ids(user_ids);
        self.client.send(api::UnbanUsers, Nothing {}, Nothing {}, body).await
    }

    /// Lets a person in again.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, eve: UserId) -> Result<(), frontdesk_client::Error> {
    /// assert!(!client.users().unban(&eve).await?.profile.banned);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unban(self, user_id: &UserId) -> Result<User, Error> {
        self.client.send(api::UnbanUser, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Gives somebody a picture: PNG, JPEG, GIF or WebP, 10 MB at most. The server makes its own of it.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), Box<dyn std::error::Error>> {
    /// let user = client.users().set_profile_image(&ada, std::fs::read("ada.png")?).await?;
    /// assert!(user.profile.has_image);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn set_profile_image(self, user_id: &UserId, picture: impl Into<File>) -> Result<User, Error> {
        self.client.send(SetUserProfileImage, path(user_id), Nothing {}, picture.into()).await
    }

    /// Takes somebody's picture away; their initials stand in for it.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// client.users().delete_profile_image(&ada).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_profile_image(self, user_id: &UserId) -> Result<User, Error> {
        self.client.send(DeleteUserProfileImage, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Locks a person out until the lock ends by itself ([`UserProfile::lockout_expires_in_seconds`]), or somebody unlocks them.
    /// Sessions go on.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// assert!(client.users().lock(&ada).await?.profile.locked);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn lock(self, user_id: &UserId) -> Result<User, Error> {
        self.client.send(api::LockUser, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Takes a lock away, and forgets the failures that led to it.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// assert!(!client.users().unlock(&ada).await?.profile.locked);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unlock(self, user_id: &UserId) -> Result<User, Error> {
        self.client.send(api::UnlockUser, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Asks whether this is a person's password. A wrong one counts for nothing: limit the tries of strangers yourself.
    ///
    /// ```no_run
    /// # use frontdesk_client::{Secret, UserId};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// client.users().verify_password(&ada, Secret::new("correct horse battery staple")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::IncorrectPassword`](crate::ErrorCode::IncorrectPassword) if it is another one,
    /// [`ErrorCode::NoPasswordSet`](crate::ErrorCode::NoPasswordSet) if they have none.
    pub async fn verify_password(
        self,
        user_id: &UserId,
        password: Secret,
    ) -> Result<PasswordVerified, Error> {
        let body = PasswordProof::default().password(password);
        self.client.send(api::VerifyPassword, path(user_id), Nothing {}, body).await
    }

    /// Asks whether this is the code of a person's authenticator app, or one of their backup codes. Each works once.
    ///
    /// ```no_run
    /// # use frontdesk_client::{Secret, UserId};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// let verified = client.users().verify_totp(&ada, Secret::new("424242")).await?;
    /// if verified.code_type == "backup_code" {
    ///     println!("one backup code less");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::TotpIncorrect`](crate::ErrorCode::TotpIncorrect) if it is another one,
    /// [`ErrorCode::TotpDisabled`](crate::ErrorCode::TotpDisabled) if they have neither.
    pub async fn verify_totp(self, user_id: &UserId, code: Secret) -> Result<CodeVerified, Error> {
        let body = CodeProof::default().code(code);
        self.client.send(api::VerifyTotp, path(user_id), Nothing {}, body).await
    }

    /// Takes every second factor away from a person: authenticator app and backup codes.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// client.users().disable_mfa(&ada).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn disable_mfa(self, user_id: &UserId) -> Result<WhichUser, Error> {
        self.client.send(api::DisableMfa, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Takes a person's authenticator app away.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// client.users().delete_totp(&ada).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_totp(self, user_id: &UserId) -> Result<WhichUser, Error> {
        self.client.send(api::DeleteTotp, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Takes a person's backup codes away.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// client.users().delete_backup_codes(&ada).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_backup_codes(self, user_id: &UserId) -> Result<WhichUser, Error> {
        self.client.send(api::DeleteBackupCode, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Takes a person's password away, even if nothing else signs them in. Sessions go on unless it says otherwise.
    ///
    /// ```no_run
    /// # use frontdesk_client::{UserId, users::PasswordRemoval};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// let removal = PasswordRemoval::default().sign_out_of_other_sessions(true);
    /// client.users().remove_password(&ada, removal).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::NoPasswordSet`](crate::ErrorCode::NoPasswordSet) if they have none.
    pub async fn remove_password(self, user_id: &UserId, removal: PasswordRemoval) -> Result<User, Error> {
        self.client.send(api::RemoveUserPassword, path(user_id), Nothing {}, removal).await
    }

    /// Marks a person's password as known to others: their next sign-in asks for a new one.
    ///
    /// ```no_run
    /// # use frontdesk_client::{UserId, users::PasswordCompromise};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// let everywhere = PasswordCompromise::default().revoke_all_sessions(true);
    /// client.users().set_password_compromised(&ada, everywhere).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn set_password_compromised(
        self,
        user_id: &UserId,
        compromise: PasswordCompromise,
    ) -> Result<User, Error> {
        self.client.send(api::SetUserPasswordCompromised, path(user_id), Nothing {}, compromise).await
    }

    /// Takes that mark away.
    ///
    /// ```no_run
    /// # use frontdesk_client::UserId;
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// client.users().unset_password_compromised(&ada).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unset_password_compromised(self, user_id: &UserId) -> Result<User, Error> {
        self.client.send(api::UnsetUserPasswordCompromised, path(user_id), Nothing {}, Nothing {}).await
    }

    /// Gives a person this address in place of all they have, verified unless it says otherwise.
    ///
    /// ```no_run
    /// # use frontdesk_client::{UserId, users::EmailAddressReplacement};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// let address = EmailAddressReplacement::default().email_address("ada@lovelace.example");
    /// client.users().replace_email_address(&ada, address).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::IdentifierExists`](crate::ErrorCode::IdentifierExists) if somebody else has it.
    pub async fn replace_email_address(
        self,
        user_id: &UserId,
        replacement: EmailAddressReplacement,
    ) -> Result<EmailAddress, Error> {
        self.client.send(api::ReplaceUserEmailAddress, path(user_id), Nothing {}, replacement).await
    }

    /// Merges metadata into what is there, deeply; a key that is `null` is removed (RFC 7396).
    ///
    /// ```no_run
    /// # use frontdesk_client::{UserId, users::MetadataChanges};
    /// # use serde_json::{Map, json};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// let theme = Map::from_iter([("theme".to_owned(), json!("dark"))]);
    /// let changes = MetadataChanges::default().unsafe_metadata(theme);
    /// client.users().merge_metadata(&ada, changes).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn merge_metadata(self, user_id: &UserId, changes: MetadataChanges) -> Result<User, Error> {
        self.client.send(api::UpdateUserMetadata, path(user_id), Nothing {}, changes).await
    }

    /// Replaces each kind of metadata that is given, as a whole; keeps the others.
    ///
    /// ```no_run
    /// # use frontdesk_client::{UserId, users::MetadataChanges};
    /// # async fn example(client: frontdesk_client::Client, ada: UserId) -> Result<(), frontdesk_client::Error> {
    /// let changes = MetadataChanges::default().private_metadata(serde_json::Map::new());
    /// client.users().replace_metadata(&ada, changes).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn replace_metadata(self, user_id: &UserId, changes: MetadataChanges) -> Result<User, Error> {
        self.client.send(api::ReplaceUserMetadata, path(user_id), Nothing {}, changes).await
    }
}

fn path(user_id: &UserId) -> UserPath {
    UserPath { user_id: user_id.clone() }
}
