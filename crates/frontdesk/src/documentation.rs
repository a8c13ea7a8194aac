//! The pages of the documentation, so that their samples are compiled.

#[doc = include_str!("../../../docs/auth-object.md")]
struct AuthObject;

#[doc = include_str!("../../../docs/authorization.md")]
struct Authorization;

#[doc = include_str!("../../../docs/moving-from-clerk-rs.md")]
struct MovingFromClerkRs;

#[doc = include_str!("../../../docs/machine-auth.md")]
struct MachineAuth;

#[cfg(all(
    feature = "actix",
    feature = "poem",
    feature = "rocket",
    feature = "salvo",
    feature = "tonic",
    feature = "warp"
))]
#[doc = include_str!("../../../docs/frameworks.md")]
struct Frameworks;
