//! The words in a problem's code that registers use: stable, lower case, joined by hyphens.

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal;)*) => {
        $($(#[doc = $doc])+ pub const $name: &str = $code;)*

        /// Every code with the sentence that explains it, for documentation and tests.
        pub const ALL: &[(&str, &str)] = &[$(($code, concat!($($doc),+))),*];
    };
}

use erpfile::Problem;

/// The codes of problems that refuse nothing.
const NOTES: &[&str] = &[NOT_CREATED, NOT_UPDATED, NOT_IN_FILE];

/// How the codes of warnings begin: what a check of the format has found in a row that is taken.
pub const WARNING: &str = "warning-";

/// Whether a problem only tells something: neither its row nor its file is refused for it.
pub fn only_tells(problem: &Problem) -> bool {
    problem.is_note() || NOTES.contains(&problem.code.as_ref()) || problem.code.starts_with(WARNING)
}

codes! {
    /// The row has no key, so nobody can tell which record it is.
    MISSING_KEY = "missing-key";
    /// The row is called a total where records have their number, and has no name: no record is made of it.
    TOTAL_LINE = "total-line";
    /// The same key stands on several lines with different content; none of them is taken.
    DUPLICATE_KEY = "duplicate-key";
    /// Several records have a key that the format takes for the one of the row.
    AMBIGUOUS_KEY = "ambiguous-key";
    /// The record is not there, and the format creates none; the row counts as unchanged.
    NOT_CREATED = "not-created";
    /// The row would change its record, and the format changes none; the row counts as unchanged.
    NOT_UPDATED = "not-updated";
    /// A full export does not mention the record, which stays as it is.
    NOT_IN_FILE = "not-in-file";
    /// The text is longer than the field allows.
    TOO_LONG = "too-long";
    /// The text holds a control character other than a tab or a line break.
    CONTROL_CHARACTER = "control-character";
    /// The value is not a number as the format writes numbers.
    NOT_A_NUMBER = "not-a-number";
    /// The number can be read in two ways: a thousands separator or a decimal separator.
    AMBIGUOUS_NUMBER = "ambiguous-number";
    /// The number has more digits than the field allows.
    NUMBER_TOO_LONG = "number-too-long";
    /// The value is not a day as the format writes days.
    NOT_A_DATE = "not-a-date";
    /// The value means neither yes nor no.
    NOT_YES_OR_NO = "not-yes-or-no";
    /// The table of codes of the format does not have the code.
    UNKNOWN_CODE = "unknown-code";
    /// The cell cannot be divided into the parts that the format asks for.
    NOT_SPLIT = "not-split";
    /// The value is neither an ISO 3166 country code nor a country's name in a language that is known.
    UNKNOWN_COUNTRY = "unknown-country";
    /// The value is not an ISO 4217 currency code.
    UNKNOWN_CURRENCY = "unknown-currency";
    /// The value is not an ISO 639 language code.
    UNKNOWN_LANGUAGE = "unknown-language";
    /// The value is not an e-mail address.
    NOT_AN_EMAIL = "not-an-email";
    /// The telephone number is hardly one of its country, and the format refuses such.
    UNLIKELY_PHONE = "unlikely-phone";
    /// The check digits of the VAT or organisation number are not right, and the format refuses such.
    WRONG_TAX_NUMBER = "wrong-tax-number";
    /// The check digit of the GLN or EAN is not right, and the format refuses such.
    WRONG_GLN = "wrong-gln";
    /// The check digits of the IBAN are not right, and the format refuses such.
    WRONG_IBAN = "wrong-iban";
    /// The postcode is none of its country, and the format refuses such.
    UNLIKELY_POSTCODE = "unlikely-postcode";
    /// The day is before 1900 or after 2100, and the format refuses such.
    UNLIKELY_DATE = "unlikely-date";
    /// The value is not an e-mail address; the row is taken.
    WARNING_EMAIL = "warning-email";
    /// The telephone number is hardly one of its country; the row is taken.
    WARNING_PHONE = "warning-phone";
    /// The check digits of the VAT or organisation number are not right; the row is taken.
    WARNING_TAX_NUMBER = "warning-tax-number";
    /// The check digit of the GLN or EAN is not right; the row is taken.
    WARNING_GLN = "warning-gln";
    /// The check digits of the IBAN are not right; the row is taken.
    WARNING_IBAN = "warning-iban";
    /// The postcode is none of its country; the row is taken.
    WARNING_POSTCODE = "warning-postcode";
    /// The day is before 1900 or after 2100; the row is taken.
    WARNING_DATE = "warning-date";
    /// The value is none of the choices of an own field.
    NOT_A_CHOICE = "not-a-choice";
    /// The value is not a list of contacts.
    NOT_CONTACTS = "not-contacts";
    /// There are more contacts than one record can have.
    TOO_MANY_CONTACTS = "too-many-contacts";
    /// Lines with one key say different things of what is not a contact's; none of them is taken.
    LINES_DISAGREE = "lines-disagree";
    /// Another line with the same key is refused, so the contacts would not be whole.
    OTHER_LINE_REFUSED = "other-line-refused";
}
