//! Files that are written whole: under another name first, so that nobody ever finds half of one.

use std::fs::{File, Metadata};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};

/// Writes a file with what `write` makes. A file of that name is replaced at the very end; when anything fails, it stays
/// as it was.
///
/// # Errors
/// When the file cannot be written, or something that is no file has that name; and those of `write`.
pub(crate) fn write<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let cannot = || format!("{} cannot be written", path.display());
    let name = path.file_name().with_context(|| format!("{} is no name of a file", path.display()))?;
    if std::fs::metadata(path).is_ok_and(|there: Metadata| !there.is_file()) {
        bail!("{} is there already, and is no file", path.display());
    }
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

    #[test]
    fn what_is_no_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let error = write(folder.path(), |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("no file"), "{error}");
        assert!(folder.path().is_dir());
        assert!(write(Path::new("/"), |_| Ok(())).is_err());
    }
}
