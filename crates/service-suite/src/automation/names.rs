//! Which names in the exchange folder an automation looks at, and the ones that only look as if they were meant.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use erpfile::Format;

use crate::exchange::place::{Look, Place};

/// While more files than this wait, only so many, the oldest, are looked at closely; the others when they may have
/// settled. And the folder is listed less often.
pub(super) const FEW: usize = 50;

/// How often a folder with many files is listed.
const LIST_EVERY: Duration = Duration::from_secs(1);

/// How often names are looked for that differ from the wanted one by capital letters only: the whole folder is listed
/// for that. That one which was told of has gone is seen at once.
const HINT_EVERY: Duration = Duration::from_secs(60);

/// The names of one automation's files.
#[derive(Default)]
pub(super) struct Names {
    listed: Option<(Duration, Arc<Vec<String>>)>,
    hinted: Option<Duration>,
    hint: Option<Hint>,
}

/// What is told of names that differ by capital letters only.
struct Hint {
    /// The first of them.
    name: String,
    sentence: String,
}

impl Names {
    /// The wanted names in the folder, oldest first and then by name. `now` is the monotonic clock.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub(super) fn wanted(
        &mut self,
        place: &dyn Place,
        format: &Format,
        now: Duration,
    ) -> io::Result<Arc<Vec<String>>> {
        if !format.filename.contains('*') {
            return Ok(Arc::new(vec![format.filename.clone()]));
        }
        if let Some((at, names)) = &self.listed
            && names.len() > FEW
            && now.saturating_sub(*at) < LIST_EVERY
        {
            return Ok(Arc::clone(names));
        }
        let names = Arc::new(place.list(&|name| format.takes(name))?.names);
        self.listed = Some((now, Arc::clone(&names)));
        Ok(names)
    }

    /// What to tell people of files that are not taken since their names differ by capital letters only. To be asked
    /// while there is nothing else to do.
    pub(super) fn hint(&mut self, place: &dyn Place, format: &Format, now: Duration) -> Option<String> {
        let is_due = self.hinted.is_none_or(|at| now.saturating_sub(at) >= HINT_EVERY);
        if is_due || self.hint.as_ref().is_some_and(|hint| matches!(place.look(&hint.name), Look::Absent)) {
            self.hinted = Some(now);
            // A folder that cannot be listed is what the looks themselves tell of.
            let found = place.list(&|name| format.takes_but_for_case(name)).unwrap_or_default().names;
            self.hint = found.first().map(|first| {
                let more = match found.len() - 1 {
                    0 => String::new(),
                    more => format!(" (and {more} more such)"),
                };
                let wanted = &format.filename;
                let sentence =
                    format!("There is {first}{more}; the format waits for {wanted}, exactly so written");
                Hint { name: first.clone(), sentence }
            });
        }
        self.hint.as_ref().map(|hint| hint.sentence.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::exchange::local::LocalFolder;

    fn format(filename: &str) -> Format {
        toml::from_str(&format!("name = \"f\"\nregister = \"customers\"\nfilename = \"{filename}\"")).unwrap()
    }

    #[test]
    fn a_name_in_other_capitals_is_told_of_while_it_is_there_and_never_taken() {
        let folder = tempfile::tempdir().unwrap();
        let place = LocalFolder::new(folder.path());
        let (mut names, format) = (Names::default(), format("customers.txt"));
        let second = Duration::from_secs;
        assert_eq!(names.hint(&place, &format, second(0)), None);
        for name in ["Customers.TXT", "CUSTOMERS.txt.part", "~$CUSTOMERS.txt", "orders.txt", "customers.txt"]
        {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        assert_eq!(names.hint(&place, &format, second(59)), None, "not listed all the time");
        let told = "There is Customers.TXT; the format waits for customers.txt, exactly so written";
        assert_eq!(names.hint(&place, &format, second(60)).as_deref(), Some(told));
        assert_eq!(*names.wanted(&place, &format, second(60)).unwrap(), ["customers.txt"]);
        assert_eq!(names.hint(&place, &format, second(61)).as_deref(), Some(told));
        fs::remove_file(folder.path().join("Customers.TXT")).unwrap();
        assert_eq!(names.hint(&place, &format, second(61)), None, "it has gone, and is not told of any more");
    }

    #[test]
    fn two_files_of_different_case_are_each_taken_by_their_own_name_only() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["customers-1.txt", "Customers-2.txt", "customers-3.TXT", "customers-4.txt~", "._customers-5.txt"]
        {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let place = LocalFolder::new(folder.path());
        for (wanted, found) in [
            ("customers-*.txt", vec!["customers-1.txt"]),
            ("Customers-*.txt", vec!["Customers-2.txt"]),
            ("customers-*.TXT", vec!["customers-3.TXT"]),
        ] {
            assert_eq!(*Names::default().wanted(&place, &format(wanted), Duration::ZERO).unwrap(), found);
        }
        let hint = Names::default().hint(&place, &format("customers-*.txt"), Duration::ZERO).unwrap();
        assert!(hint.contains("(and 1 more such)"), "{hint}");
    }

    #[test]
    fn ten_thousand_files_come_oldest_first_and_are_not_listed_at_every_beat() {
        let folder = tempfile::tempdir().unwrap();
        let name = |n: u64| format!("customers-{n:05}.txt");
        // A number that is prime to 10,000 scatters the times; many files share a second.
        let age = |n: u64| (n * 7_919 % 10_000) / 3;
        for n in 0..10_000 {
            let file = fs::File::create(folder.path().join(name(n))).unwrap();
            file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000 - age(n))).unwrap();
        }
        let place = LocalFolder::new(folder.path());
        let mut expected: Vec<u64> = (0..10_000).collect();
        expected.sort_by_key(|n| (std::cmp::Reverse(age(*n)), *n));
        let expected: Vec<String> = expected.into_iter().map(name).collect();
        let (mut names, format) = (Names::default(), format("customers-*.txt"));
        let first = names.wanted(&place, &format, Duration::ZERO).unwrap();
        assert_eq!(*first, expected);
        let soon = names.wanted(&place, &format, Duration::from_millis(900)).unwrap();
        assert!(Arc::ptr_eq(&first, &soon));
        let later = names.wanted(&place, &format, Duration::from_secs(1)).unwrap();
        assert!(!Arc::ptr_eq(&first, &later) && *later == expected);
    }
}
