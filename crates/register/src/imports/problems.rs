//! What was wrong with an import's rows, and the rows themselves as they stood in the file.

use erpfile::Problem;

use crate::db::{Conn, DbResult, Param, Row};
use crate::page::{self, Page, bad_cursor};

/// Which problems to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemFilter {
    /// Only those with this code.
    pub code: Option<String>,
    /// The number of problems for one page, 1 to 1000.
    pub limit: u32,
    /// Where the page begins: `next` of the page before.
    pub cursor: Option<String>,
}

const COLUMNS: &str = "line, seq, column_position, field, value, code, message, hint";

fn problem(row: &Row<'_>) -> DbResult<Problem> {
    Ok(Problem {
        line: Some(row.count(0)?).filter(|line| *line > 0),
        column: row.opt_int(2)?.and_then(|column| u32::try_from(column).ok()),
        field: row.opt_text(3)?,
        value: row.opt_text(4)?,
        code: row.text(5)?.into(),
        message: row.text(6)?,
        hint: row.text(7)?,
    })
}

/// Notes a problem of an import. `seq` is its number within the import, counted from 0 or 1 by the caller.
pub fn add_problem(c: &Conn, import: i64, seq: u64, problem: &Problem) -> DbResult<()> {
    c.execute(
        "INSERT INTO problems (import_id, seq, line, column_position, field, value, code, message, hint) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &[
            import.into(),
            seq.into(),
            problem.line.unwrap_or(0).into(),
            problem.column.map(i64::from).into(),
            problem.field.as_deref().into(),
            problem.value.as_deref().into(),
            problem.code.as_ref().into(),
            problem.message.as_str().into(),
            problem.hint.as_str().into(),
        ],
    )?;
    Ok(())
}

/// Keeps the bytes of a refused row as they stood in the file, without line end. `line` is where the row starts.
pub fn add_refused_row(c: &Conn, import: i64, line: u64, raw: &[u8]) -> DbResult<()> {
    c.execute(
        "INSERT INTO refused_rows (import_id, line, raw) VALUES (?1, ?2, ?3)",
        &[import.into(), line.into(), raw.into()],
    )?;
    Ok(())
}

/// Counts the problems of an import once its outcome is known, when no more are added.
pub(super) fn count_problems(c: &Conn, import: i64) -> DbResult<()> {
    c.execute(
        "INSERT INTO problem_counts (import_id, code, problems) \
         SELECT import_id, code, count(*) FROM problems WHERE import_id = ?1 GROUP BY import_id, code",
        &[import.into()],
    )?;
    Ok(())
}

/// The problems of an import in the order of the file; those of the file as a whole come first. The total is that of
/// the outcome: 0 before it.
///
/// # Errors
/// [`crate::db::DbError::Invalid`] for a cursor that no list gave.
pub fn problems(c: &Conn, import: i64, filter: &ProblemFilter) -> DbResult<Page<Problem>> {
    let limit = page::bounded(filter.limit);
    let (line, seq) = match filter.cursor.as_deref() {
        None => (-1, 0),
        Some(cursor) => cursor
            .split_once('-')
            .and_then(|(line, seq)| Some((line.parse().ok()?, seq.parse().ok()?)))
            .ok_or_else(|| bad_cursor(cursor))?,
    };
    let mut condition = "import_id = ?1".to_owned();
    let mut params: Vec<Param<'_>> = vec![import.into()];
    if let Some(code) = &filter.code {
        params.push(code.into());
        condition.push_str(" AND code = ?2");
    }
    let count =
        format!("SELECT CAST(COALESCE(sum(problems), 0) AS BIGINT) FROM problem_counts WHERE {condition}");
    let total = c.first(&count, &params, |row| row.count(0))?;
    let next = params.len() + 1;
    params.extend([Param::Int(line), Param::Int(seq), Param::Int(i64::from(limit + 1))]);
    let sql = format!(
        "SELECT {COLUMNS} FROM problems WHERE {condition} AND (line, seq) > (?{next}, ?{}) ORDER BY line, seq LIMIT ?{}",
        next + 1,
        next + 2
    );
    let items = c.all(&sql, &params, |row| Ok((row.int(0)?, row.int(1)?, problem(row)?)))?;
    let page = Page::cut(items, limit, total, |(line, seq, _)| format!("{line}-{seq}"));
    Ok(page.map(|(_, _, problem)| problem))
}

/// How many problems of each code an import has, the most frequent first; none before its outcome.
pub fn problem_codes(c: &Conn, import: i64) -> DbResult<Vec<(String, u64)>> {
    c.all(
        "SELECT code, problems FROM problem_counts WHERE import_id = ?1 ORDER BY problems DESC, code",
        &[import.into()],
        |row| Ok((row.text(0)?, row.count(1)?)),
    )
}

/// Gives an import the problems and refused rows of an earlier one of the same bytes.
pub fn copy_problems(c: &Conn, from: i64, to: i64) -> DbResult<()> {
    c.execute(
        "INSERT INTO problems (import_id, seq, line, column_position, field, value, code, message, hint) \
         SELECT ?2, seq, line, column_position, field, value, code, message, hint FROM problems \
         WHERE import_id = ?1",
        &[from.into(), to.into()],
    )?;
    c.execute(
        "INSERT INTO refused_rows (import_id, line, raw) SELECT ?2, line, raw FROM refused_rows \
         WHERE import_id = ?1",
        &[from.into(), to.into()],
    )?;
    c.execute(
        "INSERT INTO refused_files (import_id, head, line_end, header, format) \
         SELECT ?2, head, line_end, header, format FROM refused_files WHERE import_id = ?1",
        &[from.into(), to.into()],
    )?;
    Ok(())
}

/// Calls `each` for every problem of an import in the order of the file, with the bytes of its row where they are kept: of
/// rows that were refused. `each` returns `false` to stop.
pub fn each_problem(
    c: &Conn,
    import: i64,
    mut each: impl FnMut(&Problem, Option<&[u8]>) -> DbResult<bool>,
) -> DbResult<()> {
    c.each(
        "SELECT p.line, p.seq, p.column_position, p.field, p.value, p.code, p.message, p.hint, r.raw \
         FROM problems p LEFT JOIN refused_rows r ON r.import_id = p.import_id AND r.line = p.line \
         WHERE p.import_id = ?1 ORDER BY p.line, p.seq",
        &[import.into()],
        |row| each(&problem(row)?, row.blob_ref(8)?),
    )
}

/// Calls `each` for every refused row below the line `after` in the order of the file, with its line, its bytes and its
/// problems, holding one row at a time; `each` returns `false` to stop.
pub fn each_refused(
    c: &Conn,
    import: i64,
    after: u64,
    mut each: impl FnMut(u64, &[u8], &[Problem]) -> DbResult<bool>,
) -> DbResult<()> {
    let mut current: Option<(u64, Vec<u8>)> = None;
    let mut found: Vec<Problem> = Vec::new();
    let mut stopped = false;
    c.each(
        "SELECT p.line, p.seq, p.column_position, p.field, p.value, p.code, p.message, p.hint, r.line, r.raw \
         FROM refused_rows r LEFT JOIN problems p ON p.import_id = r.import_id AND p.line = r.line \
         WHERE r.import_id = ?1 AND r.line > ?2 ORDER BY r.line, p.seq",
        &[import.into(), after.into()],
        |row| {
            let line = row.count(8)?;
            if current.as_ref().is_none_or(|(current, _)| *current != line) {
                if let Some((line, raw)) = current.take() {
                    stopped = !each(line, &raw, &found)?;
                    found.clear();
                    if stopped {
                        return Ok(false);
                    }
                }
                current = Some((line, row.blob_ref(9)?.unwrap_or_default().to_vec()));
            }
            if row.opt_int(0)?.is_some() {
                found.push(problem(row)?);
            }
            Ok(true)
        },
    )?;
    match current {
        Some((line, raw)) if !stopped => each(line, &raw, &found).map(|_| ()),
        _ => Ok(()),
    }
}
