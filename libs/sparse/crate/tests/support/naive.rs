/// Row-major m × n.
pub struct Dense {
    pub rows: usize,
    pub cols: usize,
    pub data: Vec<f64>,
}

impl Dense {
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    pub fn at(&self, row: usize, col: usize) -> f64 {
        self.data[row * self.cols + col]
    }

    pub fn transposed(&self) -> Self {
        let mut out = Self::zeros(self.cols, self.rows);
        for row in 0..self.rows {
            for col in 0..self.cols {
                out.data[col * self.rows + row] = self.at(row, col);
            }
        }
        out
    }

    pub fn times(&self, other: &Self) -> Self {
        let mut out = Self::zeros(self.rows, other.cols);
        for row in 0..self.rows {
            for col in 0..other.cols {
                out.data[row * other.cols + col] = (0..self.cols).map(|p| self.at(row, p) * other.at(p, col)).sum();
            }
        }
        out
    }
}
