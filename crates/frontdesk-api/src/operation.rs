//! Operations: a method, a path, and the types that go in and out.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::FileBody;

/// Who an operation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Application servers that hold a secret key.
    Backend,
    /// Browsers and devices, which hold a client.
    Frontend,
}

impl Audience {
    /// The name in the contract's files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Frontend => "frontend",
        }
    }
}

/// One operation of the published contract, declared in a table with [`operations!`](crate::operations).
pub trait Operation: Send + Sync + 'static {
    /// Who may call it.
    const AUDIENCE: Audience;
    /// Its id in the contract.
    const ID: &'static str;
    /// Its HTTP method.
    const METHOD: http::Method;
    /// Its path with `{parameters}`, from the root of the server.
    const PATH: &'static str;
    /// The parameters in the path.
    type Path: DeserializeOwned + Serialize + Clone + Send + Sync;
    /// The parameters in the query.
    type Query: DeserializeOwned + Serialize + Clone + Send + Sync;
    /// The body.
    type Body: DeserializeOwned + Serialize + Clone + Send + Sync;
    /// How a file becomes the body, where the operation takes one in place of fields.
    const FILE: Option<FileBody<Self::Body>> = None;
    /// The resource in a successful answer.
    type Reply: Serialize + DeserializeOwned + Send;
}

/// One row of a table of operations, without its types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// Who may call it.
    pub audience: Audience,
    /// Its id in the contract.
    pub id: &'static str,
    /// Its HTTP method.
    pub method: http::Method,
    /// Its path with `{parameters}`.
    pub path: &'static str,
}

/// No parameters, or no body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// Declares operations: `Name = METHOD "path" { path: …, query: …, body: … } -> Reply;`, grouped in modules.
///
/// Every name becomes a unit type that implements [`Operation`]; the table of a module is its `OPERATIONS`. Left-out
/// parts are [`Nothing`]. `file: File` stands in place of a body where a file is sent. A contract id that is not
/// written like a type is given with `as`.
#[macro_export]
macro_rules! operations {
    ($audience:ident; $($(#[$meta:meta])* $name:ident $(as $id:literal)? = $method:ident $path:literal {
        $(path: $path_type:ty)? $(, query: $query_after:ty)? $(, body: $body_after:ty)? $(, file: $file_after:ty)?
        $(; query: $query_type:ty)? $(; body: $body_type:ty)? $(; file: $file_type:ty)?
    } -> $reply:ty;)+) => {
        $(
            $(#[$meta])*
            #[doc = ""]
            #[doc = concat!("`", stringify!($method), " ", $path, "`")]
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl $crate::Operation for $name {
                const AUDIENCE: $crate::Audience = $crate::Audience::$audience;
                const ID: &'static str = $crate::operations!(@or $($id)?, stringify!($name));
                const METHOD: $crate::__private::http::Method = $crate::__private::http::Method::$method;
                const PATH: &'static str = $path;
                type Path = $crate::operations!(@type $($path_type)?);
                type Query = $crate::operations!(@type $($query_after)? $($query_type)?);
                type Body =
                    $crate::operations!(@type $($body_after)? $($body_type)? $($file_after)? $($file_type)?);
                const FILE: Option<$crate::FileBody<Self::Body>> =
                    $crate::operations!(@file $($file_after)? $($file_type)?);
                type Reply = $reply;
            }
        )+

        /// Every operation declared here.
        pub const OPERATIONS: &[$crate::Declaration] = &[$($crate::Declaration {
            audience: $crate::Audience::$audience,
            id: $crate::operations!(@or $($id)?, stringify!($name)),
            method: $crate::__private::http::Method::$method,
            path: $path,
        }),+];
    };
    (@or $id:literal, $name:expr) => { $id };
    (@or , $name:expr) => { $name };
    (@file $given:ty) => {
        Some($crate::FileBody { from_file: ::std::convert::identity::<$given>, file: |file: &$given| file })
    };
    (@file) => { None };
    (@type $given:ty) => { $given };
    (@type) => { $crate::Nothing };
}
