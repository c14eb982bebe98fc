//! Sending one e-mail through the mail server of the settings.

use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use register::settings::{Notifications, Security};

/// A mail server that says nothing for so long does not answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A password is no longer than this, in bytes.
const LONGEST_PASSWORD: u64 = 4096;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mail {
    /// Its subject.
    pub(crate) subject: String,
    /// Its text.
    pub(crate) text: String,
    /// Its identifier, with angle brackets.
    pub(crate) id: String,
}

impl Mail {
    /// A message that says that messages arrive.
    pub(crate) fn test(base: &str, from: &str, at: Timestamp) -> Mail {
        let host = from.rsplit_once('@').map_or("localhost", |(_, host)| host);
        Mail {
            subject: "Service Suite: a test".to_owned(),
            text: format!("You will be told here when a person should look.\n{base}/settings/notifications"),
            id: format!("<service-suite.test.{}@{host}>", at.as_millisecond()),
        }
    }
}

/// Sends a message to all addresses of the settings. Blocks for seconds.
///
/// # Errors
/// What went wrong, in the words of whoever said so, as a sentence without its full stop.
pub(crate) fn send(settings: &Notifications, mail: &Mail, at: Timestamp) -> Result<(), String> {
    let address = |text: &str| {
        text.parse::<Mailbox>().map_err(|error| format!("\"{text}\" is no e-mail address: {error}"))
    };
    let mut message = Message::builder()
        .from(address(&settings.from)?)
        .date(SystemTime::from(at))
        .message_id(Some(mail.id.clone()))
        .subject(&mail.subject)
        .header(ContentType::TEXT_PLAIN);
    for to in &settings.to {
        message = message.to(address(to)?);
    }
    let message = message.body(mail.text.clone()).map_err(|error| whole(&error))?;
    let server = format!("the mail server {}, port {},", settings.server, settings.port());
    let tls = || TlsParameters::new(settings.server.clone()).map_err(|error| whole(&error));
    let mut transport = SmtpTransport::builder_dangerous(&settings.server)
        .port(settings.port())
        .timeout(Some(PATIENCE))
        .tls(match settings.security {
            Security::Tls => Tls::Wrapper(tls()?),
            Security::StartTls => Tls::Required(tls()?),
            Security::None => Tls::None,
        });
    if let (Some(user), Some(file)) = (&settings.user, &settings.password_file) {
        transport = transport.credentials(Credentials::new(user.clone(), password(file)?));
    }
    match transport.build().send(&message) {
        Ok(_) => Ok(()),
        Err(error) if error.is_timeout() => Err(format!("{server} does not answer: {}", whole(&error))),
        Err(error) => Err(format!("{server} says: {}", whole(&error))),
    }
}

/// The password in a file: its first line.
fn password(path: &str) -> Result<String, String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST_PASSWORD).read_to_string(&mut text));
    read.map_err(|error| format!("the password cannot be read from {path}: {error}"))?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    if password.is_empty() {
        return Err(format!("the file {path} holds no password"));
    }
    Ok(password)
}

/// An error with what it came from, each said once.
fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
pub(crate) mod testing {
    //! A mail server for tests: it takes what it is told to take, and keeps what it got.

    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What the server does.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Manner {
        /// It takes everything.
        Takes,
        /// It asks for a name and a password, without protecting them.
        AsksForPassword,
        /// It refuses whoever is written to.
        RefusesRecipient,
        /// It hangs up.
        HangsUp,
    }

    /// The server; it ends with the test's process.
    pub(crate) struct Server {
        pub(crate) port: u16,
        /// All lines that it got, and the messages among them.
        pub(crate) lines: Arc<Mutex<Vec<String>>>,
        pub(crate) messages: Arc<Mutex<Vec<String>>>,
    }

    impl Server {
        pub(crate) fn start(manner: Manner) -> Server {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = Server { port, lines: Arc::default(), messages: Arc::default() };
            let (lines, messages) = (Arc::clone(&server.lines), Arc::clone(&server.messages));
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    // Whoever hangs up in the middle has failed.
                    let _ = speak(stream, manner, &lines, &messages);
                }
            });
            server
        }

        /// Settings that send to it.
        pub(crate) fn settings(&self) -> Notifications {
            Notifications {
                to: vec!["anna@firm.example".into(), "bo@firm.example".into()],
                from: "suite@firm.example".into(),
                server: "127.0.0.1".into(),
                security: Security::None,
                port: Some(self.port),
                ..Notifications::default()
            }
        }
    }

    fn speak(
        stream: TcpStream,
        manner: Manner,
        lines: &Mutex<Vec<String>>,
        messages: &Mutex<Vec<String>>,
    ) -> std::io::Result<()> {
        if manner == Manner::HangsUp {
            return Ok(());
        }
        let mut out = stream.try_clone()?;
        let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
        say("220 mail.test ready")?;
        let mut message: Option<String> = None;
        for line in BufReader::new(stream).lines() {
            let line = line?;
            lines.lock().unwrap().push(line.clone());
            if let Some(text) = &mut message {
                if line == "." {
                    messages.lock().unwrap().extend(message.take());
                    say("250 taken")?;
                } else {
                    text.push_str(&line);
                    text.push('\n');
                }
                continue;
            }
            match line.split(' ').next().unwrap_or_default() {
                "EHLO" if manner == Manner::AsksForPassword => say("250-mail.test\r\n250 AUTH PLAIN")?,
                "EHLO" => say("250 mail.test")?,
                "RCPT" if manner == Manner::RefusesRecipient => say("550 5.1.1 no such person here")?,
                "DATA" => {
                    message = Some(String::new());
                    say("354 go on")?;
                }
                "QUIT" => return say("221 bye"),
                _ => say("250 fine")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{Manner, Server};
    use super::*;

    fn test_mail() -> Mail {
        Mail {
            subject: "Service Suite: Import 7 of Kundeliste_æøå.txt is held".into(),
            text: "Anna, look.\nhttps://suite.example/imports/7".into(),
            id: "<service-suite.7@firm.example>".into(),
        }
    }

    fn send_now(settings: &Notifications) -> Result<(), String> {
        send(settings, &test_mail(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_message_arrives_whole_with_all_its_recipients() {
        let server = Server::start(Manner::Takes);
        send_now(&server.settings()).unwrap();
        let messages = server.messages.lock().unwrap().clone();
        let [message] = messages.as_slice() else { panic!("{messages:?}") };
        for part in [
            "From: suite@firm.example",
            "To: anna@firm.example, bo@firm.example",
            "Message-ID: <service-suite.7@firm.example>",
            "Date: Thu, 01 Jan 1970 00:00:00",
            "https://suite.example/imports/7",
        ] {
            assert!(message.contains(part), "{part} in {message}");
        }
        assert!(message.is_ascii(), "what is not is encoded: {message}");
        let lines = server.lines.lock().unwrap();
        assert_eq!(lines.iter().filter(|line| line.starts_with("RCPT TO:")).count(), 2, "{lines:?}");
    }

    #[test]
    fn what_went_wrong_is_told_in_the_words_of_who_said_so() {
        for (manner, says) in [
            (Manner::RefusesRecipient, "no such person here"),
            (Manner::HangsUp, "the mail server 127.0.0.1, port"),
        ] {
            let server = Server::start(manner);
            let said = send_now(&server.settings()).unwrap_err();
            assert!(said.contains(says), "{said}");
            assert!(server.messages.lock().unwrap().is_empty());
        }
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let away = Notifications { port: Some(nobody), ..Server::start(Manner::Takes).settings() };
        let said = send_now(&away).unwrap_err();
        assert!(said.contains("refused") && said.contains(&nobody.to_string()), "{said}");
    }

    #[test]
    fn without_the_protection_that_was_asked_for_nothing_is_sent_and_no_password_ever_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let path = file.to_str().unwrap().to_owned();
        let server = Server::start(Manner::AsksForPassword);
        let settings = Notifications {
            security: Security::StartTls,
            user: Some("suite".into()),
            password_file: Some(path.clone()),
            ..server.settings()
        };
        let said = send_now(&settings).unwrap_err();
        assert!(said.contains(&path) && said.contains("No such file"), "{said}");
        std::fs::write(&file, "\n").unwrap();
        assert!(send_now(&settings).unwrap_err().contains("holds no password"));
        std::fs::write(&file, "s3cret\n").unwrap();
        let said = send_now(&settings).unwrap_err();
        assert!(!said.contains("s3cret"), "{said}");
        let lines = server.lines.lock().unwrap().clone();
        assert!(lines.iter().all(|line| !line.starts_with("AUTH") && !line.starts_with("MAIL")), "{lines:?}");
        // Where the server protects nothing and was not asked to, the password is given to it.
        let open = Notifications { security: Security::None, ..settings };
        send_now(&open).unwrap();
        assert_eq!(server.messages.lock().unwrap().len(), 1);
    }
}
