//! What the values of a column look like, as far as it is known before the file is read.

/// What every value of a column looks like. Enough to see that a value is in the wrong column; whether it is right is
/// for the register to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Like anything.
    #[default]
    Any,
    /// Anything but nothing: what one record is told from another by.
    Key,
    /// A number with its separators and sign.
    Number,
    /// A day, in digits, perhaps with a time.
    Date,
    /// An e-mail address, or several.
    Email,
    /// A telephone number.
    Phone,
    /// A postcode of whatever country.
    Postcode,
    /// Words, such as the name of a city: never figures alone.
    Words,
}

impl Shape {
    /// Whether a value could be one of the column's. Only a key cannot be empty.
    pub(crate) fn fits(self, value: &str) -> bool {
        let value = value.trim();
        if value.is_empty() {
            return self != Self::Key;
        }
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let only = |others: &str| value.chars().all(|c| c.is_ascii_digit() || others.contains(c));
        match self {
            Self::Any | Self::Key => true,
            Self::Words => value.contains(char::is_alphabetic),
            Self::Number => digits > 0 && only(".,'’ \u{a0}\u{202f}\u{2009}-+()%"),
            Self::Date => digits >= 4 && value.len() <= 30 && only("-./: TZ+"),
            Self::Email => value.split([';', ',']).all(is_address),
            Self::Phone => digits >= 5 && only("+()-/. \u{a0}"),
            Self::Postcode => is_postcode(value, digits),
        }
    }

    /// Whether a value that fits speaks for its being in the right column.
    pub(crate) fn tells(self, value: &str) -> bool {
        !matches!(self, Self::Any | Self::Key | Self::Words) && !value.trim().is_empty()
    }
}

fn is_address(text: &str) -> bool {
    let Some((name, domain)) = text.trim().split_once('@') else { return false };
    !name.is_empty()
        && domain.contains('.')
        && !domain.contains('@')
        && !text.trim().contains(char::is_whitespace)
}

/// Short, with at least two digits, and letters only as capitals: `8000`, `DK-8000`, `1234 AB`, `SW1A 1AA`.
fn is_postcode(value: &str, digits: usize) -> bool {
    let allowed = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase() || matches!(c, ' ' | '-');
    digits >= 2 && value.len() <= 10 && value.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fit_where_they_could_stand() {
        let table: &[(Shape, &[&str], &[&str])] = &[
            (Shape::Any, &["", "x"], &[]),
            (Shape::Key, &["10", "A/1"], &["", " "]),
            (Shape::Words, &["", "Aarhus C", "2. sogn", "Å"], &["8000", "-", "86 12 34 56"]),
            (
                Shape::Number,
                &["", "1.234,50", "-5", "12,5-", "1 000", "(5)", "25 %"],
                &["x", "DKK 5", "-", "a1"],
            ),
            (
                Shape::Date,
                &["", "31-12-2026", "1.1.26", "20261231", "2026-12-31T10:00:00Z"],
                &["12", "May 5", "x"],
            ),
            (
                Shape::Email,
                &["", "a@b.example", "a@b.example; c@d.example"],
                &["a@b", "@b.dk", "a b@c.dk", "8000"],
            ),
            (
                Shape::Phone,
                &["", "+45 86 12 34 56", "(0451) 12-34", "86123456"],
                &["1234", "tlf 86123456", "x"],
            ),
            (
                Shape::Postcode,
                &["", "8000", "DK-8000", "1234 AB", "SW1A 1AA", "0150"],
                &["Aarhus", "Vej 5", "Nygade 12", "5", "86 12 34 56 78", "8000 Aarhus C"],
            ),
        ];
        for (shape, fitting, others) in table {
            for value in *fitting {
                assert!(shape.fits(value), "{shape:?} {value:?}");
            }
            for value in *others {
                assert!(!shape.fits(value), "{shape:?} {value:?}");
            }
        }
    }
}
