//! Writes the trait of the service, without protoc: proto/seed_page.proto says the same for other languages.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    let method = |name: &str, route: &str, input: &str, output: &str| {
        Method::builder()
            .name(name)
            .route_name(route)
            .input_type(format!("crate::messages::{input}"))
            .output_type(format!("crate::messages::{output}"))
            .codec_path("tonic_prost::ProstCodec")
            .build()
    };
    let service = Service::builder()
        .package("frontdesk.example")
        .name("SeedPage")
        .method(method("state", "State", "Nothing", "AuthState"))
        .method(method("whole_auth", "WholeAuth", "Nothing", "Json"))
        .method(method("protected", "Protected", "Nothing", "UserId"))
        .method(method("session_token", "SessionToken", "Nothing", "Token"))
        .method(method("supabase_token", "SupabaseToken", "Nothing", "Token"))
        .method(method("get_user", "GetUser", "Nothing", "User"))
        .method(method("change_metadata", "ChangeMetadata", "Json", "User"))
        .build();
    Builder::new().build_client(false).compile(&[service]);
}
