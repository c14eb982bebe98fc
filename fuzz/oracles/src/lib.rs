//! What must hold for any bytes at all.
//!
//! Each module is one fuzz target: its `check` takes the bytes that the fuzzer made up and panics when something does
//! not hold that should. The first bytes choose a format, a kind of value or the like; the rest is the file, the text,
//! the cell. `cargo test` replays every input that was kept (`fuzz/corpus/TARGET`); `scripts/torture fuzz` looks for
//! new ones.

pub mod delimited;
pub mod documents;
pub mod encodings;
pub mod fixed_width;
pub mod lists;
pub mod mapping;
pub mod patterns;
pub mod settings;
pub mod suggest;
pub mod values;
pub mod workbooks;

mod bytes;
mod words;

/// A check of one target: panics when something does not hold.
pub type Check = fn(&[u8]);

/// Every target by its name.
pub static TARGETS: &[(&str, Check)] = &[
    ("delimited", delimited::check),
    ("documents", documents::check),
    ("encodings", encodings::check),
    ("fixed_width", fixed_width::check),
    ("lists", lists::check),
    ("mapping", mapping::check),
    ("patterns", patterns::check),
    ("settings", settings::check),
    ("suggest", suggest::check),
    ("values", values::check),
    ("workbooks", workbooks::check),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::TARGETS;

    fn fuzz() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn names(folder: &str) -> BTreeSet<String> {
        let entries = fs::read_dir(fuzz().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_kept_input_is_fine() {
        for (target, check) in TARGETS {
            let mut inputs = 0;
            for entry in fs::read_dir(fuzz().join("corpus").join(target)).unwrap() {
                let path = entry.unwrap().path();
                let bytes = fs::read(&path).unwrap();
                if let Err(panic) = std::panic::catch_unwind(|| check(&bytes)) {
                    eprintln!("this input failed: {}", path.display());
                    std::panic::resume_unwind(panic);
                }
                inputs += 1;
            }
            assert!(inputs >= 5, "{target} has {inputs} inputs");
        }
    }

    #[test]
    fn every_check_is_a_target_with_a_corpus() {
        let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(names("fuzz_targets"), targets);
        assert_eq!(names("corpus"), targets);
    }
}
