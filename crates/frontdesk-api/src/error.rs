//! The error envelope and its codes (wire protocol §6.2, §6.3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What every failed request answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct ErrorBody {
    /// At least one.
    pub errors: Vec<ErrorItem>,
    /// About the whole answer; carries the piggy-backed client on the Frontend API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Map<String, Value>>,
    /// Names the request in the server's log.
    #[serde(default, rename = "clerk_trace_id", skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct ErrorItem {
    /// What a program switches on.
    pub code: ErrorCode,
    /// A few words for the developer.
    pub message: String,
    /// A sentence that may be shown.
    #[serde(default)]
    pub long_message: String,
    /// Where it is wrong: `param_name` and friends.
    #[serde(default)]
    pub meta: Map<String, Value>,
}

frontdesk_types::open_enum! {
    /// The codes this server answers with. Those of the contract have the contract's names.
    pub enum ErrorCode {
        /// The request is not authenticated, or by nobody this server knows.
        AuthenticationInvalid = "authentication_invalid",
        /// The secret key opens no instance.
        KeyInvalid = "clerk_key_invalid",
        /// The request names no API version that was published, or two.
        ApiVersionInvalid = "api_version_invalid",
        /// The body is not what its content type says.
        BadRequest = "bad_request",
        /// The JSON of the body does not parse.
        MalformedBody = "request_body_invalid",
        /// More things at once than one request may name.
        BulkSizeExceeded = "bulk_size_exceeded",
        /// The operation is for another kind of instance.
        EnvironmentInvalid = "request_invalid_for_environment",
        /// The publishable key is none.
        PublishableKeyMalformed = "malformed_publishable_key",
        /// A parameter of the query is missing.
        QueryParameterMissing = "missing_query_parameter",
        /// The sign-in token was redeemed or revoked before.
        SignInTokenNotPending = "sign_in_token_cannot_be_revoked_code",
        /// The code was wrong.
        CodeIncorrect = "form_code_incorrect",
        /// Somebody has this identifier already.
        IdentifierExists = "form_identifier_exists",
        /// Nobody has this identifier.
        IdentifierNotFound = "form_identifier_not_found",
        /// A date lies ahead that must not.
        DateInFuture = "form_disallow_future_date",
        /// A parameter has the wrong format.
        ParamFormatInvalid = "form_param_format_invalid",
        /// A parameter is too long.
        ParamTooLong = "form_param_max_length_exceeded",
        /// A parameter is missing.
        ParamMissing = "form_param_missing",
        /// A parameter is there but empty.
        ParamNil = "form_param_nil",
        /// A parameter has the wrong type.
        ParamTypeInvalid = "form_param_type_invalid",
        /// The operation has no such parameter.
        ParamUnknown = "form_param_unknown",
        /// A parameter has a value that is not allowed.
        ParamValueInvalid = "form_param_value_invalid",
        /// A parameter has more bytes than may be kept.
        ParamExceedsAllowedSize = "form_param_exceeds_allowed_size",
        /// The contract has this parameter, but this server lacks the feature behind it.
        ParamNotAvailable = "form_param_not_available",
        /// The password is wrong.
        PasswordIncorrect = "form_password_incorrect",
        /// The password is not the one the person has set (Backend API).
        IncorrectPassword = "incorrect_password",
        /// The digest is none of the given hasher.
        PasswordDigestInvalid = "form_password_digest_invalid_code",
        /// The code is not the one the authenticator app shows, and no backup code.
        TotpIncorrect = "totp_incorrect_code",
        /// The code has another length than codes of authenticator apps have.
        TotpLengthInvalid = "totp_invalid_length",
        /// The person has no authenticator app.
        TotpDisabled = "totp_disabled",
        /// The secret of an authenticator app cannot be read.
        TotpSecretInvalid = "invalid_totp_secret_code",
        /// The time is not written as RFC 3339 wants it.
        TimeInvalid = "form_param_invalid_time",
        /// The password is one of the person's identifiers.
        PasswordMatchesIdentifier = "form_password_matches_identifier",
        /// The password has no lower-case letter.
        PasswordNoLowercase = "form_password_no_lowercase",
        /// The password has no digit.
        PasswordNoNumber = "form_password_no_number",
        /// The password has no special character.
        PasswordNoSpecialChar = "form_password_no_special_char",
        /// The password has no upper-case letter.
        PasswordNoUppercase = "form_password_no_uppercase",
        /// The password is easy to guess.
        PasswordNotStrongEnough = "form_password_not_strong_enough",
        /// The password takes too many bytes.
        PasswordSizeExceeded = "form_password_size_in_bytes_exceeded",
        /// The password is too long.
        PasswordTooLong = "form_password_length_too_long",
        /// The password is too short.
        PasswordTooShort = "form_password_length_too_short",
        /// The password is wrong, or nobody has the identifier: where answers hide who has an account.
        PasswordOrIdentifierIncorrect = "form_password_or_identifier_incorrect",
        /// The new password is the one to be replaced.
        NewPasswordMatchesCurrent = "form_new_password_matches_current",
        /// The password is known to others: it was marked so.
        PasswordCompromised = "form_password_compromised",
        /// The password is known from a breach.
        PasswordPwned = "form_password_pwned",
        /// A username has too few or too many characters.
        UsernameLength = "form_username_invalid_length",
        /// A username has a character that usernames do not have.
        UsernameCharacter = "form_username_invalid_character",
        /// A username is nothing but digits.
        UsernameNumeric = "form_username_needs_non_number_char",
        /// The address is of a kind that may not sign up.
        EmailAddressBlocked = "form_email_address_blocked",
        /// The identifier may not have an account here.
        NotAllowedAccess = "not_allowed_access",
        /// The address is proven and nobody's: the sign-in can become a sign-up.
        SignUpIfMissingTransfer = "sign_up_if_missing_transfer",
        /// The user is signed in on this client already.
        IdentifierAlreadySignedIn = "identifier_already_signed_in",
        /// People sign in and up on the primary domain only.
        OperationNotAllowedOnSatellite = "operation_not_allowed_on_satellite_domain",
        /// What takes a browser to a satellite domain is unknown, used up, too old, or another browser's.
        SyncTokenInvalid = "sync_token_invalid",
        /// The primary domain of an instance cannot be deleted.
        PrimaryDomainDeletion = "primary_domain_deletion_not_allowed",
        /// No instance answers at this host and path.
        InstanceNotFound = "instance_not_found",
        /// Something went wrong that the caller cannot help; the trace id finds it in the log.
        InternalError = "internal_error",
        /// The server cannot do its work for the moment: the database does not answer.
        ServiceUnavailable = "service_unavailable",
        /// The method is not allowed at this path.
        MethodNotAllowed = "method_not_allowed",
        /// The contract has this operation; this server does not yet.
        OperationNotAvailable = "operation_not_available",
        /// The origin is not one of the instance's.
        OriginInvalid = "origin_invalid",
        /// The body is larger than the server takes.
        RequestTooLarge = "request_body_too_large",
        /// A redirect leads where the instance does not live.
        RedirectUrlInvalid = "redirect_url_invalid",
        /// There is no such thing, or it belongs to somebody else.
        ResourceNotFound = "resource_not_found",
        /// The thing changed under the request, again and again.
        ResourceConflict = "resource_conflict",
        /// There is no such path.
        RouteNotFound = "route_not_found",
        /// A session exists already on this single-session client.
        SessionExists = "session_exists",
        /// Nobody is signed in on this client.
        SignedOut = "signed_out",
        /// The strategy does not fit the state or the user.
        StrategyForUserInvalid = "strategy_for_user_invalid",
        /// The ticket opens nothing (any more).
        TicketInvalid = "ticket_invalid_code",
        /// The ticket's time is over.
        TicketExpired = "ticket_expired_code",
        /// Too much in too short a time.
        TooManyRequests = "too_many_requests",
        /// The content type is none that the server reads.
        UnsupportedContentType = "unsupported_content_type",
        /// The user is banned.
        UserBanned = "user_banned",
        /// The account is locked after too many failures.
        UserLocked = "user_locked",
        /// The address is verified already.
        VerificationAlreadyVerified = "verification_already_verified",
        /// The code's time is over.
        VerificationExpired = "verification_expired",
        /// Too many tries.
        VerificationFailed = "verification_failed",
        /// No code was asked for.
        VerificationMissing = "verification_missing",
        /// The development browser is unknown.
        DevBrowserUnauthenticated = "dev_browser_unauthenticated",
        /// The claims of a JWT template use a name the server sets itself.
        ReservedClaim = "jwt_template_reserved_claim",
        /// The request may not do this with the client it has.
        ClientReadOnly = "client_read_only",
        /// The client (or the attempt on it) is in no state for this.
        ClientStateInvalid = "client_state_invalid",
        /// No way of sending mail is configured.
        MailNotConfigured = "email_delivery_not_configured",
        /// The sign-in token was redeemed before.
        SignInTokenAlreadyUsed = "sign_in_token_already_used_code",
        /// The sign-in token was taken back.
        SignInTokenRevoked = "sign_in_token_revoked_code",
        /// Users may not delete themselves, or not this one.
        DeleteSelfNotEnabled = "user_delete_self_not_enabled",
        /// A code was sent to this address moments ago.
        CodeTooManyRequests = "verification_code_too_many_requests",
        /// What shall be listed stands on the list already.
        DuplicateRecord = "duplicate_record",
        /// The token is no session token of the session that it was sent for.
        SessionTokenInvalid = "session_token_invalid",
        /// The refresh token opens nothing (any more).
        RefreshTokenInvalid = "refresh_token_invalid",
        /// The handshake nonce is unknown or used up.
        NonceInvalid = "nonce_invalid",
        /// The account has no password.
        NoPasswordSet = "no_password_set",
        /// The account cannot do without a password.
        PasswordRequired = "password_required",
        /// The password given as proof is wrong.
        PasswordValidationFailed = "form_password_validation_failed",
        /// Too many addresses of the account wait for their proof.
        TooManyUnverified = "too_many_unverified_identifications",
        /// It is the last thing that identifies the account.
        IdentificationDeletionFailed = "identification_deletion_failed",
        /// It is the last one of a kind that every account must have.
        LastRequiredIdentification = "last_required_identification_deletion_failed_code",
        /// A parameter names something that is not there.
        ParamResourceNotFound = "form_resource_not_found",
        /// The instance does without this.
        FeatureNotEnabled = "feature_not_enabled",
        /// The picture is none, or of a kind that is not read.
        AvatarFileTypeInvalid = "avatar_file_type_invalid",
        /// The picture is too large.
        AvatarFileSizeExceeded = "avatar_file_size_exceeded",
        /// There is no picture.
        ImageNotFound = "image_not_found",
    }
}
