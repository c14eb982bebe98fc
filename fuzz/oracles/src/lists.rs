//! Lists and search: whatever is typed into the search field or stands in an address gives a page or a sentence, never
//! a failing question to the database; and the pages together are the same records in every order.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::LazyLock;

use erpfile::{Column, ColumnFrom, Format, Limits};
use register::compare::{Job, Scratch, Spool, compare};
use register::db::{Database, DbError};
use register::records::{Query, Record, list};
use register::{CUSTOMERS, commit};

use crate::bytes::Choices;

const CUSTOMERS_FILE: &str = "number;name;city;phone;email\n\
    10;Bager Ølund ApS;Århus C;+45 86 12 34 56;info@olund.example\n\
    11;Ærø Smørrebrød A/S;Marstal;62 53 10 00;\n\
    K-12;Müller & Söhne GmbH;Lübeck;(0451) 12 34;mail@mueller.example\n\
    13;\"Quote \"\"K\"\" Co.\";\"O'Hara\";;a@b.example;\n\
    14;東京 Ωμέγα;Łódź;0045 1234;\n\
    015;AND OR NOT NEAR;x*;;\n\
    16;İstanbul straße ﬁnn №½;;;\n";

/// Three bytes choose the order, the way and the size of a page; the rest is the text, and the cursor behind a NUL.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let sort = choices.byte();
    let descending = choices.byte() & 1 == 1;
    let limit = u32::from(choices.byte());
    let text = String::from_utf8_lossy(choices.0);
    let (text, cursor) = match text.split_once('\0') {
        Some((text, cursor)) => (text, Some(cursor.to_owned())),
        None => (text.as_ref(), None),
    };
    let sorts = CUSTOMERS.sorts.len() + 1;
    let sort = CUSTOMERS.sorts.get(usize::from(sort) % sorts).map(|sort| (*sort).to_owned());
    let query = Query { text: text.to_owned(), sort, descending, limit, cursor: None };
    if cursor.is_some() {
        match page(&Query { cursor, ..query.clone() }) {
            Ok(_) => {}
            Err(DbError::Invalid(sentence)) => assert!(!sentence.is_empty()),
            Err(error) => unreachable!("{error}"),
        }
    }
    let found = all(&query);
    let ids: BTreeSet<i64> = found.iter().map(|record| record.id).collect();
    assert_eq!(ids.len(), found.len(), "no record comes twice");
    let other = Query { sort: None, descending: !descending, limit: 3, ..query.clone() };
    let others: BTreeSet<i64> = all(&other).iter().map(|record| record.id).collect();
    assert_eq!(ids, others, "{text:?}");
    let wrong = Query { sort: Some(text.to_owned()), ..query };
    if !CUSTOMERS.sorts.contains(&text) {
        assert!(matches!(page(&wrong), Err(DbError::Invalid(_))), "{text:?} is no order");
    }
}

/// All that is found, page by page.
fn all(query: &Query) -> Vec<Record> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = match page(&Query { cursor, ..query.clone() }) {
            Ok(page) => page,
            Err(error) => unreachable!("{query:?}: {error}"),
        };
        assert!(page.items.len() <= query.limit.max(1) as usize);
        found.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            assert!(page.total.is_none_or(|total| total as usize == found.len()), "{query:?}");
            return found;
        }
        assert!(found.len() <= 10, "the pages come to an end: {query:?}");
    }
}

fn page(query: &Query) -> Result<register::page::Page<Record>, DbError> {
    let Some((_, database)) = &*DATABASE else { unreachable!("there is a database") };
    database.read(|c| list(c, &CUSTOMERS, query))
}

static DATABASE: LazyLock<Option<(tempfile::TempDir, Database)>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().ok()?;
    let database = register::open(&folder.path().join("service-suite.db")).ok()?;
    let column = |name: &str| Column::new(ColumnFrom::Name(name.into()), name);
    let format = Format {
        name: "any".into(),
        register: CUSTOMERS.name.into(),
        columns: ["number", "name", "city", "phone", "email"].map(column).into(),
        ..Format::default()
    };
    let (spool, limits) = (Copy(CUSTOMERS_FILE.as_bytes()), Limits::default());
    let job = Job {
        register: &CUSTOMERS,
        format: &format,
        limits,
        spool: &spool,
        scratch: &Folder(folder.path().into()),
    };
    let mut report = |_| ControlFlow::Continue(());
    let mut set = compare(&database, &job, &mut report).ok()?;
    let at = "2026-11-22T00:00:00Z".parse().ok()?;
    commit::commit(&database, &job, &mut set, 1, at, &mut |_, _| Ok(()), &mut report).ok()?;
    assert_eq!(set.counts.created, 7, "{:?}", set.counts);
    Some((folder, database))
});

struct Copy(&'static [u8]);

impl Spool for Copy {
    fn reader(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.0))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..));
        let found = rest.and_then(|rest| rest.get(..buffer.len())).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(found);
        Ok(())
    }

    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

struct Folder(std::path::PathBuf);

impl Scratch for Folder {
    fn file(&self) -> io::Result<File> {
        tempfile::tempfile_in(&self.0)
    }
}
