//! Whom to tell by e-mail when a person should look, and through which server.

use serde::{Deserialize, Serialize};

use super::Complaint;
use crate::words::words;

/// Under which name the settings are stored.
pub(super) const NOTIFICATIONS: &str = "notifications";

/// The most addresses.
const MOST_ADDRESSES: usize = 50;

/// Whom to tell by e-mail, and through which server. Without an address nobody is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Notifications {
    /// The addresses that are written to.
    pub to: Vec<String>,
    /// The address that it comes from.
    pub from: String,
    /// The name of the mail server.
    pub server: String,
    /// How the connection is protected.
    pub security: Security,
    /// The server's port; `None` for the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The name to sign in with; `None` when the server asks for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The file that holds the password, so that no secret stands in settings, backups or on pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<String>,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Security {
    /// TLS from the first byte on.
    Tls,
    /// TLS after the greeting; nothing is sent without it.
    #[default]
    StartTls,
    /// None, for a server on this machine or a network that is trusted.
    None,
}

words!(Security, "choice for security", { Tls = "tls", StartTls = "starttls", None = "none" });

impl Notifications {
    /// Whether nothing was set.
    pub fn is_default(&self) -> bool {
        *self == Notifications::default()
    }

    /// Whether anybody is told.
    pub fn is_on(&self) -> bool {
        !self.to.is_empty()
    }

    /// Everything that is wrong with them, as far as it can be told without asking the server.
    pub fn complaints(&self) -> Vec<Complaint> {
        let mut list = Vec::new();
        complaints(self, &mut list);
        list
    }

    /// The port in effect.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::None => 25,
        })
    }
}

/// Everything that is wrong, as far as it can be told without asking the server.
pub(super) fn complaints(settings: &Notifications, list: &mut Vec<Complaint>) {
    let mut wrong = |key: &str, message: String, hint: &str| {
        list.push(Complaint::new(format!("notifications.{key}"), message, hint));
    };
    if settings.to.len() > MOST_ADDRESSES {
        let message = format!("{} addresses are more than {MOST_ADDRESSES}.", settings.to.len());
        wrong("to", message, "Give a mailing list instead.");
    }
    for address in settings.to.iter().filter(|address| !is_address(address)) {
        wrong("to", format!("\"{address}\" is no e-mail address."), "Write it like anna@firm.example.");
    }
    if (settings.is_on() || !settings.from.is_empty()) && !is_address(&settings.from) {
        let message = format!("\"{}\" is no e-mail address.", settings.from);
        wrong("from", message, "Write one that the mail server lets this program send from.");
    }
    let host = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    if (settings.is_on() || !settings.server.is_empty())
        && (settings.server.is_empty() || !settings.server.chars().all(host))
    {
        let message = format!("\"{}\" is no name of a mail server.", settings.server);
        wrong("server", message, "Write it like mail.firm.example, without a port.");
    }
    if settings.port == Some(0) {
        wrong("port", "0 is no port.".to_owned(), "Leave it empty for the usual one.");
    }
    if let Some(file) = settings.password_file.as_deref().filter(|file| !file.starts_with('/')) {
        let message = format!("\"{file}\" is not a whole path.");
        wrong(
            "password-file",
            message,
            "Write it from the root on, such as /etc/service-suite/mail-password.",
        );
    }
    if settings.user.is_some() != settings.password_file.is_some() {
        let key = if settings.user.is_some() { "password-file" } else { "user" };
        wrong(key, "A name and a password belong together.".to_owned(), "Give both, or neither.");
    }
    if settings.user.is_some() && settings.security == Security::None {
        let message = "A password is not sent over a connection that is not protected.".to_owned();
        wrong("security", message, "Choose starttls or tls, or a server that asks for no password.");
    }
}

fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>(),;:\"\\[]".contains(c);
    text.len() <= 254
        && text.chars().all(plain)
        && parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !name.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_told_with_its_key() {
        let fine = Notifications {
            to: vec!["anna@firm.example".into()],
            from: "suite@firm.example".into(),
            server: "mail.firm.example".into(),
            ..Notifications::default()
        };
        let with_password = Notifications {
            user: Some("suite".into()),
            password_file: Some("/etc/suite/password".into()),
            ..fine.clone()
        };
        let keys = |settings: &Notifications| {
            let key = |complaint: Complaint| complaint.place.replace("notifications.", "");
            settings.complaints().into_iter().map(key).collect::<Vec<_>>()
        };
        let none: [&str; 0] = [];
        assert_eq!(keys(&Notifications::default()), none);
        assert_eq!(keys(&fine), none);
        assert_eq!(keys(&with_password), none);
        let with = |change: &dyn Fn(&mut Notifications)| {
            let mut settings = with_password.clone();
            change(&mut settings);
            keys(&settings)
        };
        assert_eq!(with(&|s| s.to.push("anna".into())), ["to"]);
        assert_eq!(with(&|s| s.to.push("a@b\r\nBcc: c@d".into())), ["to"]);
        assert_eq!(with(&|s| s.from.clear()), ["from"]);
        assert_eq!(with(&|s| s.server = "mail:25/x".into()), ["server"]);
        assert_eq!(with(&|s| s.port = Some(0)), ["port"]);
        assert_eq!(with(&|s| s.user = None), ["user"]);
        assert_eq!(with(&|s| s.password_file = Some("password".into())), ["password-file"]);
        assert_eq!(with(&|s| s.security = Security::None), ["security"]);
        assert_eq!(
            [Security::Tls, Security::StartTls, Security::None].map(|security| Notifications {
                security,
                ..fine.clone()
            }
            .port()),
            [465, 587, 25]
        );
    }
}
