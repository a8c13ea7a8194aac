use axum::{Router, routing::get};
use frontdesk::{Frontdesk, FrontdeskLayer, SignedIn};

async fn me(session: SignedIn) -> String {
    format!("Hello, {}!\n", session.user_id()) // everybody else gets a 401
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new().route("/me", get(me)).layer(FrontdeskLayer::new(Frontdesk::from_env()?));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app).await?)
}
