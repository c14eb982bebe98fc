//! Whether the program lives and can work, for those who watch over it; needs no sign-in and tells nothing else.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use register::db::DbError;

use super::site::Site;

/// The program answers.
pub(crate) async fn live() -> Response {
    json(StatusCode::OK, r#"{"status":"ok"}"#)
}

/// The program answers and can read its database.
pub(crate) async fn ready(State(site): State<Site>) -> Response {
    let look = move || {
        site.database.read(|_| Ok::<_, DbError>(()))?;
        site.live.read(|_| Ok::<_, DbError>(()))
    };
    match tokio::task::spawn_blocking(look).await {
        Ok(Ok(())) => json(StatusCode::OK, r#"{"status":"ok"}"#),
        _ => json(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"database unavailable"}"#),
    }
}

fn json(status: StatusCode, body: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
