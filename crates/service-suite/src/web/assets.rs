//! Style, script and pictures, which are part of the program.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

const SUITE_CSS: &str = concat!(
    include_str!("../../assets/base.css"),
    include_str!("../../assets/frame.css"),
    include_str!("../../assets/parts.css"),
    include_str!("../../assets/pages.css"),
);

/// Name, kind and content of every file.
const FILES: &[(&str, &str, &str)] = &[
    ("suite.css", "text/css; charset=utf-8", SUITE_CSS),
    ("app.js", "text/javascript; charset=utf-8", include_str!("../../assets/app.js")),
    ("htmx.min.js", "text/javascript; charset=utf-8", include_str!("../../assets/vendor/htmx.min.js")),
    ("sse.min.js", "text/javascript; charset=utf-8", include_str!("../../assets/vendor/sse.min.js")),
    ("logo.svg", "image/svg+xml", include_str!("../../assets/logo.svg")),
];

/// Changes whenever one of the files does: their addresses carry it, so browsers keep them for as long as they like.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (_, _, content) in FILES {
        hash.update(content.as_bytes());
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

/// The address of a file.
pub(crate) fn address(name: &str) -> String {
    format!("/assets/{name}?v={}", *VERSION)
}

/// Sends a file.
pub(crate) async fn file(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|file| file.0 == name) {
        Some((_, kind, content)) => (
            [(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")],
            *content,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
