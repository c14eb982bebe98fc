//! What can be chosen in a format: a word for the settings file and words for a person.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal $title:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every choice in the order in which it is offered.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word of the settings file.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The choice in words for a person.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// The choice of that word of the settings file.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.word() == word)
            }
        }
    };
}

words! {
    /// How records lie in the file.
    Layout {
        /// One record a line, cells separated by a character.
        #[default]
        Delimited = "delimited" "Delimited text (CSV)",
        /// Cells at fixed positions in the line.
        FixedWidth = "fixed-width" "Fixed width",
        /// A workbook.
        Excel = "excel" "Excel workbook",
        /// An XML document.
        Xml = "xml" "XML",
        /// A JSON document.
        Json = "json" "JSON",
    }
}

words! {
    /// What the positions of a fixed-width file count.
    PositionsIn {
        /// Characters, as an editor shows them.
        #[default]
        Characters = "characters" "Characters",
        /// Bytes of the file's encoding.
        Bytes = "bytes" "Bytes",
    }
}

impl PositionsIn {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// What happens when bytes mean nothing in the encoding.
    Undecodable {
        /// The whole file is refused.
        #[default]
        RefuseFile = "refuse-file" "Refuse the file",
        /// The row that holds them is refused.
        RefuseRow = "refuse-row" "Refuse that row",
    }
}

impl Undecodable {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// What ends a line.
    LineEnds {
        /// LF or CR LF; CR alone where the beginning of the file has no LF.
        #[default]
        Auto = "auto" "As the file begins",
        /// LF, CR LF and CR alone, each anywhere.
        Any = "any" "LF, CR LF or CR, mixed",
    }
}

impl LineEnds {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// What ends the table before the file ends.
    TableEnds {
        /// A line that looks like the header of another table.
        #[default]
        SecondTable = "second-table" "Where the header of another table stands",
        /// The first blank line below a record.
        BlankLine = "blank-line" "At the first blank line below a row",
        /// Nothing.
        File = "file" "Only with the file",
    }
}

impl TableEnds {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// What happens to blanks at the beginning and the end of text.
    OuterBlanks {
        /// They belong to the text.
        #[default]
        Keep = "keep" "Keep them",
        /// Those at the end are removed.
        End = "end" "Remove those at the end",
        /// All are removed.
        Both = "both" "Remove those at the beginning and the end",
    }
}

impl OuterBlanks {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// What happens to an apostrophe before a digit or one of `+ - = @`, with which spreadsheets are kept from
    /// changing a value.
    Apostrophe {
        /// It belongs to the value.
        #[default]
        Keep = "keep" "Keep it",
        /// It is removed.
        Remove = "remove" "Remove it before digits and + - = @",
    }
}

impl Apostrophe {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// What of a cell is the value.
    Part {
        /// All of it.
        #[default]
        Whole = "whole" "The whole cell",
        /// The postcode of `8000 Aarhus C`.
        Postcode = "postcode" "The postcode",
        /// The city of `8000 Aarhus C`.
        City = "city" "The city behind the postcode",
        /// The street of `Nørregade 12 B, 2. tv`.
        Street = "street" "The street without the house number",
        /// What stands from the house number on.
        HouseNumber = "house-number" "The house number",
        /// The first names of `Anna Maria van Dijk`, or of `van Dijk, Anna Maria`.
        FirstName = "first-name" "The first name",
        /// The last name.
        LastName = "last-name" "The last name",
        /// What stands before the first line break.
        FirstLine = "first-line" "The first line",
        /// What stands behind it.
        OtherLines = "other-lines" "The lines below the first",
    }
}

impl Part {
    pub(super) fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

words! {
    /// What happens to a code that the table of codes does not have.
    OtherCodes {
        /// The row is refused.
        #[default]
        Refuse = "refuse" "Refuse the row",
        /// It is taken as it is.
        Keep = "keep" "Take it as it is",
        /// It counts as an empty cell.
        Empty = "empty" "Take it for an empty cell",
    }
}

impl OtherCodes {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// The character before the decimals of a number.
    DecimalSeparator {
        /// `1234,50`
        #[default]
        Comma = "," "Comma: 1234,50",
        /// `1234.50`
        Point = "." "Point: 1234.50",
    }
}

impl DecimalSeparator {
    /// The character itself.
    pub fn char(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
        }
    }
}

words! {
    /// When a comma or point that does not separate decimals separates thousands.
    Thousands {
        /// Where nothing else can be meant: `1.234,50`, `1.234.567`. What could have three decimals as well is refused.
        #[default]
        Certain = "certain" "Where nothing else can be meant (1.234 is refused)",
        /// Always: `1.234` is 1234 where a comma separates decimals.
        Always = "always" "Always (1.234 is 1234)",
    }
}

impl Thousands {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// What an empty cell means for a record that exists.
    Blank {
        /// The stored value stays.
        #[default]
        Keep = "keep" "Keep the stored value",
        /// The stored value is emptied.
        Clear = "clear" "Clear the stored value",
    }
}

words! {
    /// What a file holds.
    Content {
        /// Some records: those that are new or have changed.
        #[default]
        Changes = "changes" "Changes only",
        /// Every record there is.
        Full = "full" "Every record, each time",
    }
}

words! {
    /// What happens to records that a full export does not hold.
    Missing {
        /// They stay as they are.
        #[default]
        Leave = "leave" "Leave as they are",
        /// They stay as they are, and each import lists those that it would otherwise have deactivated.
        List = "list" "Leave as they are, and list them",
        /// They are marked inactive.
        Deactivate = "deactivate" "Deactivate",
    }
}

words! {
    /// What it means when a key occurs again in one file with other content.
    Repeated {
        /// All rows with that key are refused.
        #[default]
        Refuse = "refuse" "Refuse all of them",
        /// The last one counts.
        Last = "last" "The last one counts",
        /// Each is a contact of the same record.
        Contacts = "contacts" "Each line is a contact",
    }
}

words! {
    /// How a file must have got its name to be taken.
    Arriving {
        /// In any way.
        #[default]
        Any = "any" "In any way",
        /// By being renamed: what was written under its own name is never taken.
        Renamed = "renamed" "Only by being renamed when it is finished",
    }
}

impl Arriving {
    pub(super) fn is_any(&self) -> bool {
        *self == Self::Any
    }
}

words! {
    /// What the rows of a file may do to the register.
    Apply {
        /// New records are created, those that are there are updated.
        #[default]
        CreateAndUpdate = "create-and-update" "Create and update",
        /// Records that are there stay as they are.
        Create = "create" "Only create",
        /// No record is created.
        Update = "update" "Only update",
    }
}

impl Apply {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

words! {
    /// What does not count when the key of a row is compared with those of the records.
    IgnoredInKey {
        /// Capital and small letters are the same.
        #[default]
        Case = "case" "Capital or small letters",
        /// Zeros at the beginning.
        Zeros = "zeros" "Zeros at the beginning",
        /// Blanks, wherever they stand.
        Blanks = "blanks" "Blanks",
    }
}

words! {
    /// To whom a field of a record belongs.
    Owner {
        /// The ERP system: what the file says is always taken.
        #[default]
        Erp = "erp" "Always",
        /// People here, once it has a value: the file fills it while it is empty.
        WhenEmpty = "when-empty" "Only while it is empty here",
        /// People here: the file says it of new records only.
        AtCreation = "at-creation" "Only for a new record",
    }
}

impl Owner {
    pub(super) fn is_erp(&self) -> bool {
        *self == Self::Erp
    }
}
