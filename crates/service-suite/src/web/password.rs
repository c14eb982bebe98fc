//! Passwords: argon2id, slow on purpose, and so never more than two at once.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::trouble::Trouble;

/// The shortest password that is accepted, in characters.
pub(crate) const SHORTEST: usize = 10;

/// The longest one, in bytes: hashing takes longer the more there is.
const LONGEST: usize = 1024;

/// Each hash takes 19 MiB while it is made; whoever comes third waits.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// The hash of a password that nobody has, for accounts that do not exist: checking takes as long for them.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| make("nobody has this password", &[7; 16]).ok());

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

fn make(password: &str, salt: &[u8; 16]) -> Result<String, argon2::password_hash::Error> {
    let salt = SaltString::encode_b64(salt)?;
    Ok(argon2().hash_password(password.as_bytes(), &salt)?.to_string())
}

/// What is wrong with a new password and its repetition, if anything, as a sentence.
pub(crate) fn complaint(password: &str, again: &str) -> Option<String> {
    if password.chars().count() < SHORTEST {
        Some(format!("Choose a password of at least {SHORTEST} characters."))
    } else if password.len() > LONGEST {
        Some("This password is too long; choose a shorter one.".into())
    } else if password != again {
        Some("The two passwords are not the same; write the same one twice.".into())
    } else {
        None
    }
}

/// The hash of a new password, with a salt of 16 random bytes.
pub(crate) async fn hash(password: String, salt: [u8; 16]) -> Result<String, Trouble> {
    let _turn = AT_ONCE.acquire().await.map_err(Trouble::internal)?;
    let made = tokio::task::spawn_blocking(move || make(&password, &salt)).await;
    made.map_err(Trouble::internal)?.map_err(Trouble::internal)
}

/// Whether the password is the one of this hash; `None` stands for an account that does not exist, and takes as long.
pub(crate) async fn verify(hash: Option<String>, password: String) -> Result<bool, Trouble> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    let _turn = AT_ONCE.acquire().await.map_err(Trouble::internal)?;
    let checked = tokio::task::spawn_blocking(move || {
        let exists = hash.is_some();
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return false };
        let same = PasswordHash::new(&hash)
            .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
        same && exists
    });
    checked.await.map_err(Trouble::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_alone() {
        let hash = hash("correct horse battery".into(), [1; 16]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify(Some(hash.clone()), "correct horse battery".into()).await.unwrap());
        assert!(!verify(Some(hash), "correct horse".into()).await.unwrap());
        assert!(!verify(None, "nobody has this password".into()).await.unwrap());
    }

    #[test]
    fn new_passwords_are_long_enough_and_written_twice() {
        assert!(complaint("short", "short").unwrap().contains("at least 10"));
        assert!(complaint("long enough now", "long enough no").unwrap().contains("not the same"));
        assert!(complaint(&"x".repeat(2000), &"x".repeat(2000)).is_some());
        assert_eq!(complaint("long enough now", "long enough now"), None);
    }
}
