use super::*;

fn writing() -> Writing {
    Writing { date: DateFormat::new("%d-%m-%Y").unwrap(), ..Writing::plain(',') }
}

fn stored(kind: Kind, cell: &str) -> Result<Option<String>, &'static str> {
    check(kind, cell, &writing()).map(|value| value.map(Cow::into_owned)).map_err(|fault| fault.code)
}

#[test]
fn text_is_kept_exactly_and_hostile_text_is_only_text() {
    let text = Kind::Text { max: 40 };
    for cell in [
        " Æble ",
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "'; DROP TABLE customers;--",
        "a\tb\r\nc",
    ] {
        assert_eq!(stored(text, cell).unwrap().as_deref(), Some(cell));
    }
    assert_eq!(stored(text, " \u{a0} "), Ok(None));
    assert_eq!(stored(text, "a\u{7}b"), Err(code::CONTROL_CHARACTER));
    assert_eq!(stored(text, "a\u{85}b"), Err(code::CONTROL_CHARACTER));
}

#[test]
fn text_that_is_too_long_is_refused_with_both_lengths() {
    let exactly = "ø".repeat(40);
    assert_eq!(stored(Kind::Text { max: 40 }, &exactly).unwrap(), Some(exactly.clone()));
    let fault = check(Kind::Text { max: 40 }, &(exactly + "x"), &writing()).unwrap_err();
    assert_eq!(fault.code, code::TOO_LONG);
    assert!(fault.message.contains("41") && fault.message.contains("40"), "{}", fault.message);
}

#[test]
fn codes_and_yes_no_are_read_in_any_case() {
    let table: &[(Kind, &str, Result<&str, &str>)] = &[
        (Kind::YesNo, "J", Ok("1")),
        (Kind::YesNo, " nej ", Ok("0")),
        (Kind::YesNo, "TRUE", Ok("1")),
        (Kind::YesNo, "x", Ok("1")),
        (Kind::YesNo, "KYLLÄ", Ok("1")),
        (Kind::YesNo, "Nein", Ok("0")),
        (Kind::YesNo, "måske", Err(code::NOT_YES_OR_NO)),
        (Kind::YesNo, "2", Err(code::NOT_YES_OR_NO)),
        (Kind::Country, "dk", Ok("DK")),
        (Kind::Country, "NO ", Ok("NO")),
        (Kind::Country, "Norge", Ok("NO")),
        (Kind::Country, "dnk", Ok("DK")),
        (Kind::Country, "752", Ok("SE")),
        (Kind::Country, "UK", Ok("GB")),
        (Kind::Country, "Danmarken", Err(code::UNKNOWN_COUNTRY)),
        (Kind::Country, "47", Err(code::UNKNOWN_COUNTRY)),
        (Kind::Currency, "eur", Ok("EUR")),
        (Kind::Currency, "kr", Err(code::UNKNOWN_CURRENCY)),
        (Kind::Language, "DA", Ok("da")),
        (Kind::Language, "dan", Err(code::UNKNOWN_LANGUAGE)),
        (Kind::Email { max: 50 }, "a@b.dk; c@d.dk", Ok("a@b.dk; c@d.dk")),
        (Kind::Email { max: 50 }, "a.b.dk", Err(code::NOT_AN_EMAIL)),
        (Kind::Email { max: 50 }, "@b.dk", Err(code::NOT_AN_EMAIL)),
        (Kind::Phone { max: 20 }, "+45 86 12 34 56", Ok("+45 86 12 34 56")),
    ];
    for (kind, cell, expected) in table {
        assert_eq!(stored(*kind, cell), expected.map(|value| Some(value.to_owned())), "{kind:?} {cell}");
    }
}

#[test]
fn no_word_means_both_yes_and_no() {
    for word in YES.iter().chain(NO) {
        assert_eq!(*word, word.to_lowercase());
        assert!(!(YES.contains(word) && NO.contains(word)), "{word}");
    }
    for (yes, no) in
        [("Sí", "No"), ("TAK", "Nie"), ("sim", "NÃO"), ("Ναι", "Όχι"), ("да", "нет"), ("WAHR", "FALSCH")]
    {
        assert_eq!(stored(Kind::YesNo, yes).unwrap().as_deref(), Some("1"), "{yes}");
        assert_eq!(stored(Kind::YesNo, no).unwrap().as_deref(), Some("0"), "{no}");
    }
}

#[test]
fn every_code_is_listed_once() {
    let mut codes: Vec<_> = code::ALL.iter().map(|(code, _)| code).collect();
    codes.sort_unstable();
    assert!(codes.windows(2).all(|pair| pair[0] != pair[1]));
}
