//! Columns to fields so that the total is the best: each field once, each column once.

/// For each row (a field) the column that it is assigned to in the assignment with the greatest total, leaving out pairs
/// that are worth nothing. `worth[row][column]` is at least 0.
pub(super) fn best(worth: &[Vec<f64>]) -> Vec<Option<usize>> {
    let rows = worth.len();
    let columns = worth.first().map_or(0, Vec::len);
    if rows == 0 || columns == 0 {
        return vec![None; rows];
    }
    // The Hungarian method on costs, with as many idle columns as rows so that a row may stay without one.
    let width = columns + rows;
    let cost = |row: usize, column: usize| if column < columns { -worth[row][column] } else { 0.0 };
    let mut by_row = vec![0.0; rows + 1];
    let mut by_column = vec![0.0; width + 1];
    let mut row_of = vec![0_usize; width + 1];
    for row in 1..=rows {
        let mut way = vec![0_usize; width + 1];
        let mut least = vec![f64::INFINITY; width + 1];
        let mut used = vec![false; width + 1];
        row_of[0] = row;
        let mut at = 0;
        loop {
            used[at] = true;
            let (current, mut step, mut next) = (row_of[at], f64::INFINITY, 0);
            for column in 1..=width {
                if used[column] {
                    continue;
                }
                let reduced = cost(current - 1, column - 1) - by_row[current] - by_column[column];
                if reduced < least[column] {
                    least[column] = reduced;
                    way[column] = at;
                }
                if least[column] < step {
                    step = least[column];
                    next = column;
                }
            }
            for column in 0..=width {
                if used[column] {
                    by_row[row_of[column]] += step;
                    by_column[column] -= step;
                } else {
                    least[column] -= step;
                }
            }
            at = next;
            if row_of[at] == 0 {
                break;
            }
        }
        while at != 0 {
            let before = way[at];
            row_of[at] = row_of[before];
            at = before;
        }
    }
    let mut assigned = vec![None; rows];
    for column in 1..=columns {
        let row = row_of[column];
        if row > 0 && worth[row - 1][column - 1] > 0.0 {
            assigned[row - 1] = Some(column - 1);
        }
    }
    assigned
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn total(worth: &[Vec<f64>], assigned: &[Option<usize>]) -> f64 {
        assigned.iter().enumerate().filter_map(|(row, column)| column.map(|column| worth[row][column])).sum()
    }

    /// Every assignment there is, tried one after the other.
    fn exhaustive(worth: &[Vec<f64>], row: usize, used: &mut Vec<bool>) -> f64 {
        let Some(values) = worth.get(row) else { return 0.0 };
        let mut most = exhaustive(worth, row + 1, used);
        for column in 0..values.len() {
            if !used[column] {
                used[column] = true;
                most = most.max(values[column] + exhaustive(worth, row + 1, used));
                used[column] = false;
            }
        }
        most
    }

    proptest! {
        #[test]
        fn no_other_assignment_has_a_greater_total(worth in proptest::collection::vec(proptest::collection::vec(0_u8..10, 5), 1..6)) {
            let worth: Vec<Vec<f64>> = worth.into_iter().map(|row| row.into_iter().map(|w| f64::from(w) / 10.0).collect()).collect();
            let assigned = best(&worth);
            let mut columns: Vec<usize> = assigned.iter().copied().flatten().collect();
            columns.sort_unstable();
            let before = columns.len();
            columns.dedup();
            prop_assert_eq!(columns.len(), before);
            prop_assert!((total(&worth, &assigned) - exhaustive(&worth, 0, &mut vec![false; 5])).abs() < 1e-9);
        }
    }
}
