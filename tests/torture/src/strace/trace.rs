//! What strace wrote.

use std::fs;
use std::path::{Path, PathBuf};

/// The calls of one thread, in order.
#[derive(Debug, Default)]
pub(crate) struct Trace(pub(crate) Vec<Call>);

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// The system call's name.
    pub(crate) name: String,
    /// The file that it is about; for a rename or link, the new name.
    pub(crate) path: PathBuf,
    /// For a rename or link, the old name.
    pub(crate) from: Option<PathBuf>,
    /// Whether it is given the whole path or an open file, so that strace can tell the file by its path.
    pub(crate) by_path: bool,
    /// Whether it changes files when it works.
    pub(crate) changes: bool,
    /// Whether it opens or makes a new, empty file.
    pub(crate) makes: bool,
    /// For `pwrite64`, where in the file it writes; for `ftruncate`, the length that the file gets.
    pub(crate) offset: Option<u64>,
    /// What came of it.
    pub(crate) outcome: Outcome,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Worked,
    Failed,
    /// It failed because it was made to.
    Injected,
    /// The program was killed at it.
    Killed,
}

impl Trace {
    /// Reads one; none is there when nothing was traced.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read(file: &Path) -> std::io::Result<Trace> {
        match fs::read(file) {
            Ok(bytes) => Ok(Trace::parse(&String::from_utf8_lossy(&bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Trace::default()),
            Err(error) => Err(error),
        }
    }

    fn parse(text: &str) -> Trace {
        Trace(text.lines().filter_map(parse).collect())
    }

    /// Which of the calls the fault met, if it met one.
    pub(crate) fn hit(&self) -> Option<usize> {
        self.0.iter().position(|call| matches!(call.outcome, Outcome::Injected | Outcome::Killed))
    }

    /// How many calls of this name there are up to and with this one.
    pub(crate) fn count(&self, at: usize) -> usize {
        self.0[..=at].iter().filter(|call| call.name == self.0[at].name).count()
    }
}

/// Reads a line such as `fsync(4</data/x>) = -1 EIO (Input/output error) (INJECTED)`.
fn parse(line: &str) -> Option<Call> {
    let (name, rest) = line.split_once('(')?;
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let arguments = arguments.trim_end().strip_suffix(')').unwrap_or(arguments);
    let outcome = match result {
        result if result.contains("(INJECTED)") => Outcome::Injected,
        // Never answered.
        result if result.starts_with('?') => Outcome::Killed,
        result if result.starts_with("-1") => Outcome::Failed,
        _ => Outcome::Worked,
    };
    let named = named(arguments);
    let (by_path, from, path) = match (name, named.as_slice()) {
        (_, []) => (true, None, open_file(arguments)?.0),
        (
            "rename" | "renameat" | "renameat2" | "link" | "linkat" | "symlink" | "symlinkat",
            [from, to, ..],
        ) => (false, Some(from.0.clone()), to.0.clone()),
        (_, [(path, whole), ..]) => (*whole, None, path.clone()),
    };
    let opens = name.starts_with("open") || name == "creat";
    let flag = |flag: &str| arguments.split([',', '|', ' ', '{', '=']).any(|word| word == flag);
    // Sockets, pipes and the like are no files; they have no path.
    let file = path.is_absolute();
    let changes = file
        && (!opens || name == "creat" || ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].into_iter().any(flag));
    Some(Call {
        name: name.to_owned(),
        path,
        from,
        by_path,
        changes,
        makes: opens && (flag("O_EXCL") || flag("O_TRUNC") || flag("O_TMPFILE")),
        offset: matches!(name, "pwrite64" | "ftruncate")
            .then(|| arguments.rsplit(", ").next()?.parse().ok())
            .flatten(),
        outcome,
    })
}

/// The open file with which the arguments begin, and what comes behind it.
fn open_file(arguments: &str) -> Option<(PathBuf, &str)> {
    let (_, rest) = arguments.split_once('<')?;
    let (path, rest) = rest.split_once('>')?;
    Some((PathBuf::from(path), rest))
}

/// The names among the arguments, each joined to the folder before it; and whether it was whole without that.
fn named(arguments: &str) -> Vec<(PathBuf, bool)> {
    let mut names = Vec::new();
    let mut folder = PathBuf::new();
    let mut rest = arguments;
    // A name comes after a folder or another argument, never after data: data is not printed.
    while let Some(at) = rest.find(['<', '"']) {
        let folder_next = rest.as_bytes()[at] == b'<';
        rest = &rest[at + 1..];
        let Some((text, behind)) = rest.split_once(if folder_next { '>' } else { '"' }) else { break };
        rest = behind;
        if folder_next {
            folder = PathBuf::from(text);
        } else if !behind.starts_with("...") {
            names.push((folder.join(text), text.starts_with('/')));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_read_as_strace_writes_them() {
        let text = "\
openat(AT_FDCWD</work>, \"/d/locks/x.lock\", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 31</d/locks/x.lock>
openat(AT_FDCWD</work>, \"/d/exchange\", O_RDONLY|O_NOCTTY|O_CLOEXEC|O_DIRECTORY) = 32</d/exchange>
openat2(32</d/exchange>, \"customers.txt\", {flags=O_RDONLY|O_NONBLOCK, resolve=RESOLVE_BENEATH}, 24) = 33</d/exchange/customers.txt>
pwrite64(4</d/x.db-wal>, \"\"..., 4096, 8272) = 4096
renameat2(34</d/spool>, \"1.partial\", 35</d/archive>, \"1\", RENAME_NOREPLACE) = -1 ENOSPC (No space left on device) (INJECTED)
unlink(\"/d/spool/1\")                   = -1 ENOENT (No such file or directory)
fsync(4</d/x.db-wal>)                   = ?
write(1<pipe:[962717]>, \"\"..., 782)     = 782
+++ killed by SIGKILL +++
";
        let calls = Trace::parse(text).0;
        let told: Vec<_> = calls
            .iter()
            .map(|call| (call.name.as_str(), call.path.to_str().unwrap(), call.changes, call.outcome))
            .collect();
        assert_eq!(
            told,
            [
                ("openat", "/d/locks/x.lock", true, Outcome::Worked),
                ("openat", "/d/exchange", false, Outcome::Worked),
                ("openat2", "/d/exchange/customers.txt", false, Outcome::Worked),
                ("pwrite64", "/d/x.db-wal", true, Outcome::Worked),
                ("renameat2", "/d/archive/1", true, Outcome::Injected),
                ("unlink", "/d/spool/1", true, Outcome::Failed),
                ("fsync", "/d/x.db-wal", true, Outcome::Killed),
                ("write", "pipe:[962717]", false, Outcome::Worked),
            ]
        );
        assert_eq!(calls[3].offset, Some(8272));
        assert_eq!(calls[4].from.as_deref(), Some(Path::new("/d/spool/1.partial")));
        assert_eq!((calls[0].by_path, calls[2].by_path, calls[4].by_path), (true, false, false));
    }
}
