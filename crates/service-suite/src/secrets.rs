//! Secrets that work like a key: session tokens and one-time links. The database holds only their hashes.

use sha2::{Digest, Sha256};

use crate::clock::Clock;

/// A new secret of 128 bits as 32 hexadecimal digits, safe in a link.
///
/// # Errors
/// Only when the operating system has no randomness.
pub(crate) fn new_secret(clock: &dyn Clock) -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    clock.random(&mut bytes)?;
    Ok(hex(&bytes))
}

/// What the database keeps of a secret: its SHA-256. A secret of 128 random bits needs no salt and no slow hash.
pub(crate) fn hash_secret(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes a file that only this user can read (mode 0600), whole or not at all.
///
/// # Errors
/// When the file exists or cannot be written.
pub(crate) fn write_private(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
