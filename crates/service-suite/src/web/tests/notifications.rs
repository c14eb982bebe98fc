//! Settings > Notifications.

use axum::http::StatusCode;
use register::people::Role;
use register::settings;

use super::with_format;
use crate::notify::mail::testing::{Manner, Server};

#[tokio::test]
async fn who_is_told_is_set_and_tried() {
    let site = with_format();
    let anna = site.signed_in("anna", Role::Administrator);
    let vera = site.signed_in("vera", Role::Viewer);
    let page = site.get("/settings/notifications", &vera).await.text;
    assert!(page.contains("needs an administrator") && !page.contains("Send a test"), "{page}");
    let server = Server::start(Manner::Takes);
    let port = server.port.to_string();
    let form = [
        ("to", "anna@firm.example\r\nbo@firm.example"),
        ("from", "suite@firm.example"),
        ("server", "127.0.0.1"),
        ("security", "none"),
        ("port", port.as_str()),
        ("user", ""),
        ("password-file", ""),
    ];
    let tested = site.post("/settings/notifications/test", &anna, &form).await;
    assert!(
        tested.text.contains("A test was sent to anna@firm.example, bo@firm.example."),
        "{}",
        tested.text
    );
    assert_eq!(server.messages.lock().unwrap().len(), 1);
    assert!(server.messages.lock().unwrap()[0].contains("https://suite.example/settings/notifications"));
    let stored = || site.site.database.read(settings::load).unwrap().notifications;
    assert!(stored().is_default(), "a test saves nothing");
    let saved = site.post("/settings/notifications", &anna, &form).await;
    assert_eq!(
        (saved.status, saved.header("location")),
        (StatusCode::SEE_OTHER, "/settings/notifications?said=saved")
    );
    assert_eq!(stored(), server.settings());
    // What is wrong stands beside its field; what the server says is told.
    let mut wrong = form;
    wrong[0].1 = "anna";
    wrong[4].1 = "smtp";
    for address in ["/settings/notifications", "/settings/notifications/test"] {
        let answer = site.post(address, &anna, &wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            answer.text.contains("is no port") && answer.text.contains(">anna</textarea>"),
            "{}",
            answer.text
        );
    }
    let refuses = Server::start(Manner::RefusesRecipient);
    let port = refuses.port.to_string();
    let mut refused = form;
    refused[4].1 = &port;
    let answer = site.post("/settings/notifications/test", &anna, &refused).await.text;
    assert!(answer.contains("could not be sent") && answer.contains("no such person here"), "{answer}");
    assert_eq!(stored(), server.settings(), "what was wrong changed nothing");
}
