//! What every complaint must be: known, said in words, and harmless to show.

use std::sync::LazyLock;

use erpfile::Problem;

/// Every code there is.
static CODES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    erpfile::code::ALL.iter().chain(register::field::code::ALL).map(|(code, _)| *code).collect()
});

/// A problem has a known code and a sentence, and cannot steer the terminal that shows it.
pub(crate) fn check(problem: &Problem) {
    assert!(CODES.contains(&problem.code.as_ref()), "{problem:?}");
    sentence(&problem.message);
    assert!(!problem.hint.contains(char::is_control), "{problem:?}");
    assert_ne!(problem.line, Some(0), "{problem:?}");
    assert_ne!(problem.column, Some(0), "{problem:?}");
    assert!(problem.value.as_ref().is_none_or(|value| value.chars().count() <= 200), "{problem:?}");
}

/// A sentence says something and holds no control character.
pub(crate) fn sentence(text: &str) {
    assert!(!text.trim().is_empty() && !text.contains(char::is_control), "{text:?}");
}
