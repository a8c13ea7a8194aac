//! Pictures of people, as application servers set them.

use super::users::{User, UserPath};
use crate::{File, operations};

operations! { Backend;
    /// Give a person a picture in place of the one they have.
    SetUserProfileImage = POST "/v1/users/{user_id}/profile_image" { path: UserPath, file: File } -> User;
    /// Take a person's picture away; their initials stand in for it.
    DeleteUserProfileImage = DELETE "/v1/users/{user_id}/profile_image" { path: UserPath } -> User;
}
