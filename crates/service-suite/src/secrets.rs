//! Secrets that work like a key: session tokens and one-time links. The database holds only their hashes.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::exchange::os;

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

/// Writes a file that only this user can read (mode 0600), whole or not at all, however the program ends meanwhile.
///
/// # Errors
/// When the file exists or cannot be written.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let partial = format!("{name}.partial");
    let result = write_and_name(folder, &partial, name, text);
    if result.is_err() {
        // What stays behind is replaced by the next try.
        let _ = fs::remove_file(folder.join(&partial));
    }
    result
}

fn write_and_name(folder: &Path, partial: &str, name: &str, text: &str) -> io::Result<()> {
    let path = folder.join(partial);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let folder = os::open_folder(folder)?;
    os::rename_no_replace((&folder, partial), (&folder, name))?;
    os::sync_folder(&folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_written_once_and_after_what_an_earlier_try_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set-up-link");
        fs::write(folder.path().join("set-up-link.partial"), "half a secr").unwrap();
        write_private(&path, "secret").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "secret");
        assert_eq!(write_private(&path, "another").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "secret");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_private_file_that_does_not_fit_is_not_there_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set-up-link");
        // A folder that cannot be removed as a file stands where the new file is written first.
        fs::create_dir(folder.path().join("set-up-link.partial")).unwrap();
        write_private(&path, "secret").unwrap_err();
        assert!(!path.exists());
    }
}
