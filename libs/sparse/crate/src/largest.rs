//! Selection of the largest entries of rows.
#![forbid(unsafe_code)]

use crate::csr::Csr;
use crate::error::KernelError;

/// Leaves the `keep` candidates whose values have the largest magnitude, ties to the lower index, in ascending order.
pub(crate) fn keep_largest(candidates: &mut Vec<u32>, values: &[f32], keep: usize) {
    if candidates.len() > keep {
        let by_magnitude = |a: &u32, b: &u32| {
            let (x, y) = (values[*a as usize].abs(), values[*b as usize].abs());
            y.total_cmp(&x).then(a.cmp(b))
        };
        candidates.select_nth_unstable_by(keep, by_magnitude);
        candidates.truncate(keep);
    }
    candidates.sort_unstable();
}

/// For each row of a strip the `keep` entries of largest magnitude after scaling column k by `column_scale[k]`, without
/// the diagonal and without exact zeros; ties to the lower column. `strip` is row-major with `column_scale.len()`
/// columns and holds the rows `first_row ..` of the matrix. Row r's entries go to `columns[r·keep ..]` and
/// `values[r·keep ..]`, columns ascending, and their number to `counts[r]`.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn largest_per_row(
    strip: &[f32],
    first_row: usize,
    column_scale: &[f32],
    keep: usize,
    (columns, values, counts): (&mut [u32], &mut [f32], &mut [u32]),
) -> Result<(), KernelError> {
    let width = column_scale.len();
    let rows = counts.len();
    if width == 0 || strip.len() != rows * width || columns.len() != rows * keep || values.len() != rows * keep {
        return Err(KernelError::Shape);
    }
    let mut scaled = vec![0.0f32; width];
    let mut candidates: Vec<u32> = Vec::with_capacity(width);
    for (row, entries) in strip.chunks_exact(width).enumerate() {
        for ((out, &entry), &scale) in scaled.iter_mut().zip(entries).zip(column_scale) {
            *out = entry * scale;
        }
        candidates.clear();
        candidates.extend((0..width as u32).filter(|&k| k as usize != first_row + row && scaled[k as usize] != 0.0));
        keep_largest(&mut candidates, &scaled, keep);
        counts[row] = candidates.len() as u32;
        for (slot, &column) in candidates.iter().enumerate() {
            columns[row * keep + slot] = column;
            values[row * keep + slot] = scaled[column as usize];
        }
    }
    Ok(())
}

/// The best columns of each row so far: row r has `counts[r]` of them in `columns[r·k ..]` and `scores[r·k ..]`, best first.
#[derive(Debug)]
pub struct BestColumns<'a> {
    /// Most that are kept of a row.
    pub k: usize,
    /// Kept columns.
    pub columns: &'a mut [u32],
    /// Their scores.
    pub scores: &'a mut [f32],
    /// How many there are.
    pub counts: &'a mut [u32],
}

impl BestColumns<'_> {
    /// Higher score first, ties to the lower column, so the order of the calls does not matter.
    fn offer(&mut self, row: usize, column: u32, score: f32) {
        let (start, count) = (row * self.k, self.counts[row] as usize);
        let better = |at: usize| score > self.scores[at] || (score == self.scores[at] && column < self.columns[at]);
        if self.k == 0 || (count == self.k && !better(start + count - 1)) {
            return;
        }
        let kept = count.min(self.k - 1);
        let place = (start..start + kept).find(|&at| better(at)).unwrap_or(start + kept);
        self.scores.copy_within(place..start + kept, place + 1);
        self.columns.copy_within(place..start + kept, place + 1);
        (self.scores[place], self.columns[place]) = (score, column);
        self.counts[row] = (kept + 1) as u32;
    }
}

/// Offers the columns `first_column ..` of Y = X·M·diag(column_scale) to the best of each row, leaving out those in which
/// the row of X has an entry itself. `strip` holds these columns of M: `x.num_cols() × column_scale.len()`, row-major.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn rank_strip(
    x: &Csr<'_>,
    first_column: usize,
    strip: &[f32],
    column_scale: &[f32],
    best: &mut BestColumns<'_>,
) -> Result<(), KernelError> {
    let width = column_scale.len();
    let entries = x.num_rows() * best.k;
    if strip.len() != x.num_cols() * width || best.columns.len() != entries || best.scores.len() != entries {
        return Err(KernelError::Shape);
    }
    if best.counts.len() != x.num_rows() {
        return Err(KernelError::Shape);
    }
    let mut sums = vec![0.0f32; width];
    for row in 0..x.num_rows() {
        let (columns, values) = x.row(row);
        sums.fill(0.0);
        for (&column, &value) in columns.iter().zip(values) {
            let terms = &strip[column as usize * width..(column as usize + 1) * width];
            for (sum, &entry) in sums.iter_mut().zip(terms) {
                *sum += value * entry;
            }
        }
        for (sum, &scale) in sums.iter_mut().zip(column_scale) {
            *sum *= scale;
        }
        let from = columns.partition_point(|&column| (column as usize) < first_column);
        for &own in columns[from..].iter().take_while(|&&column| (column as usize) < first_column + width) {
            sums[own as usize - first_column] = f32::NAN;
        }
        for (offset, &score) in sums.iter().enumerate().filter(|(_, score)| !score.is_nan()) {
            best.offer(row, (first_column + offset) as u32, score);
        }
    }
    Ok(())
}
