//! Hits that lie far from where the page begins, so that walking there would take long: whoever looks for a name that
//! begins with Ø, sorted by name, means what is at the end of a million names.
//!
//! A sample of the hits tells how the values of nearly all of them begin. What lies in that part of the order is walked;
//! the hits that are not there are known then, and they are sorted one by one.

use crate::COMPANY;
use crate::db::{Conn, DbResult};
use crate::records::Record;
use crate::search::Needle;

use super::{Bounds, Marked, Order, Place};

/// So many hits are looked at to learn where most of them lie.
const SAMPLE: u64 = 64;

/// A page of the hits behind `from`.
pub(super) struct Far<'a> {
    pub(super) order: &'a Order,
    pub(super) needle: &'a Needle,
    pub(super) from: Option<&'a Place>,
    pub(super) want: usize,
    pub(super) bounds: Bounds,
}

impl Far<'_> {
    /// The page; `None` when this is no quick way to it.
    pub(super) fn page(&self, c: &Conn, hits: &Marked) -> DbResult<Option<Vec<(Place, Record)>>> {
        let (mut found, mut rest) = (Vec::new(), hits.clone());
        if hits.total > self.bounds.few
            && let Some(beginning) = self.beginning(c, hits)?
            && !self.part(c, &beginning, &mut rest, &mut found)?
        {
            (found, rest) = (Vec::new(), hits.clone());
        }
        if rest.total > self.bounds.sorted {
            return Ok(None);
        }
        self.sorted(c, &rest, &mut found)?;
        found.sort_by(|(a, _), (b, _)| self.order.compare(a, b));
        found.truncate(self.want);
        Ok(Some(found))
    }

    /// How the values of most hits begin, as far as they have that in common.
    fn beginning(&self, c: &Conn, hits: &Marked) -> DbResult<Option<String>> {
        let step = usize::try_from(hits.total / SAMPLE).unwrap_or(0).max(1);
        let mut values = Vec::new();
        for id in hits.ids().step_by(step) {
            values.extend(self.value(c, id)?);
        }
        values.sort_unstable();
        let Some(middle) = values.get(values.len() / 2) else { return Ok(None) };
        let most = |beginning: &str| {
            values.iter().filter(|value| value.starts_with(beginning)).count() * 4 >= values.len() * 3
        };
        let ends = middle.char_indices().map(|(at, c)| at + c.len_utf8());
        Ok(ends.map(|end| &middle[..end]).take_while(|beginning| most(beginning)).last().map(str::to_owned))
    }

    /// Walks the part of the order where values begin so, takes the hits there out of `rest`, and adds the first to
    /// `found`; whether the part was small enough.
    fn part(
        &self,
        c: &Conn,
        beginning: &str,
        rest: &mut Marked,
        found: &mut Vec<(Place, Record)>,
    ) -> DbResult<bool> {
        let (mut passed, mut words) = (0, String::new());
        let end = format!("{beginning}{}", char::MAX);
        c.each(&self.part_sql(), &[COMPANY.into(), beginning.into(), (&end).into()], |row| {
            let id = row.int(0)?;
            passed += 1;
            if rest.take(id) && found.len() < self.want {
                let place = Place { value: row.text(1)?, id };
                if self.from.is_none_or(|from| self.order.compare(&place, from).is_gt())
                    && let Some(record) = self.order.found(c, self.needle, id, &mut words)?
                {
                    found.push((place, record));
                }
            }
            Ok(passed <= self.bounds.part)
        })?;
        Ok(passed <= self.bounds.part)
    }

    /// The entries of the order from ?2 to before ?3.
    pub(super) fn part_sql(&self) -> String {
        let Order { register, value, .. } = self.order;
        format!(
            "SELECT id, {value} FROM {} WHERE company_id = ?1 AND {value} >= ?2 AND {value} < ?3 ORDER BY {}",
            register.name,
            self.order.by()
        )
    }

    /// Adds the first of `hits`: all are sorted, but only those on the way to the last one wanted are read.
    fn sorted(&self, c: &Conn, hits: &Marked, found: &mut Vec<(Place, Record)>) -> DbResult<()> {
        let mut places = Vec::new();
        for id in hits.ids() {
            places.extend(self.value(c, id)?.map(|value| Place { value, id }));
        }
        self.order.arrange(&mut places, self.from);
        let (full, mut words) = (found.len() + self.want, String::new());
        for place in places {
            if found.len() == full {
                break;
            }
            if let Some(record) = self.order.found(c, self.needle, place.id, &mut words)? {
                found.push((place, record));
            }
        }
        Ok(())
    }

    /// What the order sorts the record `id` by.
    fn value(&self, c: &Conn, id: i64) -> DbResult<Option<String>> {
        let Order { register, value, .. } = self.order;
        let sql = format!("SELECT {value} FROM {} WHERE company_id = ?1 AND id = ?2", register.name);
        c.first(&sql, &[COMPANY.into(), id.into()], |row| row.text(0))
    }
}
