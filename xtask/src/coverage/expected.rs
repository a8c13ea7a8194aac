//! What the contract describes and no test can see, with the reason. One table: the report prints it as a legend.

/// A status that does not happen here.
pub(crate) struct Never {
    pub(crate) status: u16,
    /// Whose operations, and which of them by id; `*` means all.
    pub(crate) audience: &'static str,
    pub(crate) operations: &'static [&'static str],
    pub(crate) reason: &'static str,
}

impl Never {
    pub(crate) fn names(&self, audience: &str, operation: &str, status: u16) -> bool {
        let audience_fits = self.audience == "*" || self.audience == audience;
        status == self.status
            && audience_fits
            && self.operations.iter().any(|id| *id == "*" || *id == operation)
    }
}

/// Every status that does not happen here.
pub(crate) const NEVER: &[Never] = &[
    Never {
        status: 402,
        audience: "*",
        operations: &["*"],
        reason: "nothing here is for sale, so no plan leaves anything out",
    },
    Never {
        status: 500,
        audience: "*",
        operations: &["*"],
        reason: "a fault of the server, which no request brings about; the tests of bad input see that none does",
    },
    Never {
        status: 503,
        audience: "frontend",
        operations: &["getHealth", "getProxyHealth"],
        reason: "the database must be gone; the tests of the program take it away (`frontdesk-cli`)",
    },
    Never {
        status: 409,
        audience: "*",
        operations: &["*"],
        reason: "a change that loses a race is made again, and then meets what the winner wrote: a taken address or \
                 username is told with 422 and its field. Only who loses every time gets 409",
    },
    Never {
        status: 410,
        audience: "backend",
        operations: &["GetClientList"],
        reason: "the operation is deprecated and still answers",
    },
    Never {
        status: 423,
        audience: "backend",
        operations: &["UpsertTemplate", "ToggleTemplateDelivery"],
        reason: "no template is locked",
    },
    Never {
        status: 429,
        audience: "backend",
        operations: &["UpsertTemplate", "ToggleTemplateDelivery"],
        reason: "the Backend API has no rate limit ([limits](limits.md))",
    },
    Never {
        status: 403,
        audience: "backend",
        operations: &[
            "CreateEmailAddress",
            "GetEmailAddress",
            "UpdateEmailAddress",
            "DeleteEmailAddress",
            "PrepareEmailAddressVerification",
            "AttemptEmailAddressVerification",
            "ReplaceUserEmailAddress",
            "CreateUser",
            "LockUser",
            "UnlockUser",
            "RemoveUserPassword",
            "SetUserPasswordCompromised",
            "UnsetUserPasswordCompromised",
            "GetSignUp",
            "UpdateSignUp",
            "UpsertTemplate",
            "DeleteJWTTemplate",
        ],
        reason: "a secret key may do everything in its instance, no plan bounds the number of people, and what belongs \
                 to another instance is unknown (404)",
    },
    Never {
        status: 403,
        audience: "frontend",
        operations: &["getClient"],
        reason: "a browser may always read its own client; whoever is banned is shown a session without a token",
    },
    Never {
        status: 403,
        audience: "frontend",
        operations: &["handshakeClient", "redirectToUrl", "syncClient"],
        reason: "an address that is not the instance's is refused with 400",
    },
    Never {
        status: 404,
        audience: "frontend",
        operations: &[
            "getUser",
            "patchUser",
            "deleteUser",
            "patchUserMetadata",
            "getUsersSessions",
            "getEmailAddresses",
            "createEmailAddresses",
        ],
        reason: "it names nobody but the person who is signed in; somebody who was deleted is signed out (401)",
    },
    Never {
        status: 404,
        audience: "frontend",
        operations: &["removeClientSessionsAndRetainCookie"],
        reason: "a browser without a client has nothing to sign out of, and is told 401",
    },
    Never {
        status: 404,
        audience: "frontend",
        operations: &["createSignIn", "createSignUps"],
        reason: "an identifier that nobody has is told with 422 and its field, as forms read it",
    },
    Never {
        status: 404,
        audience: "frontend",
        operations: &["acceptTicket"],
        reason: "a ticket that nobody gave out is refused with 400, like one that is over",
    },
    Never {
        status: 404,
        audience: "frontend",
        operations: &["getAccountPortal", "handshakeClient"],
        reason: "an instance that is not there is refused with 400, and every instance has pages",
    },
    Never {
        status: 422,
        audience: "frontend",
        operations: &["updateProfileImage"],
        reason: "what is wrong with a picture is told with 400",
    },
];

/// Operations that are served and not in the newest description: SDKs ask them. Answers of theirs are no answers of the
/// described operation whose path would fit.
pub(crate) const BEYOND: [(&str, &str, &str); 1] = [("backend", "GET", "/v1/clients/handshake_payload")];
