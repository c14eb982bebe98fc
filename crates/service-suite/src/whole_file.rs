//! Files that are written whole: under another name first, so that nobody ever finds half of one.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};

/// Writes a file with what `write` makes. A file of that name is replaced at the very end, and so is one that a symbolic
/// link of that name leads to; who may read it stays. When anything fails, it stays as it was.
///
/// # Errors
/// When the file cannot be written, or something that is no file has that name; and those of `write`.
pub(crate) fn write<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let there = std::fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        bail!("{} is there already, and is no file", path.display());
    }
    let linked = std::fs::canonicalize(path);
    let path = linked.as_deref().unwrap_or(path);
    let cannot = || format!("{} cannot be written", path.display());
    let name = path.file_name().with_context(|| format!("{} is no name of a file", path.display()))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = format!(".{}.", name.to_string_lossy());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any other new file: what the user's mask leaves.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let part = builder.tempfile_in(folder).with_context(cannot)?;
    if let Some(there) = there {
        part.as_file().set_permissions(there.permissions()).with_context(cannot)?;
    }
    let mut out = BufWriter::new(part.as_file());
    let made = write(&mut out)?;
    out.flush().with_context(cannot)?;
    drop(out);
    part.as_file().sync_all().with_context(cannot)?;
    part.persist(path).with_context(cannot)?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("customers.csv");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        write(&path, |out| Ok(out.write_all(b"first")?)).unwrap();
        let failed = write(&path, |out| -> anyhow::Result<()> {
            out.write_all(b"half of the sec")?;
            out.flush()?;
            bail!("the source went away")
        });
        assert_eq!(failed.unwrap_err().to_string(), "the source went away");
        assert_eq!((std::fs::read(&path).unwrap(), names()), (b"first".to_vec(), 1));
        write(&path, |out| Ok(out.write_all(b"second")?)).unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), names()), (b"second".to_vec(), 1));
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_stays_private_and_a_link_a_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("private.csv"), folder.path().join("link.csv"));
        std::fs::write(&path, b"first").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink("private.csv", &link).unwrap();
        write(&link, |out| Ok(out.write_all(b"second")?)).unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn what_is_no_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let error = write(folder.path(), |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("no file"), "{error}");
        assert!(folder.path().is_dir());
        assert!(write(Path::new("/"), |_| Ok(())).is_err());
    }
}
