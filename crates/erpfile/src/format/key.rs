//! Deserialisers that put the key before the error, since not every data format tells where it was.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

macro_rules! keys {
    ($($name:ident = $key:literal,)*) => {$(
        pub(in crate::format) fn $name<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<T, D::Error> {
            T::deserialize(d).map_err(|error| {
                D::Error::custom(format_args!("{}: {}", $key, error.to_string().trim_end()))
            })
        }
    )*};
}

keys! {
    name = "name",
    register = "register",
    default = "default",
    filename = "filename",
    layout = "layout",
    encoding = "encoding",
    delimiter = "delimiter",
    quote = "quote",
    undecodable = "undecodable",
    escape = "escape",
    line_ends = "line-ends",
    comment = "comment",
    skip_lines = "skip-lines",
    header_lines = "header-lines",
    header_marker = "header-marker",
    lines_below_header = "lines-below-header",
    section = "section",
    records = "records",
    footer = "footer",
    table_ends = "table-ends",
    decimal_separator = "decimal-separator",
    thousands = "thousands",
    date_format = "date-format",
    pivot_year = "pivot-year",
    outer_blanks = "outer-blanks",
    apostrophe = "apostrophe",
    blank = "blank",
    apply = "apply",
    ignore_in_key = "ignore-in-key",
    owner = "owner",
    content = "content",
    missing = "missing",
    repeated = "repeated",
    marker = "marker",
    arrival = "arrival",
    trailer = "trailer",
    cells = "cells",
    positions_in = "positions-in",
    record = "record",
    sheet = "sheet",
    checks = "checks",
    columns = "columns",
    from = "from",
    field = "field",
    join = "join",
    part = "part",
    value = "value",
    line_break = "line-break",
    other_codes = "other-codes",
    codes = "codes",
    starts_with = "trailer.starts-with",
    row_count = "trailer.row-count",
    total = "trailer.total",
    total_of = "trailer.total-of",
}

macro_rules! durations {
    ($($name:ident = $key:literal,)*) => {$(
        pub(in crate::format) fn $name<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Duration>, D::Error> {
            crate::duration::deserialize_optional(d)
                .map_err(|error| D::Error::custom(format_args!("{}: {error}", $key)))
        }
    )*};
}

durations! {
    settle = "settle",
    minimum_age = "minimum-age",
}
