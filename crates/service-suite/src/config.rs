//! What the program is told from outside: defaults < file < environment < flags.
//!
//! Flags and environment are read together by the command line; this file adds the configuration file and the defaults.
//! What an administrator sets in the browser (folders, formats, automations) is not configuration: it lives in the
//! database and is seen with `service-suite settings show`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

/// The address that `serve` listens on unless it is told another.
pub(crate) const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7878);

/// How log lines are written to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// One JSON object a line, for log collectors.
    Json,
}

/// Options that every command takes.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct CommonOptions {
    /// The data folder: database, spool, and by default the exchange, archive and refused folders
    #[arg(long, global = true, value_name = "DIR", env = "SERVICE_SUITE_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The database: sqlite:FILE; by default service-suite.db in the data folder
    #[arg(long, global = true, value_name = "URL", env = "SERVICE_SUITE_DATABASE")]
    pub(crate) database: Option<String>,
    /// A configuration file; by default service-suite.toml in the data folder, when it is there
    #[arg(long, global = true, value_name = "FILE", env = "SERVICE_SUITE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// How log lines are written to standard error
    #[arg(long, global = true, value_name = "FORMAT", env = "SERVICE_SUITE_LOG_FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
    /// What is logged: error, warn, info, debug, or a filter such as service_suite=debug
    #[arg(long, global = true, value_name = "FILTER", env = "SERVICE_SUITE_LOG")]
    pub(crate) log: Option<String>,
}

/// Options of the commands that serve web pages.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ServeOptions {
    /// The address to listen on [default: 127.0.0.1:7878]
    #[arg(long, value_name = "ADDRESS:PORT", env = "SERVICE_SUITE_LISTEN")]
    pub(crate) listen: Option<SocketAddr>,
    /// The address of the reverse proxy in front, which speaks HTTPS with people; only it is answered.
    /// May be given several times. Required to listen beyond this machine
    #[arg(long, value_name = "ADDRESS", env = "SERVICE_SUITE_BEHIND_PROXY", value_delimiter = ',')]
    pub(crate) behind_proxy: Vec<IpAddr>,
    /// The address under which people reach the program through the proxy, such as https://suite.example.com
    #[arg(long, value_name = "URL", env = "SERVICE_SUITE_PUBLIC_URL")]
    pub(crate) public_url: Option<String>,
}

/// The keys of the configuration file; each is the flag of the same name.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ConfigFile {
    database: Option<String>,
    log_format: Option<LogFormat>,
    log: Option<String>,
    listen: Option<SocketAddr>,
    #[serde(default)]
    behind_proxy: Vec<IpAddr>,
    public_url: Option<String>,
}

/// What the program was told, complete.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The data folder, absolute.
    pub(crate) data: PathBuf,
    /// The SQLite file of the registers.
    pub(crate) database: PathBuf,
    /// How log lines are written.
    pub(crate) log_format: LogFormat,
    /// The filter of log lines.
    pub(crate) log: String,
    /// Where to listen; `None` when it was not said, so that the demo may move to a free port.
    pub(crate) listen: Option<SocketAddr>,
    /// The proxies that are answered; empty without one.
    pub(crate) behind_proxy: Vec<IpAddr>,
    /// The address under which people reach the program, without a slash at the end.
    pub(crate) public_url: Option<String>,
}

impl Config {
    /// Puts together defaults, file, environment and flags.
    ///
    /// # Errors
    /// A configuration file that cannot be read or has a key that is not known, a database of another kind, and an
    /// address beyond this machine without a proxy, or a proxy without a public address.
    pub(crate) fn load(common: &CommonOptions, serve: &ServeOptions) -> anyhow::Result<Config> {
        let data = common.data.clone().unwrap_or_else(|| PathBuf::from("service-suite-data"));
        let data = std::path::absolute(&data)
            .with_context(|| format!("the data folder {} has no usable path", data.display()))?;
        let file = read_file(common.config.as_deref(), &data)?;
        let database = match common.database.clone().or(file.database) {
            None => data.join("service-suite.db"),
            Some(url) => sqlite_path(&url)?,
        };
        let config = Config {
            data,
            database,
            log_format: common.log_format.or(file.log_format).unwrap_or_default(),
            log: common.log.clone().or(file.log).unwrap_or_else(|| "info".to_owned()),
            listen: serve.listen.or(file.listen),
            behind_proxy: if serve.behind_proxy.is_empty() {
                file.behind_proxy
            } else {
                serve.behind_proxy.clone()
            },
            public_url: serve
                .public_url
                .clone()
                .or(file.public_url)
                .map(|url| url.trim_end_matches('/').to_owned()),
        };
        config.refuse_open_listening()?;
        Ok(config)
    }

    /// Passwords must not cross a network unencrypted: beyond loopback only a proxy that speaks HTTPS may connect.
    fn refuse_open_listening(&self) -> anyhow::Result<()> {
        let listen = self.listen.unwrap_or(DEFAULT_LISTEN);
        if !listen.ip().is_loopback() && self.behind_proxy.is_empty() {
            bail!(
                "--listen {listen} would be reachable from other machines without encryption; put a reverse proxy \
                 that speaks HTTPS in front and name its address: --behind-proxy ADDRESS --public-url https://NAME"
            );
        }
        if !self.behind_proxy.is_empty() && self.public_url.is_none() {
            bail!(
                "--behind-proxy needs the address under which people reach the program through the proxy: \
                 --public-url https://NAME"
            );
        }
        if let Some(url) = &self.public_url
            && public_host(url).is_none()
        {
            bail!("--public-url {url}: expected http:// or https:// and a host name, without a path");
        }
        Ok(())
    }
}

/// The host (and port) of a public URL: `suite.example.com` of `https://suite.example.com`.
pub(crate) fn public_host(url: &str) -> Option<&str> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    (!host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])).then_some(host)
}

fn sqlite_path(url: &str) -> anyhow::Result<PathBuf> {
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => {
            Ok(std::path::absolute(path.strip_prefix("//").unwrap_or(path))?)
        }
        _ => bail!(
            "the database {url:?} is not known; this version keeps its registers in SQLite: sqlite:FILE"
        ),
    }
}

fn read_file(named: Option<&Path>, data: &Path) -> anyhow::Result<ConfigFile> {
    let by_default = data.join("service-suite.toml");
    let path = named.unwrap_or(&by_default);
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text)
            .with_context(|| format!("the configuration file {} cannot be used", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
            Ok(ConfigFile::default())
        }
        Err(error) => {
            Err(error).with_context(|| format!("the configuration file {} cannot be read", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, common: CommonOptions, serve: ServeOptions) -> anyhow::Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("service-suite.toml"), file).unwrap();
        Config::load(&CommonOptions { data: Some(folder.path().to_owned()), ..common }, &serve)
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_the_defaults() {
        let serve = |text: &str| ServeOptions { listen: Some(text.parse().unwrap()), ..Default::default() };
        let file = "listen = \"127.0.0.1:8000\"\nlog = \"debug\"";
        let config = load(file, CommonOptions::default(), serve("127.0.0.1:9000")).unwrap();
        assert_eq!((config.listen.unwrap().port(), config.log.as_str()), (9000, "debug"));
        let config = load(file, CommonOptions::default(), ServeOptions::default()).unwrap();
        assert_eq!(config.listen.unwrap().port(), 8000);
        let config = load("", CommonOptions::default(), ServeOptions::default()).unwrap();
        assert_eq!((config.listen, config.log.as_str()), (None, "info"));
        assert_eq!(config.database, config.data.join("service-suite.db"));
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let proxy: Vec<IpAddr> = vec!["10.0.0.5".parse().unwrap()];
        for (file, url, listen, proxy, part) in [
            ("lissten = \"x\"", None, None, vec![], "unknown field `lissten`"),
            ("", Some("mysql://x"), None, vec![], "not known"),
            ("", None, Some("0.0.0.0:7878"), vec![], "--behind-proxy"),
            ("", None, Some("0.0.0.0:7878"), proxy.clone(), "--public-url https://NAME"),
            ("public-url = \"suite.example.com\"", None, Some("0.0.0.0:7878"), proxy.clone(), "--public-url"),
        ] {
            let common = CommonOptions { database: url.map(str::to_owned), ..Default::default() };
            let serve = ServeOptions {
                listen: listen.map(|l: &str| l.parse().unwrap()),
                behind_proxy: proxy,
                public_url: None,
            };
            let error = format!("{:#}", load(file, common, serve).unwrap_err());
            assert!(error.contains(part), "{error}");
        }
        let serve = ServeOptions {
            listen: Some("0.0.0.0:7878".parse().unwrap()),
            behind_proxy: proxy,
            public_url: Some("https://suite.example.com/".to_owned()),
        };
        let config = load("", CommonOptions::default(), serve).unwrap();
        assert_eq!(config.public_url.as_deref(), Some("https://suite.example.com"));
    }
}
