//! A plain HTTP client for stories: one request, one answer, and nothing that a browser would do besides.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::Served;

/// Somebody who sends requests to a running `serve`, with or without a session.
pub(crate) struct Client {
    /// `127.0.0.1:PORT`.
    pub(crate) host: String,
    /// The session cookie, once signed in.
    cookie: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
            .unwrap_or_default()
    }
}

impl Client {
    /// Somebody whom `serve` does not know.
    pub(crate) fn stranger(served: &Served) -> Client {
        Client {
            host: served.url.trim_start_matches("http://").trim_end_matches('/').to_owned(),
            cookie: None,
        }
    }

    /// Somebody who has come by a link (of the set-up, or for choosing a password) and has chosen one.
    #[track_caller]
    pub(crate) fn through(served: &Served, link: &str) -> Client {
        let mut client = Client::stranger(served);
        let path = link.split_once(&client.host).unwrap_or_else(|| panic!("{link} leads elsewhere")).1;
        let answer = client.post(path, "name=Anna&password=brisk+otter+paddles&again=brisk+otter+paddles");
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default();
        assert!(cookie.starts_with("session="), "{answer:?}");
        client.cookie = Some(cookie.to_owned());
        client
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// Sends a form, as a script would.
    pub(crate) fn post(&self, path: &str, form: &str) -> Answer {
        self.ask("POST", path, &[], form)
    }

    /// Sends a request with headers of its own; they go before those that every request has.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // HTTP/1.0 has no chunks, and its answers end where the connection ends.
        let mut request = format!("{method} {path} HTTP/1.0\r\n");
        let mut put = |name: &str, value: &str| request.push_str(&format!("{name}: {value}\r\n"));
        headers.iter().for_each(|(name, value)| put(name, value));
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            put("host", &self.host);
        }
        if let Some(cookie) = &self.cookie {
            put("cookie", cookie);
        }
        if method != "GET" {
            put("content-type", "application/x-www-form-urlencoded");
            put("content-length", &form.len().to_string());
        }
        request.push_str("\r\n");
        request.push_str(form);
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) =
            text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {path}: {text:?}"));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_default();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }
}
